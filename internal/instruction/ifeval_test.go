package instruction

import (
	"os"
	"strings"
	"testing"

	"github.com/kurakurai/luth/internal/instruction/ifevaltest"
)

// prompt is a row of IFEval's input.
type prompt struct {
	ifevaltest.Prompt
	Arguments []kwargs `json:"kwargs"`
}

// kwargs are IFEval's own names of the arguments.
type kwargs struct {
	Relation         string   `json:"relation"`
	LetRelation      string   `json:"let_relation"`
	CapitalRelation  string   `json:"capital_relation"`
	NumWords         int      `json:"num_words"`
	NumSentences     int      `json:"num_sentences"`
	NumParagraphs    int      `json:"num_paragraphs"`
	NumPlaceholders  int      `json:"num_placeholders"`
	NumBullets       int      `json:"num_bullets"`
	NumHighlights    int      `json:"num_highlights"`
	NumSections      int      `json:"num_sections"`
	Frequency        int      `json:"frequency"`
	LetFrequency     int      `json:"let_frequency"`
	CapitalFrequency int      `json:"capital_frequency"`
	NthParagraph     int      `json:"nth_paragraph"`
	FirstWord        string   `json:"first_word"`
	Keyword          string   `json:"keyword"`
	Keywords         []string `json:"keywords"`
	ForbiddenWords   []string `json:"forbidden_words"`
	Letter           string   `json:"letter"`
	Language         string   `json:"language"`
	PostscriptMarker string   `json:"postscript_marker"`
	SectionSpliter   string   `json:"section_spliter"`
	PromptToRepeat   string   `json:"prompt_to_repeat"`
	EndPhrase        string   `json:"end_phrase"`
}

func (k kwargs) args() Args {
	return Args{
		Relation: k.Relation + k.LetRelation + k.CapitalRelation, NthParagraph: k.NthParagraph, FirstWord: k.FirstWord, Keyword: k.Keyword, Keywords: k.Keywords,
		N:              k.NumWords + k.NumSentences + k.NumParagraphs + k.NumPlaceholders + k.NumBullets + k.NumHighlights + k.NumSections + k.Frequency + k.LetFrequency + k.CapitalFrequency,
		ForbiddenWords: k.ForbiddenWords, Letter: k.Letter, Language: k.Language, PostscriptMarker: k.PostscriptMarker, SectionSplitter: k.SectionSpliter, PromptToRepeat: k.PromptToRepeat, EndPhrase: k.EndPhrase,
	}
}

// TestVerdicts compares our verdicts with those of the authors' code on the
// responses of models, English and French. Those on the language itself, and
// those that differ from run to run, are langdetect's.
func TestVerdicts(t *testing.T) {
	for _, l := range []*Language{English, French} {
		prompts := map[int]prompt{}
		ifevaltest.Rows(t, "mifeval_"+l.Code+"_input_data.jsonl", func(p prompt) { prompts[p.Key] = p })
		same, total := map[string]int{}, map[string]int{}
		unchecked := 0
		ifevaltest.Rows(t, "mifeval_"+l.Code+"_outputs_verdicts.jsonl.gz", func(v ifevaltest.Response) {
			p := prompts[v.Key]
			for i, name := range p.Instructions {
				id := strings.ReplaceAll(strings.TrimPrefix(name, l.Code+":"), "french", "english")
				if !v.Deterministic[i] {
					continue
				}
				instruction := Instruction{id, p.Arguments[i].args()}
				strict, err := l.Check(instruction, v.Text)
				if err != nil {
					unchecked++
					continue
				}
				loose, err := l.CheckLoosely(instruction, v.Text)
				if err != nil {
					t.Fatal(err)
				}
				total[id] += 2
				for _, pair := range [][2]bool{{strict, v.Strict[i]}, {loose, v.Loose[i]}} {
					if pair[0] == pair[1] {
						same[id]++
					} else if os.Getenv("LUTH_SHOW") == id {
						t.Logf("%s %d %+v: %v, theirs %v: %q", v.Model, v.Key, instruction.Args, pair[0], pair[1], v.Text)
					}
				}
			}
		})
		all, equal := 0, 0
		for id, n := range total {
			all, equal = all+n, equal+same[id]
			if same[id] == n {
				continue
			}
			t.Logf("%s %-40s %4d of %4d", l.Code, id, same[id], n)
			// The first three ask langdetect; a letter that is none is drawn by lot.
			least := map[string]float64{"language:response_language": 0.85, "change_case:english_capital": 0.9, "change_case:english_lowercase": 0.95, "keywords:letter_frequency": 0.99}[id]
			if share := float64(same[id]) / float64(n); least == 0 || share < least {
				t.Errorf("%s %s: %d of %d verdicts are the same", l.Code, id, same[id], n)
			}
		}
		t.Logf("%s: %d of %d verdicts are the same, %d have no check", l.Code, equal, all, unchecked)
		if all < 2500 {
			t.Errorf("%s: only %d verdicts compared", l.Code, all)
		}
	}
}
