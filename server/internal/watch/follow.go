package watch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/changelog"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/rescue"
)

const (
	// followEvery is the delay of a replica behind the polls of another one.
	followEvery = 250 * time.Millisecond
	// storeTimeout bounds a short read of the store: a region that cannot be
	// followed for longer is degraded.
	storeTimeout = 1500 * time.Millisecond
	// pageOfLog is how many changes are read at once to follow.
	pageOfLog = 1000
)

// load fills the memory, which is at a position, with the newest revision.
// Every subscription must read the log from its position.
func (r *Service) load(ctx context.Context, from changelog.Position) error {
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
		i, err := record.Decode()
		if err != nil {
			return err
		}
		instances[record.RegionID][record.InstanceID] = &known{instance: i, revision: record.Revision}
	}
	if r.hub.replace(from, bounds.End(), instances) {
		r.apply(leases)
	}
	return nil
}

// append writes one revision and applies it. After an error other than
// ErrLeaseLost it is not known whether it was written.
func (r *Service) append(ctx context.Context, lease ecs.Lease, regionID string, changes []*Change) error {
	if err := encodeRows(changes); err != nil {
		return err
	}
	rows := make([]changelog.Change, len(changes))
	for i, c := range changes {
		rows[i] = *c.row
	}
	known := r.hub.at()
	encoding := r.encode(changes, known.Revision+1)
	revision, err := r.log.Append(ctx, lease, known, regionID, rows)
	_ = encoding.Wait() // it returns no error
	if err != nil {
		if errors.Is(err, changelog.ErrLost) {
			err = errors.Join(err, r.follow(ctx)) // which reads the memory again
		}
		return err
	}
	for _, c := range changes {
		c.Revision, c.row = revision.Number, nil
	}
	if r.hub.apply(known, revision.Position(), changes) {
		return nil
	}
	// Other processes wrote before, or the log was followed up to here.
	if err := r.follow(ctx); err != nil {
		return err
	}
	r.hub.noteAll(changes)
	return nil
}

// encode begins to encode those changes that have watchers, while they are
// stored: watchers wait for both. The memory takes the changes only if they get
// the revision; otherwise they are read from the log.
func (r *Service) encode(changes []*Change, revision int64) *rescue.Group {
	var encoding rescue.Group
	if r.config.Encode == nil {
		return &encoding
	}
	watched := r.hub.watched(changes)
	for _, c := range watched {
		c.Revision = revision
	}
	encoding.Go(func() error {
		for _, c := range watched {
			c.Encoded(r.config.Encode)
		}
		return nil
	})
	return &encoding
}

// follow applies the newer revisions of the log to the memory. It may run
// concurrently: each revision is applied once.
func (r *Service) follow(ctx context.Context) error {
	for {
		known := r.hub.at()
		page, err := r.readLog(ctx, known)
		switch {
		case errors.Is(err, changelog.ErrTrimmed): // cut off for longer than the history
			return r.load(ctx, known)
		case errors.Is(err, changelog.ErrLost):
			r.config.Logger.Warn("database lost revisions, reading it again", slog.Int64("revision", known.Revision))
			r.hub.forget()
			return r.load(ctx, known)
		case err != nil:
			return err
		}
		after := known
		for _, revision := range page.Revisions {
			changes, err := decodeRevision(revision)
			if err != nil {
				return err
			}
			if !r.hub.apply(after, revision.Position(), changes) {
				break // another did
			}
			after = revision.Position()
		}
		switch now := r.hub.at(); {
		case page.UpTo <= now.Revision:
			return nil
		case now == known:
			return fmt.Errorf("the log has no revision %d though it reaches to %d", now.Revision+1, page.UpTo)
		}
	}
}

// readLog reads the next page of the log within storeTimeout.
func (r *Service) readLog(ctx context.Context, after changelog.Position) (changelog.Page, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	return r.log.Log(ctx, after, nil, pageOfLog)
}

// followOthers applies the polls of other processes.
func (r *Service) followOthers(ctx context.Context) {
	ticker := time.NewTicker(followEvery)
	defer ticker.Stop()
	failing := false
	for {
		err := r.followOnce(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil && !failing {
			r.config.Logger.Error("follow log failed, retrying", slog.Any("error", err))
		}
		failing = err != nil
		if failing {
			for _, region := range r.regions {
				region.unfollowed(err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// followOnce reads the notes of other processes before the log: a note may be
// of a revision.
func (r *Service) followOnce(ctx context.Context) error {
	short, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	leases, err := r.log.Leases(short, leasePrefix)
	if err != nil {
		return err
	}
	if err := r.follow(ctx); err != nil {
		return err
	}
	r.apply(leases)
	return nil
}
