package watch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/changelog"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// replayed is how many changes are read from the log at once. One revision may
// hold more.
const replayed = 1000

// maxReplays limits the replays being read at a time: each holds up to replayed
// decoded changes, or for Latest one change of each instance.
const maxReplays = 16

// lags reports whether the log must be read before the pending changes. Under
// at least the read lock.
func (s *Subscription) lags() bool { return s.behind || s.sent.Revision < s.upTo.Revision }

// collect has a reader that fell behind collect again, which must be before it
// reads the log, so that nothing is missed between the two.
func (s *Subscription) collect() {
	h := s.service.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if s.behind {
		s.resumed = s.resumed || s.reloaded
		s.behind, s.reloaded, s.pending = false, false, nil
		s.collectFrom(h)
	}
}

// collectFrom notes the position after which changes are pending. Under the
// lock.
func (s *Subscription) collectFrom(h *hub) {
	s.upTo, s.upToObserved = h.position, h.observed(s.filter)
}

// replay reads the missed changes from the log: for EveryChange a piece of
// them, for Latest all of them, merged.
func (s *Subscription) replay(ctx context.Context) (Batch, error) {
	if err := s.reader(ctx); errors.Is(err, errNotYet) {
		return s.unchanged(), nil
	} else if err != nil {
		return Batch{}, err
	}
	defer func() { <-s.service.reading }()
	var (
		changes []merged
		at      = map[string]int{}
		seen    = s.sent
		page    changelog.Page
	)
	for {
		err := readStore(ctx, func(ctx context.Context) (err error) {
			page, err = s.service.log.Log(ctx, seen, s.filter.regions, replayed)
			return err
		})
		if err != nil {
			return Batch{}, s.lost(err)
		}
		for _, r := range page.Revisions {
			if r.Number > s.upTo.Revision {
				break // pending has it
			}
			found, err := decodeRevision(r)
			if err != nil {
				return Batch{}, err
			}
			for _, c := range found {
				i, known := at[c.InstanceID]
				switch {
				case known && s.delivery == Latest:
					changes[i].last = c
					changes[i].count++
				case s.filter.concerns(c):
					at[c.InstanceID] = len(changes)
					changes = append(changes, merged{first: c, last: c, count: 1})
				}
			}
		}
		if page.UpTo >= s.upTo.Revision {
			seen = s.upTo
			break
		}
		if page.UpTo == seen.Revision {
			// The log ends before the position of this server: the database lost
			// revisions, and following it reads the memory again.
			if err := s.service.follow(ctx); err != nil {
				return Batch{}, fmt.Errorf("follow the log from revision %d: %w", seen.Revision, err)
			}
			break
		}
		if seen = page.End(); s.delivery == EveryChange {
			break
		}
	}
	h := s.service.hub
	var b Batch
	h.mu.RLock()
	s.close(&b, seen)
	h.mu.RUnlock()
	b.Events = s.eventsOf(changes)
	return b, nil
}

// errNotYet: the log could not be read before the heartbeat was due.
var errNotYet = errors.New("the log has not been read yet")

// reader waits until the log may be read, or until the heartbeat is due.
func (s *Subscription) reader(ctx context.Context) error {
	select {
	case s.service.reading <- struct{}{}:
		return nil
	default:
	}
	var due <-chan time.Time
	if s.heartbeat > 0 {
		timer := time.NewTimer(s.heartbeat)
		defer timer.Stop()
		due = timer.C
	}
	select {
	case s.service.reading <- struct{}{}:
		return nil
	case <-due:
		return errNotYet
	case <-ctx.Done():
		return ctx.Err()
	}
}

// unchanged is a heartbeat of a watch that waits for the log: a checkpoint at
// the position that the watcher has.
func (s *Subscription) unchanged() Batch {
	h, resumed := s.service.hub, s.resumed
	var b Batch
	h.mu.RLock()
	s.close(&b, s.sent)
	h.mu.RUnlock()
	s.resumed, s.last = resumed, false
	return b
}

// watchTimeout bounds one read of the store for a watch, which has no deadline
// otherwise.
const watchTimeout = 5 * time.Second

// readStore reads the store for a watch. If the store does not respond in time,
// the error is STORE_UNAVAILABLE, and the caller can resume elsewhere.
func readStore(ctx context.Context, read func(context.Context) error) error {
	short, cancel := context.WithTimeout(ctx, watchTimeout)
	defer cancel()
	err := read(short)
	if err != nil && short.Err() != nil && ctx.Err() == nil {
		return &ecs.Error{
			Reason: ecs.ReasonStoreUnavailable, Retry: ecs.RetryBackoff, RetryAfter: time.Second, Cause: err,
			Message: "the database did not respond within " + watchTimeout.String() + "; resume with the last resume_token",
		}
	}
	return err
}

// lost returns the error of a log that cannot be read further.
func (s *Subscription) lost(err error) error {
	switch {
	case errors.Is(err, changelog.ErrLost):
		return ecs.Errorf(ecs.ReasonResumeTokenExpired,
			"the database does not contain revision %d as this watch has it, because a copy was restored or a failover lost it; watch again without a resume_token, and treat what the new snapshot does not show as removed", s.sent.Revision)
	case errors.Is(err, changelog.ErrTrimmed) && s.resumed:
		return expired()
	case errors.Is(err, changelog.ErrTrimmed):
		s.service.config.Observer.slowReader()
		return &ecs.Error{
			Reason: ecs.ReasonSlowReader, Retry: ecs.RetryBackoff, Cause: err,
			Message: "the watcher reads so slowly that what it has not read is no longer in the history; watch again without a resume_token",
		}
	}
	return fmt.Errorf("read the log after revision %d: %w", s.sent.Revision, err)
}

func expired() *ecs.Error {
	return ecs.Errorf(ecs.ReasonResumeTokenExpired,
		"the changes since the resume_token, or since the last checkpoint, are no longer in the history; watch again without a resume_token, and treat what the new snapshot does not show as removed")
}
