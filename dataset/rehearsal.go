package dataset

import (
	"fmt"
	"slices"
)

// RehearsalModel is the name of the model that luth's own fake server serves.
// A sample with a step of this model was made in a rehearsal: its text means
// nothing. Manifest.Rehearsal counts such samples, the card says it, and Build
// refuses them in a recipe that is no rehearsal.
const RehearsalModel = "rehearsal"

// Rehearsed tells whether a step of the sample was only rehearsed.
func (s Sample) Rehearsed() bool {
	return slices.ContainsFunc(s.Steps, func(step Step) bool { return step.Model == RehearsalModel })
}

// refuseRehearsal keeps rehearsed samples out of what a recipe publishes.
func refuseRehearsal(r *Recipe, m Manifest) error {
	if m.Rehearsal == 0 || r.Rehearsal {
		return nil
	}
	return fmt.Errorf("%d samples were made in a rehearsal, without a language model; give the recipe real answers, or write `rehearsal: true` in it to build a dataset that says it is one", m.Rehearsal)
}
