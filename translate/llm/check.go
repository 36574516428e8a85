package llm

import (
	"context"
	"fmt"
	"strings"
)

// CheckModels asks every endpoint for its models, and returns an error unless
// all serve the named one, in the same build and with the same context. It
// notes what kind of server each endpoint is.
func CheckModels(ctx context.Context, endpoints []*Endpoint, name string) (ServedModel, error) {
	var first ServedModel
	for i, e := range endpoints {
		served, err := e.Models(ctx)
		if err != nil {
			return first, err
		}
		m, err := find(served, name)
		if err != nil {
			return first, fmt.Errorf("%s %w", e.Host(), err)
		}
		e.server = m.OwnedBy
		if i == 0 {
			first = m
			continue
		}
		if m.Root != first.Root || m.Context() != first.Context() || m.OwnedBy != first.OwnedBy {
			return first, fmt.Errorf("the endpoints differ: %s serves %s of %s with %d tokens of context from %s, %s serves one of %s with %d from %s; start them alike, or use one",
				endpoints[0].Host(), name, first.Root, first.Context(), first.OwnedBy, e.Host(), m.Root, m.Context(), m.OwnedBy)
		}
	}
	return first, nil
}

func find(served []ServedModel, name string) (ServedModel, error) {
	names := make([]string, len(served))
	for i, m := range served {
		if m.ID == name {
			return m, nil
		}
		names[i] = m.ID
	}
	return ServedModel{}, fmt.Errorf("does not serve the model %q; it serves %s", name, strings.Join(names, ", "))
}
