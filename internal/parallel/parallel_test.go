package parallel

import (
	"context"
	"errors"
	"iter"
	"runtime"
	"slices"
	"testing"
)

func numbers(n int, err error) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for i := range n {
			if !yield(i, nil) {
				return
			}
		}
		if err != nil {
			yield(0, err)
		}
	}
}

func double(_ context.Context, v int) int {
	if v%3 == 0 {
		runtime.Gosched() // let later values overtake
	}
	return 2 * v
}

func TestMapKeepsOrder(t *testing.T) {
	for _, workers := range []int{0, 1, 8} {
		var got []int
		for v, err := range Map(t.Context(), numbers(1000, nil), workers, double) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, v)
		}
		if len(got) != 1000 || !slices.IsSorted(got) || got[999] != 1998 {
			t.Errorf("%d workers: %d values, last %d", workers, len(got), got[len(got)-1])
		}
	}
}

func TestMapYieldsTheErrorOfItsInput(t *testing.T) {
	want := errors.New("bad row")
	n := 0
	for _, err := range Map(t.Context(), numbers(10, want), 4, double) {
		if err != nil {
			if err != want || n != 10 {
				t.Fatalf("%v after %d values", err, n)
			}
			return
		}
		n++
	}
	t.Fatal("the error was lost")
}

func TestMapStops(t *testing.T) {
	for range Map(t.Context(), numbers(1000, nil), 4, double) {
		break // must not deadlock or leak a blocked reader
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	n := 0
	for range Map(ctx, numbers(1000, nil), 4, double) {
		n++
	}
	if n == 1000 {
		t.Error("a cancelled map went on to the end")
	}
}
