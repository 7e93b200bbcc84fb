package watch

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/changelog"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Delivery is the handling of changes that arrive faster than the watcher
// reads.
type Delivery int

const (
	// Latest merges the changes of one instance that the watcher was too slow
	// for: it costs memory by the instances watched, never by their changes.
	Latest Delivery = iota
	// EveryChange delivers each change, from the log if the watcher is slow, and
	// ends the watch if it falls out of the history.
	EveryChange
)

// Item is an instance in a snapshot.
type Item struct {
	Instance *ecs.Instance
	// Revision is that of its newest change.
	Revision int64
}

// Batch is one delivery to a watcher, whole revisions only.
type Batch struct {
	// Snapshot holds the matching instances at Revision, by region and ID. It is
	// set in the first batch of a watch that did not resume, together with First.
	// It is shared with other watches and valid until the next call of the
	// subscription.
	First    bool
	Snapshot []Item
	shared   *snapshot
	// Events are in the order of their revisions; there is at most one of an
	// instance and revision. They are good until the next call of Next or Take.
	Events []Event
	// Revision is the revision up to which the batch goes.
	Revision int64
	// Token resumes after Revision.
	Token string
	Freshness
}

// Subscription is one watch. It has one reader, which calls Next, or Await and
// Take, until that fails, and then Close.
type Subscription struct {
	service  *Service
	caller   string
	filter   *selection
	delivery Delivery
	token    tokenSeal
	wake     chan struct{}
	// heartbeat is the longest time without a batch, 0 for no limit.
	heartbeat time.Duration

	// For the reader only. sent is the position that the watcher has, upTo the
	// one up to which the log must be read before the pending changes are taken;
	// each with its observed time. resumed: the watcher is not behind by its own
	// fault, but by a resume token or by this server.
	first        bool
	resumed      bool
	sent, upTo   changelog.Position
	observed     time.Time
	upToObserved time.Time
	taken        []merged
	events       []Event
	last         bool
	timer        *time.Timer
	// shared is the snapshot being sent, release gives its slot back.
	shared  *snapshot
	release func()

	// Guarded by the hub's lock, see there. pending are the changes not taken; at
	// finds an instance in it once it is long.
	pending []merged
	at      map[string]int
	// behind: the pending changes became too many for an EveryChange reader
	// and were dropped; it reads the log until it has caught up.
	behind bool
	// reloaded: the server was cut off from the log and dropped the pending
	// changes of this reader.
	reloaded bool
}

const (
	// searched is how many pending changes are searched one by one.
	searched = 16
	// maxQueue is how many changes wait in memory for an EveryChange reader.
	maxQueue = 1024
)

// mark notes a change for the reader and reports whether to wake it. Under the
// hub's lock.
func (s *Subscription) mark(c *Change) bool {
	if s.behind {
		return false
	}
	if s.delivery == Latest {
		if i := s.find(c.InstanceID); i >= 0 {
			s.pending[i].last = c
			s.pending[i].count++
			return false
		}
	}
	if !s.filter.concerns(c) {
		return false
	}
	if s.delivery == EveryChange && len(s.pending) >= maxQueue {
		s.pending, s.behind = nil, true
		return true
	}
	s.pending = append(s.pending, merged{first: c, last: c, count: 1})
	if s.at != nil {
		s.at[c.InstanceID] = len(s.pending) - 1
	}
	return len(s.pending) == 1
}

// find is the place of an instance in pending, -1 for none.
func (s *Subscription) find(id string) int {
	if len(s.pending) <= searched {
		for i := range s.pending {
			if s.pending[i].last.InstanceID == id {
				return i
			}
		}
		return -1
	}
	if s.at == nil {
		s.at = make(map[string]int, 2*len(s.pending))
		for i := range s.pending {
			s.at[s.pending[i].last.InstanceID] = i
		}
	}
	if i, ok := s.at[id]; ok {
		return i
	}
	return -1
}

func (s *Subscription) wakeUp() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Next waits as Await does and then takes.
func (s *Subscription) Next(ctx context.Context, heartbeat time.Duration) (Batch, error) {
	if err := s.Await(ctx, heartbeat); err != nil {
		return Batch{}, err
	}
	return s.Take(ctx)
}

// Take returns the pending changes, without waiting; if there are none, the
// batch has only its checkpoint. The error is the context's or an *ecs.Error
// with the reason for the end of the watch. Unless the watcher caused the end,
// there is always a last batch before it.
func (s *Subscription) Take(ctx context.Context) (Batch, error) {
	switch {
	case s.last:
		return Batch{}, s.service.hub.why()
	case s.first:
		s.first = false
		return s.snapshot(), nil
	}
	s.snapshotSent()
	if b, ok := s.take(); ok {
		return b, nil
	}
	s.collect()
	return s.replay(ctx)
}

// Await waits until something is pending, or until the heartbeat is due.
// The error is the context's. A reader that waits here and not in Next waits on
// a small stack.
func (s *Subscription) Await(ctx context.Context, heartbeat time.Duration) error {
	if s.first || s.last || s.ready() {
		return nil
	}
	s.snapshotSent()
	if s.timer == nil {
		s.timer = time.NewTimer(heartbeat)
	} else {
		s.timer.Reset(heartbeat)
	}
	var err error
	select {
	case <-ctx.Done():
		err = ctx.Err()
	case <-s.timer.C:
	case <-s.wake:
	}
	s.timer.Stop()
	return err
}

// ready reports whether something waits.
func (s *Subscription) ready() bool {
	s.service.hub.mu.RLock()
	defer s.service.hub.mu.RUnlock()
	return len(s.pending) > 0 || s.lags() || s.service.hub.ended != nil
}

// snapshot is the current matching state; later changes are pending from here
// on.
func (s *Subscription) snapshot() Batch {
	h := s.service.hub
	b := Batch{First: true}
	key := s.filter.hash()
	h.mu.RLock()
	s.pending, s.at = s.pending[:0], nil
	s.shared = h.share(key, s.filter)
	s.close(&b, h.position)
	h.mu.RUnlock()
	b.shared, b.Snapshot = s.shared, s.shared.items
	return b
}

// snapshotSent ends the use of the snapshot of the first batch.
func (s *Subscription) snapshotSent() {
	if s.shared != nil {
		s.service.hub.drop(s.filter.hash(), s.shared)
		s.shared = nil
	}
	if s.release != nil {
		s.release()
		s.release = nil
	}
}

// take returns the pending changes. ok is false if the log must be read before
// them. At the end of all watches the log is not read, and the last checkpoint
// is at the position of the watcher.
func (s *Subscription) take() (b Batch, ok bool) {
	select {
	case <-s.wake: // for the changes taken now
	default:
	}
	h := s.service.hub
	h.mu.RLock()
	if s.lags() {
		defer h.mu.RUnlock()
		if h.ended == nil {
			return Batch{}, false
		}
		s.close(&b, s.sent)
		return b, true
	}
	s.pending, s.taken, s.at = s.taken[:0], s.pending, nil
	resumed := s.resumed
	s.close(&b, h.position)
	h.mu.RUnlock()
	b.Events = s.eventsOf(s.taken)
	clear(s.taken)
	if !resumed { // what a watch missed before it resumed was not delivered late
		s.service.config.Observer.delivered(b.Events, time.Now())
	}
	return b, true
}

// eventsOf are the events of merged changes, in the order of their revisions.
func (s *Subscription) eventsOf(changes []merged) []Event {
	s.events = s.events[:0]
	for _, m := range changes {
		if e, ok := m.event(s.filter); ok {
			s.events = append(s.events, e)
		}
	}
	slices.SortStableFunc(s.events, func(a, b Event) int { return cmp.Compare(a.Change.Revision, b.Change.Revision) })
	return s.events
}

// close ends a batch at a position, with the freshness of that position. Under
// at least the read lock.
func (s *Subscription) close(b *Batch, at changelog.Position) {
	h := s.service.hub
	b.Revision, b.Freshness = at.Revision, h.freshness(s.filter)
	switch at {
	case h.position:
	case s.upTo:
		b.Observed = s.upToObserved
	default:
		// Between two known positions the watcher's state is at least as new as
		// the older one.
		b.Observed = s.observed
	}
	b.Token = s.token.seal(at, b.Observed)
	s.sent, s.last, s.observed = at, h.ended != nil, b.Observed
	s.resumed = false
}

// Close ends the watch.
func (s *Subscription) Close() {
	s.snapshotSent()
	h := s.service.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	h.leave(s)
}

func compareItems(a, b Item) int {
	if c := strings.Compare(a.Instance.RegionID, b.Instance.RegionID); c != 0 {
		return c
	}
	return strings.Compare(a.Instance.ID, b.Instance.ID)
}
