package tokenizer

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestTokens(t *testing.T) {
	tokenizer := family(t, "smollm2")
	id, ok := tokenizer.TokenID("<|im_end|>")
	if !ok || id != 2 || !tokenizer.IsSpecial(id) {
		t.Errorf("<|im_end|> is %d, %t", id, ok)
	}
	if token, ok := tokenizer.Token(id); token != "<|im_end|>" || !ok {
		t.Errorf("token %d is %q, %t", id, token, ok)
	}
	for _, id := range []int32{-1, int32(tokenizer.IDLimit())} {
		if token, ok := tokenizer.Token(id); ok || tokenizer.IsSpecial(id) {
			t.Errorf("token %d is %q", id, token)
		}
	}
	if _, ok := tokenizer.TokenID("<|nothing|>"); ok {
		t.Error("<|nothing|> is a token")
	}
	if n := tokenizer.VocabSize(); n != 600 {
		t.Errorf("%d tokens, want 600", n)
	}
	if added := tokenizer.AddedTokens(); len(added) != 5 || added[2].Content != "<|im_end|>" {
		t.Errorf("added tokens %v", added)
	}
}

// TestConcurrentUse runs with the race detector.
func TestConcurrentUse(t *testing.T) {
	tokenizer := family(t, "qwen2")
	texts := goldenTexts(t, "qwen2")
	var want [][]int32
	for _, text := range texts {
		want = append(want, tokenizer.Encode(nil, text))
	}
	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			for i := range texts {
				i = (i + worker*97) % len(texts)
				if got := tokenizer.Encode(nil, texts[i]); !slices.Equal(got, want[i]) {
					t.Errorf("%q: %v, want %v", texts[i], got, want[i])
				}
			}
		})
	}
	group.Wait()
}

func TestEncodeDoesNotAllocate(t *testing.T) {
	tokenizer := family(t, "qwen2")
	text := strings.Repeat("Soit f la fonction définie sur l'intervalle [0 ; 1]. <|im_end|> e\u0301 ", 20)
	ids := tokenizer.Encode(nil, text)
	allocations := testing.AllocsPerRun(20, func() {
		ids = tokenizer.Encode(ids[:0], text)
		tokenizer.Count(text)
	})
	if allocations > 0 {
		t.Errorf("%v allocations a call", allocations)
	}
}

// TestHostileTextIsQuick has texts that are quadratic for a careless encoder:
// minutes, against less than a second.
func TestHostileTextIsQuick(t *testing.T) {
	const n = 1 << 18
	for _, name := range []string{"qwen2", "smollm2", "odd"} {
		tokenizer := family(t, name)
		for _, text := range []string{
			strings.Repeat("a", n), strings.Repeat("jeveuxunmot", n/11), strings.Repeat("<", n), strings.Repeat(" ", n),
			strings.Repeat("\n ", n/2), strings.Repeat("e\u0301\u0323", n/5), strings.Repeat("\u0301", n/2), strings.Repeat("\xff", n),
			strings.Repeat("'", n), strings.Repeat("<l>  ", n/5), strings.Repeat("\u00a0<sp>", n/6), strings.Repeat("1", n),
		} {
			start := time.Now()
			ids, spans := tokenizer.EncodeSpans(nil, nil, text)
			checkSpans(t, text, ids, spans)
			if took := time.Since(start); took > 30*time.Second {
				t.Errorf("%s, %.20q...: %v", name, text, took)
			}
		}
	}
}

// TestIncompleteCharacters shows where a stream waits.
func TestIncompleteCharacters(t *testing.T) {
	tokenizer := family(t, "gpt2")
	ids := tokenizer.Encode(nil, "a€\U00024B62!")
	stream := tokenizer.NewStream(false)
	var got []string
	for _, id := range ids {
		got = append(got, stream.Next(id))
	}
	if all := strings.Join(got, ""); all != "a€\U00024B62!" || got[0] != "a" || got[1] != "" {
		t.Errorf("stream %q", got)
	}
	stream.Next(ids[1])
	if rest := stream.Flush(); rest != "\uFFFD" {
		t.Errorf("flushed %q", rest)
	}
}

// TestDuplicateMergeCountsLast follows the library, where the last of equal
// pairs decides the rank.
func TestDuplicateMergeCountsLast(t *testing.T) {
	file := string(familyFile(t, "qwen2"))
	first := file[strings.Index(file, `"merges":["`)+len(`"merges":[`):]
	first = first[:strings.IndexByte(first, ',')]
	tokenizer, err := Parse([]byte(strings.Replace(file, `]}}`, `,`+first+`]}}`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	again, err := Parse([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	left, right, _ := strings.Cut(strings.Trim(first, `"`), " ")
	a, b := again.byContent[left], again.byContent[right]
	if early, late := again.merges.find(a, b)>>32, tokenizer.merges.find(a, b)>>32; early != 0 || late == 0 {
		t.Errorf("ranks %d and %d of the first merge, once and twice in the file", early, late)
	}
}
