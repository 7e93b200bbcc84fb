package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ecsd-io/ecsd/server/internal/changelog"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

// appended writes a revision that must be taken.
func appended(t testing.TB, s *store.Store, lease ecs.Lease, region string, changes ...changelog.Change) changelog.Revision {
	t.Helper()
	r, err := s.Append(t.Context(), lease, changelog.Position{}, region, changes)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func change(id, before, after string) changelog.Change {
	c := changelog.Change{InstanceID: id}
	if before != "" {
		c.Before = []byte(before)
	}
	if after != "" {
		c.After = []byte(after)
	}
	return c
}

func TestAppend_NothingChanged(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		lease := acquire(t, s, "poll", "p1")
		if r := appended(t, s, lease, "cn-a"); r.Number != 0 {
			t.Errorf("no change became revision %d", r.Number)
		}
		if bounds, err := s.LogBounds(t.Context()); err != nil || bounds != (changelog.Bounds{}) {
			t.Errorf("the bounds of an empty log are %+v, %v", bounds, err)
		}
		page, err := s.Log(t.Context(), changelog.Position{}, nil, 10)
		if diff := cmp.Diff(changelog.Page{}, page, cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Errorf("an empty log reads as (-want +got):\n%s%v", diff, err)
		}
	})
}

// The note of a lease is written together with the changes that it describes.
func TestAppend_LeavesNote(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		lease := acquire(t, s, "poll", "p1")
		lease.Note = []byte("seen")
		appended(t, s, lease, "cn-a", change("i-1", "", "a"))
		old := lease
		old.Epoch, old.Note = 0, []byte("late")
		if _, err := s.Append(t.Context(), old, changelog.Position{}, "cn-a", []changelog.Change{change("i-1", "a", "b")}); !errors.Is(err, ecs.ErrLeaseLost) {
			t.Errorf("append under an old epoch: %v", err)
		}
		if all, err := s.Leases(t.Context(), "poll"); err != nil || len(all) != 1 || string(all[0].Note) != "seen" {
			t.Errorf("the leases are %+v, %v", all, err)
		}
	})
}

func TestAppend_Refused(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		lease := acquire(t, s, "poll", "p1")
		for name, c := range map[string]struct {
			lease   ecs.Lease
			changes []changelog.Change
			want    error
		}{
			"an instance twice":      {lease, []changelog.Change{change("i-1", "", "a"), change("i-2", "", "a"), change("i-1", "a", "b")}, nil},
			"a change of nothing":    {lease, []changelog.Change{change("i-1", "", "")}, nil},
			"a lease that never was": {ecs.Lease{Name: "other", Holder: "p1", Epoch: 1}, []changelog.Change{change("i-1", "", "a")}, ecs.ErrLeaseLost},
			"another holder":         {ecs.Lease{Name: "poll", Holder: "p2", Epoch: 1}, []changelog.Change{change("i-1", "", "a")}, ecs.ErrLeaseLost},
			"an old epoch":           {ecs.Lease{Name: "poll", Holder: "p1", Epoch: 0}, []changelog.Change{change("i-1", "", "a")}, ecs.ErrLeaseLost},
		} {
			_, err := s.Append(t.Context(), c.lease, changelog.Position{}, "cn-a", c.changes)
			if err == nil || c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("%s: got %v, want %v", name, err, c.want)
			}
		}
		if bounds, err := s.LogBounds(t.Context()); err != nil || bounds.Newest != 0 {
			t.Errorf("what was refused moved the log to %+v, %v", bounds, err)
		}
		if found, _, err := s.Instances(t.Context(), nil); err != nil || len(found) != 0 {
			t.Errorf("what was refused left %+v, %v", found, err)
		}
	})
}

func TestID_StaysWithDatabase(t *testing.T) {
	for name, address := range lasting {
		t.Run(name, func(t *testing.T) {
			at := address(t)
			first := open(t, at)
			lease := acquire(t, first, "poll", "p1")
			written := appended(t, first, lease, "cn-a", change("i-1", "", "a"))
			if err := first.Close(); err != nil {
				t.Fatal(err)
			}
			again, other := open(t, at), open(t, address(t))
			if again.ID() != first.ID() || other.ID() == first.ID() || len(first.ID()) != 36 {
				t.Errorf("ids: %q, reopened %q, another database %q", first.ID(), again.ID(), other.ID())
			}
			page, err := again.Log(t.Context(), changelog.Position{}, nil, 1)
			if diff := cmp.Diff(changelog.Page{Revisions: []changelog.Revision{written}, UpTo: 1, UpToID: written.ID}, page); err != nil || diff != "" {
				t.Errorf("after a restart the log differs (-want +got):\n%s%v", diff, err)
			}
		})
	}
}

// several opens the store for three processes; on SQLite it is one.
func several(t *testing.T, address string) []*store.Store {
	t.Helper()
	first := open(t, address)
	if !first.Shared() {
		return []*store.Store{first, first, first}
	}
	return []*store.Store{first, open(t, address), open(t, address)}
}

// Pollers of several regions write concurrently, and a follower of the log sees
// every revision, each once, whole and in order: none is committed after one
// with a higher number.
func TestLog_OrderOfCommits(t *testing.T) {
	const each = 25
	for name, address := range engines {
		t.Run(name, func(t *testing.T) {
			stores := several(t, address(t))
			var writers sync.WaitGroup
			for n, s := range stores {
				region := fmt.Sprintf("cn-%d", n)
				lease := acquire(t, s, "poll/"+region, "p1")
				writers.Go(func() {
					for i := range each {
						changes := make([]changelog.Change, 1+i%7)
						for j := range changes {
							changes[j] = change(fmt.Sprintf("i-%d-%d-%d", n, i, j), "", "new")
						}
						if _, err := s.Append(t.Context(), lease, changelog.Position{}, region, changes); err != nil {
							t.Error(err)
						}
					}
				})
			}
			next := map[string]int{}
			var at changelog.Position
			for seen := int64(0); seen < each*int64(len(stores)) && !t.Failed(); {
				page, err := stores[0].Log(t.Context(), at, nil, 5)
				if err != nil {
					t.Fatal(err)
				}
				for _, r := range page.Revisions {
					if r.Number != seen+1 {
						t.Fatalf("revision %d after %d", r.Number, seen)
					}
					if want := 1 + next[r.RegionID]%7; len(r.Changes) != want {
						t.Fatalf("revision %d has %d changes, want %d", r.Number, len(r.Changes), want)
					}
					next[r.RegionID]++
					seen = r.Number
				}
				at = page.End()
				if page.UpTo != seen {
					t.Fatalf("a page up to %d ends with revision %d", page.UpTo, seen)
				}
			}
			writers.Wait()
		})
	}
}

// Three pollers steal one lease from each other all the time, each incrementing
// an instance from its last read. A write under a stolen lease would repeat a
// number.
func TestFencing(t *testing.T) {
	const count = 40
	for name, address := range engines {
		t.Run(name, func(t *testing.T) {
			stores := several(t, address(t))
			ctx, enough := context.WithCancel(t.Context())
			defer enough()
			var pollers sync.WaitGroup
			var stolen atomic.Int32
			for n, s := range stores {
				pollers.Go(func() {
					for ctx.Err() == nil {
						// A ttl of nothing: every other poller may take it at once.
						lease, err := s.AcquireLease(ctx, "poll", fmt.Sprint("p", n), 0)
						if err != nil {
							continue
						}
						found, _, err := s.Instances(ctx, nil)
						if err != nil {
							continue
						}
						c, at := change("i-1", "", "1"), 0
						if len(found) > 0 {
							at, _ = strconv.Atoi(string(found[0].State))
							c = change("i-1", strconv.Itoa(at), strconv.Itoa(at+1))
						}
						if at >= count {
							enough()
							return
						}
						_, err = s.Append(ctx, lease, changelog.Position{}, "cn-a", []changelog.Change{c})
						if errors.Is(err, ecs.ErrLeaseLost) {
							stolen.Add(1)
						} else if err != nil && ctx.Err() == nil {
							t.Error(err)
						}
					}
				})
			}
			pollers.Wait()
			page, err := stores[0].Log(t.Context(), changelog.Position{}, nil, 10*count)
			if err != nil {
				t.Fatal(err)
			}
			var at []byte
			for _, r := range page.Revisions {
				if !bytes.Equal(r.Changes[0].Before, at) {
					t.Fatalf("revision %d goes from %s, but the one before it went to %s", r.Number, r.Changes[0].Before, at)
				}
				at = r.Changes[0].After
			}
			if string(at) != strconv.Itoa(count) || len(page.Revisions) != count {
				t.Errorf("%d revisions counted to %s", len(page.Revisions), at)
			}
			t.Logf("%d writes came too late", stolen.Load())
		})
	}
}

func TestTrimHistory(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		ctx, lease := t.Context(), acquire(t, s, "poll", "p1")
		before := ""
		for i := range 20 {
			after := fmt.Sprint("state", i)
			appended(t, s, lease, "cn-a", change("i-1", before, after), change(fmt.Sprint("i-other-", i), "", "x"))
			before = after
		}
		positions := []changelog.Position{{}}
		page, err := s.Log(ctx, changelog.Position{}, nil, 1000)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Revisions {
			positions = append(positions, r.Position())
		}
		oldest := func(h changelog.History) int64 {
			t.Helper()
			if err := s.TrimHistory(ctx, h); err != nil {
				t.Fatal(err)
			}
			bounds, err := s.LogBounds(ctx)
			if err != nil || bounds.Newest != 20 {
				t.Fatalf("the bounds are %+v, %v", bounds, err)
			}
			return bounds.Oldest
		}
		for _, step := range []struct {
			h    changelog.History
			want int64
		}{
			{changelog.History{Age: time.Hour, MaxChanges: 1000}, 0},
			{changelog.History{Age: time.Hour, MaxChanges: 30}, 5}, // 15 revisions of two changes stay
			{changelog.History{Age: time.Hour, MaxChanges: 28}, 6},
			{changelog.History{Age: time.Hour, MaxChanges: 30}, 6}, // a trimmed change stays trimmed
			{changelog.History{Age: time.Hour, MaxChanges: 1}, 19},
			{changelog.History{Age: 0, MaxChanges: 1000}, 20},
		} {
			got := oldest(step.h)
			if got != step.want {
				t.Errorf("after %+v the oldest is %d, want %d", step.h, got, step.want)
			}
			if got > 0 {
				if _, err := s.Log(ctx, positions[got-1], nil, 1); !errors.Is(err, changelog.ErrTrimmed) {
					t.Errorf("read after %d: %v, want changelog.ErrTrimmed", got-1, err)
				}
			}
			if err := s.Resumable(ctx, changelog.Position{Revision: got, ID: 1}); !errors.Is(err, changelog.ErrLost) {
				t.Errorf("continue after another revision %d: %v, want changelog.ErrLost", got, err)
			}
			page, err := s.Log(ctx, positions[got], nil, 1000)
			if err != nil || len(page.Revisions) != int(20-got) || page.UpTo != 20 {
				t.Errorf("after %d there are %d revisions up to %d, %v", got, len(page.Revisions), page.UpTo, err)
			}
		}
		if found, bounds, err := s.Instances(ctx, nil); err != nil || len(found) != 21 || bounds != (changelog.Bounds{Oldest: 20, Newest: 20, NewestID: positions[20].ID}) {
			t.Errorf("%d instances are left with %+v, %v", len(found), bounds, err)
		}
		if _, err := s.Log(ctx, changelog.Position{Revision: 21}, nil, 1); !errors.Is(err, changelog.ErrLost) {
			t.Errorf("read after a revision that never was: %v, want changelog.ErrLost", err)
		}
	})
}

// If a trim is interrupted at any point, even in the middle of a revision,
// reads return what was written, and the next trim continues.
func TestTrimHistory_CutShort(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		lease := acquire(t, s, "poll", "p1")
		want := map[string]string{}
		read := func(when string) {
			t.Helper()
			found, _, err := s.Instances(t.Context(), []string{"cn-a"})
			got := map[string]string{}
			for _, r := range found {
				got[r.InstanceID] = string(r.State)
			}
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Fatalf("%s (-want +got):\n%s%v", when, diff, err)
			}
		}
		cut := 0
		for round := range 2 {
			var changes []changelog.Change
			for i := range 700 {
				id, after := fmt.Sprint("i-", i), fmt.Sprint(round)
				if (i+round)%3 == 0 {
					after = ""
				}
				if want[id] == "" && after == "" {
					continue
				}
				changes = append(changes, change(id, want[id], after))
				if want[id] = after; after == "" {
					delete(want, id)
				}
			}
			appended(t, s, lease, "cn-a", changes...)
			for patience := time.Millisecond; ; patience *= 2 {
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				err := s.TrimHistory(ctx, changelog.History{Age: time.Hour, MaxChanges: 1})
				cancel()
				read(fmt.Sprintf("round %d after %s", round, patience))
				if err == nil {
					break
				}
				cut++
			}
		}
		if cut == 0 {
			t.Error("no trim was cut short")
		}
	})
}
