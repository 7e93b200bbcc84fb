package watch

import (
	"context"
	"strconv"

	"github.com/ecsd-io/ecsd/server/internal/changelog"
)

// maxRecent limits the rows of the recent changes, in bytes. Decoded, and
// encoded for watchers, they take up to four times as much.
const maxRecent = 4 << 20

// recent holds the newest changes in memory. A watch that resumes after one of
// them takes the later ones here, and not from the log: when thousands of
// watches resume together, each change is read, decoded and encoded once.
//
// It is a part of the hub and guarded by its lock. The revisions follow start
// without a gap and end at the position of the hub.
type recent struct {
	start     changelog.Position
	revisions []revision
	bytes     int
	limit     int // of bytes
}

// revision is one revision as the memory has it.
type revision struct {
	at      changelog.Position
	changes []*Change
	bytes   int
}

func newRevision(at changelog.Position, changes []*Change) revision {
	r := revision{at: at, changes: changes}
	for _, c := range changes {
		r.bytes += c.bytes
	}
	return r
}

// reset forgets all changes.
func (m *recent) reset(at changelog.Position) { *m = recent{start: at, limit: m.limit} }

// add takes the next revision, and forgets the oldest ones for it.
func (m *recent) add(r revision) {
	m.revisions = append(m.revisions, r)
	m.bytes += r.bytes
	for m.bytes > m.limit {
		m.start, m.bytes = m.revisions[0].at, m.bytes-m.revisions[0].bytes
		m.revisions[0] = revision{}
		m.revisions = m.revisions[1:]
	}
}

// after returns the revisions after a position; ok is false if not all of them
// are here.
func (m *recent) after(at changelog.Position) (_ []revision, ok bool) {
	i := at.Revision - m.start.Revision // revisions rise by one
	switch {
	case at == m.start:
	case i <= 0 || i > int64(len(m.revisions)) || m.revisions[i-1].at != at:
		return nil, false
	}
	return m.revisions[i:], true
}

// extend takes older revisions, which were read from the log after a position.
// It reports whether there is nothing more to read: they reach those that are
// here, or another line of history.
func (m *recent) extend(from changelog.Position, older []revision) (done bool) {
	size := 0
	for i, r := range older {
		size += r.bytes
		if r.at.Revision < m.start.Revision {
			continue
		}
		if r.at == m.start && m.bytes+size <= m.limit {
			m.revisions = append(older[:i+1:i+1], m.revisions...)
			m.start, m.bytes = from, m.bytes+size
		}
		return true
	}
	return size > m.limit
}

// recalls reports whether all changes after a position are in memory.
func (h *hub) recalls(at changelog.Position) bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	_, ok := h.recent.after(at)
	return ok
}

func (h *hub) extend(from changelog.Position, older []revision) (done bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.recent.extend(from, older)
}

// resumable returns an error if a watch cannot resume after a position.
// Concurrent calls for one position share their reads of the store. The newest
// position needs none.
func (r *Service) resumable(ctx context.Context, at changelog.Position) error {
	if r.hub.at() == at {
		return nil
	}
	key := strconv.FormatInt(at.Revision, 10) + "/" + strconv.FormatInt(at.ID, 10)
	_, _, err := r.resumes.Do(ctx, key, "", func(ctx context.Context, _ func() bool) (none struct{}, _ error) {
		return none, readStore(ctx, func(ctx context.Context) error { return r.recall(ctx, at) })
	})
	return err
}

// recall checks that the log can be read after a position, and brings the
// memory up to it, and back to it if that is not too far.
func (r *Service) recall(ctx context.Context, at changelog.Position) error {
	err := r.log.Resumable(ctx, at)
	if err != nil || r.hub.recalls(at) {
		return err
	}
	// Another replica, which the token may be of, can be ahead of this one.
	if at.Revision > r.hub.at().Revision {
		return r.follow(ctx)
	}
	select {
	case r.reading <- struct{}{}:
		defer func() { <-r.reading }()
	default:
		return nil // the watch waits for it, with heartbeats
	}
	var older []revision
	for end := at; ; {
		page, err := r.log.Log(ctx, end, nil, replayed)
		if err != nil {
			return err
		}
		for _, found := range page.Revisions {
			changes, err := decodeRevision(found)
			if err != nil {
				return err
			}
			older = append(older, newRevision(found.Position(), changes))
		}
		if r.hub.extend(at, older) || page.UpTo == end.Revision {
			return nil
		}
		end = page.End()
	}
}

// catchUp takes the changes after a position into the pending ones of a watch
// that resumes. It reports false if they are not in memory, or more than may be
// pending. Under at least the read lock, before the watch has joined.
func (s *Subscription) catchUp(h *hub, after changelog.Position) bool {
	missed, ok := h.recent.after(after)
	for _, r := range missed {
		for _, c := range r.changes {
			s.mark(c)
		}
	}
	tooMany := s.behind
	s.behind = false
	return ok && !tooMany
}
