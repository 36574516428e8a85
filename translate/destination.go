package translate

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/kurakurai/luth/dataset"
	"github.com/kurakurai/luth/internal/exit"
)

// destination is what stands where a run will write.
type destination struct {
	dir    string
	rows   int64 // samples of the dataset there, 0 when there is none
	yields bool  // it may be replaced by anything
}

// checkDestination looks at the place of the output before anybody is asked,
// and refuses what would cost a dataset that the run cannot make again.
func checkDestination(job dataset.Job, task Task, options Options) (destination, error) {
	d := destination{dir: job.Output, yields: options.Force || options.InRecipe}
	if dataset.CheckPlaces(job.Input, job.Output) != nil {
		return d, exit.Usage(fmt.Errorf("the input %s is in OUT, %s, which would replace it\nname another OUT", job.Input, job.Output))
	}
	m, _, err := dataset.ReadManifest(job.Output)
	switch {
	case errors.Is(err, dataset.ErrNotDataset):
		return d, nil // and dataset.Create looks at folders that are none
	case err != nil && d.yields:
		return d, nil
	case err != nil:
		return d, fmt.Errorf("%w, name another OUT, or replace it with --force", err)
	}
	d.rows = m.Rows()
	if d.yields || d.rows == 0 {
		return d, nil
	}
	if n := len(m.Balances); n > 0 && m.Balances[n-1].Stage != task.Stage {
		return d, d.refuse("they are of the stage " + m.Balances[n-1].Stage)
	}
	if job.Rehearsal && m.Rehearsal == 0 {
		return d, d.refuse("they are real, and this is a rehearsal")
	}
	if most := max(options.Limit, options.Sample); most > 0 && most < d.rows {
		return d, d.refuse(fmt.Sprintf("this run makes %d at most", most))
	}
	return d, nil
}

// accepts refuses to replace a dataset by one with fewer samples.
func (d destination) accepts(rows int64) error {
	if d.yields || rows >= d.rows {
		return nil
	}
	return d.refuse(fmt.Sprintf("this run made %d; what was answered is in the journal", rows))
}

func (d destination) refuse(why string) error {
	return fmt.Errorf("%s holds %d samples already, and %s; it is left as it was\nname another OUT, or replace it with --force", d.dir, d.rows, why)
}

// checkJournal refuses a replay of nothing.
func checkJournal(path string) error {
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return exit.Usage(fmt.Errorf("--replay: there is no journal %s, so no row can be answered\nname one with --journal, make it with luth translate journal import, or leave out --replay", filepath.ToSlash(path)))
	}
	return err
}
