// Package call carries facts about one incoming call down to the edge: the
// caller, the urgency of its reads, and the number of cloud calls that it
// caused. The server puts a Call into the context, the edge reads it and
// counts, the access log writes the sum. It holds no rule.
package call

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/access"
)

// Call is one incoming RPC. Its methods are safe for concurrent use; a nil
// Call takes counts and forgets them.
type Call struct {
	// Caller names the caller, for fairness and for the log; "" for work that ecsd
	// started.
	Caller string
	// Identity is the verified caller with its rights; its name is Caller. It is
	// nil for work that ecsd started, and on a server that identifies nobody.
	Identity *access.Identity
	// Right is the right of the caller to a stream, which can end; nil on a server
	// that identifies nobody.
	Right Right
	// RequestID names the RPC in logs and spans.
	RequestID string
	// Method is the name of the RPC, such as StopInstances, and MessageID the
	// request_id of its request, "" if it has none. They are set before the
	// handler runs.
	Method, MessageID string

	cloudCalls atomic.Int64
	region     atomic.Pointer[string]
}

// Right is the right of a caller to its stream.
type Right interface {
	// Check returns why the right has ended, nil if it has not. It is for one
	// goroutine at a time.
	Check(ctx context.Context) error
	// Until is how long it may remain unchecked, given what the caller wants.
	Until(wanted time.Duration) time.Duration
}

// CountCloudCall adds one call to the cloud in the region. A call that served
// several RPCs is counted for each of them.
func (c *Call) CountCloudCall(regionID string) {
	if c == nil {
		return
	}
	c.cloudCalls.Add(1)
	c.region.CompareAndSwap(nil, &regionID)
}

// CloudCalls is how many calls to the cloud this RPC took part in.
func (c *Call) CloudCalls() int64 {
	if c == nil {
		return 0
	}
	return c.cloudCalls.Load()
}

// Region returns the first region that the RPC reached, "" if none.
func (c *Call) Region() string {
	if c == nil {
		return ""
	}
	if region := c.region.Load(); region != nil {
		return *region
	}
	return ""
}

type callKey struct{}

// With returns a context that carries c.
func With(ctx context.Context, c *Call) context.Context {
	return context.WithValue(ctx, callKey{}, c)
}

// From returns the Call in the context, nil if there is none.
func From(ctx context.Context) *Call {
	c, _ := ctx.Value(callKey{}).(*Call)
	return c
}

// Caller returns the caller's name, "" if there is none.
func Caller(ctx context.Context) string {
	if c := From(ctx); c != nil {
		return c.Caller
	}
	return ""
}

// Identity returns the verified caller, nil if there is none.
func Identity(ctx context.Context) *access.Identity {
	if c := From(ctx); c != nil {
		return c.Identity
	}
	return nil
}
