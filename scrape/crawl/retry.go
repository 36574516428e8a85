package crawl

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Back-off between requests for one address: firstBackoff, doubled each time,
// at most maxBackoff.
const (
	firstBackoff = 2 * time.Second
	maxBackoff   = 2 * time.Minute
)

var (
	errOutside   = errors.New("outside the source's domains")
	errTooLarge  = errors.New("too large")
	errRedirects = errors.New("too many redirects")
	errPatience  = errors.New("server asks to wait too long")
)

// attempt sends one request of a row again until it is answered for good, and
// says how many requests it took.
func (f *fetcher) attempt(ctx context.Context, r row) (reply, int, error) {
	for n := 1; ; n++ {
		rep, err := f.once(ctx, r)
		if ctx.Err() != nil {
			return rep, n, ctx.Err()
		}
		if n == f.limit.MaxAttempts || !passing(rep.status, err) {
			return rep, n, err
		}
		wait, asked := retryAfter(rep.header.Get("Retry-After"), f.hosts.clock.now())
		switch {
		case asked && wait > f.limit.MaxRetryAfter:
			return rep, n, fmt.Errorf("%w: %s", errPatience, wait)
		case asked:
			f.hosts.get(rep.host, f.limit).pause(f.hosts.clock.now().Add(wait))
		default:
			if err := f.hosts.clock.sleep(ctx, backoff(n)); err != nil {
				return rep, n, err
			}
		}
	}
}

// passing tells failures that may be gone at the next try.
func passing(status int, err error) bool {
	if err != nil {
		var dns *net.DNSError
		if errors.As(err, &dns) && dns.IsNotFound {
			return false
		}
		for _, final := range []error{errPrivate, errOutside, errRobots, errRedirects, errTooLarge, errRobotsUnreachable} {
			if errors.Is(err, final) {
				return false
			}
		}
		var cert *tls.CertificateVerificationError
		return !errors.As(err, &cert)
	}
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests,
		http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// backoff returns the wait after the n-th request.
func backoff(n int) time.Duration {
	return min(firstBackoff<<min(n-1, 16), maxBackoff)
}

// retryAfter reads the header of that name, seconds or an HTTP date (RFC 9110,
// section 10.2.3). It returns false when there is none that can be read.
func retryAfter(value string, now time.Time) (time.Duration, bool) {
	value = strings.TrimSpace(value)
	if value == "" {
		return 0, false
	}
	if seconds, err := strconv.ParseUint(value, 10, 32); err == nil {
		return time.Duration(seconds) * time.Second, true
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	return max(date.Sub(now), 0), true
}

// verdict says under which status and reason the failure of a request stands in
// the account.
func verdict(status int, err error) (string, string) {
	switch {
	case err == nil:
		return statusDead, strings.TrimSpace(fmt.Sprintf("http %d %s", status, http.StatusText(status)))
	case errors.Is(err, errPrivate): // before robots.txt, which stands at the same address
		return statusDropped, errPrivate.Error()
	case errors.Is(err, errRobotsUnreachable):
		return statusDead, errRobotsUnreachable.Error()
	}
	for _, rule := range []error{errOutside, errRobots, errTooLarge} {
		if errors.Is(err, rule) {
			return statusDropped, rule.Error()
		}
	}
	return statusDead, failure(err)
}

// failure names the kind of a network error.
func failure(err error) string {
	var timeout net.Error
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	switch {
	case errors.Is(err, errRedirects):
		return errRedirects.Error()
	case errors.Is(err, errPatience):
		return errPatience.Error()
	case errors.As(err, &dns):
		return "host not found"
	case errors.As(err, &cert):
		return "certificate"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "cut short"
	}
	return "connection"
}
