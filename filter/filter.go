// Package filter decides which samples of a dataset stay. A filter is a small
// pure function of one sample, with a name, parameters that have defaults, and
// a verdict that gives the reason and the value that decided.
//
// Filters that need to know other samples, such as the one for duplicates,
// give a key instead: of all samples with the same key the first one stays.
package filter

import "github.com/kurakurai/luth/dataset"

// Verdict is what a filter thinks of one sample. Value and Threshold are what
// it measured and compared with, also when it keeps the sample; both are 0
// where nothing is measured.
type Verdict struct {
	Keep      bool
	Reason    string // why the sample goes; one of a few texts, so that they can be counted
	Detail    string // where or what, for a person
	Value     float64
	Threshold float64
}

// Filter is one rule with its parameters. Exactly one of Check and Key is set.
type Filter struct {
	Name   string
	Doc    string // what it drops, in a sentence
	Source string // where rule and defaults come from
	Params any    // pointer to a struct with yaml tags, holding the defaults until changed; nil when there are none

	Check func(dataset.Sample) Verdict // safe for several goroutines
	Key   func(dataset.Sample) string  // samples with equal keys stand for each other
}

// version is that of the package's rules. It changes whenever a filter may
// decide differently about the same sample.
const version = "2"

// define makes a filter of a function of parameters and a sample.
func define[P any](name, doc, source string, defaults P, check func(P, dataset.Sample) Verdict) Filter {
	params := &defaults
	return Filter{
		Name: name, Doc: doc, Source: source, Params: params,
		Check: func(s dataset.Sample) Verdict { return check(*params, s) },
	}
}

// All returns every filter with its defaults, in the order in which they are
// asked: cheap ones first, those with a key last.
func All() []Filter {
	return []Filter{
		valid(), empty(), length(), echo(), latex(), garbled(), repetition(), language(), duplicates(),
	}
}

// keep is the verdict on a sample that measures value.
func keep(value, threshold float64) Verdict {
	return Verdict{Keep: true, Value: value, Threshold: threshold}
}

// drop is the verdict against a sample.
func drop(reason, detail string, value, threshold float64) Verdict {
	return Verdict{Reason: reason, Detail: detail, Value: value, Threshold: threshold}
}

// valid drops samples that break a rule of the record.
func valid() Filter {
	return Filter{
		Name: "valid", Doc: "drops samples that break a rule of the record: roles in turn, visible content, UTF-8, no control characters",
		Source: "dataset.Sample.Validate",
		Check: func(s dataset.Sample) Verdict {
			if err := s.Validate(); err != nil {
				return drop("breaks a rule of the record", err.Error(), 0, 0)
			}
			return keep(0, 0)
		},
	}
}
