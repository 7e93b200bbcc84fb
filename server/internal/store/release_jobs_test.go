package store_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

var releaseTime = time.UnixMilli(1_790_000_000_000).UTC()

// releaseJob returns a job with its items.
func releaseJob(id string, instances ...string) (ecs.ReleaseJob, []ecs.ReleaseItem) {
	var items []ecs.ReleaseItem
	for _, instance := range instances {
		items = append(items, ecs.ReleaseItem{InstanceID: instance, State: ecs.ReleasePlanned, UpdateTime: releaseTime})
	}
	return ecs.ReleaseJob{
		ID: id, RequestID: "request of " + id, PayloadHash: "v1:x", Caller: "ci", Note: "a note", RegionID: "cn-hangzhou",
		Options: []byte(`{"Force":true}`), State: ecs.ReleaseJobRunning, CreateTime: releaseTime, UpdateTime: releaseTime,
	}, items
}

func releaseWorker(t *testing.T, s *store.Store, holder string) ecs.Lease {
	t.Helper()
	lease, err := s.AcquireLease(t.Context(), "release-jobs", holder, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return lease
}

func TestReleaseJob_CreatedAndRead(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		want, items := releaseJob("j-1", "i-2", "i-1", "i-3")
		if err := s.CreateReleaseJob(ctx, want, items); err != nil {
			t.Fatal(err)
		}
		again, _ := releaseJob("j-2")
		again.RequestID = want.RequestID
		if err := s.CreateReleaseJob(ctx, again, items); !errors.Is(err, ecs.ErrRequestIDTaken) {
			t.Errorf("the same request: %v, want ErrRequestIDTaken", err)
		}
		want.Revision, want.Counts = 1, map[ecs.ReleaseState]int{ecs.ReleasePlanned: 3}
		for name, read := range map[string]func() (ecs.ReleaseJob, error){
			"by ID":      func() (ecs.ReleaseJob, error) { return s.ReleaseJob(ctx, "j-1") },
			"by request": func() (ecs.ReleaseJob, error) { return s.ReleaseJobByRequest(ctx, want.RequestID) },
			"open": func() (ecs.ReleaseJob, error) {
				jobs, err := s.OpenReleaseJobs(ctx, 10)
				if len(jobs) != 1 {
					t.Fatalf("open: %v, %v", jobs, err)
				}
				return jobs[0], err
			},
		} {
			if got, err := read(); err != nil || !cmp.Equal(got, want) {
				t.Errorf("%s: %v, %s", name, err, cmp.Diff(want, got))
			}
		}
		if _, err := s.ReleaseJob(ctx, "j-2"); !errors.Is(err, ecs.ErrNoRecord) {
			t.Errorf("no job: %v, want ErrNoRecord", err)
		}
		var ids []string
		for at := (ecs.ReleaseItem{}); ; {
			page, err := s.ReleaseItems(ctx, "j-1", at.Revision, at.InstanceID, 2)
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			for _, i := range page {
				ids = append(ids, i.InstanceID)
			}
			at = page[len(page)-1]
		}
		if !slices.Equal(ids, []string{"i-1", "i-2", "i-3"}) {
			t.Errorf("items %v", ids)
		}
	})
}

func TestReleaseJob_WrittenToItsEnd(t *testing.T) {
	for name, c := range map[string]struct {
		ends []ecs.ReleaseState
		want ecs.ReleaseJobState
	}{
		"all released":   {[]ecs.ReleaseState{ecs.ReleaseReleased, ecs.ReleaseReleased}, ecs.ReleaseJobSucceeded},
		"some released":  {[]ecs.ReleaseState{ecs.ReleaseReleased, ecs.ReleaseSkipped}, ecs.ReleaseJobPartial},
		"none released":  {[]ecs.ReleaseState{ecs.ReleaseFailed, ecs.ReleaseSkipped}, ecs.ReleaseJobFailed},
		"one is pending": {[]ecs.ReleaseState{ecs.ReleaseReleased, ecs.ReleaseReleasing}, ecs.ReleaseJobRunning},
	} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *testing.T, s *store.Store) {
				ctx := t.Context()
				job, items := releaseJob("j", "i-0", "i-1")
				if err := s.CreateReleaseJob(ctx, job, items); err != nil {
					t.Fatal(err)
				}
				worker := releaseWorker(t, s, "p")
				at := releaseTime.Add(time.Minute)
				for n, state := range c.ends {
					i := ecs.ReleaseItem{
						JobID: "j", InstanceID: fmt.Sprint("i-", n), State: state, Detail: `{"x":1}`, UpdateTime: at,
						Failure: ecs.Failure{Reason: ecs.ReasonSnapshotFailed, Message: "m", CloudCode: "c", CloudRequestID: "r"},
					}
					if err := s.WriteReleaseItem(ctx, worker, i); err != nil {
						t.Fatal(err)
					}
					i.Revision = int64(n + 2)
					got, err := s.ReleaseItems(ctx, "j", int64(n+1), "i-9", 9)
					if err != nil || len(got) != 1 || !cmp.Equal(got[0], i) {
						t.Errorf("written: %v, %v, want %v", got, err, i)
					}
				}
				got, err := s.ReleaseJob(ctx, "j")
				if err != nil || got.State != c.want || got.Revision != 3 || !got.UpdateTime.Equal(at) || got.EndTime.Equal(at) != c.want.Ended() {
					t.Errorf("the job: %+v, %v, want %s", got, err, c.want)
				}
				open, err := s.OpenReleaseJobs(ctx, 9)
				if err != nil || (len(open) == 0) != c.want.Ended() {
					t.Errorf("open: %v, %v", open, err)
				}
			})
		})
	}
}

// Only the holder of the lease writes, and a final item is not written again.
func TestWriteReleaseItem_Fenced(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		job, items := releaseJob("j", "i-0", "i-1")
		if err := s.CreateReleaseJob(ctx, job, items); err != nil {
			t.Fatal(err)
		}
		old := releaseWorker(t, s, "p")
		if err := s.ReleaseLease(ctx, old); err != nil {
			t.Fatal(err)
		}
		worker := releaseWorker(t, s, "q")
		write := func(worker ecs.Lease, state ecs.ReleaseState) error {
			return s.WriteReleaseItem(ctx, worker, ecs.ReleaseItem{JobID: "j", InstanceID: "i-0", State: state, UpdateTime: releaseTime})
		}
		if err := write(old, ecs.ReleaseReleased); !errors.Is(err, ecs.ErrLeaseLost) {
			t.Errorf("an old lease: %v, want ErrLeaseLost", err)
		}
		if err := write(worker, ecs.ReleaseReleased); err != nil {
			t.Fatal(err)
		}
		if err := write(worker, ecs.ReleaseFailed); !errors.Is(err, ecs.ErrStateMoved) {
			t.Errorf("a final item: %v, want ErrStateMoved", err)
		}
		got, err := s.ReleaseJob(ctx, "j")
		if err != nil || got.Revision != 2 || got.Counts[ecs.ReleaseReleased] != 1 || got.Counts[ecs.ReleasePlanned] != 1 {
			t.Errorf("the job: %+v, %v, want one write", got, err)
		}
	})
}
