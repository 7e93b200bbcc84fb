package watch

import (
	"sync"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Change is one difference that a poll found. One Change is shared by all who
// watch the instance, so nobody may write to it.
type Change struct {
	// Revision numbers the poll: all that one poll found has the same, and a
	// later poll has a higher one, over all regions.
	Revision   int64
	RegionID   string
	InstanceID string
	// Before is nil for an instance that was not known, After for one that was
	// released.
	Before, After *ecs.Instance

	// seen and ended are when the read of this process that showed After began
	// and was complete; zero for what is read from the log.
	seen, ended time.Time
	// found is when a poll of this process saw it, zero for what is read from
	// the log.
	found time.Time

	// row is what is stored, nil before it is encoded and after it was stored.
	row *ecs.Change

	once    sync.Once
	encoded any
}

// Encoded returns what encode makes of the Change, which is asked once,
// however many watchers are sent it.
func (c *Change) Encoded(encode func(*Change) any) any {
	c.once.Do(func() { c.encoded = encode(c) })
	return c.encoded
}

// Kind is what a Change is to a watcher.
type Kind int

// The kinds of events. An instance that begins to match a filter is Changed,
// one that ceases to is FilteredOut.
const (
	Changed Kind = iota + 1
	Released
	FilteredOut
)

// Event is one thing that a watcher is told about one instance.
type Event struct {
	Kind Kind
	// Change is the newest one of the instance. Its Before is the watcher's
	// own last state only where Skipped is 0.
	Change *Change
	// Previous is the state that the watcher was told last, nil where it was
	// told none.
	Previous *ecs.Instance
	// Skipped is how many changes of the instance were merged into this one.
	Skipped int
}

// Shared reports whether the event is what its Change says, to everybody alike,
// so that Change.Encoded can be sent.
func (e Event) Shared() bool {
	return e.Kind == Changed && e.Skipped == 0 && e.Previous == e.Change.Before
}

// merged are the changes of one instance that a reader has not taken yet.
type merged struct {
	first, last *Change
	count       int
}

// event is what the merged changes are to a filter; ok is false where the
// watcher need not hear of them.
func (m merged) event(f *Filter) (_ Event, ok bool) {
	e := Event{Change: m.last, Skipped: m.count - 1}
	if f.Matches(m.first.RegionID, m.first.InstanceID, m.first.Before) {
		e.Previous = m.first.Before
	}
	switch {
	case f.Matches(m.last.RegionID, m.last.InstanceID, m.last.After):
		e.Kind = Changed
	case e.Previous == nil:
		return Event{}, false
	case m.last.After == nil:
		e.Kind = Released
	default:
		e.Kind = FilteredOut
	}
	return e, true
}
