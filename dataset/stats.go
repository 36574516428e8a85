package dataset

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/kurakurai/luth/internal/parallel"
)

// Stats counts what is in a dataset.
type Stats struct {
	Rows         int64            `json:"rows"`
	Messages     int64            `json:"messages"`
	Bytes        int64            `json:"bytes"`      // of all messages, UTF-8
	Characters   int64            `json:"characters"` // of all messages, Unicode code points
	Splits       map[string]int64 `json:"splits"`     // rows
	Subjects     map[string]int64 `json:"subjects"`
	Levels       map[string]int64 `json:"levels"`
	Difficulties map[string]int64 `json:"difficulties"`
	Sources      []SourceCount    `json:"sources"`             // by name and licence
	Turns        map[int]int64    `json:"turns"`               // rows by number of messages
	Rehearsal    int64            `json:"rehearsal,omitempty"` // rows made without a language model, see RehearsalModel

	// Lengths gives, by role, the lengths of messages in characters.
	Lengths map[string]Percentiles `json:"lengths"`

	Tokens *TokenStats `json:"tokens,omitempty"` // nil without a tokenizer

	lengths lengthCounts
	sources map[SourceCount]int64 // rows, by source without its count
	example *Row                  // the first row of the first split by name
}

// SourceCount is the share of one source.
type SourceCount struct {
	Name    string `json:"name"`
	Licence string `json:"licence"`
	Rows    int64  `json:"rows"`
}

// Percentiles are lengths that the given share of messages does not exceed.
type Percentiles struct {
	Min int `json:"min"`
	P10 int `json:"p10"`
	P50 int `json:"p50"`
	P90 int `json:"p90"`
	P99 int `json:"p99"`
	Max int `json:"max"`
}

func newStats() *Stats {
	return &Stats{
		Splits:       map[string]int64{},
		Subjects:     map[string]int64{},
		Levels:       map[string]int64{},
		Difficulties: map[string]int64{},
		Turns:        map[int]int64{},
		lengths:      lengthCounts{},
		sources:      map[SourceCount]int64{},
	}
}

// add counts one sample. Memory grows with the number of distinct values and
// lengths, not with the number of rows.
func (s *Stats) add(split string, sample Sample) {
	if s.example == nil || split < s.example.Split {
		s.example = &Row{split, sample}
	}
	s.Rows++
	s.Splits[split]++
	if sample.Rehearsed() {
		s.Rehearsal++
	}
	s.Subjects[sample.Subject]++
	s.Levels[sample.Level]++
	s.Difficulties[sample.Difficulty]++
	s.sources[SourceCount{Name: sample.Origin.Source, Licence: sample.Origin.Licence}]++
	s.Turns[len(sample.Messages)]++
	for _, m := range sample.Messages {
		n := utf8.RuneCountInString(m.Content)
		s.Messages++
		s.Bytes += int64(len(m.Content))
		s.Characters += int64(n)
		s.lengths.add(m.Role, n)
	}
}

// lengthCounts holds, by role, how many messages there are of every length.
type lengthCounts map[string]map[int]int64

func (l lengthCounts) add(role string, length int) {
	if l[role] == nil {
		l[role] = map[int]int64{}
	}
	l[role][length]++
}

// percentiles returns those of every role.
func (l lengthCounts) percentiles() map[string]Percentiles {
	all := map[string]Percentiles{}
	for role, counts := range l {
		all[role] = percentiles(counts)
	}
	return all
}

// finish computes what only the whole set tells.
func (s *Stats) finish() {
	s.Sources = []SourceCount{}
	for source, rows := range s.sources {
		source.Rows = rows
		s.Sources = append(s.Sources, source)
	}
	slices.SortFunc(s.Sources, func(a, b SourceCount) int {
		return cmp.Or(cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Licence, b.Licence))
	})
	s.Lengths = s.lengths.percentiles()
	if s.Tokens != nil {
		s.Tokens.Lengths = s.Tokens.lengths.percentiles()
	}
}

// percentiles uses the nearest rank: the smallest length such that at least
// the given share of the messages is no longer.
func percentiles(counts map[int]int64) Percentiles {
	lengths := slices.Sorted(maps.Keys(counts))
	total := sum(counts)
	at := func(percent int64) int {
		rank := max((total*percent+99)/100, 1)
		for _, n := range lengths {
			if rank -= counts[n]; rank <= 0 {
				return n
			}
		}
		return 0
	}
	return Percentiles{Min: at(0), P10: at(10), P50: at(50), P90: at(90), P99: at(99), Max: at(100)}
}

// Count counts what is in a dataset of any kind.
func Count(ctx context.Context, in iter.Seq2[Row, error]) (*Stats, error) {
	stats := newStats()
	for row, err := range in {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		stats.add(row.Split, row.Sample)
	}
	stats.finish()
	return stats, nil
}

// CountTokens is Count, and counts tokens too, with the given number of
// workers.
func CountTokens(ctx context.Context, in iter.Seq2[Row, error], counter *TokenCounter, workers int) (*Stats, error) {
	type counted struct {
		Row
		tokens []int
	}
	stats := newStats()
	stats.Tokens = newTokenStats(counter.TokenizerInfo)
	rows := parallel.Map(ctx, in, workers, func(_ context.Context, row Row) counted {
		return counted{row, counter.Count(row.Sample.Messages)}
	})
	for row, err := range rows {
		if err != nil {
			return nil, err
		}
		stats.add(row.Split, row.Sample)
		stats.Tokens.add(row.Split, row.Sample.Messages, row.tokens)
	}
	stats.finish()
	return stats, ctx.Err()
}
