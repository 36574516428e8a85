package crawl

import (
	"context"
	"errors"

	"github.com/kurakurai/luth/dataset"
)

// Run crawls the sources of o, or goes on with a crawl that did not end, and
// returns the account of the addresses of the present generation: out are
// those fetched or found unchanged. When ctx ends the rest stays pending, the
// account is still right, and the error is ctx's.
func Run(ctx context.Context, o Options) (dataset.Balance, error) {
	return dataset.Balance{}, errors.New("crawl: not finished")
}
