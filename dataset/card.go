package dataset

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
)

const cardName = "README.md"

// Card is what a person says of a dataset; every number on the card is
// computed. Fields left out have the defaults named here.
type Card struct {
	PrettyName     string   `yaml:"pretty_name" json:"pretty_name,omitempty"`         // the dataset's name
	License        string   `yaml:"license" json:"license,omitempty"`                 // the Hub's identifier; "other"
	Description    string   `yaml:"description" json:"description,omitempty"`         // Markdown
	Tags           []string `yaml:"tags" json:"tags,omitempty"`                       // beside "luth"
	TaskCategories []string `yaml:"task_categories" json:"task_categories,omitempty"` // "text-generation"
	SourceDatasets []string `yaml:"source_datasets" json:"source_datasets,omitempty"` // "original"
	Limits         []string `yaml:"limits" json:"limits,omitempty"`                   // known limits, one sentence each
}

// exampleCharacters is how much of a message the example on the card shows.
const exampleCharacters = 2000

// renderCard writes README.md. Everything on it comes from the manifest and
// from stats, so the same dataset has the same card.
func renderCard(m Manifest, stats *Stats) ([]byte, error) {
	stats.finish()
	head, err := yaml.Marshal(frontMatter(m))
	if err != nil {
		return nil, fmt.Errorf("write the card: %w", err)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "---\n%s---\n\n# %s\n", head, cmp.Or(m.Card.PrettyName, m.Name))
	if m.Card.Description != "" {
		fmt.Fprintf(&b, "\n%s\n", strings.TrimSpace(m.Card.Description))
	}
	cardSplits(&b, m)
	cardCounts(&b, "Subjects", "subject", stats.Subjects, stats.Rows)
	cardCounts(&b, "Levels", "level", stats.Levels, stats.Rows)
	cardCounts(&b, "Difficulty", "difficulty", stats.Difficulties, stats.Rows)
	cardSources(&b, stats.Sources)
	cardLengths(&b, stats.Lengths)
	cardBalances(&b, m)
	cardExample(&b, stats.example)
	cardLimits(&b, m, stats)
	return b.Bytes(), nil
}

// frontMatter is the YAML the Hub reads; the names are the Hub's:
// https://huggingface.co/docs/hub/datasets-cards
func frontMatter(m Manifest) yaml.MapSlice {
	var rows, download, memory int64
	splits := []yaml.MapSlice{}
	files := []yaml.MapSlice{}
	for _, s := range m.Splits {
		rows, download, memory = rows+s.Rows, download+s.Bytes, memory+s.ArrowBytes
		splits = append(splits, yaml.MapSlice{{Key: "name", Value: s.Name}, {Key: "num_bytes", Value: s.ArrowBytes}, {Key: "num_examples", Value: s.Rows}})
		files = append(files, yaml.MapSlice{{Key: "split", Value: s.Name}, {Key: "path", Value: "data/" + s.Name + "-*"}})
	}
	return yaml.MapSlice{
		{Key: "pretty_name", Value: cmp.Or(m.Card.PrettyName, m.Name)},
		{Key: "license", Value: cmp.Or(m.Card.License, "other")},
		{Key: "language", Value: []string{"fr"}},
		{Key: "task_categories", Value: orDefault(m.Card.TaskCategories, "text-generation")},
		{Key: "size_categories", Value: []string{sizeCategory(rows)}},
		{Key: "source_datasets", Value: orDefault(m.Card.SourceDatasets, "original")},
		{Key: "tags", Value: cardTags(m)},
		{Key: "dataset_info", Value: yaml.MapSlice{
			{Key: "features", Value: yamlFields(featuresOf(reflect.TypeFor[Sample]()))},
			{Key: "splits", Value: splits},
			{Key: "download_size", Value: download},
			{Key: "dataset_size", Value: memory},
		}},
		{Key: "configs", Value: []yaml.MapSlice{{{Key: "config_name", Value: "default"}, {Key: "data_files", Value: files}}}},
	}
}

func cardTags(m Manifest) []string {
	tags := append([]string{"luth"}, m.Card.Tags...)
	if m.Rehearsal > 0 {
		tags = append(tags, RehearsalModel)
	}
	return tags
}

func orDefault(list []string, value string) []string {
	if len(list) == 0 {
		return []string{value}
	}
	return list
}

// sizeCategory returns the Hub's name for a number of rows.
func sizeCategory(rows int64) string {
	names := []string{"n<1K", "1K<n<10K", "10K<n<100K", "100K<n<1M", "1M<n<10M", "10M<n<100M", "100M<n<1B"}
	limit := int64(1000)
	for _, name := range names {
		if rows < limit {
			return name
		}
		limit *= 10
	}
	return "n>1B"
}

func cardSplits(b *bytes.Buffer, m Manifest) {
	b.WriteString("\n## Splits\n\n| split | samples | bytes of Parquet | bytes in memory |")
	rule := "\n|---|---:|---:|---:|"
	if m.Tokenizer != nil {
		b.WriteString(" tokens |")
		rule += "---:|"
	}
	b.WriteString(rule + "\n")
	for _, s := range m.Splits {
		fmt.Fprintf(b, "| %s | %d | %d | %d |", cell(s.Name), s.Rows, s.Bytes, s.ArrowBytes)
		if m.Tokenizer != nil {
			fmt.Fprintf(b, " %d |", s.Tokens)
		}
		b.WriteString("\n")
	}
	if m.Tokenizer != nil {
		fmt.Fprintf(b, "\nTokens are those of the contents of the messages, without chat template, by `%s` with SHA-256 `%s`.\n", m.Tokenizer.Name, m.Tokenizer.SHA256)
	}
}

// cardCounts writes a table of counts, the largest first.
func cardCounts(b *bytes.Buffer, title, column string, counts map[string]int64, rows int64) {
	fmt.Fprintf(b, "\n## %s\n\n| %s | samples | share |\n|---|---:|---:|\n", title, column)
	for _, name := range byCount(counts) {
		fmt.Fprintf(b, "| %s | %d | %.1f %% |\n", cell(name), counts[name], 100*float64(counts[name])/float64(rows))
	}
}

// byCount returns the keys, the most frequent first, then by name.
func byCount(counts map[string]int64) []string {
	return slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
}

func cardSources(b *bytes.Buffer, sources []SourceCount) {
	b.WriteString("\n## Sources\n\n| source | licence | samples |\n|---|---|---:|\n")
	for _, s := range sources {
		fmt.Fprintf(b, "| %s | %s | %d |\n", cell(s.Name), cell(s.Licence), s.Rows)
	}
}

func cardLengths(b *bytes.Buffer, lengths map[string]Percentiles) {
	b.WriteString("\n## Lengths\n\nCharacters in a message; 10 % of the messages are no longer than p10, and so on.\n\n| role | min | p10 | p50 | p90 | p99 | max |\n|---|---:|---:|---:|---:|---:|---:|\n")
	for _, role := range slices.Sorted(maps.Keys(lengths)) {
		p := lengths[role]
		fmt.Fprintf(b, "| %s | %d | %d | %d | %d | %d | %d |\n", cell(role), p.Min, p.P10, p.P50, p.P90, p.P99, p.Max)
	}
}

func cardBalances(b *bytes.Buffer, m Manifest) {
	fmt.Fprintf(b, "\n## How it was built\n\nBy luth %s, the stages below one after the other. Nothing is lost on the way: in = out + dropped + dead + pending.\n", m.Luth)
	if len(m.Balances) == 0 {
		b.WriteString("\nNo stage left a balance.\n")
		return
	}
	b.WriteString("\n| stage | unit | in | out | dropped | dead | pending |\n|---|---|---:|---:|---:|---:|---:|\n")
	for _, s := range m.Balances {
		fmt.Fprintf(b, "| %s | %s | %d | %d | %d | %d | %d |\n", cell(s.Stage), cell(s.Unit), s.In, s.Out, sum(s.Dropped), sum(s.Dead), s.Pending)
	}
	var lines bytes.Buffer
	for _, s := range m.Balances {
		for _, reason := range byCount(s.Dropped) {
			fmt.Fprintf(&lines, "| %s | dropped | %s | %d |\n", cell(s.Stage), cell(reason), s.Dropped[reason])
		}
		for _, kind := range byCount(s.Dead) {
			fmt.Fprintf(&lines, "| %s | dead | %s | %d |\n", cell(s.Stage), cell(kind), s.Dead[kind])
		}
	}
	if lines.Len() > 0 {
		fmt.Fprintf(b, "\n| stage | what | reason | count |\n|---|---|---|---:|\n%s", lines.Bytes())
	}
	if len(m.Dropped) > 0 {
		b.WriteString("\nThe dropped samples are in `dropped/`, each with filter, reason, value and threshold.\n")
	}
}

// cardExample shows one row, long messages cut.
func cardExample(b *bytes.Buffer, example *Row) {
	if example == nil {
		return
	}
	s := example.Sample.withLists()
	s.Messages = slices.Clone(s.Messages)
	for i := range s.Messages {
		s.Messages[i].Content = abridge(s.Messages[i].Content, exampleCharacters)
	}
	var text strings.Builder
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(s); err != nil {
		return // only a confidence that is no number; such a row is not written
	}
	fence := "```"
	for strings.Contains(text.String(), fence) { // the text may hold a fence itself
		fence += "`"
	}
	fmt.Fprintf(b, "\n## Example\n\n%sjson\n%s%s\n", fence, text.String(), fence)
}

// abridge cuts text after n characters.
func abridge(text string, n int) string {
	if utf8.RuneCountInString(text) <= n {
		return text
	}
	return string([]rune(text)[:n]) + "…"
}

func cardLimits(b *bytes.Buffer, m Manifest, stats *Stats) {
	b.WriteString("\n## Known limits\n\n")
	limits := slices.Clone(m.Card.Limits)
	if m.Rehearsal > 0 {
		limits = append(limits, fmt.Sprintf("Not for publication: %d samples were made in a rehearsal, without a language model. Their text means nothing.", m.Rehearsal))
	}
	var unlicensed int64
	for _, s := range stats.Sources {
		if s.Licence == "" {
			unlicensed += s.Rows
		}
	}
	if unlicensed > 0 {
		limits = append(limits, fmt.Sprintf("%d samples come from sources that state no licence.", unlicensed))
	}
	for _, s := range m.Balances {
		if waiting := s.Pending + sum(s.Dead); waiting > 0 {
			limits = append(limits, fmt.Sprintf("Stage %s left out %d %s that failed or were not reached.", s.Stage, waiting, s.Unit))
		}
	}
	if len(limits) == 0 {
		b.WriteString("The makers state none.\n")
	}
	for _, l := range limits {
		fmt.Fprintf(b, "- %s\n", strings.Join(strings.Fields(l), " "))
	}
}

// cell makes a value safe for a Markdown table.
func cell(value string) string {
	value = strings.Join(strings.Fields(value), " ")
	if value == "" {
		return "(none)"
	}
	return strings.NewReplacer("|", `\|`, "<", "&lt;").Replace(value)
}
