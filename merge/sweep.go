package merge

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"
)

// A Sweep is a parameter and the values it takes.
type Sweep struct {
	Parameter string
	Values    []string // as they are written
}

const maxSweep = 64

// ParseSweep reads NAME=FIRST:LAST:STEP or NAME=A,B,C.
func ParseSweep(text string) (s Sweep, err error) {
	name, values, ok := strings.Cut(text, "=")
	if !ok || name == "" || values == "" {
		return s, fmt.Errorf("%q is no sweep; write t=0.3:0.9:0.1 or t=0.3,0.5,0.7", text)
	}
	s.Parameter = strings.TrimSpace(name)
	if parts := strings.Split(values, ":"); len(parts) == 3 {
		s.Values, err = steps(parts)
	} else {
		for _, v := range strings.Split(values, ",") {
			v = strings.TrimSpace(v)
			if x, err := strconv.ParseFloat(v, 64); err != nil || math.IsInf(x, 0) || math.IsNaN(x) {
				return s, fmt.Errorf("sweep %s: %q is not a number", s.Parameter, v)
			}
			s.Values = append(s.Values, v)
		}
	}
	if err != nil {
		return s, fmt.Errorf("sweep %s: %w", s.Parameter, err)
	}
	if len(slices.Compact(slices.Sorted(slices.Values(s.Values)))) < len(s.Values) {
		return s, fmt.Errorf("sweep %s: a value stands twice", s.Parameter)
	}
	if len(s.Values) > maxSweep {
		return s, fmt.Errorf("sweep %s: %d values are more than %d", s.Parameter, len(s.Values), maxSweep)
	}
	return s, nil
}

// steps counts in multiples of the step's decimals, so that 0.3:0.9:0.1 has
// 0.7 and not 0.7000000000000001.
func steps(parts []string) (out []string, err error) {
	var n [3]float64
	decimals := 0
	for i, p := range parts {
		if n[i], err = strconv.ParseFloat(strings.TrimSpace(p), 64); err != nil || math.IsInf(n[i], 0) || math.IsNaN(n[i]) {
			return nil, fmt.Errorf("%q is not a number", p)
		}
		if _, fraction, ok := strings.Cut(strings.TrimSpace(p), "."); ok {
			decimals = max(decimals, len(fraction))
		}
	}
	if n[2] <= 0 || n[1] < n[0] || decimals > 9 || (n[1]-n[0])/n[2] > maxSweep {
		return nil, fmt.Errorf("%s is no range of at most %d values: FIRST:LAST:STEP", strings.Join(parts, ":"), maxSweep)
	}
	for i := 0; ; i++ {
		v := n[0] + float64(float64(i)*n[2])
		if v > n[1]+float64(n[2]*1e-6) {
			return out, nil
		}
		out = append(out, strconv.FormatFloat(v, 'f', decimals, 64))
	}
}

// RunSweep merges once for every value, each to a folder NAME-VALUE in out,
// from one reading of the inputs. What is computed of the data, such as
// angles, is computed once.
func RunSweep(ctx context.Context, src []byte, s Sweep, out, configDir string, opts Options) ([]*Report, error) {
	config, err := ParseConfig(src, opts.Compat)
	if err != nil {
		return nil, err
	}
	if err := s.check(config); err != nil {
		return nil, err
	}
	var variants []variant
	for _, v := range s.Values {
		text, err := s.set(src, v)
		if err != nil {
			return nil, err
		}
		plan, err := Prepare(text, configDir, opts.Compat)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", s.Parameter, v, err)
		}
		defer plan.Close()
		one := variant{plan, text, filepath.Join(out, s.Parameter+"-"+v)}
		if one.made(opts) {
			fmt.Fprintf(opts.Stderr, "%s is there already\n", one.out)
			continue
		}
		variants = append(variants, one)
	}
	if len(variants) == 0 {
		return nil, nil
	}
	return runVariants(ctx, variants, opts)
}

// made says whether an earlier run of the sweep published the variant.
func (v variant) made(opts Options) bool {
	config, err := readSmall(filepath.Join(v.out, "mergekit_config.yml"), maxConfigBytes)
	if err != nil || !bytes.Equal(config, v.config) {
		return false
	}
	var m Manifest
	text, err := readSmall(filepath.Join(v.out, manifestName), maxSideFileBytes)
	if err != nil || json.Unmarshal(text, &m) != nil {
		return false
	}
	return m.Compat == opts.Compat && (m.Seed == nil || *m.Seed == opts.Seed)
}

// check says why the parameter cannot be varied.
func (s Sweep) check(config *Config) error {
	if len(config.Documents) != 1 {
		return errors.New("a sweep is of a configuration of one document")
	}
	d := config.Documents[0]
	p := d.Method.parameter(s.Parameter)
	if p == nil || p.Bool {
		return fmt.Errorf("%s has no parameter %q to vary%s", d.Method.Name, s.Parameter, d.Method.parameterHint(s.Parameter))
	}
	scopes := []map[string]Setting{}
	for _, src := range d.sources() {
		scopes = append(scopes, src.Parameters)
	}
	for _, sl := range d.Slices {
		scopes = append(scopes, sl.Parameters)
	}
	for _, scope := range scopes {
		if given, ok := scope[s.Parameter]; ok {
			return fmt.Errorf("line %d: %s is given here, which takes precedence over the sweep; remove it", given.line, s.Parameter)
		}
	}
	return nil
}

// set returns the configuration with a value for the parameter, comments kept.
func (s Sweep) set(text []byte, value string) ([]byte, error) {
	file, err := parser.ParseBytes(text, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	docs, err := parseYAML(text)
	if err != nil || len(docs) == 0 {
		return nil, errors.Join(err, errors.New("the configuration is empty"))
	}
	where, content := "$.parameters."+s.Parameter, value
	replace := true
	switch parameters := docs[0].get("parameters"); {
	case parameters == nil || parameters.kind == nothing:
		return append(slices.Clip(text), "\nparameters: {"+s.Parameter+": "+value+"}\n"...), nil
	case parameters.get(s.Parameter) == nil:
		where, content, replace = "$.parameters", s.Parameter+": "+value, false
	}
	path, err := yaml.PathString(where)
	if err != nil {
		return nil, err
	}
	if replace {
		err = path.ReplaceWithReader(file, strings.NewReader(content))
	} else {
		err = path.MergeFromReader(file, strings.NewReader(content))
	}
	if err != nil {
		return nil, fmt.Errorf("set %s: %w", s.Parameter, err)
	}
	return []byte(file.String()), nil
}
