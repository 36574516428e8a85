package llm

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// maxAnswerBytes is the largest answer read.
const maxAnswerBytes = 32 << 20

// exchange is one call as it goes over the wire: the body in, the raw answer
// out. It travels in the request's context.
type exchange struct {
	body    []byte // replaces what the library wrote; nil for a GET
	attempt int    // 0 for the first

	status int // 0 until an answer has come
	header http.Header
	raw    []byte
	err    error // why raw is not whole
}

type exchangeKey struct{}

func (x *exchange) in(ctx context.Context) context.Context {
	return context.WithValue(ctx, exchangeKey{}, x)
}

// transport puts an exchange's prepared body on the wire, and keeps the raw
// answer and the headers. The library gets an empty object to decode: answers
// are read from the raw bytes, once.
type transport struct{ next http.RoundTripper }

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	x, ok := r.Context().Value(exchangeKey{}).(*exchange)
	if !ok {
		return t.next.RoundTrip(r)
	}
	if x.body != nil {
		r = r.Clone(r.Context()) // a RoundTripper must not change its request
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(x.body)), int64(len(x.body))
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(x.body)), nil }
		r.Header.Set("X-Stainless-Retry-Count", strconv.Itoa(x.attempt)) // what OpenAI's own clients send
	}
	response, err := t.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	x.raw, x.err = readAll(response)
	x.status, x.header = response.StatusCode, response.Header
	response.Body = io.NopCloser(bytes.NewReader([]byte("{}")))
	return response, nil
}

func readAll(response *http.Response) ([]byte, error) {
	defer response.Body.Close()
	if response.ContentLength > maxAnswerBytes {
		return nil, fmt.Errorf("the answer is %d bytes long; the limit is %d", response.ContentLength, maxAnswerBytes)
	}
	var b bytes.Buffer
	b.Grow(int(min(max(response.ContentLength, 0), 64<<10)) + bytes.MinRead)
	if _, err := b.ReadFrom(io.LimitReader(response.Body, maxAnswerBytes+1)); err != nil {
		return b.Bytes(), fmt.Errorf("the answer ends after %d bytes: %w", b.Len(), err)
	}
	if b.Len() > maxAnswerBytes {
		return nil, fmt.Errorf("the answer is longer than %d bytes", maxAnswerBytes)
	}
	return b.Bytes(), nil
}

// newTransport returns a transport that keeps a connection for each of n
// requests in flight. Deadlines come from the context: an answer that is not
// streamed may take minutes to begin.
func newTransport(n int) http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConns = 0
	t.MaxIdleConnsPerHost = n
	t.DisableCompression = true
	t.ResponseHeaderTimeout = 0
	t.WriteBufferSize, t.ReadBufferSize = 16<<10, 16<<10
	return transport{t}
}
