package crawl

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
)

// maxRobots is the size of a robots.txt file that is read; RFC 9309 asks for
// 500 KiB at least.
const maxRobots = 512 << 10

// product is the name by which robots.txt files may call us.
const product = "luth"

var (
	errRobots            = errors.New("robots.txt forbids it")
	errRobotsUnreachable = errors.New("robots.txt unreachable")
)

// robots answers whether an address may be asked for. A site's file is read
// once a run.
type robots struct {
	read  func(ctx context.Context, url string) (status int, body []byte, err error)
	hosts *hosts
	limit Limits

	mu sync.Mutex
	m  map[string]*robotsFile // by scheme and host
}

type robotsFile struct {
	once  sync.Once
	rules robotsRules
	err   error
}

// check fails with errRobots or errRobotsUnreachable when u must not be asked
// for. The first check of a site reads its file and slows the host down to the
// Crawl-delay.
func (r *robots) check(ctx context.Context, u *url.URL) error {
	site := u.Scheme + "://" + u.Host
	r.mu.Lock()
	file, ok := r.m[site]
	if !ok {
		file = new(robotsFile)
		r.m[site] = file
	}
	r.mu.Unlock()
	file.once.Do(func() {
		file.rules, file.err = r.load(ctx, site)
		r.hosts.get(u.Host, r.limit).slowTo(file.rules.delay)
	})
	if file.err != nil {
		return file.err
	}
	path := u.EscapedPath()
	if u.RawQuery != "" {
		path += "?" + u.RawQuery
	}
	if !file.rules.allows(path) {
		return errRobots
	}
	return nil
}

// load gets one file. One that does not exist allows everything; a server that
// fails allows nothing.
func (r *robots) load(ctx context.Context, site string) (robotsRules, error) {
	status, body, err := r.read(ctx, site+"/robots.txt")
	switch {
	case ctx.Err() != nil:
		return robotsRules{}, ctx.Err()
	case err != nil:
		return robotsRules{}, fmt.Errorf("%w: %w", errRobotsUnreachable, err)
	case status >= 500 || status == http.StatusTooManyRequests:
		return robotsRules{}, fmt.Errorf("%w: %d %s", errRobotsUnreachable, status, http.StatusText(status))
	case status >= 300:
		return robotsRules{}, nil
	}
	return parseRobots(body), nil
}
