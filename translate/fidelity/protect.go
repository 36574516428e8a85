package fidelity

import (
	"fmt"
	"strings"

	"github.com/kurakurai/luth/internal/markup"
)

// LongCode is the length in bytes from which Protect takes a block of code
// out. Shorter ones tell the model what the text is about, and are copied well.
const LongCode = 400

// sentinel stands for the block of code with a number, from 1.
func sentinel(n int) string { return fmt.Sprintf(`<code-block id="%d"/>`, n) }

const sentinelBeginning = "<code-block "

// Protect replaces the closed blocks of code of LongCode bytes and more by
// sentinels, so that a model never touches them, and returns the blocks for
// Restore. A text that looks as if it had sentinels already stays as it is.
func Protect(source string) (text string, blocks []string) {
	if len(source) < LongCode || strings.Contains(source, sentinelBeginning) {
		return source, nil
	}
	var b strings.Builder
	for _, s := range markup.Spans(source) {
		if s.Kind == markup.Fence && s.Closed && len(s.Text) >= LongCode {
			blocks = append(blocks, s.Text)
			b.WriteString(sentinel(len(blocks)))
		} else {
			b.WriteString(s.Text)
		}
	}
	return b.String(), blocks
}

// Restore puts the blocks of code back. Every sentinel must be there exactly
// once and in order; the error says what to ask for again.
func Restore(text string, blocks []string) (string, error) {
	if len(blocks) == 0 {
		return text, nil
	}
	var b strings.Builder
	rest := text
	for i, block := range blocks {
		before, after, found := strings.Cut(rest, sentinel(i+1))
		if !found {
			return "", fmt.Errorf("%s must stand in the text exactly once, after the %d before it", sentinel(i+1), i)
		}
		b.WriteString(before)
		b.WriteString(block)
		rest = after
	}
	b.WriteString(rest)
	if n := strings.Count(text, sentinelBeginning); n != len(blocks) {
		return "", fmt.Errorf("%d tags %s…/> in the text, %d expected: each exactly once", n, sentinelBeginning, len(blocks))
	}
	return b.String(), nil
}
