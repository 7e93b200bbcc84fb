// Package call carries what is known of one incoming call down to the edge:
// who makes it, how urgent its reads are, and how many calls to the cloud it
// cost. The server puts a Call into the context, the edge reads and counts,
// the access log writes the sum. It holds no rule of its own.
package call

import (
	"context"
	"sync/atomic"
)

// Call is one incoming RPC. Its methods are safe for concurrent use; a nil
// Call takes counts and forgets them.
type Call struct {
	// Caller names who calls, for fairness and for the log; "" is nobody in
	// particular, such as work that ecsd started by itself.
	Caller string
	// RequestID names the RPC in logs and spans.
	RequestID string

	cloudCalls atomic.Int64
	region     atomic.Pointer[string]
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

// Region is the first region that the RPC reached, "" where it reached none.
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

// From returns the Call in the context, nil where there is none.
func From(ctx context.Context) *Call {
	c, _ := ctx.Value(callKey{}).(*Call)
	return c
}

// Caller returns the caller's name, "" where there is none.
func Caller(ctx context.Context) string {
	if c := From(ctx); c != nil {
		return c.Caller
	}
	return ""
}
