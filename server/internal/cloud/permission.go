package cloud

import (
	"context"
	"sync"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	sdkecs "github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"

	"github.com/ecsd-io/ecsd/server/internal/cloud/answer"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

const (
	// permissionHolds is how long what may be read is believed to be.
	permissionHolds = time.Minute
	// permissionPatience bounds the check, which is nobody's own call.
	permissionPatience = 20 * time.Second
)

// permissions remembers which lists of which regions the account may read, and
// merges the checks that run at the same time.
type permissions struct {
	mu      sync.Mutex
	allowed map[list]time.Time
	checks  map[list]*check
}

// list is an action that lists, in one region.
type list struct{ action, region string }

// check is one dry run that is under way; done is closed when err is set.
type check struct {
	done chan struct{}
	err  error
}

// mayRead asks, by a dry run, whether the account may describe instances of
// the region.
func (e *Edge) mayRead(ctx context.Context, regionID string) error {
	return e.mayList(ctx, "DescribeInstances", regionID, func() requests.AcsRequest {
		r := sdkecs.CreateDescribeInstancesRequest()
		r.RegionId, r.DryRun = regionID, flag(true)
		return r
	})
}

// mayList asks, by a dry run that rehearse writes, whether an empty list means
// that there is nothing. A refusal is not remembered: it is mended in RAM at
// any time.
func (e *Edge) mayList(ctx context.Context, action, regionID string, rehearse func() requests.AcsRequest) error {
	p, key := &e.permissions, list{action, regionID}
	p.mu.Lock()
	if time.Since(p.allowed[key]) < permissionHolds {
		p.mu.Unlock()
		return nil
	}
	running := p.checks[key]
	if running == nil {
		running = &check{done: make(chan struct{})}
		started := e.run(func(life context.Context) {
			ask, cancel := context.WithTimeout(context.WithoutCancel(ctx), permissionPatience)
			defer cancel()
			defer context.AfterFunc(life, cancel)()
			running.err = e.do(ask, operation{
				action: action, region: regionID, dryRun: true,
				write: rehearse, read: answer.RequestID,
			})
			p.mu.Lock()
			if running.err == nil {
				p.allowed[key] = time.Now()
			}
			delete(p.checks, key)
			p.mu.Unlock()
			close(running.done)
		})
		if !started {
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

// closedError is what a call gets that comes after Close.
func (e *Edge) closedError(action, regionID string) *ecs.Error {
	return &ecs.Error{
		Reason: ecs.ReasonServerDraining, Message: action + " was not sent: the server is stopping",
		Retry: ecs.RetryBackoff, RegionID: regionID, Cause: errClosed,
	}
}
