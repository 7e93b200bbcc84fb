package watch

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/lease"
)

// leasePrefix begins the names of the leases under which regions are polled:
// one process polls a region, and its writes carry the epoch of the lease.
const leasePrefix = "poll/"

// note is the message of a region's poller to the other processes, and to its
// successor.
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

// run polls the region whenever this process has its lease.
func (r *region) run(ctx context.Context) {
	_ = lease.Run(ctx, r.service.log, lease.Config{ // the error is that of ctx
		Name: leasePrefix + r.id, Holder: r.service.holder, Logger: r.service.config.Logger,
		Note: func() []byte { return r.service.hub.noteOf(r.id).text() },
	}, func(ctx context.Context, held *lease.Held) error {
		r.poll(ctx, held)
		return ctx.Err()
	})
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

// apply applies the freshness reported by other processes for their regions. The
// leases must have been read before the log: a note may be of a revision.
func (r *Service) apply(leases []ecs.Lease) {
	for _, found := range leases {
		if region := r.regions[strings.TrimPrefix(found.Name, leasePrefix)]; region != nil {
			region.apply(found)
		}
	}
}

// unledFor is the time without a valid lease after which a region is degraded:
// a released lease has another holder soon.
const unledFor = 2500 * time.Millisecond

// apply applies the note of the region's lease, unless this process polls it.
func (r *region) apply(found ecs.Lease) {
	now := time.Now()
	r.mu.Lock()
	polls := r.held != nil
	if polls || now.Before(found.Expires) {
		r.unledSince = time.Time{}
	} else if r.unledSince.IsZero() {
		r.unledSince = now
	}
	unled := r.unledSince
	if !polls {
		r.troubles[followLane] = trouble{} // published with the note
	}
	r.mu.Unlock()
	if polls {
		r.report(followLane, nil)
		return
	}
	var n note
	if json.Unmarshal(found.Note, &n) != nil {
		n = note{} // no process polled it yet
	}
	var cause *ecs.Error
	since := n.Since
	switch {
	case n.Reason != "":
		cause = &ecs.Error{Reason: n.Reason, Message: n.Message}
	case !unled.IsZero() && now.Sub(unled) > unledFor:
		cause, since = &ecs.Error{Reason: ecs.ReasonStoreUnavailable, Retry: ecs.RetryBackoff, Message: "no server polls the region"}, unled
	}
	r.service.hub.take(r.id, n.Observed, cause, since)
	if cause != nil || !n.Observed.IsZero() {
		r.wasTried()
	}
}

// unfollowed degrades the region, unless this process polls it: the log with
// the observations of other processes cannot be read.
func (r *region) unfollowed(err error) {
	if r.holding() == nil {
		r.report(followLane, &ecs.Error{Reason: ecs.ReasonStoreUnavailable, Retry: ecs.RetryBackoff, Message: "the log of changes cannot be read", Cause: err})
	}
}
