package watch

import (
	"cmp"
	"context"
	"crypto/sha256"
	"slices"
	"sync"
	"time"
	"weak"

	"github.com/ecsd-io/ecsd/server/internal/changelog"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

const (
	// maxSnapshots limits the snapshots being sent at a time. A stream that is
	// not read holds up to 64 KB of flow control window and one page, so that
	// all of them together hold about 50 MB.
	maxSnapshots = 500
	// snapshotWait is how long a new watch waits for a slot before it is refused.
	snapshotWait = 30 * time.Second
	// snapshotHold is how long one snapshot may hold a slot. A client that does
	// not read for longer keeps its watch, but no other client waits for it.
	snapshotHold = 10 * time.Second
)

// snapshot holds the instances that match a filter at one revision. All watches
// of the filter that begin at that revision share it.
type snapshot struct {
	position changelog.Position
	readers  int // guarded by snapshots.mu
	collect  sync.Once
	items    []Item

	mu    sync.Mutex
	pages []page
}

// page is a part of a snapshot. The encoded message is weak: it lives while
// some watch sends it, so that a client that does not read holds one page and
// not the whole snapshot.
type page struct {
	end     int
	message weak.Pointer[Page]
}

// Page is an encoded part of the items of a snapshot.
type Page struct {
	// Message is the result of the encode function.
	Message any
	// End is the position of the first item of the next page.
	End int
}

// Page returns the page of the snapshot that begins at an item. encode returns
// the message for as many of the items as fit, at least one, and their number.
// It is called once for all watches that send the page at the same time, so it
// must depend on the items and the revision only.
func (b *Batch) Page(start int, encode func(items []Item) (message any, count int)) *Page {
	s := b.shared
	s.mu.Lock()
	defer s.mu.Unlock()
	// Pages are encoded in order: the page that begins at start follows those
	// that end there or before.
	at, _ := slices.BinarySearchFunc(s.pages, start+1, func(p page, end int) int { return cmp.Compare(p.end, end) })
	if at < len(s.pages) {
		if p := s.pages[at].message.Value(); p != nil {
			return p
		}
	}
	message, count := encode(s.items[start:])
	p := &Page{Message: message, End: start + count}
	if encoded := (page{end: p.End, message: weak.Make(p)}); at < len(s.pages) {
		s.pages[at] = encoded
	} else {
		s.pages = append(s.pages, encoded)
	}
	return p
}

// snapshots are the shared snapshots that some watch still sends, the newest of
// each filter.
type snapshots struct {
	mu  sync.Mutex
	all map[[sha256.Size]byte]*snapshot
}

// share returns the snapshot of a filter at the hub's position. The caller
// holds at least the read lock of the hub, and must call drop.
func (h *hub) share(key [sha256.Size]byte, f *selection) *snapshot {
	h.snapshots.mu.Lock()
	s := h.snapshots.all[key]
	if s == nil || s.position != h.position {
		s = &snapshot{position: h.position}
		h.snapshots.all[key] = s
	}
	s.readers++
	h.snapshots.mu.Unlock()
	s.collect.Do(func() {
		s.items = h.matching(f)
		slices.SortFunc(s.items, compareItems)
	})
	return s
}

// drop ends one use of a shared snapshot.
func (h *hub) drop(key [sha256.Size]byte, s *snapshot) {
	h.snapshots.mu.Lock()
	defer h.snapshots.mu.Unlock()
	if s.readers--; s.readers == 0 && h.snapshots.all[key] == s {
		delete(h.snapshots.all, key)
	}
}

// slot waits until a snapshot may be sent. release may be called repeatedly.
func (r *Service) slot(ctx context.Context, beats *beats) (release func(), err error) {
	select {
	case r.slots <- struct{}{}:
	default:
		if err := r.waitForSlot(ctx, beats); err != nil {
			return nil, err
		}
	}
	var once sync.Once
	give := func() { once.Do(func() { <-r.slots }) }
	timer := time.AfterFunc(snapshotHold, give)
	return func() {
		timer.Stop()
		give()
	}, nil
}

// waitForSlot waits in a queue, which is served in order.
func (r *Service) waitForSlot(ctx context.Context, beats *beats) error {
	queued := r.queued.Add(1)
	defer r.queued.Add(-1)
	timer := time.NewTimer(snapshotWait)
	defer timer.Stop()
	for {
		select {
		case r.slots <- struct{}{}:
			return nil
		case <-beats.due():
			if err := beats.send(); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		case <-r.hub.ending:
			return r.hub.why()
		case <-timer.C:
			return queueTooLong(queued, r.queued.Load())
		}
	}
}

// queueTooLong is the error of a watch that got no turn. place is its
// place in the queue when it joined, length the present length of the queue. Each
// slot is given back after snapshotHold at the latest, so that the present queue
// has ended after as many rounds as the delay allows.
func queueTooLong(place, length int64) error {
	e := ecs.Errorf(ecs.ReasonServerOverloaded,
		"the watch was number %d in the queue for a snapshot, and its turn did not come within %s, because the server sends at most %d snapshots at a time; retry after the delay, or begin fewer watches at a time",
		place, snapshotWait, maxSnapshots)
	e.Retry, e.RetryAfter = ecs.RetryBackoff, snapshotHold*time.Duration((length+maxSnapshots-1)/maxSnapshots)
	return e
}
