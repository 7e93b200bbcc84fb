package watch_test

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/changelog"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/watch"
)

// link is a service's connection to the log. If it is broken before the service is
// closed, the service leaves nothing behind, as if it was killed.
type link struct {
	*fakeLog

	broken atomic.Bool
}

var _ watch.Log = (*link)(nil)

var errBroken = errors.New("connection lost")

func (l *link) Append(ctx context.Context, lease ecs.Lease, known changelog.Position, regionID string, changes []changelog.Change) (changelog.Revision, error) {
	if l.broken.Load() {
		return changelog.Revision{}, errBroken
	}
	return l.fakeLog.Append(ctx, lease, known, regionID, changes)
}

func (l *link) RenewLease(ctx context.Context, lease ecs.Lease, ttl time.Duration, note []byte) (ecs.Lease, error) {
	if l.broken.Load() {
		return lease, errBroken
	}
	return l.fakeLog.RenewLease(ctx, lease, ttl, note)
}

func (l *link) ReleaseLease(ctx context.Context, lease ecs.Lease) error {
	if l.broken.Load() {
		return errBroken
	}
	return l.fakeLog.ReleaseLease(ctx, lease)
}
