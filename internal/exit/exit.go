// Package exit names luth's exit codes and carries them in errors.
package exit

import "errors"

// The exit codes that commands promise.
const (
	OK          = 0
	Failed      = 1
	BadUsage    = 2   // wrong flags or arguments, or something the command needs is not set
	NoText      = 3   // a document has no usable text
	Interrupted = 130 // Ctrl-C; run the same command to resume
)

type coded struct {
	error
	code int
}

func (c coded) Unwrap() error { return c.error }

// With makes err end the program with the given code.
func With(code int, err error) error { return coded{err, code} }

// Usage makes err end the program with BadUsage.
func Usage(err error) error { return With(BadUsage, err) }

// Code returns the exit code of err.
func Code(err error) int {
	var c coded
	switch {
	case err == nil:
		return OK
	case errors.As(err, &c):
		return c.code
	}
	return Failed
}
