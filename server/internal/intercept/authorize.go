package intercept

import (
	"context"
	"fmt"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"

	"github.com/ecsd-io/ecsd/server/internal/access"
	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/identity"
)

// CredentialKey is the metadata key of a bearer token.
const CredentialKey = "authorization"

// rightCheck is how long the right to a stream may remain unchecked.
const rightCheck = 10 * time.Second

// Authority verifies credentials.
type Authority interface {
	// Verify returns the caller of a credential.
	Verify(ctx context.Context, c identity.Credential) (*access.Identity, error)
	// Epoch rises whenever a verified credential may have lost its right.
	Epoch() uint64
}

// authorizer decides whether a caller may call a method. It is the one place
// where scopes are checked.
type authorizer struct{ cfg Config }

func (a *authorizer) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	if err := a.authorize(ctx, info.FullMethod); err != nil {
		return nil, err
	}
	return handler(ctx, req)
}

// authorize identifies the caller of a method, and returns an error if it may
// not call it.
func (a *authorizer) authorize(ctx context.Context, method string) error {
	probe := isProbe(strings.TrimPrefix(method, "/"))
	if a.cfg.Authority == nil {
		if probe {
			return nil
		}
		return badCaller(ctx)
	}
	if probe && (!a.cfg.ReflectionAuthenticated || isHealth(method)) {
		return nil
	}
	id, err := a.verify(ctx)
	if err != nil {
		return err
	}
	c := call.From(ctx)
	c.Caller, c.Identity = id.Caller.Name, id
	if span := trace.SpanFromContext(ctx); span.IsRecording() {
		span.SetAttributes(attribute.String("ecsd.caller", c.Caller))
	}
	if probe {
		return nil
	}
	return a.permit(id, method)
}

// verify verifies the credential of a call. If it is a certificate that is
// refused, its connection ends, so that the client can present another one.
func (a *authorizer) verify(ctx context.Context) (*access.Identity, error) {
	c := credentialOf(ctx)
	id, err := a.cfg.Authority.Verify(ctx, c)
	if c.Bearer == "" && !c.Malformed && len(c.Chain) > 0 {
		certified(ctx, err == nil)
	}
	return id, err
}

// permit returns an error unless the caller has the scope of a method. No
// caller has that of a method without one.
func (a *authorizer) permit(id *access.Identity, method string) error {
	scope := a.cfg.Scope(method)
	if id.Has(scope) {
		return nil
	}
	return NotPermitted(id, scope)
}

// NotPermitted is the error of a caller without a scope.
func NotPermitted(id *access.Identity, scope access.Scope) *ecs.Error {
	err := ecs.Errorf(ecs.ReasonPermissionDenied, "the call requires the scope %s, which the caller does not have", scope)
	err.Facts = map[string]string{"scope": string(scope)}
	err.Cause = fmt.Errorf("caller %s has the scopes %s", id.Caller.Name, id.Caller.Scopes)
	return err
}

// right is the right to a stream, from when it was opened.
type right struct {
	authorizer *authorizer
	method     string
	identity   *access.Identity
	epoch      uint64
}

// open adds the right to a stream that has been authorized.
func (a *authorizer) open(ctx context.Context, method string, epoch uint64) {
	if c := call.From(ctx); c.Identity != nil {
		c.Right = &right{authorizer: a, method: method, identity: c.Identity, epoch: epoch}
	}
}

// Until returns rightCheck, or less if the caller wants less or its credential
// ends before.
func (r *right) Until(wanted time.Duration) time.Duration {
	wait := min(wanted, rightCheck)
	if end := r.identity.Expires; !end.IsZero() {
		wait = min(wait, max(0, time.Until(end)))
	}
	return wait
}

// Check compares the credential with the clock, and verifies it again if its
// right may have changed.
func (r *right) Check(ctx context.Context) error {
	if r.identity.ExpiredAt(time.Now()) {
		_, _ = r.authorizer.verify(ctx) // closes a connection whose certificate has ended
		return identity.Expired(fmt.Errorf("the credential of caller %s ended during the stream", r.identity.Caller.Name))
	}
	epoch := r.authorizer.cfg.Authority.Epoch()
	if epoch == r.epoch {
		return nil
	}
	id, err := r.authorizer.verify(ctx)
	switch {
	case ecs.HasReason(err, ecs.ReasonUnauthenticated):
		return identity.Expired(ecs.AsError(err).Cause) // it was valid
	case err != nil:
		return err
	case id.Caller.Name != r.identity.Caller.Name:
		return identity.Expired(fmt.Errorf("the credential of caller %s is now that of %s", r.identity.Caller.Name, id.Caller.Name))
	}
	if err := r.authorizer.permit(id, r.method); err != nil {
		return err
	}
	if !id.Caller.Limits.Equal(r.identity.Caller.Limits) {
		return changedLimits()
	}
	r.identity, r.epoch = id, epoch
	return nil
}

// changedLimits ends a stream that was opened under other limits; the next one
// has the new ones.
func changedLimits() error {
	err := ecs.Errorf(ecs.ReasonServerDraining, "the limits of the caller changed; open the stream again")
	err.Retry, err.RetryAfter = ecs.RetryWait, overloadRetryAfter
	return err
}

// credentialOf reads the credential of a call. More than one is none, because
// it would not be clear which one counts.
func credentialOf(ctx context.Context) identity.Credential {
	var c identity.Credential
	switch values := metadata.ValueFromIncomingContext(ctx, CredentialKey); len(values) {
	case 0:
	case 1:
		scheme, token, _ := strings.Cut(values[0], " ")
		if c.Bearer = token; token == "" || !strings.EqualFold(scheme, "bearer") {
			c.Malformed = true
		}
	default:
		c.Malformed = true
	}
	if p, ok := peer.FromContext(ctx); ok {
		if info, ok := p.AuthInfo.(connectionInfo); ok {
			c.Chain = info.State.PeerCertificates
		}
	}
	return c
}

// isHealth reports whether a method is of the health service.
func isHealth(method string) bool { return strings.HasPrefix(method, "/grpc.health.") }
