// Package parallel maps a function over a sequence with several workers and
// gives the results in the order of the input.
package parallel

import (
	"context"
	"iter"
)

// Map applies f to every value of in with the given number of workers (at
// least one) and yields the results in input order. At most 2*workers values
// are held at once. It stops at the first error of in, which is yielded; it
// stops without a word when ctx ends or the consumer breaks off, so callers
// check ctx.Err afterwards.
func Map[T, R any](ctx context.Context, in iter.Seq2[T, error], workers int, f func(context.Context, T) R) iter.Seq2[R, error] {
	type slot struct {
		result chan R
		err    error
	}
	workers = max(workers, 1)
	return func(yield func(R, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		order := make(chan slot, workers)
		running := make(chan struct{}, workers)
		go func() {
			defer close(order)
			for value, err := range in {
				s := slot{result: make(chan R, 1), err: err}
				if err == nil {
					select {
					case running <- struct{}{}:
					case <-ctx.Done():
						return
					}
					go func() {
						s.result <- f(ctx, value)
						<-running
					}()
				}
				select {
				case order <- s:
				case <-ctx.Done():
					return
				}
				if err != nil {
					return
				}
			}
		}()
		for s := range order {
			if s.err != nil {
				var zero R
				yield(zero, s.err)
				return
			}
			select {
			case r := <-s.result:
				if !yield(r, nil) {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}
}
