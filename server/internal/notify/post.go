package notify

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

const (
	// sendTimeout bounds one send: connection, request and response.
	sendTimeout = 20 * time.Second
	// dialTimeout bounds the connection to a receiver, TLS included.
	dialTimeout = 10 * time.Second
	// maxResponseBytes bounds what is read of a response.
	maxResponseBytes = 64 << 10
	// maxRetryAfter bounds the wait that a receiver can ask for.
	maxRetryAfter = 24 * time.Hour
	// maxErrorBytes bounds the error that is stored with a receiver.
	maxErrorBytes = 300
)

// sendError is a send without an acknowledgement. Its text holds no secret.
type sendError struct {
	text string
	// ambiguous: the receiver may have accepted the message.
	ambiguous bool
	// after is the wait that the receiver asked for, zero for none.
	after time.Duration
}

// Error returns the text.
func (e *sendError) Error() string { return e.text }

// poster posts to one receiver.
type poster struct {
	receiver Receiver
	client   *http.Client
}

func newPoster(receiver Receiver, timeout time.Duration) *poster {
	dialer := &net.Dialer{Timeout: dialTimeout}
	return &poster{receiver: receiver, client: &http.Client{
		Timeout: timeout,
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, DialContext: dialer.DialContext, TLSHandshakeTimeout: dialTimeout,
			TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: receiver.roots},
			// A receiver gets some messages per day.
			DisableKeepAlives: true, MaxResponseHeaderBytes: maxResponseBytes, ForceAttemptHTTP2: true,
		},
		// The target of a redirect is not the receiver that the operator chose.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// close closes the connections.
func (p *poster) close() { p.client.CloseIdleConnections() }

// post sends a message once. It returns nil if the receiver acknowledged it,
// else a *sendError.
func (p *poster) post(ctx context.Context, m notice, now time.Time) error {
	sent, err := p.receiver.request(m, now)
	if err != nil {
		return &sendError{text: p.scrub(err.Error())}
	}
	var begun atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { begun.Store(true) }})
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, sent.url, bytes.NewReader(sent.body))
	if err != nil {
		return &sendError{text: p.scrub(bare(err).Error())}
	}
	request.Header.Set("Content-Type", "application/json; charset=utf-8")
	request.Header.Set("User-Agent", "ecsd")
	for name, value := range sent.header {
		request.Header.Set(name, value)
	}
	response, err := p.client.Do(request)
	if err != nil {
		return p.lost(err, begun.Load())
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxResponseBytes))
	switch code := response.StatusCode; {
	case code >= 300 && code < 400:
		return &sendError{text: fmt.Sprintf("HTTP status %d: redirects are not followed, set the URL of the target", code)}
	case code < 200 || code >= 300:
		return &sendError{text: fmt.Sprintf("HTTP status %d", code), ambiguous: code >= 500, after: retryAfter(response.Header, now)}
	case err != nil && p.receiver.Kind.chat(): // the acknowledgement is in the body
		return p.lost(err, true)
	}
	if p.receiver.Kind.chat() {
		if err := acknowledged(body); err != nil {
			return &sendError{text: p.scrub(err.Error())}
		}
	}
	return nil
}

// lost is a send without a complete response. There is no doubt only if nothing
// of the request was sent.
func (p *poster) lost(err error, begun bool) *sendError {
	if begun {
		return &sendError{text: p.scrub("no response, it may have been accepted: " + bare(err).Error()), ambiguous: true}
	}
	return &sendError{text: p.scrub("not sent: " + bare(err).Error())}
}

// bare removes the URL from an error.
func bare(err error) error {
	var of *url.Error
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}

// scrub removes the secrets of the receiver from a text, and shortens it.
func (p *poster) scrub(text string) string {
	hide := []string{p.receiver.url.reveal(), p.receiver.secret.reveal()}
	if u, err := url.Parse(p.receiver.url.reveal()); err == nil {
		for _, values := range u.Query() {
			hide = append(hide, values...)
		}
		hide = append(hide, u.RequestURI(), strings.Trim(u.Path, "/"))
		if password, ok := u.User.Password(); ok {
			hide = append(hide, password)
		}
		if i := strings.LastIndex(u.Path, "/"); i >= 0 {
			hide = append(hide, u.Path[i+1:])
		}
	}
	for _, s := range hide {
		if len(s) > 7 { // a shorter text is no secret, and would hide words
			text = strings.ReplaceAll(text, s, "[secret]")
		}
	}
	return ecs.Clip(plain(text), maxErrorBytes)
}

// plain replaces the characters that would break a line.
func plain(text string) string {
	return strings.ToValidUTF8(strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f || c == '\u2028' || c == '\u2029' {
			return ' '
		}
		return c
	}, text), "?")
}

// retryAfter returns the wait of a Retry-After header, in seconds or as a date.
func retryAfter(header http.Header, now time.Time) time.Duration {
	value := header.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil {
		return min(max(0, time.Duration(min(seconds, int(maxRetryAfter/time.Second)))*time.Second), maxRetryAfter)
	}
	if date, err := http.ParseTime(value); err == nil {
		return min(max(0, date.Sub(now)), maxRetryAfter)
	}
	return 0
}
