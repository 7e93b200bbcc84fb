package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/ecsd-io/ecsd/server/internal/changelog"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

// logModel is a model of a change log: a list, and the resulting instances.
type logModel struct {
	// base is the revision at which the list begins.
	base      int64
	revisions []changelog.Revision
	oldest    int64
	// baseID is the ID of the revision base.
	baseID    int64
	instances map[[2]string]changelog.Record
}

func (m *logModel) append(r changelog.Revision) {
	m.revisions = append(m.revisions, r)
	for _, c := range r.Changes {
		key := [2]string{r.RegionID, c.InstanceID}
		delete(m.instances, key)
		if c.After != nil {
			m.instances[key] = changelog.Record{RegionID: r.RegionID, InstanceID: c.InstanceID, Revision: r.Number, State: c.After}
		}
	}
}

func (m *logModel) bounds() changelog.Bounds {
	newest := m.base + int64(len(m.revisions))
	return changelog.Bounds{Oldest: m.oldest, Newest: newest, NewestID: m.position(newest).ID}
}

// position returns the position of a revision; one that never existed gets its
// own ID.
func (m *logModel) position(revision int64) changelog.Position {
	switch at := revision - m.base; {
	case at == 0:
		return changelog.Position{Revision: revision, ID: m.baseID}
	case at < 0 || at > int64(len(m.revisions)):
		return changelog.Position{Revision: revision, ID: 1}
	default:
		return m.revisions[at-1].Position()
	}
}

// trimmed moves the oldest revision past those followed by at least as many
// changes as are kept.
func (m *logModel) trimmed(kept int) {
	after := 0
	for i, r := range slices.Backward(m.revisions) {
		if after >= kept {
			m.oldest = max(m.oldest, m.base+int64(i+1))
			return
		}
		after += len(r.Changes)
	}
}

var (
	someRegions = []string{"cn-a", "cn-b", "CN-c"}
	someIDs     = []string{"i-1", "i-2", "i-A", "i-é", "i-10"}
)

// Reads match the model, whatever was written, trimmed and requested, and
// however the reader pages.
func TestChangeLogModel(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		fewerChecks(t)
		lease := acquire(t, s, "poll", "p1")
		rapid.Check(t, func(rt *rapid.T) {
			m := emptied(rt, t, s, lease)
			rt.Repeat(map[string]func(*rapid.T){
				"append": func(rt *rapid.T) {
					region := rapid.SampledFrom(someRegions).Draw(rt, "region")
					var changes []changelog.Change
					for _, id := range rapid.SliceOfNDistinct(rapid.SampledFrom(someIDs), 0, len(someIDs), rapid.ID).Draw(rt, "ids") {
						c := change(id, string(m.instances[[2]string{region, id}].State), "")
						if c.Before == nil || rapid.Bool().Draw(rt, "stays") {
							c.After = rapid.SliceOfN(rapid.Byte(), 1, 20).Draw(rt, "state")
						}
						changes = append(changes, c)
					}
					r, err := s.Append(t.Context(), lease, changelog.Position{}, region, changes)
					if err != nil {
						rt.Fatal(err)
					}
					if len(changes) == 0 {
						return
					}
					slices.SortFunc(changes, func(a, b changelog.Change) int { return strings.Compare(a.InstanceID, b.InstanceID) })
					want := changelog.Revision{Number: m.bounds().Newest + 1, ID: r.ID, RegionID: region, CommitTime: r.CommitTime, Changes: changes}
					if diff := cmp.Diff(want, r); diff != "" {
						rt.Fatalf("appended (-want +got):\n%s", diff)
					}
					if age := time.Since(r.CommitTime).Abs(); age > time.Minute {
						rt.Fatalf("committed %v from now", age)
					}
					m.append(r)
				},
				"trim": func(rt *rapid.T) {
					kept := rapid.IntRange(1, 60).Draw(rt, "kept")
					if err := s.TrimHistory(t.Context(), changelog.History{Age: time.Hour, MaxChanges: int64(kept)}); err != nil {
						rt.Fatal(err)
					}
					m.trimmed(kept)
				},
				"instances": func(rt *rapid.T) {
					regions := drawRegions(rt)
					got, bounds, err := s.Instances(t.Context(), regions)
					if err != nil {
						rt.Fatal(err)
					}
					var want []changelog.Record
					for _, i := range m.instances {
						if len(regions) == 0 || slices.Contains(regions, i.RegionID) {
							want = append(want, i)
						}
					}
					slices.SortFunc(want, func(a, b changelog.Record) int {
						return strings.Compare(a.RegionID+"\x00"+a.InstanceID, b.RegionID+"\x00"+b.InstanceID)
					})
					if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()) + cmp.Diff(m.bounds(), bounds); diff != "" {
						rt.Fatalf("instances of %v (-want +got):\n%s", regions, diff)
					}
				},
				"log": func(rt *rapid.T) {
					b := m.bounds()
					after := rapid.Int64Range(max(0, b.Oldest-1), b.Newest+1).Draw(rt, "after")
					follow(rt, t, s, m, after)
				},
				"changes": func(rt *rapid.T) { listed(rt, t, s, m) },
			})
		})
	})
}

// emptied removes the rows of an earlier run, since a new database for each
// would take most of the time.
func emptied(rt *rapid.T, t *testing.T, s *store.Store, lease ecs.Lease) *logModel {
	found, _, err := s.Instances(t.Context(), nil)
	for _, region := range someRegions {
		var gone []changelog.Change
		for _, i := range found {
			if i.RegionID == region {
				gone = append(gone, changelog.Change{InstanceID: i.InstanceID, Before: i.State})
			}
		}
		_, failed := s.Append(t.Context(), lease, changelog.Position{}, region, gone)
		err = errors.Join(err, failed)
	}
	err = errors.Join(err, s.TrimHistory(t.Context(), changelog.History{}))
	bounds, failed := s.LogBounds(t.Context())
	if err := errors.Join(err, failed); err != nil {
		rt.Fatal(err)
	}
	return &logModel{base: bounds.Newest, baseID: bounds.NewestID, oldest: bounds.Newest, instances: map[[2]string]changelog.Record{}}
}

// follow reads the log to its end by pages of any size.
func follow(rt *rapid.T, t *testing.T, s *store.Store, m *logModel, after int64) {
	regions := drawRegions(rt)
	limit := rapid.IntRange(1, 12).Draw(rt, "limit")
	b := m.bounds()
	var got []changelog.Revision
	from, at := after, m.position(after)
	for {
		page, err := s.Log(t.Context(), at, regions, limit)
		if want := outside(from, b); want != nil {
			if !errors.Is(err, want) {
				rt.Fatalf("log after %d of %+v: %v, want %v", from, b, err, want)
			}
			return
		}
		if err != nil {
			rt.Fatal(err)
		}
		changes := 0
		for i, r := range page.Revisions {
			if changes >= limit {
				rt.Fatalf("a page of %d goes on after %d changes, at revision %d of %d", limit, changes, i, len(page.Revisions))
			}
			changes += len(r.Changes)
		}
		got = append(got, page.Revisions...)
		if page.UpTo == b.Newest {
			break
		}
		if page.UpTo <= from {
			rt.Fatalf("a page after %d goes up to %d", from, page.UpTo)
		}
		if at = page.End(); at != m.position(at.Revision) {
			rt.Fatalf("a page ends at %+v, want %+v", at, m.position(at.Revision))
		}
		from = page.UpTo
	}
	var want []changelog.Revision
	for _, r := range m.revisions[after-m.base:] {
		if len(regions) == 0 || slices.Contains(regions, r.RegionID) {
			want = append(want, r)
		}
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		rt.Fatalf("log of %v after %d (-want +got):\n%s", regions, after, diff)
	}
}

func outside(after int64, b changelog.Bounds) error {
	switch {
	case after < b.Oldest:
		return changelog.ErrTrimmed
	case after > b.Newest:
		return changelog.ErrLost
	}
	return nil
}

func drawRegions(rt *rapid.T) []string {
	return rapid.SliceOfNDistinct(rapid.SampledFrom(append(slices.Clone(someRegions), "cn-never")), 0, 2, rapid.ID).Draw(rt, "regions")
}

// A full page is cut, but a revision larger than a page is whole.
func TestLogPages(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		lease := acquire(t, s, "poll", "p1")
		var big []changelog.Change
		for i := range 250 {
			big = append(big, change(fmt.Sprintf("i-%03d", i), "", "x"))
		}
		appended(t, s, lease, "cn-a", big...)
		appended(t, s, lease, "cn-b", change("i-1", "", "x"))
		page, err := s.Log(t.Context(), changelog.Position{}, nil, 10)
		if err != nil || page.UpTo != 1 || len(page.Revisions) != 1 || len(page.Revisions[0].Changes) != 250 {
			t.Errorf("a page of 10 holds %d revisions up to %d, %v", len(page.Revisions), page.UpTo, err)
		}
		// Other regions do not hold a reader back.
		page, err = s.Log(t.Context(), changelog.Position{}, []string{"cn-a"}, 10)
		if err != nil || page.UpTo != 2 || len(page.Revisions) != 1 {
			t.Errorf("of one region: %d revisions up to %d, %v", len(page.Revisions), page.UpTo, err)
		}
		if all, _, err := s.Instances(t.Context(), []string{"cn-a"}); err != nil || len(all) != 250 {
			t.Errorf("%d instances, %v", len(all), err)
		}
		gone := slices.Clone(big)
		for i := range gone {
			gone[i].Before, gone[i].After = gone[i].After, nil
		}
		appended(t, s, lease, "cn-a", gone...)
		if all, _, err := s.Instances(t.Context(), nil); err != nil || len(all) != 1 {
			t.Errorf("%d instances are left, %v", len(all), err)
		}
	})
}
