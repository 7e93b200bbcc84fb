package lifecycle_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/lifecycle"
)

// inJob runs a test in a bubble with a Lifecycle that works on release jobs.
func inJob(t *testing.T, test func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle)) {
	t.Helper()
	inBubble(t, quiet, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
		if err := l.Resume(t.Context()); err != nil {
			t.Fatal(err)
		}
		test(t, c, l)
	})
}

// createJob stores a job that must be accepted.
func createJob(t *testing.T, l *lifecycle.Lifecycle, q lifecycle.ReleaseRequest) lifecycle.ReleaseJobView {
	t.Helper()
	job, err := l.CreateReleaseJob(t.Context(), q, "a note")
	if err != nil {
		t.Fatal(err)
	}
	return job
}

// ended waits for the end of a job.
func ended(t *testing.T, l *lifecycle.Lifecycle, jobID string) (lifecycle.ReleaseJobView, map[string]lifecycle.ReleaseItemView) {
	t.Helper()
	for range 10_000 {
		job, items, err := l.ReleaseJob(t.Context(), jobID)
		if err != nil {
			t.Fatal(err)
		}
		if job.State.Ended() {
			byID := map[string]lifecycle.ReleaseItemView{}
			for _, i := range items {
				byID[i.InstanceID] = i
			}
			return job, byID
		}
		time.Sleep(10 * time.Second)
	}
	t.Fatal("the job does not end")
	return lifecycle.ReleaseJobView{}, nil
}

// A job saves every disk and releases the instances; those that a guard holds
// back, or whose disks are not saved, stay.
func TestReleaseJob(t *testing.T) {
	inJob(t, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
		c.add("i-1")
		c.add("i-2", protected)
		c.add("i-3")
		c.failing["d-data-i-3"] = true
		c.add("i-4", paidUntil(time.Now().Add(24*time.Hour)))
		c.hook = func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			for _, s := range c.snapshots {
				if c.deletes > 0 && strings.HasSuffix(s.DiskID, "-i-1") && time.Now().Before(s.done) {
					t.Error("released before its disks were saved")
				}
			}
		}
		q := release([]string{"i-4", "i-3", "i-2", "i-1", "i-none"})
		created := createJob(t, l, q)
		items := 0
		for _, n := range created.Counts { // some may have gone on by now
			items += n
		}
		if created.State != ecs.ReleaseJobRunning || created.Note != "a note" || items != 5 {
			t.Errorf("created: %+v", created)
		}
		job, byID := ended(t, l, created.ID)
		if job.State != ecs.ReleaseJobPartial || job.EndTime.IsZero() {
			t.Errorf("the job is %s, ended at %s", job.State, job.EndTime)
		}
		for id, want := range map[string]struct {
			state  ecs.ReleaseState
			reason ecs.Reason
		}{
			"i-1":    {ecs.ReleaseReleased, ""},
			"i-2":    {ecs.ReleaseSkipped, ecs.ReasonDeletionProtected},
			"i-3":    {ecs.ReleaseFailed, ecs.ReasonSnapshotFailed},
			"i-4":    {ecs.ReleaseSkipped, ecs.ReasonSubscriptionNotExpired},
			"i-none": {ecs.ReleaseSkipped, ecs.ReasonInstanceNotFound},
		} {
			if got := byID[id]; got.State != want.state || got.Failure.Reason != want.reason {
				t.Errorf("%s is %s, %s %s; want %s, %s", id, got.State, got.Failure.Reason, got.Failure.Message, want.state, want.reason)
			}
			if there := id != "i-none" && c.living(id); there != (want.state != ecs.ReleaseReleased && id != "i-none") {
				t.Errorf("%s is living: %t", id, there)
			}
		}
		disks := byID["i-1"].Outcome.Disks
		if len(disks) != 2 || c.snapshots[disks[0].SnapshotID] == nil || c.snapshots[disks[1].SnapshotID] == nil {
			t.Errorf("the disks of i-1: %+v", disks)
		}
		if again := createJob(t, l, q); again.ID != created.ID || again.State != ecs.ReleaseJobPartial {
			t.Errorf("the same request: %+v, want the job", again)
		}
		if len(c.snapshots) != 4 {
			t.Errorf("%d snapshots, want one of each disk of i-1 and i-3", len(c.snapshots))
		}
	})
}

func TestCreateReleaseJob_Refused(t *testing.T) {
	inJob(t, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
		c.add("i-1", protected)
		var many []string
		for n := range 11 {
			many = append(many, fmt.Sprint("i-", n))
		}
		if _, err := l.CreateReleaseJob(t.Context(), release(many), ""); !ecs.HasReason(err, ecs.ReasonReleaseLimitExceeded) {
			t.Errorf("eleven at once: %v, want RELEASE_LIMIT_EXCEEDED", err)
		}
		createJob(t, l, release([]string{"i-1"}))
		if _, err := l.CreateReleaseJob(t.Context(), release([]string{"i-1"}, force), ""); !ecs.HasReason(err, ecs.ReasonRequestIDReused) {
			t.Errorf("another request: %v, want REQUEST_ID_REUSED", err)
		}
		if _, _, err := l.ReleaseJob(t.Context(), "never"); !ecs.HasReason(err, ecs.ReasonJobNotFound) {
			t.Errorf("no job: %v, want JOB_NOT_FOUND", err)
		}
		results, err := l.CheckReleaseJob(t.Context(), release([]string{"i-1"}))
		if err != nil || !ecs.HasReason(results[0].Err, ecs.ReasonDeletionProtected) {
			t.Errorf("a dry run: %v, %v, want DELETION_PROTECTED", results, err)
		}
	})
}

// An error that may end is retried, and an instance that stays has its
// protection again.
func TestReleaseJob_Retries(t *testing.T) {
	for name, c := range map[string]struct {
		faults      []fault
		deleteFault fault
		want        ecs.ReleaseState
	}{
		"snapshots are throttled":  {[]fault{throttled, throttled, throttled}, "", ecs.ReleaseReleased},
		"a snapshot has no reply":  {[]fault{lostReply}, "", ecs.ReleaseReleased},
		"the release has no reply": {nil, lostReply, ecs.ReleaseReleased},
		"the release is refused":   {nil, soldOut, ecs.ReleaseFailed},
		"the release lags":         {nil, asPaid, ecs.ReleaseFailed},
		"the release is ignored":   {nil, ignored, ecs.ReleaseFailed},
	} {
		t.Run(name, func(t *testing.T) {
			inJob(t, func(t *testing.T, cloud *fakeCloud, l *lifecycle.Lifecycle) {
				cloud.add("i-1", protected, running)
				cloud.faults, cloud.deleteFault = c.faults, c.deleteFault
				_, items := ended(t, l, createJob(t, l, release([]string{"i-1"}, force, override)).ID)
				if got := items["i-1"]; got.State != c.want {
					t.Errorf("%s, %s %s; want %s", got.State, got.Failure.Reason, got.Failure.Message, c.want)
				}
				if message := items["i-1"].Failure.Message; strings.Contains(message, "request_id") {
					t.Errorf("the advice does not fit a job: %s", message)
				}
				if len(cloud.snapshots) != 2 {
					t.Errorf("%d snapshots, want one of each disk", len(cloud.snapshots))
				}
				time.Sleep(10 * time.Minute)
				if c.want != ecs.ReleaseReleased && !cloud.held("i-1").DeletionProtection {
					t.Error("its protection was not put back")
				}
			})
		})
	}
}

// A refusal that ends after some minutes is waited for, and reported meanwhile.
func TestReleaseJob_RetriesUntilTheRefusalEnds(t *testing.T) {
	inJob(t, func(t *testing.T, cloud *fakeCloud, l *lifecycle.Lifecycle) {
		cloud.add("i-1", protected)
		cloud.deleteFault = asPaid
		began := time.Now()
		cloud.hook = func() {
			cloud.mu.Lock()
			defer cloud.mu.Unlock()
			if time.Since(began) > 15*time.Minute {
				cloud.deleteFault = ""
			}
		}
		job := createJob(t, l, release([]string{"i-1"}, override))
		time.Sleep(10 * time.Minute)
		_, items, err := l.ReleaseJob(t.Context(), job.ID)
		if err != nil || items[0].State.Final() || items[0].Failure.Reason != ecs.ReasonOperationInProgress {
			t.Errorf("meanwhile: %+v, %v, want the last error of an instance that is tried again", items, err)
		}
		done, byID := ended(t, l, job.ID)
		if got := byID["i-1"]; done.State != ecs.ReleaseJobSucceeded || got.State != ecs.ReleaseReleased || got.Failure.Reason != "" {
			t.Errorf("the end: %s, %+v", done.State, got)
		}
		if len(cloud.snapshots) != 2 {
			t.Errorf("%d snapshots, want one of each disk", len(cloud.snapshots))
		}
	})
}

// mortalJobs simulates a process that dies at a step of its release jobs.
type mortalJobs struct {
	mortalRecords
	// reached is the last write before the death.
	reached atomic.Value
}

func (m *mortalJobs) step(name string, write func() error) error {
	if !m.isDead() {
		m.reached.Store(name)
	}
	return m.mortalRecords.step(write)
}

func (m *mortalJobs) CreateReleaseJob(ctx context.Context, j ecs.ReleaseJob, items []ecs.ReleaseItem) error {
	return m.step("create", func() error { return m.Records.CreateReleaseJob(ctx, j, items) })
}

func (m *mortalJobs) WriteReleaseItem(ctx context.Context, worker ecs.Lease, i ecs.ReleaseItem) error {
	return m.step(string(i.State), func() error { return m.Records.WriteReleaseItem(ctx, worker, i) })
}

func (m *mortalJobs) SaveIntents(ctx context.Context, intents []ecs.SettingIntent) error {
	return m.step("intent", func() error { return m.Records.SaveIntents(ctx, intents) })
}

func (m *mortalJobs) DropIntents(ctx context.Context, holder string, ids []string) error {
	return m.step("drop", func() error { return m.Records.DropIntents(ctx, holder, ids) })
}

func (m *mortalJobs) ExtendIntents(ctx context.Context, holder string, until time.Time) error {
	if m.isDead() {
		return errCrash
	}
	return m.Records.ExtendIntents(ctx, holder, until)
}

func (m *mortalJobs) ClaimIntents(ctx context.Context, holder string, now, until time.Time, limit int) ([]ecs.SettingIntent, error) {
	if m.isDead() {
		return nil, errCrash
	}
	return m.Records.ClaimIntents(ctx, holder, now, until, limit)
}

func (m *mortalJobs) ReleaseLease(ctx context.Context, lease ecs.Lease) error {
	if m.isDead() {
		return errCrash
	}
	return m.Records.ReleaseLease(ctx, lease)
}

// stopsWhenDead makes a cloud unreachable for a process that has died.
type stopsWhenDead struct {
	lifecycle.Cloud
	process *mortalJobs
}

var errDead = &ecs.Error{Reason: ecs.ReasonOutcomeUnknown, Message: "dead", Retry: ecs.RetryBackoff, Effect: ecs.EffectUnknown}

func (s stopsWhenDead) CreateSnapshot(ctx context.Context, o ecs.SnapshotOrder) (string, error) {
	if s.process.isDead() {
		return "", errDead
	}
	return s.Cloud.CreateSnapshot(ctx, o)
}

func (s stopsWhenDead) SetDeletionProtection(ctx context.Context, regionID, id string, on bool) error {
	if s.process.isDead() {
		return errDead
	}
	return s.Cloud.SetDeletionProtection(ctx, regionID, id, on)
}

func (s stopsWhenDead) DeleteInstances(ctx context.Context, regionID string, ids []string, o ecs.DeleteOptions, token string, dryRun bool) []ecs.Result[struct{}] {
	if s.process.isDead() {
		results := make([]ecs.Result[struct{}], len(ids))
		for i, id := range ids {
			results[i] = ecs.Result[struct{}]{ID: id, Err: errDead}
		}
		return results
	}
	return s.Cloud.DeleteInstances(ctx, regionID, ids, o, token, dryRun)
}

// TestReleaseJobCrashMatrix kills the process at every write of a job, before
// and after it, under faults of the cloud. The next process finishes the job:
// each disk has one snapshot, the instance is released once, and the one that
// stays is protected again.
func TestReleaseJobCrashMatrix(t *testing.T) {
	if testing.Short() {
		t.Skip("hundreds of crashes")
	}
	onEachEngine(t, func(t *testing.T, open func(*testing.T) part) {
		faults := []fault{fine, lostReply, serverError, soldOut}
		if strings.HasSuffix(t.Name(), "/postgres") {
			faults = faults[:1] // the statements are the same
		}
		for _, deleteFault := range faults {
			reached := map[string]bool{}
			for step := 1; ; step++ {
				died := false
				for _, keep := range []bool{false, true} {
					t.Run(fmt.Sprintf("%s, step %d, kept %t", deleteFault, step, keep), func(t *testing.T) {
						bubble(t, func(t *testing.T) {
							died = crashReleaseJob(t, open(t), deleteFault, step, keep, reached) || died
						})
					})
				}
				if !died {
					break
				}
			}
			for _, write := range []string{"create", "SNAPSHOTTING", "intent", "RELEASING", "drop"} {
				if !reached[write] {
					t.Errorf("no process died at %s, only at %v", write, slices.Sorted(maps.Keys(reached)))
				}
			}
		}
	})
}

func crashReleaseJob(t *testing.T, records part, deleteFault fault, step int, keep bool, reached map[string]bool) (died bool) {
	cloud := newCloud()
	cloud.add("i-1", protected, running)
	cloud.deleteFault = deleteFault
	mortal := &mortalJobs{mortalRecords: mortalRecords{Records: records, steps: step, keep: keep}}
	q := release([]string{"i-1"}, force, override)

	first := lifecycle.New(stopsWhenDead{cloud, mortal}, mortal, quiet)
	if err := first.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err := first.CreateReleaseJob(t.Context(), q, "")
	if err != nil && !errors.Is(err, errCrash) {
		t.Fatal(err)
	}
	for range 60 {
		if mortal.isDead() {
			reached[mortal.reached.Load().(string)] = true
			break
		}
		time.Sleep(5 * time.Second)
	}
	first.Close()
	records.free(t)

	second := lifecycle.New(cloud, records, quiet)
	defer second.Close()
	if err := second.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	job, items := ended(t, second, createJob(t, second, q).ID)
	want, wantJob := ecs.ReleaseReleased, ecs.ReleaseJobSucceeded
	if deleteFault == soldOut {
		want, wantJob = ecs.ReleaseFailed, ecs.ReleaseJobFailed
	}
	if got := items["i-1"]; got.State != want {
		t.Errorf("the instance is %s, %s %s; want %s", got.State, got.Failure.Reason, got.Failure.Message, want)
	}
	if job.State != wantJob {
		t.Errorf("the job is %s, want %s", job.State, wantJob)
	}
	if len(cloud.snapshots) != 2 {
		t.Errorf("%d snapshots, want one of each disk", len(cloud.snapshots))
	}
	time.Sleep(5 * time.Minute)
	if cloud.living("i-1") && !cloud.held("i-1").DeletionProtection {
		t.Error("it stays and is not protected again")
	}
	if cloud.living("i-1") == (items["i-1"].State == ecs.ReleaseReleased) {
		t.Errorf("living %t and %s", cloud.living("i-1"), items["i-1"].State)
	}
	left, err := records.Intents(t.Context(), region, ecs.SettingDeletionProtection, []string{"i-1"})
	if err != nil || len(left) > 0 {
		t.Errorf("intents left: %v, %v", left, err)
	}
	return mortal.isDead()
}

// A process that lost the lease writes nothing more; the next holder goes on.
func TestReleaseJob_TwoProcesses(t *testing.T) {
	bubble(t, func(t *testing.T) {
		records, cloud := newRecords(), newCloud()
		cloud.add("i-1", protected)
		cloud.snapshotTime = 10 * time.Minute
		var all []*lifecycle.Lifecycle
		for range 2 {
			l := lifecycle.New(cloud, sharedPart{records}, quiet)
			defer l.Close()
			if err := l.Resume(t.Context()); err != nil {
				t.Fatal(err)
			}
			all = append(all, l)
		}
		job := createJob(t, all[1], release([]string{"i-1"}, override))
		time.Sleep(5 * time.Minute)
		records.free(t)
		_, items := ended(t, all[0], job.ID)
		if got := items["i-1"]; got.State != ecs.ReleaseReleased {
			t.Errorf("the instance is %s, %s", got.State, got.Failure.Message)
		}
		if len(cloud.snapshots) != 2 {
			t.Errorf("%d snapshots, want one of each disk", len(cloud.snapshots))
		}
	})
}

// sharedPart is a part that other processes use too.
type sharedPart struct{ part }

func (sharedPart) Shared() bool { return true }

// A follower gets every state of a job to its end, and one that resumes only
// the rest.
func TestFollowReleaseJob(t *testing.T) {
	inJob(t, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
		c.add("i-1")
		job := createJob(t, l, release([]string{"i-1", "i-none"}))
		var states []ecs.ReleaseState
		var middle lifecycle.ReleasePosition
		var last ecs.ReleaseJobState
		err := l.FollowReleaseJob(t.Context(), job.ID, lifecycle.ReleasePosition{}, func(s *lifecycle.ReleaseStep) error {
			for _, i := range s.Value.Items {
				if i.InstanceID == "i-1" {
					states = append(states, i.State)
				}
			}
			if len(states) == 1 {
				middle = s.Next
			}
			last = s.Value.Job.State
			return nil
		})
		// The job may begin before the follower does.
		states = slices.DeleteFunc(slices.Compact(states), func(s ecs.ReleaseState) bool { return s == ecs.ReleasePlanned })
		want := []ecs.ReleaseState{ecs.ReleaseSnapshotting, ecs.ReleaseReleasing, ecs.ReleaseReleased}
		if err != nil || !slices.Equal(states, want) || last != ecs.ReleaseJobPartial {
			t.Errorf("states %v, the job %s (%v), want %v", states, last, err, want)
		}
		var rest []ecs.ReleaseState
		err = l.FollowReleaseJob(t.Context(), job.ID, middle, func(s *lifecycle.ReleaseStep) error {
			for _, i := range s.Value.Items {
				rest = append(rest, i.State)
			}
			return nil
		})
		if err != nil || slices.Contains(rest, ecs.ReleasePlanned) || !slices.Contains(rest, ecs.ReleaseReleased) {
			t.Errorf("resumed: %v (%v)", rest, err)
		}
	})
}
