package crawl

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"syscall"
	"time"
)

var errPrivate = errors.New("private address")

// declaredType carries the server's Content-Type to where it is judged; see
// transport.RoundTrip.
const declaredType = "Luth-Content-Type"

// transport sends one request, redirects not followed, when the host may be
// asked.
type transport struct {
	base    http.RoundTripper
	hosts   *hosts
	limit   Limits
	agent   string
	timeout time.Duration
}

// RoundTrip waits for the host and sends the request. The timeout counts from
// then, so it is set here and not in the client: the wait may be long.
//
// Colly would recode any body whose Content-Type names a charset, PDF files
// included, and would unzip without a limit what looks like gzip. So the
// declared type travels under another name and the body is marked as plain.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	release, err := t.hosts.acquire(req.Context(), t.hosts.get(req.URL.Host, t.limit))
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(req.Context(), t.timeout)
	end := func() {
		cancel()
		release()
	}
	req = req.Clone(ctx)
	req.Header.Set("User-Agent", t.agent)
	resp, err := t.base.RoundTrip(req)
	if err != nil {
		end()
		return nil, err
	}
	resp.Body = &heldBody{resp.Body, end}
	if resp.Header.Get("Location") != "" {
		// The client asks whether to follow before it closes the body, and to
		// answer may take a request to the same host.
		resp.Body.Close()
		resp.Body = http.NoBody
	}
	resp.Header.Set(declaredType, resp.Header.Get("Content-Type"))
	resp.Header.Set("Content-Type", "application/octet-stream")
	resp.Uncompressed = true
	return resp, nil
}

// heldBody ends the request when the body is closed.
type heldBody struct {
	io.ReadCloser
	end func()
}

func (b *heldBody) Close() error {
	defer b.end()
	return b.ReadCloser.Close()
}

// network returns the transport that really dials. Hosts in resolve are dialled
// where it says; other addresses must be public unless allowPrivate. The check is made
// on the resolved address at the moment of dialling, so a name that changes
// its address between check and use gains nothing. Proxies of the environment are not
// used, because behind one the check would be in vain.
func network(resolve map[string]string, allowPrivate bool, timeout time.Duration) http.RoundTripper {
	guarded := &net.Dialer{Timeout: timeout, Control: func(_, address string, _ syscall.RawConn) error {
		if !allowPrivate && !isPublic(address) {
			return errPrivate
		}
		return nil
	}}
	mapped := &net.Dialer{Timeout: timeout}
	return &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			host, port, err := net.SplitHostPort(address)
			if err != nil {
				return nil, err
			}
			for _, name := range []string{address, host} {
				if to, ok := resolve[name]; ok {
					if _, _, err := net.SplitHostPort(to); err != nil {
						to = net.JoinHostPort(to, port)
					}
					return mapped.DialContext(ctx, network, to)
				}
			}
			return guarded.DialContext(ctx, network, address)
		},
		ForceAttemptHTTP2:      true,
		TLSHandshakeTimeout:    timeout,
		ResponseHeaderTimeout:  timeout,
		IdleConnTimeout:        time.Minute,
		MaxIdleConnsPerHost:    2,
		MaxResponseHeaderBytes: 256 << 10,
	}
}
