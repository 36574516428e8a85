package fidelity

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kurakurai/luth/internal/markup"
)

func sameCode(s, t *view, _ Options) []Finding {
	return verbatim(GateCode, s.texts(markup.Fence, markup.Code), t.texts(markup.Fence, markup.Code))
}

func sameAddresses(s, t *view, _ Options) []Finding {
	return verbatim(GateAddress, s.texts(markup.URL, markup.Email), t.texts(markup.URL, markup.Email))
}

func samePlaceholders(s, t *view, _ Options) []Finding {
	return verbatim(GatePlaceholder, s.texts(markup.Placeholder, markup.Tag), t.texts(markup.Placeholder, markup.Tag))
}

// verbatim rejects a translation whose pieces are not, byte for byte and each
// as often, those of the source.
func verbatim(gate string, source, target []string) []Finding {
	missing, added := difference(source, target)
	if detail := describe(missing, added); detail != "" {
		return reject(gate, detail)
	}
	return nil
}

// difference returns the elements of a that b lacks and those that b has in
// excess, both sorted.
func difference(a, b []string) (missing, added []string) {
	if slices.Equal(a, b) {
		return nil, nil
	}
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case j == len(b) || i < len(a) && a[i] < b[j]:
			missing = append(missing, a[i])
			i++
		case i == len(a) || b[j] < a[i]:
			added = append(added, b[j])
			j++
		default:
			i++
			j++
		}
	}
	return missing, added
}

// mostNamed is how many differences a detail names.
const mostNamed = 3

// describe puts a difference into words; empty without one.
func describe(missing, added []string) string {
	var parts []string
	if len(missing) > 0 {
		parts = append(parts, "missing "+list(missing))
	}
	if len(added) > 0 {
		parts = append(parts, "not in the source "+list(added))
	}
	return strings.Join(parts, "; ")
}

func list(all []string) string {
	var quoted []string
	for _, s := range all[:min(len(all), mostNamed)] {
		quoted = append(quoted, excerpt(s))
	}
	if n := len(all) - mostNamed; n > 0 {
		quoted = append(quoted, fmt.Sprintf("and %d more", n))
	}
	return strings.Join(quoted, ", ")
}

// longestExcerpt is the length in bytes from which texts are cut in details.
const longestExcerpt = 80

// excerpt returns the beginning of a text in one line.
func excerpt(text string) string {
	cut := text
	if len(cut) > longestExcerpt {
		end := longestExcerpt
		for end > 0 && !utf8.RuneStart(cut[end]) {
			end--
		}
		cut = cut[:end] + "…"
	}
	return strings.ReplaceAll(strings.ToValidUTF8(cut, "\ufffd"), "\n", "⏎")
}
