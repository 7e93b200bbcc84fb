package client

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/grpc/codes"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

const (
	// waitAtOnce is how long one call of Wait lasts, so that none hangs on a
	// server that is silent, and load spreads.
	waitAtOnce = 5 * time.Minute
	// soon is before what a call that waits should not fail for its deadline.
	soon = time.Second
)

// Wait is WaitInstances that goes on where the server or the network does not:
// it returns when each of up to 1,000 instances of a region has the status, or
// cannot get it any more, with one result an id in the order asked. It waits as
// long as the context allows, for ever where that has no deadline.
//
// At the deadline it is DEADLINE_EXCEEDED, and where the server could still say
// so, the error's metadata names those on the way (pending_instance_ids,
// separated by commas). Other errors are those of WaitInstances that do not
// pass by themselves: INVALID_FIELD, UNKNOWN_REGION, TOO_MANY_WATCHED_IDS.
// Errors of a single id, in its result: INSTANCE_NOT_FOUND, INSTANCE_LOCKED.
//
// An instance that had the status while the server could not be asked, and left
// it again, is waited for again.
func (c *Client) Wait(ctx context.Context, request *ecsdv1.WaitInstancesRequest) ([]*ecsdv1.InstanceResult, error) {
	wait := backoff{backoffBounds: c.backoff}
	for {
		began := time.Now()
		results, own, err := c.waitOnce(ctx, request)
		if err == nil {
			return results, nil
		}
		e := ErrorOf(err)
		overtime := own && e.Code == codes.DeadlineExceeded
		if !overtime && (e.Code == codes.DeadlineExceeded || !c.passing(e)) || ctx.Err() != nil {
			return nil, fmt.Errorf("wait for instances: %w", err)
		}
		if overtime && time.Since(began) > soon {
			wait.reset()
			continue
		}
		if !sleep(ctx, wait.next(e.RetryDelay)) {
			// That time is up does not say why.
			late := ErrorOf(ctx.Err())
			late.Message = fmt.Sprintf("wait for instances: %s; the last call failed: %s", ctx.Err(), e)
			return nil, late
		}
	}
}

// waitOnce makes one call. own reports whether its deadline is its own rather
// than the caller's.
func (c *Client) waitOnce(ctx context.Context, request *ecsdv1.WaitInstancesRequest) (_ []*ecsdv1.InstanceResult, own bool, _ error) {
	if deadline, ok := ctx.Deadline(); !ok || time.Until(deadline) > waitAtOnce {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, waitAtOnce)
		defer cancel()
		own = true
	}
	answer, err := c.Instances().WaitInstances(ctx, request)
	return answer.GetResults(), own, err
}
