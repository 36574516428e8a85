//go:build unix

package fidelity

import (
	"syscall"
	"testing"
)

// BenchmarkRow asks all gates about a row, and reports the CPU time of one: on
// a machine that others use too, that of the clock says little.
func BenchmarkRow(b *testing.B) {
	source, target, answer := row()
	b.SetBytes(int64(len(source) + len(target) + len(answer)))
	before := cpu(b)
	for b.Loop() {
		Translation(source, target, Options{})
		Answer(target, answer, Options{})
	}
	b.ReportMetric((cpu(b)-before)*1e3/float64(b.N), "cpu-ms/op")
}

// cpu returns the CPU seconds of the process.
func cpu(b *testing.B) float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
}
