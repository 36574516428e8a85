package dataset

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// Balance is the account of one stage: everything that went in came out, was
// dropped for a reason, failed with an error, or still waits.
type Balance struct {
	Stage   string           `json:"stage"`
	Unit    string           `json:"unit"` // what is counted: "documents", "questions", "samples"
	In      int64            `json:"in"`
	Out     int64            `json:"out"`
	Dropped map[string]int64 `json:"dropped,omitempty"` // by reason
	Dead    map[string]int64 `json:"dead,omitempty"`    // by error
	Pending int64            `json:"pending,omitempty"`
}

// Drop counts one dropped unit.
func (b *Balance) Drop(reason string) {
	if b.Dropped == nil {
		b.Dropped = make(map[string]int64)
	}
	b.Dropped[reason]++
}

// Fail counts one unit that ended in an error.
func (b *Balance) Fail(kind string) {
	if b.Dead == nil {
		b.Dead = make(map[string]int64)
	}
	b.Dead[kind]++
}

// Check returns an error unless in = out + dropped + dead + pending.
func (b Balance) Check() error {
	dropped, dead := sum(b.Dropped), sum(b.Dead)
	if b.In == b.Out+dropped+dead+b.Pending {
		return nil
	}
	return fmt.Errorf("stage %s lost count of its %s: %d in, but %d out + %d dropped + %d dead + %d pending; this is a bug in luth, please report it",
		b.Stage, b.Unit, b.In, b.Out, dropped, dead, b.Pending)
}

func sum[K comparable](counts map[K]int64) (total int64) {
	for _, n := range counts {
		total += n
	}
	return total
}

// PrintBalances writes the accounts as a table, one line a stage, each
// followed by its reasons, most frequent first.
func PrintBalances(w io.Writer, balances []Balance) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "stage\tunit\tin\tout\tdropped\tdead\tpending\t")
	for _, b := range balances {
		fmt.Fprintf(tw, "%s\t%s\t%d\t%d\t%d\t%d\t%d\t\n", b.Stage, b.Unit, b.In, b.Out, sum(b.Dropped), sum(b.Dead), b.Pending)
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	for _, b := range balances {
		for _, line := range append(reasons("dropped", b.Dropped), reasons("dead", b.Dead)...) {
			if _, err := fmt.Fprintf(w, "  %s %s\n", b.Stage, line); err != nil {
				return err
			}
		}
	}
	return nil
}

func reasons(kind string, counts map[string]int64) []string {
	keys := byCount(counts)
	lines := make([]string, len(keys))
	for i, k := range keys {
		lines[i] = fmt.Sprintf("%s %d: %s", kind, counts[k], k)
	}
	return lines
}
