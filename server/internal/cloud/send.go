package cloud

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/ecsd-io/ecsd/server/internal/cloud/refusal"
)

const (
	userAgent = "ecsd (AlibabaCloud; " + sdkName + ")"
	sdkName   = "alibaba-cloud-sdk-go"
	// maxPageBytes and maxBytes bound one response: a page of 100 instances is
	// about 300 KB, one of 1,600 types 3 MB, a response without a list 2 KB.
	maxPageBytes = 32 << 20
	maxBytes     = 1 << 20
	// firstBytes bounds the memory reserved because of Content-Length. The rest
	// grows with the received data.
	firstBytes = 64 << 10
	// keepBuffer is the largest buffer that is kept for the next response.
	keepBuffer = 4 << 20
)

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// reply is one response. Its body is valid until release.
type reply struct {
	status int
	header http.Header
	body   *bytes.Buffer
}

func (r *reply) release() {
	if r.body != nil && r.body.Cap() <= keepBuffer {
		r.body.Reset()
		buffers.Put(r.body)
	}
	r.body = nil
}

// silence is a failure to get a response.
type silence struct {
	kind refusal.Silence
	// cause is the network's error. It is never shown: the text of an error may
	// hold the whole signed URL.
	cause error
}

// mostBytes is the largest response of an action: the Describe actions return
// lists.
func mostBytes(action string) int64 {
	if strings.HasPrefix(action, "Describe") {
		return maxPageBytes
	}
	return maxBytes
}

// exchange sends a signed request and reads up to limit bytes of response. The
// connection goes back to the pool or is closed, whatever happens.
func (e *Edge) exchange(signed *http.Request, limit int64) (reply, *silence) {
	var left atomic.Bool
	ctx := httptrace.WithClientTrace(signed.Context(), &httptrace.ClientTrace{
		// Called when the head of the request is about to be written. Until
		// then nothing can have been done by it.
		WroteHeaderField: func(string, []string) { left.Store(true) },
	})
	response, err := e.transport.RoundTrip(signed.WithContext(ctx))
	if err != nil {
		kind := refusal.NoAnswer
		var refused *proxyRefusedError
		switch {
		case errors.As(err, &refused):
			kind = refusal.ProxyRefused
		case !left.Load():
			kind = refusal.NotSent
		case isTimeout(err):
			kind = refusal.TimedOut
		}
		return reply{}, &silence{kind, err}
	}
	defer response.Body.Close()
	body := buffers.Get().(*bytes.Buffer)
	body.Reset()
	answer := reply{status: response.StatusCode, header: response.Header, body: body}
	if n := min(response.ContentLength, firstBytes); n > 0 {
		// ReadFrom grows the buffer unless this much is free past the body.
		body.Grow(int(n) + bytes.MinRead)
	}
	n, err := body.ReadFrom(io.LimitReader(response.Body, limit+1))
	switch {
	case err != nil && isTimeout(err):
		answer.release()
		return reply{}, &silence{refusal.TimedOut, err}
	case err != nil:
		answer.release()
		return reply{}, &silence{refusal.BrokenAnswer, err}
	case n > limit:
		answer.release()
		return reply{}, &silence{refusal.BrokenAnswer, fmt.Errorf("the response exceeds %d bytes", limit)}
	}
	return answer, nil
}

// isTimeout reports whether an error is the end of some context's time or of a
// network's own.
func isTimeout(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.Is(err, context.DeadlineExceeded) || (errors.As(err, &timeout) && timeout.Timeout())
}
