package chat

import (
	"slices"
	"strings"

	"github.com/kurakurai/luth/internal/chat/jinja"
)

// Kinds of spans. Other fields of a message have their own name.
const (
	Content   = "content"
	Reasoning = "reasoning"  // from <think> to what follows </think>, where the template writes these
	ToolCalls = "tool_calls" // with what the template writes around each call
	Other     = "other"
)

// Span is a part of a rendered message, in bytes of the text.
type Span struct {
	Kind  string `json:"kind"`
	Start int    `json:"start"`
	End   int    `json:"end"`
	// Inserted is true for reasoning that holds nothing of the message: an
	// empty <think></think> which the template writes on its own.
	Inserted bool `json:"inserted,omitempty"`
}

// Reasons why a message has no span of its content.
const (
	NoContent = "no content"               // the message has none
	LeftOut   = "left out by the template" // the template did not write it
	Repeated  = "written more than once"   // which bytes count is not certain
)

// MessageSpans says where a message stands in the text.
type MessageSpans struct {
	Role string `json:"role"`
	// Spans are in order and disjoint. Content that is empty, or blank and
	// trimmed away, has an empty span at its place.
	Spans []Span `json:"spans"`
	// End is the token that ends the turn. It is nil where the template writes
	// none behind this message, as when it joins it with the next.
	End *jinja.Range `json:"end"`
	// Missing says why content has no span, or no certain one: NoContent,
	// LeftOut or Repeated.
	Missing string `json:"missing,omitempty"`
}

// spans reads the record of a render.
func (t *Template) spans(messages []Message, r rendered) []MessageSpans {
	byMessage := make([][]int, len(messages)) // indices of runs
	for i, run := range r.Runs {
		m := r.origins[run.Origin-1].message
		byMessage[m] = append(byMessage[m], i)
	}
	out := make([]MessageSpans, len(messages))
	for i, m := range messages {
		s := &spanReader{rendered: r, message: i, assistant: roleOf(m) == "assistant"}
		out[i] = s.read(m, byMessage[i], t.ends)
	}
	return out
}

// spanReader finds the spans of one message.
type spanReader struct {
	rendered
	message   int
	assistant bool
	first     int // index of the first run of a field, and of the last
	last      int
}

type piece struct {
	jinja.Run
	part part
}

func (s *spanReader) read(m Message, runs []int, ends []string) MessageSpans {
	out := MessageSpans{Role: roleOf(m), Spans: []Span{}}
	pieces := s.pieces(runs)
	out.Missing = s.missing(m, pieces)
	if len(pieces) == 0 {
		return out
	}
	from, to := s.before(), s.behind()
	if s.assistant {
		s.resolve(m, pieces, from)
	}
	out.Spans = merge(pieces)
	out.End = s.endToken(pieces[len(pieces)-1].End, to, ends)
	if s.assistant {
		limit := to
		if out.End != nil {
			limit = out.End.Start
		}
		out.Spans = s.frameReasoning(out.Spans, from, limit)
	}
	return out
}

// pieces returns the runs of the fields of the message, without its role.
func (s *spanReader) pieces(runs []int) []piece {
	var out []piece
	for _, i := range runs {
		p := s.origins[s.Runs[i].Origin-1].part
		if p == partFrame || p == partRole {
			continue
		}
		if len(out) == 0 {
			s.first = i
		}
		s.last = i
		out = append(out, piece{s.Runs[i], p})
	}
	hasContent := slices.ContainsFunc(out, func(p piece) bool { return p.part == partContent && p.Start < p.End })
	kept := out[:0]
	empty := false // one empty span of content is enough
	for _, p := range out {
		if p.Start < p.End {
			kept = append(kept, p)
		} else if p.part == partContent && !hasContent && !empty {
			kept, empty = append(kept, p), true
		}
	}
	return kept
}

// missing says why the content has no certain span, or "".
func (s *spanReader) missing(m Message, pieces []piece) string {
	content, ok := m.Get("content")
	if !ok || content == nil {
		return NoContent
	}
	var written []piece
	bytes := 0
	for _, p := range pieces {
		switch p.part {
		case partContent, partThought, partBreak:
			written = append(written, p)
			bytes += p.End - p.Start
		}
	}
	answer := ""
	if text, ok := content.(*jinja.Text); ok {
		answer = text.String()
	}
	if s.assistant {
		answer = answer[thoughtEnd(answer):]
	}
	if len(written) == 0 || bytes == 0 && strings.TrimFunc(answer, jinja.IsSpace) != "" {
		return LeftOut
	}
	for i, p := range written {
		for _, q := range written[:i] {
			if p.Origin == q.Origin && p.Exact && q.Exact && p.Offset < q.Offset+q.End-q.Start && q.Offset < p.Offset+p.End-p.Start {
				return Repeated
			}
		}
	}
	return ""
}

// written reports whether the template itself wrote the bytes of a run for
// this message.
func (s *spanReader) written(run jinja.Run) bool {
	o := s.origins[run.Origin-1]
	return o.part == partFrame && o.message == s.message
}

// before returns where the template's own text before the first field begins.
func (s *spanReader) before() int {
	for i := s.first - 1; i >= 0; i-- {
		if !s.written(s.Runs[i]) && s.Runs[i].Start < s.Runs[i].End {
			return s.Runs[i].End
		}
	}
	return 0
}

// behind returns where the template's own text behind the last field ends.
func (s *spanReader) behind() int {
	for i := s.last + 1; i < len(s.Runs); i++ {
		if !s.written(s.Runs[i]) && s.Runs[i].Start < s.Runs[i].End {
			return s.Runs[i].Start
		}
	}
	return len(s.Text)
}

// own returns the places between from and to that the template wrote itself.
func (s *spanReader) own(from, to int) []jinja.Range {
	var out []jinja.Range
	at := from
	for i := max(s.first-1, 0); i < len(s.Runs) && s.Runs[i].Start < to; i++ {
		run := s.Runs[i]
		if run.End <= at || s.written(run) || run.Start == run.End {
			continue
		}
		if run.Start > at {
			out = append(out, jinja.Range{Start: at, End: run.Start})
		}
		at = run.End
	}
	if at < to {
		out = append(out, jinja.Range{Start: at, End: to})
	}
	return out
}

// endToken returns the first end of a turn in the template's own text.
func (s *spanReader) endToken(from, to int, ends []string) *jinja.Range {
	for _, r := range s.own(from, to) {
		var found *jinja.Range
		for _, token := range ends {
			i := strings.Index(s.Text[r.Start:r.End], token)
			if i < 0 {
				continue
			}
			at := jinja.Range{Start: r.Start + i, End: r.Start + i + len(token)}
			if found == nil || at.Start < found.Start || at.Start == found.Start && at.End > found.End {
				found = &at
			}
		}
		if found != nil {
			return found
		}
	}
	return nil
}
