package watch

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/sleep"
)

// One process polls a region: the one that holds its lease. Its writes carry
// the lease's epoch, so that a process that was stopped for a while and does
// not know that it lost the lease cannot write any more.
const (
	leasePrefix = "poll/"
	// A lost process is followed by another one within leaseTTL + leaseTry.
	leaseTTL   = 6 * time.Second
	leaseRenew = 2 * time.Second
	leaseTry   = time.Second
	// aloneTTL is for a database that no other process can have: nothing needs
	// to be renewed, and where nothing happens nothing is written.
	aloneTTL = 100 * 365 * 24 * time.Hour
)

// note is what the poller of a region tells the other processes, and the next
// one of its own.
type note struct {
	Observed time.Time `json:"observed"`
	// Reason and Message are why it cannot look, empty while it can.
	Reason  ecs.Reason `json:"reason,omitempty"`
	Message string     `json:"message,omitempty"`
	Since   time.Time  `json:"since,omitzero"`
}

func (n note) text() []byte {
	text, err := json.Marshal(n)
	if err != nil {
		return nil // a year beyond 9999
	}
	return text
}

// run holds the region's lease whenever it can, and polls while it does.
func (r *region) run(ctx context.Context) {
	ttl := leaseTTL
	if !r.room.log.Shared() {
		ttl = aloneTTL
	}
	for ctx.Err() == nil {
		lease, err := r.room.log.AcquireLease(ctx, leasePrefix+r.id, r.room.holder, ttl)
		if err == nil {
			r.hold(ctx, lease, ttl)
		} else if !errors.Is(err, ecs.ErrLeaseHeld) && ctx.Err() == nil {
			r.room.config.Logger.Error("cannot ask for the lease to poll", slog.String("region", r.id), slog.Any("error", err))
		}
		_ = sleep.For(ctx, leaseTry)
	}
}

// hold polls until the lease is lost or the context ends.
func (r *region) hold(ctx context.Context, lease ecs.Lease, ttl time.Duration) {
	held, lost := context.WithCancel(ctx)
	defer lost()
	r.take(lease, lost)
	polled := make(chan struct{})
	go func() {
		defer close(polled)
		r.poll(held)
	}()
	if ttl == leaseTTL {
		for sleep.For(held, leaseRenew) == nil {
			if lease = r.renew(held, lease, ttl); !time.Now().Before(lease.Expires) {
				lost()
			}
		}
	}
	<-polled
	r.take(ecs.Lease{}, nil)
	if ctx.Err() == nil {
		r.room.config.Logger.Warn("lost the lease to poll", slog.String("region", r.id))
		return
	}
	// A clean end: the next process need not wait, and knows how fresh it is.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaseRenew)
	defer cancel()
	lease = r.renew(ctx, lease, ttl)
	if err := r.room.log.ReleaseLease(ctx, lease); err != nil && !errors.Is(err, ecs.ErrLeaseLost) {
		r.room.config.Logger.Warn("cannot give the lease back", slog.String("region", r.id), slog.Any("error", err))
	}
}

// renew extends the lease; one that cannot be extended stays as it is, and
// one that was lost is at its end.
func (r *region) renew(ctx context.Context, lease ecs.Lease, ttl time.Duration) ecs.Lease {
	renewed, err := r.room.log.RenewLease(ctx, lease, ttl, r.room.hub.noteOf(r.id).text())
	switch {
	case err == nil:
		return renewed
	case errors.Is(err, ecs.ErrLeaseLost):
		lease.Expires = time.Time{}
	}
	return lease
}

func (h *hub) noteOf(regionID string) note {
	h.mu.RLock()
	defer h.mu.RUnlock()
	m := h.regions[regionID]
	n := note{Observed: m.observed}
	if m.cause != nil {
		n.Reason, n.Message, n.Since = m.cause.Reason, m.cause.Message, m.since
	}
	return n
}

// heed takes over how fresh other processes keep their regions. The leases must
// have been read before the log: a note may be of a revision.
func (r *Room) heed(leases []ecs.Lease) {
	for _, lease := range leases {
		region := r.regions[strings.TrimPrefix(lease.Name, leasePrefix)]
		var n note
		if region == nil || lease.Holder == r.holder || json.Unmarshal(lease.Note, &n) != nil {
			continue
		}
		if !n.Observed.IsZero() {
			region.observe(n.Observed)
		}
		if n.Reason != "" {
			region.degrade(&ecs.Error{Reason: n.Reason, Message: n.Message}, n.Since)
		}
	}
}
