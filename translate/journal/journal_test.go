package journal

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kurakurai/luth/translate/llm"
)

func open(t testing.TB, path string) *Journal {
	t.Helper()
	j, err := Open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j
}

func key(n int) llm.Key { return sha256.Sum256([]byte(fmt.Sprint(n))) }

func answered(n int) Entry {
	return Entry{Key: key(n), Stage: "translate.prompts", Answer: llm.Answer{
		Content: fmt.Sprintf("Réponse %d : \\frac{1}{2}\n", n), Reasoning: "hm", Finish: "stop", Model: "m", Server: "vllm",
		Logprobs:     json.RawMessage(`{"content":[]}`),
		PromptTokens: 10, CompletionTokens: n, CachedTokens: 3, Latency: 1500 * time.Millisecond, Attempts: 2,
	}}
}

func failedEntry(n int) Entry {
	return Entry{Key: key(n), Stage: "translate.prompts", Err: &llm.Error{
		Class: llm.Length, Message: "cut after 9 tokens", Answer: llm.Answer{Content: "Rép", Finish: "length", CompletionTokens: 9},
	}}
}

func TestPutAndGet(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	j := open(t, path)
	for _, want := range []Entry{answered(1), failedEntry(2)} {
		if err := j.Put(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		got, found, err := j.Get(t.Context(), want.Key)
		if err != nil || !found || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, %v, %v; want %+v", got, found, err, want)
		}
	}
	if _, found, err := j.Get(t.Context(), key(3)); found || err != nil {
		t.Errorf("an entry that is not there: %v, %v", found, err)
	}
	// The answer to the same request, asked again, takes the failure's place.
	if err := j.Put(t.Context(), Entry{Key: key(2), Answer: answered(2).Answer}); err != nil {
		t.Fatal(err)
	}
	if got, _, _ := j.Get(t.Context(), key(2)); got.Err != nil {
		t.Errorf("the failure is still there: %v", got.Err)
	}
	if answers, failures, err := j.Count(t.Context(), "translate.prompts"); answers != 1 || failures != 0 || err != nil {
		t.Errorf("%d answers, %d failures, %v", answers, failures, err)
	}
	// Another process, here another Journal, sees all of it.
	other := open(t, path)
	if _, found, err := other.Get(t.Context(), key(1)); !found || err != nil {
		t.Errorf("not durable: %v, %v", found, err)
	}
}

func TestManyWriters(t *testing.T) {
	j := open(t, filepath.Join(t.TempDir(), "journal.db"))
	const writers, each = 64, 50
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				n := w*each + i
				if err := j.Put(t.Context(), answered(n)); err != nil {
					t.Error(err)
				}
				if _, found, err := j.Get(t.Context(), key(n)); !found || err != nil {
					t.Errorf("entry %d: %v, %v", n, found, err)
				}
			}
		})
	}
	wg.Wait()
	if answers, _, _ := j.Count(t.Context(), "translate.prompts"); answers != writers*each {
		t.Errorf("%d answers", answers)
	}
}

func TestExportAndImport(t *testing.T) {
	first := open(t, filepath.Join(t.TempDir(), "a.db"))
	var wg sync.WaitGroup
	for n := range 2000 {
		entry := answered(n)
		if n%3 == 0 {
			entry = failedEntry(n)
		}
		wg.Go(func() {
			if err := first.Put(t.Context(), entry); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	var one, two bytes.Buffer
	if err := first.Export(t.Context(), &one); err != nil {
		t.Fatal(err)
	}
	second := open(t, filepath.Join(t.TempDir(), "b.db"))
	n, err := second.Import(t.Context(), bytes.NewReader(one.Bytes()))
	if err != nil || n != 2000 {
		t.Fatalf("%d imported, %v", n, err)
	}
	if err := second.Export(t.Context(), &two); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(one.Bytes(), two.Bytes()) {
		t.Error("export, import, export differ")
	}
}

func TestImportNamesTheBadLine(t *testing.T) {
	good, _ := json.Marshal(lineOf(answered(1)))
	for name, bad := range map[string]string{
		"cut":         string(good[:len(good)/2]),
		"unknown key": `{"key":"00","colour":"red"}`,
		"short key":   `{"key":"00"}`,
		"no answer":   fmt.Sprintf(`{"key":"%064d","finish":"length"}`, 0),
		"negative":    fmt.Sprintf(`{"key":"%064d","finish":"stop","content":"x","attempts":-1}`, 0),
		"two":         string(good) + "{}",
		"not UTF-8":   fmt.Sprintf("{\"key\":\"%064d\",\"finish\":\"stop\",\"content\":\"\xff\"}", 0),
	} {
		j := open(t, filepath.Join(t.TempDir(), "j.db"))
		n, err := j.Import(t.Context(), strings.NewReader(string(good)+"\n\n"+bad+"\n"))
		if n != 1 || err == nil || !strings.HasPrefix(err.Error(), "line 3: ") {
			t.Errorf("%s: %d imported, error %v", name, n, err)
		}
	}
}

func TestPutAfterClose(t *testing.T) {
	j := open(t, filepath.Join(t.TempDir(), "j.db"))
	j.Close()
	if err := j.Put(t.Context(), answered(1)); err == nil {
		t.Error("a closed journal takes entries")
	}
}

func FuzzParseLine(f *testing.F) {
	for _, e := range []Entry{answered(1), failedEntry(2)} {
		text, _ := json.Marshal(lineOf(e))
		f.Add(text)
	}
	f.Add([]byte(`{"key":"zz"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		e, err := parseLine(text)
		if err != nil {
			return
		}
		again, err := json.Marshal(lineOf(e))
		if err != nil {
			t.Fatal(err)
		}
		if back, err := parseLine(again); err != nil || back.Key != e.Key || (back.Err == nil) != (e.Err == nil) || back.Answer.Content != e.Answer.Content {
			t.Errorf("%+v came back as %+v, %v", e, back, err)
		}
	})
}

func BenchmarkPut(b *testing.B) {
	j := open(b, filepath.Join(b.TempDir(), "j.db"))
	text := strings.Repeat("Voici une réponse. ", 150)
	b.SetParallelism(128)
	var n int64
	var mu sync.Mutex
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			mu.Lock()
			n++
			e := answered(int(n))
			mu.Unlock()
			e.Answer.Content = text
			if err := j.Put(context.Background(), e); err != nil {
				b.Error(err)
			}
		}
	})
}

func BenchmarkGet(b *testing.B) {
	j := open(b, filepath.Join(b.TempDir(), "j.db"))
	for n := range 100 {
		if err := j.Put(context.Background(), answered(n)); err != nil {
			b.Fatal(err)
		}
	}
	for _, name := range []string{"hit", "miss"} {
		offset := 0
		if name == "miss" {
			offset = 1 << 20
		}
		b.Run(name, func(b *testing.B) {
			for i := range b.N {
				if _, _, err := j.Get(context.Background(), key(offset+i%100)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestKnownMissesNothing(t *testing.T) {
	var k known
	wrong := 0
	for n := range 200_000 {
		if n%2 == 0 {
			k.add(key(n))
		}
	}
	for n := range 200_000 {
		switch maybe := k.maybe(key(n)); {
		case n%2 == 0 && !maybe:
			t.Fatalf("key %d is missed", n)
		case n%2 == 1 && maybe:
			wrong++
		}
	}
	if wrong > 10 {
		t.Errorf("%d of 100,000 looks in vain", wrong)
	}
}
