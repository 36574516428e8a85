package dataset

import (
	"slices"
	"strings"
)

// Dropped is a sample that a stage took out, with the reason. Value and
// Threshold are what the rule measured and what it compared with; both are 0
// for a rule that measures nothing.
type Dropped struct {
	Sample
	Filter    string  `json:"filter" parquet:"filter,dict"` // "filter.language", "scrape.align"
	Reason    string  `json:"reason" parquet:"reason,dict"` // the key in the stage's balance, maybe with more behind a colon
	Value     float64 `json:"value" parquet:"value"`
	Threshold float64 `json:"threshold" parquet:"threshold"`
}

// repaired returns d with every invalid byte of its text replaced by U+FFFD.
// A dropped sample may be broken in any way and must still be readable.
func (d Dropped) repaired() Dropped {
	d.Messages = slices.Clone(d.Messages)
	d.Steps = slices.Clone(d.Steps)
	for i := range d.Steps {
		d.Steps[i].Parents = slices.Clone(d.Steps[i].Parents)
		d.Steps[i].Flags = slices.Clone(d.Steps[i].Flags)
	}
	for text := range d.Sample.texts() {
		*text = strings.ToValidUTF8(*text, "\uFFFD")
	}
	d.Filter = strings.ToValidUTF8(d.Filter, "\uFFFD")
	d.Reason = strings.ToValidUTF8(d.Reason, "\uFFFD")
	return d
}
