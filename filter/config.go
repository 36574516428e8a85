package filter

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kurakurai/luth/dataset"
)

// config is what a recipe says under filter.
type config struct {
	Filters []dataset.StageCall `yaml:"filters"` // names, each with the parameters that differ; all filters when empty
}

// choose returns the filters that the parameters of a recipe name, with their
// values. The filter valid always runs, and first, because nothing invalid can
// be written; filters with a key run last, so that a sample another filter
// drops never stands for one that would stay.
func choose(params dataset.Params) ([]Filter, error) {
	var c config
	if err := params.Decode(&c); err != nil {
		return nil, fmt.Errorf("parameters of filter: %w", err)
	}
	if len(c.Filters) == 0 {
		return All(), nil
	}
	chosen := []Filter{valid()}
	for _, call := range c.Filters {
		f, err := find(call.Name)
		if err != nil {
			return nil, err
		}
		if err := f.configure(call.Params); err != nil {
			return nil, err
		}
		if slices.ContainsFunc(chosen[1:], func(other Filter) bool { return other.Name == f.Name }) {
			return nil, fmt.Errorf("filter %s is named twice", f.Name)
		}
		if f.Name != "valid" {
			chosen = append(chosen, f)
		}
	}
	slices.SortStableFunc(chosen, func(a, b Filter) int {
		return boolToInt(a.Key != nil) - boolToInt(b.Key != nil)
	})
	return chosen, nil
}

func boolToInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func find(name string) (Filter, error) {
	all := All()
	names := make([]string, len(all))
	for i, f := range all {
		if f.Name == name {
			return f, nil
		}
		names[i] = f.Name
	}
	return Filter{}, fmt.Errorf("there is no filter %q; there are %s", name, strings.Join(names, ", "))
}

// configure sets the parameters that a recipe gives.
func (f Filter) configure(params dataset.Params) error {
	target := f.Params
	if target == nil {
		target = &struct{}{}
	}
	if err := params.Decode(target); err != nil {
		return fmt.Errorf("parameters of filter %s: %w", f.Name, err)
	}
	if v, ok := f.Params.(interface{ validate() error }); ok {
		if err := v.validate(); err != nil {
			return fmt.Errorf("parameters of filter %s: %w", f.Name, err)
		}
	}
	return nil
}
