package cloud

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	sdkecs "github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"

	"github.com/ecsd-io/ecsd/server/internal/cloud/answer"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/rescue"
)

// checkTimeout bounds a check, which runs on after its callers left.
const checkTimeout = 20 * time.Second

// permissions holds the proofs that the account may read a list of a region,
// and merges the checks that run at the same time.
type permissions struct {
	mu     sync.Mutex
	proofs map[list]time.Time
	checks map[list]*check
}

// list is an action that lists, in one region.
type list struct{ action, region string }

// check is one dry run that runs; done is closed when err is set.
type check struct {
	began time.Time
	done  chan struct{}
	err   error
}

// proved notes that a call which began then showed that the list may be read.
// Only a response with content or a dry run proves it: without permission the
// cloud may return an empty list.
func (p *permissions) proved(key list, began time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if began.After(p.proofs[key]) {
		p.proofs[key] = began
	}
}

// mayRead is mayList for DescribeInstances.
func (e *Edge) mayRead(ctx context.Context, regionID string, since time.Time) error {
	return e.mayList(ctx, "DescribeInstances", regionID, since, func() requests.AcsRequest {
		r := sdkecs.CreateDescribeInstancesRequest()
		r.RegionId, r.DryRun = regionID, flag(true)
		return r
	})
}

// ProveRead makes a dry run to check whether the account may describe these
// instances now, 100 per call. The cloud does not show an account the instances
// that it may not read, so a read that did not show one proves nothing without
// this.
func (e *Edge) ProveRead(ctx context.Context, regionID string, ids []string) error {
	for some := range slices.Chunk(ids, maxIDs) {
		err := e.do(ctx, operation{
			action: "DescribeInstances", region: regionID, dryRun: true, read: answer.RequestID,
			write: func() requests.AcsRequest {
				r := sdkecs.CreateDescribeInstancesRequest()
				r.RegionId, r.InstanceIds, r.DryRun = regionID, jsonList(some), flag(true)
				return r
			},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// mayList checks the meaning of an empty list that was requested at since: nil
// if there is nothing, else the refusal. It takes a proof of the same action
// and region that began later than that, or makes the dry run written by
// dryRun. An older proof does not count: the permission may have gone since.
func (e *Edge) mayList(ctx context.Context, action, regionID string, since time.Time, dryRun func() requests.AcsRequest) error {
	p, key := &e.permissions, list{action, regionID}
	p.mu.Lock()
	if !p.proofs[key].Before(since) {
		p.mu.Unlock()
		return nil
	}
	running := p.checks[key]
	if running == nil || running.began.Before(since) {
		running = &check{began: time.Now(), done: make(chan struct{})}
		if !e.run(func(life context.Context) { e.check(ctx, life, key, running, dryRun) }) {
			p.mu.Unlock()
			return e.closedError(action, regionID)
		}
		p.checks[key] = running
	}
	p.mu.Unlock()
	select {
	case <-running.done:
		return running.err
	case <-ctx.Done():
		return e.silent(ctx, operation{action: action, region: regionID}, silence{}).failure
	}
}

// check makes one dry run, in the lane of the first caller that needs it.
func (e *Edge) check(ctx, life context.Context, key list, running *check, dryRun func() requests.AcsRequest) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), checkTimeout)
	defer cancel()
	defer context.AfterFunc(life, cancel)()
	running.err = e.tryList(ctx, key, dryRun)
	p := &e.permissions
	if running.err == nil {
		p.proved(key, running.began)
	}
	p.mu.Lock()
	if p.checks[key] == running {
		delete(p.checks, key)
	}
	p.mu.Unlock()
	close(running.done)
}

// tryList makes the dry run. Its panic is an error of all waiting callers.
func (e *Edge) tryList(ctx context.Context, key list, dryRun func() requests.AcsRequest) (err error) {
	defer rescue.Into(&err)
	return e.do(ctx, operation{action: key.action, region: key.region, dryRun: true, write: dryRun, read: answer.RequestID})
}

// closedError is the error of a call after Close.
func (e *Edge) closedError(action, regionID string) *ecs.Error {
	return &ecs.Error{
		Reason: ecs.ReasonServerDraining, Message: action + " was not sent: the server is stopping",
		Retry: ecs.RetryBackoff, RegionID: regionID, Cause: errClosed,
	}
}
