package client

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/grpc/codes"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

const (
	// waitAtOnce limits one call of Wait, so that none hangs on a silent server, and load spreads.
	waitAtOnce = 5 * time.Minute
	// soon is the margin before the deadline within which a wait does not start another call.
	soon = time.Second
)

// Wait is WaitInstances across failures of the server and the network. It returns when each of up to 1,000 instances of
// a region has the status, or can no longer reach it, with one result per ID, in request order. It waits as long as the
// context permits; without a deadline, indefinitely. If it cannot connect at the beginning, it fails like other calls.
//
// At the deadline the error is DEADLINE_EXCEEDED. If the server was reachable, its metadata lists the pending instances
// (pending_instance_ids, separated by commas). Other errors are those of WaitInstances that a retry cannot fix:
// INVALID_FIELD, UNKNOWN_REGION, TOO_MANY_WATCHED_IDS. A result may have an error for its ID: INSTANCE_NOT_FOUND,
// INSTANCE_LOCKED.
//
// If an instance reaches the status and leaves it again while the server is unreachable, Wait continues to wait for it.
func (c *Client) Wait(ctx context.Context, request *ecsdv1.WaitInstancesRequest) ([]*ecsdv1.InstanceResult, error) {
	wait := backoff{backoffBounds: c.backoff}
	// failed is the latest failure that a retry may fix.
	var failed *Error
	reached := false
	for attempt := 1; ; attempt++ {
		began := time.Now()
		results, own, err := c.waitOnce(ctx, request)
		if err == nil {
			return results, nil
		}
		e := ErrorOf(err)
		reached = reached || e.connecting == connected
		overtime := own && e.Code == codes.DeadlineExceeded
		switch ended := ctx.Err() != nil || e.Code == codes.DeadlineExceeded && !overtime; {
		case ended && failed != nil && e.Metadata == nil:
			return nil, waitEnded(ctx, failed)
		case ended, !overtime && !c.passing(e), !reached && attempt >= maxAttempts:
			return nil, fmt.Errorf("wait for instances: %w", err)
		case overtime && time.Since(began) > soon:
			wait.reset()
			failed = nil
			continue
		}
		failed = e
		if !sleep(ctx, wait.next(e.RetryDelay)) {
			return nil, waitEnded(ctx, failed)
		}
	}
}

// waitEnded is the error of a wait whose context ended after a failure: an expired deadline alone does not explain it.
func waitEnded(ctx context.Context, failed *Error) error {
	cause := ctx.Err()
	if cause == nil {
		cause = context.DeadlineExceeded // The server's clock ended the call a moment earlier.
	}
	e := ErrorOf(cause)
	e.Message = fmt.Sprintf("wait for instances: %s; the last call failed: %s", cause, failed)
	return e
}

// waitOnce makes one call. own reports whether its deadline is its own and not the caller's.
func (c *Client) waitOnce(ctx context.Context, request *ecsdv1.WaitInstancesRequest) (_ []*ecsdv1.InstanceResult, own bool, _ error) {
	if deadline, ok := ctx.Deadline(); !ok || time.Until(deadline) > waitAtOnce {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, waitAtOnce)
		defer cancel()
		own = true
	}
	answer, err := c.Instances().WaitInstances(once(ctx), request)
	return answer.GetResults(), own, err
}
