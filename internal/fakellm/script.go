package fakellm

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// A Script says how the server misbehaves. Which request meets which fault is
// drawn from its bytes and the number of the attempt, so that the same
// requests meet the same faults in any order and at any time.
type Script []Rule

// Rule gives one fault a share of the requests.
type Rule struct {
	Fault    string
	Share    float64 // 0 to 1
	Attempts int     // the first so many attempts of a request; 0 for all
}

// faults are all kinds, with the number of attempts hit unless a script says
// otherwise. Those of the connection pass, those of the model stay.
var faults = map[string]int{
	"429": 1, "429-bare": 1, "500": 1, "503": 1, "html-502": 1, "flat-400": 0, "422": 0,
	"reset": 1, "cut": 1, "slow": 1, "bad-json": 1, "bad-utf8": 1, "error-200": 1, "no-choices": 1,
	"null": 0, "empty": 0, "truncated": 0, "finish": 0,
	"english": 0, "looped": 0, "duplicated": 0, "echo": 0, "think": 0, "tags": 0, "lost": 0, "result": 0,
}

// Faults returns the names that a script may use.
func Faults() []string { return slices.Sorted(maps.Keys(faults)) }

// ParseScript reads "429=0.02,reset=0.01:2": shares of the requests, and after
// a colon how many attempts are hit.
func ParseScript(text string) (Script, error) {
	var script Script
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		attempts, known := faults[name]
		share, times, counted := strings.Cut(value, ":")
		r := Rule{Fault: name, Attempts: attempts}
		var err error
		if r.Share, err = strconv.ParseFloat(share, 64); err != nil || !known || !(r.Share >= 0 && r.Share <= 1) {
			return nil, fmt.Errorf("fault %q: write NAME=SHARE or NAME=SHARE:ATTEMPTS, with a share from 0 to 1 and a name of %s", part, strings.Join(Faults(), ", "))
		}
		if counted {
			if r.Attempts, err = strconv.Atoi(times); err != nil || r.Attempts < 1 {
				return nil, fmt.Errorf("fault %q: the number of attempts must be 1 or more", part)
			}
		}
		script = append(script, r)
	}
	return script, nil
}

// draw returns the fault that a request meets, or "". A request meets at most
// one: the first rule that hits it, also when the attempt is past it.
func (s Script) draw(body []byte, attempt int) string {
	if len(s) == 0 {
		return ""
	}
	sum := sha256.Sum256(body)
	for i, rule := range s {
		// Every rule reads other bytes of a second digest, so that rules are
		// independent and a share holds whatever stands before it.
		word := sha256.Sum256(append(sum[:], byte(i)))
		if float64(binary.BigEndian.Uint64(word[:])>>11)/(1<<53) < rule.Share {
			if rule.Attempts == 0 || attempt < rule.Attempts {
				return rule.Fault
			}
			return ""
		}
	}
	return ""
}
