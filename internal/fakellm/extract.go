package fakellm

import (
	"encoding/json"
	"regexp"
	"strings"
)

// named matches a text that a prompt holds up under a name, and place the
// place of a question in an exam.
var (
	named = regexp.MustCompile(`(?s)<(source[\w-]*) name="(\w+)">\n(.*?)\n</source`)
	place = regexp.MustCompile(`The question has the place (\S.*) in the subject\.`)
	label = regexp.MustCompile(`^\s*(\d+|[a-z])\s*[.)]`)
)

// extracted copies from the texts of an exam what stands under the last number
// of the place that the prompt names; false when the prompt has none. A
// question without an answer is one whose number the correction lacks.
func extracted(prompt string, schema json.RawMessage) (answer string, ok bool) {
	texts := map[string]string{}
	for _, m := range named.FindAllStringSubmatch(prompt, -1) {
		texts[m[2]] = m[3]
	}
	if strings.Contains(string(schema), `"questions"`) && texts["subject"] != "" {
		return listed(texts["subject"]), true
	}
	path := place.FindStringSubmatch(prompt)
	if texts["correction"] == "" || path == nil {
		return "", false
	}
	number := path[1][strings.LastIndexAny(path[1], "/.")+1:]
	made := map[string]string{"status": "answered", "answer": under(texts["correction"], number)}
	if strings.Contains(string(schema), `"question"`) {
		made["context"], made["question"] = "", under(texts["subject"], number)
	}
	if made["answer"] == "" {
		made["status"] = "no_answer"
	}
	text, _ := json.Marshal(made) // strings always marshal
	return string(text), true
}

// listed makes a question of every number.
func listed(text string) string {
	type question struct {
		Path     string `json:"path"`
		Context  string `json:"context"`
		Question string `json:"question"`
	}
	made := map[string][]question{"questions": {}}
	for line := range strings.SplitSeq(text, "\n") {
		if m := label.FindStringSubmatch(line); m != nil {
			made["questions"] = append(made["questions"], question{m[1], "", under(text, m[1])})
		}
	}
	answer, _ := json.Marshal(made) // strings always marshal
	return string(answer)
}

// under returns the lines of a text from the number on to the next one.
func under(text, number string) string {
	var lines []string
	found := false
	for line := range strings.SplitSeq(text, "\n") {
		if m := label.FindStringSubmatch(line); m != nil {
			if found = m[1] == number && len(lines) == 0; found {
				line = line[len(m[0]):]
			}
		}
		if found {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}
