package client

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// askPause is the least time between two calls of a token source, and tokenTimeout the longest that one may take.
const (
	askPause     = time.Second
	tokenTimeout = 30 * time.Second
)

// WithToken sends a token with every call: a static token of ecsd, or one of an OIDC issuer that the server trusts.
func WithToken(token string) Option {
	source := func(context.Context) (string, error) { return token, nil }
	return func(s *settings) { s.tokens = &tokens{source: source, fixed: true} }
}

// WithTokenSource sends the token that the function returns with every call. The client calls the function before the
// first call, and again if the server responds with UNAUTHENTICATED, at most once per second; then it repeats the call
// with the new token. So the function may read a file that another program replaces, or fetch a token from an issuer. Its
// error fails the call with UNAVAILABLE, and a watch tries again.
func WithTokenSource(source func(ctx context.Context) (string, error)) Option {
	return func(s *settings) { s.tokens = &tokens{source: source} }
}

// WithHeader adds an entry to the metadata of every call, such as one that a proxy requires.
func WithHeader(key, value string) Option {
	return func(s *settings) { s.headers = append(s.headers, strings.ToLower(key), value) }
}

// tokens holds the token that the source returned last. It implements credentials.PerRPCCredentials.
type tokens struct {
	source   func(ctx context.Context) (string, error)
	insecure bool
	// fixed reports that the source has only one token.
	fixed  bool
	asking singleflight.Group

	mu    sync.Mutex
	token string
	// stale reports that the server has refused the token.
	stale bool
	asked time.Time
}

// GetRequestMetadata returns the authorization of a call.
func (t *tokens) GetRequestMetadata(ctx context.Context, _ ...string) (map[string]string, error) {
	token, err := t.get(ctx)
	if err != nil {
		return nil, status.Errorf(codes.Unavailable, "the token source failed: %v", err)
	}
	return map[string]string{"authorization": "Bearer " + token}, nil
}

// RequireTransportSecurity keeps a token from a connection without TLS, unless WithInsecure permits one.
func (t *tokens) RequireTransportSecurity() bool { return !t.insecure }

// get returns the token. It asks the source if there is none, or if it was refused, with a pause in between.
func (t *tokens) get(ctx context.Context) (string, error) {
	t.mu.Lock()
	token, old := t.token, t.token == "" || t.stale
	waits := time.Since(t.asked) < askPause
	t.mu.Unlock()
	if token != "" && (!old || waits) {
		return token, nil
	}
	result := t.asking.DoChan("", func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tokenTimeout)
		defer cancel()
		token, err := t.source(ctx)
		t.mu.Lock()
		defer t.mu.Unlock()
		t.asked = time.Now()
		if err == nil && token == "" {
			err = fmt.Errorf("it returned no token")
		}
		if err == nil {
			t.stale, t.token = false, token
		}
		return token, err
	})
	select {
	case r := <-result:
		if r.Err != nil {
			return "", r.Err
		}
		return r.Val.(string), nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// current returns the token that calls use now, "" before the first.
func (t *tokens) current() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.token
}

// refused notes that the server refused a token. It reports whether there is another one.
func (t *tokens) refused(ctx context.Context, token string) bool {
	t.mu.Lock()
	if t.token == token {
		t.stale = true
	}
	t.mu.Unlock()
	next, err := t.get(ctx)
	return err == nil && next != token
}

// unary repeats a call that was refused with another token. The server does nothing before it has identified the caller,
// so that every call may be repeated.
func (t *tokens) unary(ctx context.Context, method string, req, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
	used := t.current()
	err := invoke(ctx, method, req, reply, conn, options...)
	if status.Code(err) != codes.Unauthenticated {
		return err
	}
	if used == "" {
		used = t.current()
	}
	if !t.refused(ctx, used) {
		return err
	}
	return invoke(ctx, method, req, reply, conn, options...)
}

// stream notes the token of a stream that the server refuses or ends. Its caller opens it again.
func (t *tokens) stream(ctx context.Context, desc *grpc.StreamDesc, conn *grpc.ClientConn, method string, open grpc.Streamer, options ...grpc.CallOption) (grpc.ClientStream, error) {
	s, err := open(ctx, desc, conn, method, options...)
	if err != nil {
		return nil, err
	}
	return &tokenStream{ClientStream: s, tokens: t, used: t.current()}, nil
}

type tokenStream struct {
	grpc.ClientStream
	tokens *tokens
	used   string
}

// RecvMsg receives a message.
func (s *tokenStream) RecvMsg(message any) error {
	err := s.ClientStream.RecvMsg(message)
	if status.Code(err) == codes.Unauthenticated {
		s.tokens.refused(s.Context(), s.used)
	}
	return err
}

func appendHeaders(ctx context.Context, pairs []string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, pairs...)
}

// withHeaders adds entries to the metadata of every call.
func withHeaders(pairs []string) (grpc.UnaryClientInterceptor, grpc.StreamClientInterceptor) {
	return func(ctx context.Context, method string, req, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
			return invoke(appendHeaders(ctx, pairs), method, req, reply, conn, options...)
		}, func(ctx context.Context, desc *grpc.StreamDesc, conn *grpc.ClientConn, method string, open grpc.Streamer, options ...grpc.CallOption) (grpc.ClientStream, error) {
			return open(appendHeaders(ctx, pairs), desc, conn, method, options...)
		}
}
