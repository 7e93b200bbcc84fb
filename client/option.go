package client

import (
	"crypto/tls"
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
)

// Option is a setting of Dial.
type Option func(*settings)

// WithCaller names the calling program: the server's log tells it, and callers
// of different names get fair shares of the cloud's rate limit and of the
// watches. 1 to 64 letters, digits and . _ - : / @ +. Without it the server
// takes the host of the connection. A context whose outgoing metadata holds
// ecsd-caller already keeps it.
func WithCaller(name string) Option {
	return func(s *settings) { s.caller, s.named = name, true }
}

// WithTLS sets the roots, the certificate or the name of the server. Without it
// the system's roots are taken and TLS 1.2 is the least.
func WithTLS(config *tls.Config) Option {
	return func(s *settings) { s.tls = config.Clone() }
}

// WithInsecure speaks without TLS, for a server at localhost or behind a proxy
// that does TLS.
func WithInsecure() Option {
	return func(s *settings) { s.insecure = true }
}

// WithBackoff bounds how long Watch, WatchReclaims and Wait stay away after a
// failure: at random up to the base, which doubles with each failure up to the
// most, and on top of what the server asks for. The default is 0.5 s and 10 s.
func WithBackoff(base, most time.Duration) Option {
	return func(s *settings) { s.backoff = backoffBounds{base, most} }
}

// WithGRPC adds options of gRPC, such as credentials for each call, a stats
// handler, interceptors or a dialer. They come last, so they win over those
// that Dial sets.
func WithGRPC(options ...grpc.DialOption) Option {
	return func(s *settings) { s.dial = append(s.dial, options...) }
}

type settings struct {
	caller   string
	named    bool
	tls      *tls.Config
	insecure bool
	backoff  backoffBounds
	dial     []grpc.DialOption
}

func defaultSettings() settings {
	return settings{backoff: backoffBounds{base: 500 * time.Millisecond, most: 10 * time.Second}}
}

func (s *settings) check() error {
	if s.named && !isCallerName(s.caller) {
		return fmt.Errorf("the caller name %q must be 1 to %d letters, digits and . _ - : / @ +", s.caller, longestCaller)
	}
	if s.insecure && s.tls != nil {
		return errors.New("WithInsecure and WithTLS exclude each other")
	}
	if s.backoff.base <= 0 || s.backoff.most < s.backoff.base {
		return fmt.Errorf("the back-off must have a base above 0 and a most that is not below it; got %s and %s", s.backoff.base, s.backoff.most)
	}
	return nil
}

func (s *settings) credentials() credentials.TransportCredentials {
	switch {
	case s.insecure:
		return insecure.NewCredentials()
	case s.tls != nil:
		return credentials.NewTLS(s.tls)
	}
	return credentials.NewTLS(&tls.Config{MinVersion: tls.VersionTLS12})
}
