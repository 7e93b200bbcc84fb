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
	// permissionHolds is how long a region that may be read is believed to be.
	permissionHolds = time.Minute
	// permissionPatience bounds the check, which is nobody's own call.
	permissionPatience = 20 * time.Second
)

// permissions remembers which regions the account may read, and merges the
// checks that run at the same time.
type permissions struct {
	mu      sync.Mutex
	allowed map[string]time.Time
	checks  map[string]*check
}

// check is one dry run that is under way; done is closed when err is set.
type check struct {
	done chan struct{}
	err  error
}

// mayRead asks, by a dry run, whether the account may describe instances of
// the region. A refusal is not remembered: it is mended in RAM at any time.
func (e *Edge) mayRead(ctx context.Context, regionID string) error {
	p := &e.permissions
	p.mu.Lock()
	if time.Since(p.allowed[regionID]) < permissionHolds {
		p.mu.Unlock()
		return nil
	}
	running := p.checks[regionID]
	if running == nil {
		running = &check{done: make(chan struct{})}
		started := e.run(func(life context.Context) {
			life, cancel := context.WithTimeout(context.WithoutCancel(ctx), permissionPatience)
			defer cancel()
			defer context.AfterFunc(e.life, cancel)()
			running.err = e.dryRun(life, regionID)
			p.mu.Lock()
			if running.err == nil {
				p.allowed[regionID] = time.Now()
			}
			delete(p.checks, regionID)
			p.mu.Unlock()
			close(running.done)
		})
		if !started {
			p.mu.Unlock()
			return e.closedError("DescribeInstances", regionID)
		}
		p.checks[regionID] = running
	}
	p.mu.Unlock()
	select {
	case <-running.done:
		return running.err
	case <-ctx.Done():
		return e.silent(ctx, operation{action: "DescribeInstances", region: regionID}, silence{}).failure
	}
}

// dryRun returns nil where the cloud would have answered.
func (e *Edge) dryRun(ctx context.Context, regionID string) error {
	return e.do(ctx, operation{
		action: "DescribeInstances",
		region: regionID,
		dryRun: true,
		write: func() requests.AcsRequest {
			r := sdkecs.CreateDescribeInstancesRequest()
			r.RegionId, r.DryRun = regionID, requests.NewBoolean(true)
			return r
		},
		read: answer.RequestID,
	})
}

// closedError is what a call gets that comes after Close.
func (e *Edge) closedError(action, regionID string) *ecs.Error {
	return &ecs.Error{
		Reason: ecs.ReasonServerDraining, Message: action + " was not sent: the server is stopping",
		Retry: ecs.RetryBackoff, RegionID: regionID, Cause: errClosed,
	}
}
