package scrape

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/kurakurai/luth/dataset"
	"github.com/kurakurai/luth/scrape/exam"
)

// alignVersion changes with what align makes of the same texts.
const alignVersion = "1"

// sample puts a pair in Scholar's shape: the user's turn is the context and
// the question, the assistant's is the answer of the correction.
func sample(subject, correction Document, p exam.Pair, params string) dataset.Sample {
	question := p.Question
	if p.Context != "" {
		question = p.Context + "\n\n" + p.Question
	}
	s := dataset.Sample{
		Messages: []dataset.Message{
			{Role: dataset.RoleUser, Content: question},
			{Role: dataset.RoleAssistant, Content: p.Answer},
		},
		Subject:    subject.Meta["subject"],
		Level:      subject.Meta["level"],
		Difficulty: difficulty(subject.Meta["subject"]),
		Origin: dataset.Origin{
			Source: subject.Source, URL: subject.URL, SHA256: subject.SHA256, Pages: pageRange(p.QuestionPages),
			Row: -1, Path: p.Path, Licence: subject.Licence, Retrieved: subject.Retrieved.UTC().Format(time.RFC3339),
			AnswerURL: correction.URL, AnswerSHA256: correction.SHA256, AnswerPages: pageRange(p.AnswerPages),
		},
		Steps: []dataset.Step{
			{Stage: "scrape.extract", Version: extractorVersion},
			{Stage: "scrape.align", Version: alignVersion, Params: params, Confidence: p.Confidence},
		},
	}
	s.ID = dataset.ContentID(s.Messages)
	return s
}

// difficulty follows the published set, which calls these two subjects easy
// and every other medium.
func difficulty(subject string) string {
	switch subject {
	case "ses", "general-science":
		return "easy"
	}
	return "medium"
}

// pageRange writes a range of pages, "3" or "3-4", empty where there is none.
func pageRange(pages [2]int) string {
	switch {
	case pages[0] <= 0:
		return ""
	case pages[0] == pages[1]:
		return strconv.Itoa(pages[0])
	}
	return fmt.Sprintf("%d-%d", pages[0], pages[1])
}

// invalid names what keeps a sample out of a dataset, empty for a good one.
func invalid(s dataset.Sample) string {
	err := s.Validate()
	if err == nil {
		return ""
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	return "invalid record: " + first
}
