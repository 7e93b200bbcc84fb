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

// run polls the region whenever this process has its lease.
func (r *region) run(ctx context.Context) {
	_ = lease.Run(ctx, r.room.log, lease.Config{ // the error is that of ctx
		Name: leasePrefix + r.id, Holder: r.room.holder, Logger: r.room.config.Logger,
		Note: func() []byte { return r.room.hub.noteOf(r.id).text() },
	}, func(ctx context.Context, held *lease.Held) error {
		r.take(held)
		defer r.take(nil)
		r.poll(ctx)
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
