package exam

// Reason says why a pair was not kept; it is empty for kept pairs. The values
// are stable: people and scripts rely on them.
type Reason string

// The reasons, in the order in which they are looked for.
const (
	ReasonNone          Reason = ""
	ReasonIdentical     Reason = "identical_texts"         // the correction's text is the subject's
	ReasonEmptyQuestion Reason = "empty_question"          // a number without text
	ReasonNoQuestion    Reason = "not_a_question"          // nothing is asked, as in a list of conditions
	ReasonNoAnswer      Reason = "no_answer"               // no part of the correction has this number
	ReasonEmptyAnswer   Reason = "empty_answer"            // the correction has the number and no text, or only the question
	ReasonGarbled       Reason = "garbled"                 // too many characters without a meaning
	ReasonRepeats       Reason = "answer_repeats_question" // the question stands inside the answer
	ReasonLowConfidence Reason = "low_confidence"          // the match is under the threshold
	ReasonDraw          Reason = "draw"                    // asks to draw or to fill in
	ReasonAnnex         Reason = "needs_annex"             // is answered on an annex
	ReasonFigure        Reason = "needs_figure"            // needs a figure or a graph
	ReasonDocument      Reason = "needs_document"          // needs documents that are not in the text
	ReasonUnfinished    Reason = "unfinished_answer"       // the answer announces what the text does not have
)

// Pair is a question of a subject with its answer from the correction. The
// texts are verbatim but for line breaks, labels, marks for points and page
// furniture.
type Pair struct {
	Path          string   `json:"path"` // "Exercice 2/Partie B/3.a"
	Context       string   `json:"context"`
	Question      string   `json:"question"`
	Answer        string   `json:"answer"`
	Confidence    float64  `json:"confidence"`     // 0 to 1, see Evidence
	QuestionPages [2]int   `json:"question_pages"` // first and last page, 1-based
	AnswerPages   [2]int   `json:"answer_pages"`
	Kept          bool     `json:"kept"`
	Reason        Reason   `json:"reason"`
	QuestionSpan  [2]int   `json:"question_span"` // byte offsets in document.Text.String
	AnswerSpan    [2]int   `json:"answer_span"`
	Evidence      Evidence `json:"evidence"`
}

// Evidence is what a confidence is made of, each part from 0 to 1:
//
//	confidence = path × (0.5 + 0.3 sequence + 0.2 lexical) × order × agreement × related × clean
type Evidence struct {
	Path      float64 `json:"path"`      // 1 for equal paths, less where levels are missing on one side
	Sequence  float64 `json:"sequence"`  // the neighbours in the subject are the neighbours in the correction
	Lexical   float64 `json:"lexical"`   // rare words and formulas of the question that the answer shares
	Order     float64 `json:"order"`     // the answers fit their questions better than others of their exercise or series
	Agreement float64 `json:"agreement"` // the numbers of its section are those of the answers
	Related   float64 `json:"related"`   // over the whole paper the answers fit better than chance
	Clean     float64 `json:"clean"`     // no stray labels inside, lengths in proportion
}

// confidence is the product documented at Evidence.
func (e Evidence) confidence() float64 {
	return e.Path * (0.5 + 0.3*e.Sequence + 0.2*e.Lexical) * e.Order * e.Agreement * e.Related * e.Clean
}

// Report counts what became of the questions of a subject.
type Report struct {
	Questions int            `json:"questions"` // found in the subject
	Aligned   int            `json:"aligned"`   // of these, with an answer at or above the threshold
	Kept      int            `json:"kept"`      // of these, without a reason against them
	Dropped   map[Reason]int `json:"dropped,omitempty"`
	Identical bool           `json:"identical"` // the correction's text is the subject's
}

func (r *Report) count(p Pair) {
	r.Questions++
	switch p.Reason {
	case ReasonNone:
		r.Kept++
		r.Aligned++
		return
	case ReasonDraw, ReasonAnnex, ReasonFigure, ReasonDocument, ReasonUnfinished:
		r.Aligned++
	}
	if r.Dropped == nil {
		r.Dropped = make(map[Reason]int)
	}
	r.Dropped[p.Reason]++
}
