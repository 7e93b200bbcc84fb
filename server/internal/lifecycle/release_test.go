package lifecycle_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/lifecycle"
)

// release returns a release request, modified by the given changes.
func release(ids []string, change ...func(*lifecycle.ReleaseRequest)) lifecycle.ReleaseRequest {
	q := lifecycle.ReleaseRequest{RequestID: "r-1", Caller: "test", RegionID: region, IDs: ids}
	for _, f := range change {
		f(&q)
	}
	asked := q
	asked.RequestID, asked.Caller = "", ""
	q.Fingerprint = "v1:" + stringOf(asked)
	return q
}

func force(q *lifecycle.ReleaseRequest)    { q.Force = true }
func save(q *lifecycle.ReleaseRequest)     { q.SnapshotDisks = true }
func override(q *lifecycle.ReleaseRequest) { q.OverrideDeletionProtection = true }
func unexpired(q *lifecycle.ReleaseRequest) {
	q.AllowUnexpiredSubscription = true
}
func validate(q *lifecycle.ReleaseRequest) { q.ValidateOnly = true }

// one releases a single instance.
func one(t *testing.T, l *lifecycle.Lifecycle, q lifecycle.ReleaseRequest) (lifecycle.Outcome, *ecs.Error) {
	t.Helper()
	results, err := l.Release(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	if len(results) != 1 || results[0].ID != q.IDs[0] {
		t.Fatalf("results %+v", results)
	}
	return results[0].Value, ecs.AsError(results[0].Err)
}

func TestRelease_EachGuardHasOneField(t *testing.T) {
	day := 24 * time.Hour
	for _, test := range []struct {
		name    string
		is      []func(*ecs.Instance)
		reason  ecs.Reason
		fields  string
		opened  []func(*lifecycle.ReleaseRequest)
		refused ecs.Reason // by the cloud, although the guards are open
	}{
		{"running", []func(*ecs.Instance){running}, ecs.ReasonIncorrectStatus, "force", []func(*lifecycle.ReleaseRequest){force}, ""},
		{"protected", []func(*ecs.Instance){protected}, ecs.ReasonDeletionProtected, "override_deletion_protection", []func(*lifecycle.ReleaseRequest){override}, ""},
		{"a subscription not expired", []func(*ecs.Instance){paidUntil(time.Now().Add(day))}, ecs.ReasonSubscriptionNotExpired, "allow_unexpired_subscription",
			[]func(*lifecycle.ReleaseRequest){unexpired}, ecs.ReasonSubscriptionNotExpired},
		{"of a charge type that is not known", []func(*ecs.Instance){func(i *ecs.Instance) { i.ChargeType = ecs.ChargeUnknown }}, ecs.ReasonSubscriptionNotExpired,
			"allow_unexpired_subscription", []func(*lifecycle.ReleaseRequest){unexpired}, ""},
		{"running and protected", []func(*ecs.Instance){running, protected}, ecs.ReasonDeletionProtected, "override_deletion_protection,force",
			[]func(*lifecycle.ReleaseRequest){force, override}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, lifecycle.Config{}, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
				c.add("i-1", test.is...)
				// Every field except those of the guards.
				all := []func(*lifecycle.ReleaseRequest){force, override, unexpired}
				fields := []string{"force", "override_deletion_protection", "allow_unexpired_subscription"}
				var others []func(*lifecycle.ReleaseRequest)
				for i, f := range all {
					if !strings.Contains(test.fields, fields[i]) {
						others = append(others, f)
					}
				}
				for _, dry := range []bool{false, true} {
					q := release([]string{"i-1"}, others...)
					q.ValidateOnly = dry
					_, err := one(t, l, q)
					if err == nil || err.Reason != test.reason || err.Facts["allowed_by"] != test.fields || err.InstanceID != "i-1" {
						t.Errorf("validate %t: got %+v, want %s allowed by %s", dry, err, test.reason, test.fields)
						continue
					}
					var named []string
					for _, v := range err.Violations {
						named = append(named, v.Field)
						if !strings.Contains(err.Message, v.Field) {
							t.Errorf("the message %q does not name %s", err.Message, v.Field)
						}
					}
					if strings.Join(named, ",") != test.fields {
						t.Errorf("violations %v, want %s", named, test.fields)
					}
				}
				if c.deletes != 0 || !c.living("i-1") {
					t.Fatal("a guarded instance was touched")
				}
				q := release([]string{"i-1"}, test.opened...)
				q.RequestID = "r-2"
				outcome, err := one(t, l, q)
				if test.refused != "" {
					if err == nil || err.Reason != test.refused || !c.living("i-1") {
						t.Errorf("opened: %+v, %v, want the cloud's own refusal", outcome, err)
					}
					return
				}
				if err != nil || !outcome.Released || c.living("i-1") {
					t.Errorf("opened: %+v, %v", outcome, err)
				}
			})
		})
	}
}

func TestRelease_ExpiredAndPayAsYouGoTogether(t *testing.T) {
	inBubble(t, lifecycle.Config{}, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
		c.add("i-1", paidUntil(time.Now().Add(-time.Hour)))
		c.add("i-2")
		results, err := l.Release(t.Context(), release([]string{"i-2", "i-none", "i-1", "i-2"}))
		if err != nil {
			t.Fatal(err)
		}
		for n, id := range []string{"i-2", "i-none", "i-1", "i-2"} {
			r := results[n]
			if r.ID != id || (r.Err == nil) != (id != "i-none") || r.Value.Released != (id != "i-none") {
				t.Errorf("result %d is %+v, want that of %s", n, r, id)
			}
		}
		if !ecs.HasReason(results[1].Err, ecs.ReasonInstanceNotFound) {
			t.Errorf("an unknown id: %v", results[1].Err)
		}
	})
}

func TestRelease_TooManyTouchesNothing(t *testing.T) {
	inBubble(t, lifecycle.Config{MaxRelease: 2}, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
		ids := []string{"i-1", "i-2", "i-3"}
		for _, id := range ids {
			c.add(id)
		}
		for _, dry := range []bool{false, true} {
			_, err := l.Release(t.Context(), release(ids, func(q *lifecycle.ReleaseRequest) { q.ValidateOnly = dry }))
			e := ecs.AsError(err)
			if e == nil || e.Reason != ecs.ReasonReleaseLimitExceeded || e.Facts["allowed_by"] != "max_instances" || e.Facts["limit"] != "2" || len(e.Violations) != 1 {
				t.Errorf("got %+v, want RELEASE_LIMIT_EXCEEDED", err)
			}
		}
		if c.reads+c.deletes+c.dryRuns != 0 {
			t.Error("the cloud was asked")
		}
		if _, err := l.Release(t.Context(), release(ids, func(q *lifecycle.ReleaseRequest) { q.MaxInstances = 1 })); !ecs.HasReason(err, ecs.ReasonReleaseLimitExceeded) {
			t.Errorf("a lower number of the request's own: got %v", err)
		}
		// An id that is named twice goes once.
		if _, err := l.Release(t.Context(), release([]string{"i-1", "i-1", "i-1"}, func(q *lifecycle.ReleaseRequest) { q.RequestID = "r-2" })); err != nil {
			t.Errorf("one instance thrice: %v", err)
		}
		if results, err := l.Release(t.Context(), release(ids[1:], func(q *lifecycle.ReleaseRequest) { q.MaxInstances, q.RequestID = 3, "r-3" })); err != nil || !results[0].Value.Released {
			t.Errorf("raised: %+v, %v", results, err)
		}
	})
}

func TestRelease_Replayed(t *testing.T) {
	inBubble(t, lifecycle.Config{}, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
		c.add("i-1", func(i *ecs.Instance) { i.Name = "web" })
		c.add("i-2", running)
		first, err := l.Release(t.Context(), release([]string{"i-1", "i-2"}))
		if err != nil || !first[0].Value.Released || !ecs.HasReason(first[1].Err, ecs.ReasonIncorrectStatus) {
			t.Fatalf("%+v, %v", first, err)
		}
		second, err := l.Release(t.Context(), release([]string{"i-1", "i-2"}, func(q *lifecycle.ReleaseRequest) { q.Caller = "another" }))
		if err != nil || !second[0].Value.Released || second[0].Value.Instance.Name != "web" || c.deletes != 1 {
			t.Errorf("again: %+v, %v, %d deletes", second, err, c.deletes)
		}
		if _, err := l.Release(t.Context(), release([]string{"i-1", "i-2"}, force)); !ecs.HasReason(err, ecs.ReasonRequestIDReused) {
			t.Errorf("another payload: got %v, want REQUEST_ID_REUSED", err)
		}
		// A kept instance is evaluated again.
		c.instances["i-2"].Status = ecs.StatusStopped
		third, err := l.Release(t.Context(), release([]string{"i-1", "i-2"}))
		if err != nil || !third[0].Value.Released || !third[1].Value.Released {
			t.Errorf("stopped since: %+v, %v", third, err)
		}
		// Another request for the instance did not release it.
		q := release([]string{"i-1"})
		q.RequestID = "r-2"
		if _, err := one(t, l, q); err == nil || err.Reason != ecs.ReasonInstanceNotFound {
			t.Errorf("another request: %v, want INSTANCE_NOT_FOUND", err)
		}
	})
}

// The same request is made at another process, which releases the instance after this one has read the record.
func TestRelease_ReleasedByAnotherProcess(t *testing.T) {
	bubble(t, func(t *testing.T) {
		records, c := newRecords(), newCloud()
		c.add("i-1", func(i *ecs.Instance) { i.Name = "web" })
		there := lifecycle.New(c, records, quiet)
		defer there.Close()
		here := lifecycle.New(&late{Cloud: c, meanwhile: func() {
			if results, err := there.Release(t.Context(), release([]string{"i-1", "i-none"})); err != nil || !results[0].Value.Released {
				t.Errorf("%+v, %v", results, err)
			}
		}}, records, quiet)
		defer here.Close()
		results, err := here.Release(t.Context(), release([]string{"i-1", "i-none"}))
		if err != nil || !results[0].Value.Released || results[0].Value.Instance.Name != "web" || c.deletes != 1 {
			t.Errorf("%+v, %v, %d deletes", results, err, c.deletes)
		}
		if !ecs.HasReason(results[1].Err, ecs.ReasonInstanceNotFound) {
			t.Errorf("an instance that does not exist: %+v", results[1])
		}
	})
}

func TestRelease_UnknownSettledByReading(t *testing.T) {
	for _, f := range []fault{lostReply, serverError, lostRequest} {
		t.Run(string(f), func(t *testing.T) {
			inBubble(t, lifecycle.Config{}, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
				c.add("i-1")
				c.faults = []fault{f}
				outcome, err := one(t, l, release([]string{"i-1"}))
				if f != lostRequest {
					if err != nil || !outcome.Released {
						t.Errorf("%+v, %v, want it released", outcome, err)
					}
					return
				}
				if err == nil || err.Effect != ecs.EffectUnknown || !c.living("i-1") {
					t.Errorf("%+v, %v, want an unknown outcome", outcome, err)
				}
				if outcome, err := one(t, l, release([]string{"i-1"})); err != nil || !outcome.Released {
					t.Errorf("again: %+v, %v", outcome, err)
				}
			})
		})
	}
}

func TestRelease_AcceptedAndStillShown(t *testing.T) {
	inBubble(t, lifecycle.Config{}, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
		c.add("i-1")
		c.lag = 5 * time.Minute
		if outcome, err := one(t, l, release([]string{"i-1"})); err == nil || err.Reason != ecs.ReasonOperationInProgress || err.Retry == ecs.RetryNever {
			t.Errorf("%+v, %v, want it still in progress", outcome, err)
		}
		time.Sleep(5 * time.Minute)
		if outcome, err := one(t, l, release([]string{"i-1"})); err != nil || !outcome.Released || c.deletes != 1 {
			t.Errorf("later: %+v, %v, %d deletes", outcome, err, c.deletes)
		}
	})
}

func TestRelease_AcceptedAndNotDone(t *testing.T) {
	inBubble(t, lifecycle.Config{}, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
		c.add("i-1")
		c.faults = []fault{ignored}
		if outcome, err := one(t, l, release([]string{"i-1"})); err == nil || err.Reason != ecs.ReasonOperationInProgress {
			t.Errorf("%+v, %v", outcome, err)
		}
		if outcome, err := one(t, l, release([]string{"i-1"})); err != nil || !outcome.Released || c.living("i-1") {
			t.Errorf("again: %+v, %v, want it sent under a new token", outcome, err)
		}
	})
}

func TestRelease_ProtectionStillShownIsRestored(t *testing.T) {
	inBubble(t, lifecycle.Config{}, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
		c.add("i-1", protected)
		c.lag = time.Minute
		if _, err := one(t, l, release([]string{"i-1"}, override)); err == nil || err.Reason != ecs.ReasonSettingNotApplied {
			t.Errorf("got %v", err)
		}
		if c.deletes != 0 || !c.held("i-1").DeletionProtection {
			t.Errorf("%d deletes, protected %t", c.deletes, c.held("i-1").DeletionProtection)
		}
	})
}

func TestRelease_CallerLeavesDuringUnprotect(t *testing.T) {
	inBubble(t, lifecycle.Config{}, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
		c.add("i-1", protected)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := l.Release(ctx, release([]string{"i-1"}, override)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		time.Sleep(time.Minute)
		if c.deletes != 0 || !c.held("i-1").DeletionProtection {
			t.Errorf("%d deletes, protected %t", c.deletes, c.held("i-1").DeletionProtection)
		}
	})
}

// Another release switches the protection off just before this one reads the instance: to this one it is protected.
func TestRelease_UnprotectedByAnotherRelease(t *testing.T) {
	bubble(t, func(t *testing.T) {
		records, c := newRecords(), newCloud()
		c.add("i-1", protected)
		l := lifecycle.New(&late{Cloud: c, meanwhile: func() {
			if err := records.SaveIntents(t.Context(), []ecs.SettingIntent{{
				RequestID: "r-2", RegionID: region, InstanceID: "i-1", Setting: ecs.SettingDeletionProtection, Holder: "another", HeldUntil: time.Now().Add(time.Hour),
			}}); err != nil {
				t.Error(err)
			}
			if err := c.SetDeletionProtection(t.Context(), region, "i-1", false); err != nil {
				t.Error(err)
			}
			time.Sleep(time.Minute) // it shows
		}}, records, quiet)
		defer l.Close()
		if _, err := one(t, l, release([]string{"i-1"})); err == nil || err.Reason != ecs.ReasonDeletionProtected || c.deletes != 0 {
			t.Errorf("%v, %d deletes, want DELETION_PROTECTED", err, c.deletes)
		}
	})
}

func TestRelease_RefusedIsProtectedAgain(t *testing.T) {
	inBubble(t, lifecycle.Config{}, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
		c.add("i-1", protected, func(i *ecs.Instance) { i.Locks = []ecs.Lock{{Reason: ecs.LockSecurity}} })
		if _, err := one(t, l, release([]string{"i-1"}, override)); err == nil || err.Reason != ecs.ReasonInstanceLocked {
			t.Errorf("got %v, want the cloud's refusal", err)
		}
		if !c.held("i-1").DeletionProtection {
			t.Error("a kept instance is left without its protection")
		}
	})
}

func TestValidateOnly_ShowsTheRelease(t *testing.T) {
	inBubble(t, lifecycle.Config{}, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
		c.add("i-1", protected)
		c.add("i-2")
		c.add("i-3", func(i *ecs.Instance) { i.Locks = []ecs.Lock{{Reason: ecs.LockSecurity}} })
		results, err := l.Release(t.Context(), release([]string{"i-1", "i-2", "i-3"}, override, save, validate))
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range results[:2] {
			if r.Err != nil || r.Value.Released || r.Value.Instance.ID != r.ID || len(r.Value.Disks) != 2 {
				t.Errorf("%s: %+v, %v", r.ID, r.Value, r.Err)
			}
		}
		if !results[0].Value.Disks[0].DeletedWithInstance || results[0].Value.Disks[1].DeletedWithInstance {
			t.Errorf("the outcome of the disks: %+v", results[0].Value.Disks)
		}
		if !ecs.HasReason(results[2].Err, ecs.ReasonInstanceLocked) {
			t.Errorf("refused by the dry run: %v", results[2].Err)
		}
		if c.deletes != 0 || len(c.snapshots) != 0 || !c.held("i-1").DeletionProtection {
			t.Error("something was changed")
		}
	})
}

// TestReleaseCrashMatrix kills the process at every write, and sends the
// request to the next one: gone instances are reported as released, and no disk
// goes unsaved.
func TestReleaseCrashMatrix(t *testing.T) {
	for _, f := range []fault{fine, lostReply, lostRequest} {
		for step := 1; step <= 6; step++ {
			for _, keep := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, step %d, kept %t", f, step, keep), func(t *testing.T) {
					bubble(t, func(t *testing.T) { crashRelease(t, f, step, keep) })
				})
			}
		}
	}
}

func crashRelease(t *testing.T, f fault, step int, keep bool) {
	records := newRecords()
	c := newCloud()
	c.add("i-1", protected)
	c.faults = []fault{fine, fine, fine, f}
	first := lifecycle.New(c, &mortalRecords{Records: records, steps: step, keep: keep}, quiet)
	_, _ = first.Release(t.Context(), release([]string{"i-1"}, save, override))
	first.Close()

	second := lifecycle.New(c, records, quiet)
	defer second.Close()
	var outcome lifecycle.Outcome
	var err *ecs.Error
	for range 3 {
		if outcome, err = one(t, second, release([]string{"i-1"}, save, override)); err == nil {
			break
		}
	}
	if err != nil || !outcome.Released || c.living("i-1") || len(outcome.Disks) != 2 {
		t.Fatalf("%+v, %v", outcome, err)
	}
	for _, d := range outcome.Disks {
		if s := c.snapshots[d.SnapshotID]; s == nil || time.Now().Before(s.done) {
			t.Errorf("disk %s is gone without a snapshot", d.Disk.ID)
		}
	}
	r, readErr := records.RequestByID(t.Context(), "r-1")
	if readErr != nil || r.State != ecs.RequestDone || r.Items[0].State != "RELEASED" {
		t.Errorf("the record: %+v, %v", r, readErr)
	}
}
