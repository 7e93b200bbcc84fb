package watch

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

const (
	// followEvery is how late a replica hears of what another one polled.
	followEvery = 250 * time.Millisecond
	// pageOfLog is how many changes are read at once to follow.
	pageOfLog = 1000
)

// load fills the memory with the newest revision. Every subscription must read
// the log from where it stands.
func (r *Room) load(ctx context.Context) error {
	ids := make([]string, 0, len(r.regions))
	for id := range r.regions {
		ids = append(ids, id)
	}
	leases, err := r.log.Leases(ctx, leasePrefix)
	if err != nil {
		return err
	}
	records, bounds, err := r.log.Instances(ctx, ids)
	if err != nil {
		return err
	}
	instances := make(map[string]map[string]*known, len(ids))
	for _, id := range ids {
		instances[id] = map[string]*known{}
	}
	for _, record := range records {
		i, err := decode(record.InstanceID, record.State)
		if err != nil {
			return err
		}
		instances[record.RegionID][record.InstanceID] = &known{instance: i, revision: record.Revision}
	}
	h := r.hub
	h.mu.Lock()
	h.position = bounds.End()
	for id, m := range h.regions {
		m.instances = instances[id]
	}
	for s := range h.members {
		s.behind, s.reloaded, s.pending, s.at = true, true, nil, nil
	}
	h.mu.Unlock()
	r.heed(leases)
	return nil
}

// append writes one revision and applies it.
func (r *Room) append(ctx context.Context, lease ecs.Lease, regionID string, changes []*Change) error {
	if err := encodeRows(changes); err != nil {
		return err
	}
	rows := make([]ecs.Change, len(changes))
	for i, c := range changes {
		rows[i] = *c.row
	}
	known := r.hub.at()
	revision, err := r.log.Append(ctx, lease, known, regionID, rows)
	if err != nil {
		if errors.Is(err, ecs.ErrRevisionLost) {
			err = errors.Join(err, r.follow(ctx)) // which reads the memory again
		}
		return err
	}
	for _, c := range changes {
		c.Revision, c.row = revision.Number, nil
	}
	r.order.Lock()
	if at := r.hub.at(); at == known && revision.Number == at.Revision+1 {
		r.hub.apply(revision.Position(), changes)
		r.order.Unlock()
		return nil
	}
	r.order.Unlock()
	if err := r.follow(ctx); err != nil {
		return err
	}
	r.hub.sight(changes)
	return nil
}

// follow applies what the log has beyond the memory.
func (r *Room) follow(ctx context.Context) error {
	r.order.Lock()
	defer r.order.Unlock()
	for {
		page, err := r.log.Log(ctx, r.hub.at(), nil, pageOfLog)
		if errors.Is(err, ecs.ErrRevisionTrimmed) {
			return r.load(ctx) // cut off for longer than the history
		}
		if errors.Is(err, ecs.ErrRevisionLost) {
			r.config.Logger.Warn("database lost revisions, reading it again", slog.Int64("revision", r.hub.at().Revision))
			r.hub.forget()
			return r.load(ctx)
		}
		if err != nil {
			return err
		}
		for _, revision := range page.Revisions {
			changes, err := decodeRevision(revision)
			if err != nil {
				return err
			}
			r.hub.apply(revision.Position(), changes)
		}
		if page.UpTo <= r.hub.at().Revision {
			return nil
		}
	}
}

// at is the position of the memory.
func (h *hub) at() ecs.Position {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.position
}

// forget drops how fresh the regions are: what was observed may not be in the
// database.
func (h *hub) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, m := range h.regions {
		m.observed = time.Time{}
	}
}

// followOthers keeps up with what other processes poll.
func (r *Room) followOthers(ctx context.Context) {
	ticker := time.NewTicker(followEvery)
	defer ticker.Stop()
	failing := false
	for {
		leases, err := r.log.Leases(ctx, leasePrefix)
		if err == nil {
			err = r.follow(ctx)
		}
		if err == nil {
			r.heed(leases)
		}
		if err != nil && ctx.Err() == nil && !failing {
			r.config.Logger.Error("cannot follow the log", slog.Any("error", err))
		}
		failing = err != nil
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
