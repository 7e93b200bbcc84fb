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

// WithCaller sets the name of the calling program. The server logs it, and each name gets a fair share of the cloud's
// rate limit and of the watches. A name has 1 to 64 letters, digits and . _ - : / @ +. Without a name the server uses
// the host of the connection. An ecsd-caller entry in the outgoing metadata of a context takes precedence.
func WithCaller(name string) Option {
	return func(s *settings) { s.caller, s.named = name, true }
}

// WithTLS sets the TLS configuration, such as roots, client certificate or server name. The default is the system's
// roots and TLS 1.2 or later. With GetClientCertificate, a watch survives the end of a certificate: it connects again,
// and the function returns the new one.
func WithTLS(config *tls.Config) Option {
	return func(s *settings) { s.tls = config.Clone() }
}

// WithInsecure disables TLS, also for tokens, for a server at localhost or behind a proxy that terminates TLS.
func WithInsecure() Option {
	return func(s *settings) { s.insecure = true }
}

// WithBackoff sets the delay after a failure, of calls and of watches: a random delay between base and a limit that starts
// at twice base and doubles per failure up to most. The delay that the server asks for replaces it. The defaults are 0.1 s
// and 10 s.
func WithBackoff(base, most time.Duration) Option {
	return func(s *settings) { s.backoff = backoffBounds{base, most} }
}

// WithTimeout sets the deadline of unary calls without one in their context. The default is one minute; 0 sets none. Watches and
// Wait have no deadline but that of their context.
func WithTimeout(d time.Duration) Option {
	return func(s *settings) { s.timeout = d }
}

// WithGRPC adds gRPC dial options, such as per-call credentials, a stats handler, interceptors or a dialer. They are
// applied last, so they override those of Dial.
func WithGRPC(options ...grpc.DialOption) Option {
	return func(s *settings) { s.dial = append(s.dial, options...) }
}

type settings struct {
	caller   string
	named    bool
	tls      *tls.Config
	insecure bool
	backoff  backoffBounds
	timeout  time.Duration
	tokens   *tokens
	headers  []string
	dial     []grpc.DialOption
}

func defaultSettings() settings {
	return settings{backoff: backoffBounds{base: 100 * time.Millisecond, most: 10 * time.Second}, timeout: defaultTimeout}
}

func (s *settings) check() error {
	if s.named && !isCallerName(s.caller) {
		return fmt.Errorf("the caller name %q must be 1 to %d letters, digits and . _ - : / @ +", s.caller, longestCaller)
	}
	if s.insecure && s.tls != nil {
		return errors.New("WithInsecure and WithTLS exclude each other")
	}
	if s.timeout < 0 {
		return fmt.Errorf("the timeout must not be below 0; got %s", s.timeout)
	}
	if s.backoff.base <= 0 || s.backoff.most < s.backoff.base {
		return fmt.Errorf("the back-off must have a base above 0 and a most that is not below it; got %s and %s", s.backoff.base, s.backoff.most)
	}
	return nil
}

// renews reports whether the client can get another credential if the server refuses one.
func (s *settings) renews() bool {
	return s.tokens != nil && !s.tokens.fixed || s.tls != nil && s.tls.GetClientCertificate != nil
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
