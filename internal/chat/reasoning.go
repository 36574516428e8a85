package chat

import (
	"slices"
	"strings"

	"github.com/kurakurai/luth/internal/chat/jinja"
)

// resolve decides whether content up to </think> is reasoning: it is when it
// begins with <think>, when the template has written <think> before it, or
// when the template took </think> for a delimiter and left it out.
func (s *spanReader) resolve(m Message, pieces []piece, from int) {
	content, _ := m.Get("content")
	text, ok := content.(*jinja.Text)
	if !ok {
		return
	}
	thought := thoughtEnd(text.String())
	reasoning := beginsWithThought(text.String())
	closing := false
	for _, p := range pieces {
		if p.part != partThought {
			continue
		}
		_, _, opened := s.find(0, from, p.Start)
		reasoning = reasoning || opened
		closing = closing || p.Exact && p.Offset+p.End-p.Start >= thought
	}
	reasoning = reasoning || !closing
	for i := range pieces {
		p := &pieces[i]
		switch {
		case p.part == partBreak && !(reasoning && i > 0 && pieces[i-1].End == p.Start && pieces[i-1].part == partReasoning):
			p.part = partContent
		case p.part == partThought && !reasoning:
			p.part = partContent
		case p.part == partThought || p.part == partBreak:
			p.part = partReasoning
		}
	}
}

func beginsWithThought(s string) bool {
	s = strings.TrimFunc(s, jinja.IsSpace)
	return slices.ContainsFunc(thinkTags, func(tags [2]string) bool { return strings.HasPrefix(s, tags[0]) })
}

// find returns the first tag (0 opens, 1 closes) of reasoning in what the
// template wrote itself between two places.
func (s *spanReader) find(side, from, to int) (start, end int, ok bool) {
	for _, r := range s.own(from, to) {
		for _, tags := range thinkTags {
			if i := strings.Index(s.Text[r.Start:r.End], tags[side]); i >= 0 {
				return r.Start + i, r.Start + i + len(tags[side]), true
			}
		}
	}
	return 0, 0, false
}

// merge joins pieces of the same kind that touch.
func merge(pieces []piece) []Span {
	out := []Span{}
	for _, p := range pieces {
		kind := Other
		switch p.part {
		case partContent:
			kind = Content
		case partReasoning:
			kind = Reasoning
		case partToolCalls:
			kind = ToolCalls
		}
		if n := len(out); n > 0 && out[n-1].Kind == kind && out[n-1].End == p.Start {
			out[n-1].End = p.End
			continue
		}
		out = append(out, Span{Kind: kind, Start: p.Start, End: p.End})
	}
	return out
}

// frameReasoning widens the reasoning before the answer to the tags that the
// template wrote around it, and the newlines behind them.
func (s *spanReader) frameReasoning(spans []Span, from, to int) []Span {
	limit := to
	var before, after []Span // the reasoning, and the rest
	for _, span := range spans {
		if span.Kind == Reasoning && len(after) == 0 {
			before = append(before, span)
			continue
		}
		if len(after) == 0 {
			limit = span.Start
		}
		after = append(after, span)
	}
	frame := Span{Kind: Reasoning, Inserted: len(before) == 0}
	behind := from
	if len(before) > 0 {
		frame.Start, frame.End = before[0].Start, before[len(before)-1].End
		behind = frame.End
	}
	open, openEnd, opened := s.find(0, from, limit)
	if opened && (len(before) == 0 || open < frame.Start) {
		frame.Start, behind = open, max(behind, openEnd)
	} else if len(before) == 0 {
		return spans
	}
	_, end, closed := s.find(1, behind, limit)
	if !closed {
		if len(before) == 0 {
			return spans
		}
		return append([]Span{{Kind: Reasoning, Start: frame.Start, End: frame.End}}, after...)
	}
	for _, r := range s.own(end, limit) {
		if r.Start == end {
			end += r.End - r.Start - len(strings.TrimLeft(s.Text[r.Start:r.End], "\n"))
		}
	}
	frame.End = end
	return append([]Span{frame}, after...)
}
