// Package progress shows how far long work has come: a bar on a terminal,
// a line every few seconds in a pipe.
package progress

import (
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"
)

// interval is the time between two lines where there is no terminal.
const interval = 5 * time.Second

// Bar counts the units of one task. Its methods are safe for several
// goroutines, and do nothing on a nil Bar.
type Bar struct {
	name  string
	w     io.Writer
	start time.Time
	done  atomic.Int64
	total atomic.Int64
	note  atomic.Value // string

	pool *mpb.Progress
	bar  *mpb.Bar

	stop chan struct{}
	wait sync.WaitGroup
}

// New starts a bar on w, usually standard error. A total of 0 means unknown.
func New(w io.Writer, name string, total int64) *Bar {
	b := &Bar{name: name, w: w, start: time.Now(), stop: make(chan struct{})}
	b.total.Store(total)
	b.note.Store("")
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		b.pool = mpb.New(mpb.WithOutput(w), mpb.WithWidth(40))
		b.bar = b.pool.AddBar(total,
			mpb.PrependDecorators(decor.Name(name+" "), decor.CountersNoUnit("%d/%d")),
			mpb.AppendDecorators(decor.AverageETA(decor.ET_STYLE_GO), decor.Any(func(decor.Statistics) string { return " " + b.note.Load().(string) })))
		return b
	}
	b.wait.Go(b.printLines)
	return b
}

// Add counts n finished units.
func (b *Bar) Add(n int64) {
	if b == nil {
		return
	}
	b.done.Add(n)
	if b.bar != nil {
		b.bar.IncrInt64(n)
	}
}

// SetTotal changes the number of units expected.
func (b *Bar) SetTotal(n int64) {
	if b == nil {
		return
	}
	b.total.Store(n)
	if b.bar != nil {
		b.bar.SetTotal(n, false)
	}
}

// Note shows a short text beside the count, such as counts per host.
func (b *Bar) Note(text string) {
	if b != nil {
		b.note.Store(text)
	}
}

// Close ends the bar and prints its last state.
func (b *Bar) Close() {
	if b == nil {
		return
	}
	close(b.stop)
	b.wait.Wait()
	if b.bar != nil {
		b.bar.Abort(false)
		b.pool.Wait()
		return
	}
	b.printLine()
}

func (b *Bar) printLines() {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			b.printLine()
		case <-b.stop:
			return
		}
	}
}

func (b *Bar) printLine() {
	count := fmt.Sprint(b.done.Load())
	if total := b.total.Load(); total > 0 {
		count += fmt.Sprintf("/%d", total)
	}
	line := fmt.Sprintf("%s %s in %s", b.name, count, time.Since(b.start).Round(100*time.Millisecond))
	if note := b.note.Load().(string); note != "" {
		line += "  " + note
	}
	fmt.Fprintln(b.w, line)
}
