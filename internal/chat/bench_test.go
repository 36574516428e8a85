package chat

import (
	"bufio"
	"os"
	"testing"
)

// BenchmarkRender renders the conversations in the file LUTH_BENCH_CHAT, or
// those of the goldens, with spans. docs/bench/chat.py makes such a file and
// compares with jinja2.
func BenchmarkRender(b *testing.B) {
	templates := testTemplates(b)
	conversations := benchConversations(b)
	for _, name := range []string{"qwen3", "chatml", "llama", "gemma"} {
		tmpl, ok := templates[name]
		if !ok {
			continue
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			bytes := 0
			for i := range b.N {
				r, err := tmpl.Render(conversations[i%len(conversations)])
				if err != nil {
					b.Fatal(err)
				}
				bytes += len(r.Text)
			}
			b.SetBytes(int64(bytes / b.N))
		})
	}
}

func benchConversations(b *testing.B) (out []Conversation) {
	b.Helper()
	path := os.Getenv("LUTH_BENCH_CHAT")
	if path == "" {
		question, answer := "Résous l'équation $x^2 - 5x + 6 = 0$ dans $\\mathbf{R}$.", "Le discriminant vaut $1$, donc $x = 2$ ou $x = 3$."
		return []Conversation{{Messages: []Message{NewMessage("user", question), NewMessage("assistant", answer)}}}
	}
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<22)
	for lines.Scan() {
		c, err := ParseConversation(lines.Bytes())
		if err != nil {
			b.Fatal(err)
		}
		out = append(out, c)
	}
	return out
}
