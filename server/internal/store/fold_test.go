package store

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/changelog"
)

// A unit of several transactions is the same for a process that read before the
// newest poll and for one that read after it: each may overwrite the other's
// rows.
func TestFold_SameForAll(t *testing.T) {
	for _, sizes := range [][]int{{150, 150}, {60, 60, 150}, {99, 1, 150}, {housekeepAtOnce, 150}, {1000, 1}} {
		s := openAt(t, "sqlite::memory:")
		lease, err := s.AcquireLease(t.Context(), "poll", "p1", time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		var before folding
		for round, size := range sizes {
			changes := make([]changelog.Change, size)
			for i := range changes {
				changes[i] = changelog.Change{InstanceID: fmt.Sprint("i-", i), After: fmt.Append(nil, round)}
			}
			if _, err := s.Append(t.Context(), lease, changelog.Position{}, "cn-a", changes); err != nil {
				t.Fatal(err)
			}
			now, err := s.toFold(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			slices.SortFunc(now.rows, func(a, b changelog.Record) int {
				return cmp.Or(strings.Compare(a.InstanceID, b.InstanceID), cmp.Compare(a.Revision, b.Revision))
			})
			same := slices.EqualFunc(before.rows, now.rows, func(a, b changelog.Record) bool {
				return a.InstanceID == b.InstanceID && a.Revision == b.Revision
			})
			if len(before.rows) > housekeepAtOnce && (!same || before.to != now.to) {
				t.Errorf("polls of %v: up to %d there are %d rows to fold, after the next poll %d up to %d",
					sizes[:round], before.to, len(before.rows), len(now.rows), now.to)
			}
			before = now
		}
	}
}
