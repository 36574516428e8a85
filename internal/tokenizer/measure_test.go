package tokenizer

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

var (
	measure  = flag.String("measure", "", "JSON lines of text to encode, for docs/bench/tokenizer.py")
	measured = flag.String("measured", "", "the tokenizer.json to encode them with")
)

// TestMeasure is our half of docs/bench/tokenizer.py: it prints seconds of
// clock and of processor, cold and warm, on all of GOMAXPROCS, and memory.
func TestMeasure(t *testing.T) {
	if *measure == "" {
		t.Skip("only for docs/bench/tokenizer.py")
	}
	tokenizer, err := Load(*measured)
	if err != nil {
		t.Fatal(err)
	}
	texts := readLines(t, *measure)
	runtime.GC()
	result := map[string]any{"before": peakMemory(t)}
	for _, state := range []string{"cold", "warm"} {
		clock, cpu := time.Now(), cpuTime(t)
		result["tokens"] = encodeAll(tokenizer, texts)
		result[state] = []float64{time.Since(clock).Seconds(), (cpuTime(t) - cpu).Seconds()}
	}
	result["peak"] = peakMemory(t)
	line, err := json.Marshal(result)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(string(line))
	os.Exit(0) // no more output
}

// encodeAll keeps all ids, as the library does.
func encodeAll(t *Tokenizer, texts []string) int64 {
	ids := make([][]int32, len(texts))
	var next, tokens atomic.Int64
	var group sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			var buffer []int32
			for i := next.Add(1) - 1; int(i) < len(texts); i = next.Add(1) - 1 {
				buffer = t.Encode(buffer[:0], texts[i])
				ids[i] = append([]int32(nil), buffer...)
				tokens.Add(int64(len(buffer)))
			}
		})
	}
	group.Wait()
	return tokens.Load()
}

func readLines(t *testing.T, path string) (texts []string) {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var row struct{ Text string }
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		texts = append(texts, row.Text)
	}
	if lines.Err() != nil {
		t.Fatal(lines.Err())
	}
	return texts
}

// peakMemory returns the most MiB that the process has held.
func peakMemory(t *testing.T) int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return usage.Maxrss / 1024
}
