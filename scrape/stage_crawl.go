package scrape

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kurakurai/luth/dataset"
	"github.com/kurakurai/luth/scrape/crawl"
	"github.com/kurakurai/luth/scrape/examsite"
)

// CrawlParams are the parameters of the crawl stage in a recipe.
type CrawlParams struct {
	Sources []string `yaml:"sources"` // names of shipped sources, or paths of definitions
	Contact string   `yaml:"contact"` // address or URL in the user agent
	Example bool     `yaml:"example"` // serve the bundled exam site on loopback while crawling
}

// Stages are the stages of this package that a recipe can name, in the order
// in which they follow each other.
func Stages() []dataset.Stage {
	return []dataset.Stage{crawlStage(), extractStage(), alignStage()}
}

func crawlStage() dataset.Stage {
	return dataset.Stage{
		Name: "crawl", Version: "1", Always: true,
		Short: "fetch the documents of exam sites, only what is new or changed",
		Check: func(job dataset.Job) error {
			_, _, err := crawlParams(job)
			return err
		},
		Run: runCrawl,
	}
}

func crawlParams(job dataset.Job) (params CrawlParams, sources []crawl.Rules, err error) {
	if err := job.Params.Decode(&params); err != nil {
		return params, nil, err
	}
	sources, err = rules(params.Sources)
	return params, sources, err
}

func runCrawl(ctx context.Context, job dataset.Job) (outcome dataset.Outcome, err error) {
	params, sources, err := crawlParams(job)
	if err != nil {
		return outcome, err
	}
	options := crawl.Options{
		Sources: sources, Store: filepath.Join(job.WorkDir, "store"), Contact: params.Contact, Workers: job.Workers, Progress: job.Stderr,
	}
	if params.Example {
		stop, err := serveExample(ctx, &options)
		if err != nil {
			return outcome, err
		}
		defer stop()
	}
	balance, err := crawl.Run(ctx, options)
	if err != nil {
		return outcome, err
	}
	outcome.Balances = []dataset.Balance{balance}
	outcome.Fingerprint, err = writeInventory(ctx, options.Store, filepath.Join(job.Output, inventoryFile))
	return outcome, err
}

// rules loads the definitions of the named sources.
func rules(names []string) ([]crawl.Rules, error) {
	if len(names) == 0 {
		return nil, fmt.Errorf("no sources are named; `luth scrape list` shows the ones that come with luth")
	}
	list := make([]crawl.Rules, len(names))
	for i, name := range names {
		source, err := LoadSource(name)
		if err != nil {
			return nil, err
		}
		list[i] = source.Rules()
	}
	return list, nil
}

// serveExample starts the bundled exam site and leads its host name there.
func serveExample(ctx context.Context, options *crawl.Options) (stop func(), err error) {
	address, stop, err := examsite.Serve(ctx)
	if err != nil {
		return nil, fmt.Errorf("serve the example site: %w", err)
	}
	options.Resolve = map[string]string{examsite.Host: address}
	return stop, nil
}

// heard returns an error that names the sources of which a crawl fetched
// nothing: without it, a day without network would empty a dataset.
func heard(ctx context.Context, s *crawl.Store) error {
	silent, err := s.Silent(ctx)
	if err != nil || len(silent) == 0 {
		return err
	}
	var b strings.Builder
	for _, source := range slices.Sorted(maps.Keys(silent)) {
		fmt.Fprintf(&b, "nothing could be fetched from %s (%s)\n", source, silent[source])
	}
	return fmt.Errorf("%slook at the network and the site, and run the command again, or leave the source out", b.String())
}

// writeInventory lists the documents of a store in a file and returns its hash.
func writeInventory(ctx context.Context, store, path string) (fingerprint string, err error) {
	s, err := crawl.Open(ctx, store)
	if err != nil {
		return "", err
	}
	defer s.Close()
	if err := heard(ctx, s); err != nil {
		return "", err
	}
	items, err := s.Inventory(ctx)
	if err != nil {
		return "", err
	}
	files := make([]File, len(items))
	for i, item := range items {
		rel, err := filepath.Rel(filepath.Dir(path), s.Path(item))
		if err != nil {
			return "", err
		}
		files[i] = File{Item: item, Path: filepath.ToSlash(rel)}
	}
	return writeLines(path, files)
}
