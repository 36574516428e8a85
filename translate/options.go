package translate

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kurakurai/luth/dataset"
	"github.com/kurakurai/luth/internal/exit"
)

// Options say where and how a stage asks. But for Limit and Sample they do not
// change what comes out.
type Options struct {
	Endpoints   []string // URL or URL,weight=N
	Key         string   // sent as a bearer token; only ever from the environment
	Concurrency int      // most requests in flight at an endpoint
	Timeout     time.Duration
	Patience    time.Duration

	Journal   string
	Replay    bool     // ask nobody: what the journal does not have is pending
	RetryDead []string // classes and gates whose dead rows are asked again; "all" for all

	Limit  int64 // rows from the start; 0 for all
	Sample int64 // rows drawn at random; 0 for all
	Seed   int64

	Force    bool // replace any dataset that the output's place has
	InRecipe bool // the output's place is the build's own

	MaxDead int64 // more dead rows end the run; below 0: any number

	PriceIn, PriceOut float64 // for a million tokens
}

// The environment names servers for recipes, and gives the defaults of
// commands.
const (
	envURL         = "LUTH_LLM_URL"         // one or more, with spaces between
	envKey         = "LUTH_LLM_KEY"         // bearer token
	envConcurrency = "LUTH_LLM_CONCURRENCY" // most requests in flight at an endpoint
)

const defaultConcurrency = 1024

// fromEnvironment returns the options of a stage in a recipe.
func fromEnvironment(job dataset.Job) (Options, error) {
	o := Options{
		Endpoints: strings.Fields(os.Getenv(envURL)), Key: os.Getenv(envKey), Concurrency: defaultConcurrency,
		Journal: filepath.Join(job.WorkDir, "journal.db"), MaxDead: -1, InRecipe: true,
	}
	text := os.Getenv(envConcurrency)
	if text == "" {
		return o, nil
	}
	var err error
	if o.Concurrency, err = strconv.Atoi(text); err != nil || o.Concurrency < 1 {
		return o, exit.Usage(fmt.Errorf("%s is %q; it must be a number of at least 1", envConcurrency, text))
	}
	return o, nil
}

func (o Options) retries(class string) bool {
	return slices.Contains(o.RetryDead, "all") || slices.Contains(o.RetryDead, class)
}
