package watch

import (
	"fmt"
	"sync"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/changelog"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Change is one difference that a poll found. One Change is shared by all
// watchers of the instance, so it must not be modified.
type Change struct {
	// Revision numbers the poll: all changes of one poll have the same number, and
	// a later poll has a higher one, over all regions.
	Revision   int64
	RegionID   string
	InstanceID string
	// Before is nil for an instance that was not known, After for one that was
	// released.
	Before, After *ecs.Instance

	// seen and ended are the start and the end of the read of this process that
	// showed After; zero for a change read from the log.
	seen, ended time.Time
	// found is the time at which a poll of this process found it, zero for a
	// change read from the log.
	found time.Time

	// row is the stored row, nil before it is encoded and after it was stored;
	// bytes is its length.
	row   *changelog.Change
	bytes int

	once    sync.Once
	encoded any
}

// Encoded returns the encoded Change. encode is called once, however many
// watchers receive the Change.
func (c *Change) Encoded(encode func(*Change) any) any {
	c.once.Do(func() { c.encoded = encode(c) })
	return c.encoded
}

// Kind is the meaning of a Change to a watcher.
type Kind int

// The kinds of events. An instance that begins to match a filter is Changed,
// one that ceases to is FilteredOut.
const (
	Changed Kind = iota + 1
	Released
	FilteredOut
)

// Event is one event of one instance for a watcher.
type Event struct {
	Kind Kind
	// Change is the newest one of the instance. Its Before is the watcher's last
	// state only if Skipped is 0.
	Change *Change
	// Previous is the last state that the watcher received, nil if none.
	Previous *ecs.Instance
	// Skipped is how many changes of the instance were merged into this one.
	Skipped int
}

// Shared reports whether the event equals its Change for every watcher, so that
// Change.Encoded can be sent.
func (e Event) Shared() bool {
	return e.Kind == Changed && e.Skipped == 0 && e.Previous == e.Change.Before
}

// merged are the changes of one instance that a reader has not taken yet.
type merged struct {
	first, last *Change
	count       int
}

// event applies a filter to the merged changes; ok is false if the watcher does
// not need them.
func (m merged) event(f *selection) (_ Event, ok bool) {
	e := Event{Change: m.last, Skipped: m.count - 1}
	if f.matches(m.first.RegionID, m.first.InstanceID, m.first.Before) {
		e.Previous = m.first.Before
	}
	switch {
	case f.matches(m.last.RegionID, m.last.InstanceID, m.last.After):
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

// encodeRows makes the rows of those changes that have none yet.
func encodeRows(changes []*Change) error {
	for _, c := range changes {
		if c.row != nil {
			continue
		}
		row, err := changelog.Encode(c.InstanceID, c.Before, c.After)
		if err != nil {
			return err
		}
		c.row, c.bytes = &row, len(row.Before)+len(row.After)
	}
	return nil
}

// decodeRevision returns the changes of a revision.
func decodeRevision(r changelog.Revision) ([]*Change, error) {
	changes := make([]*Change, 0, len(r.Changes))
	for _, c := range r.Changes {
		before, after, err := c.Decode()
		if err != nil {
			return nil, fmt.Errorf("read revision %d of the change log: %w", r.Number, err)
		}
		changes = append(changes, &Change{
			Revision: r.Number, RegionID: r.RegionID, InstanceID: c.InstanceID, Before: before, After: after, bytes: len(c.Before) + len(c.After),
		})
	}
	return changes, nil
}
