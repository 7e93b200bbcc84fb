package watch_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/watch"
)

// awaits waits for one instance and returns the outcome and its time.
func awaits(t *testing.T, service *watch.Service, id string, want ecs.Status, patience time.Duration) (ecs.Result[ecs.Instance], time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	began := time.Now()
	results, err := service.Wait(ctx, region, []string{id}, want)
	if err != nil || len(results) != 1 {
		t.Fatalf("wait: %v, %v", results, err)
	}
	return results[0], time.Since(began)
}

// H4, C8: the status before a reboot is not the status after it, however slow
// the store and the reads are, on the replica that polls and on another.
func TestWait_AfterAReboot(t *testing.T) {
	for _, polls := range []bool{true, false} {
		for _, slow := range []time.Duration{0, 2 * time.Millisecond, 3 * time.Second} {
			synctest.Test(t, func(t *testing.T) {
				cloud, log := &faultyCloud{fakeCloud: newFakeCloud(region)}, &faultyLog{fakeLog: newFakeLog()}
				log.shared = true
				cloud.fakeCloud.set(region, "i-1", start)
				service := openWith(t, cloud, log, watch.Config{}, region)
				time.Sleep(time.Second)
				if !polls {
					service = openWith(t, cloud, log.fakeLog, watch.Config{}, region)
				}
				// The response of an earlier read takes long.
				cloud.set(func() { cloud.takes = func(bool) (time.Duration, time.Duration) { return 0, 1500 * time.Millisecond } })
				service.Touch(region, []string{"i-1"})
				time.Sleep(100 * time.Millisecond)
				log.Slow(slow)
				cloud.fakeCloud.set(region, "i-1", starting)
				service.Touch(region, []string{"i-1"})
				go func() {
					time.Sleep(20 * time.Second)
					cloud.fakeCloud.set(region, "i-1", start)
				}()
				result, took := awaits(t, service, "i-1", ecs.StatusRunning, 2*time.Minute)
				if result.Err != nil || took < 20*time.Second || took > 32*time.Second {
					t.Errorf("polls %v, store takes %s: after %s the wait ended with %+v", polls, slow, took, result)
				}
			})
		}
	}
}

// C8: a read that left before the call, or before a change that ecsd made during
// the call, ends no wait when it arrives.
func TestWait_LateResponse(t *testing.T) {
	late := func(bool) (there, back time.Duration) { return 0, 1500 * time.Millisecond }
	synctest.Test(t, func(t *testing.T) {
		cloud := &faultyCloud{fakeCloud: newFakeCloud(region)}
		cloud.fakeCloud.set(region, "i-1", start)
		service := openWith(t, cloud, newFakeLog(), watch.Config{}, region)
		time.Sleep(time.Second)
		cloud.set(func() { cloud.takes = late })
		service.Touch(region, []string{"i-1"})
		time.Sleep(100 * time.Millisecond)
		cloud.fakeCloud.set(region, "i-1", stop) // in the console
		time.Sleep(100 * time.Millisecond)
		if result, took := awaits(t, service, "i-1", ecs.StatusRunning, time.Minute); !errors.Is(result.Err, context.DeadlineExceeded) {
			t.Errorf("before the call: after %s the wait ended with %+v, want the deadline", took, result)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		cloud := &faultyCloud{fakeCloud: newFakeCloud(region)}
		cloud.fakeCloud.set(region, "i-1", stop)
		service := openWith(t, cloud, newFakeLog(), watch.Config{}, region)
		time.Sleep(time.Minute)
		cloud.set(func() { cloud.takes = late })
		go func() {
			time.Sleep(2400 * time.Millisecond)
			cloud.fakeCloud.set(region, "i-1", start)
			time.Sleep(200 * time.Millisecond) // a read saw it, and its response is in transit
			cloud.fakeCloud.set(region, "i-1", starting)
			service.Touch(region, []string{"i-1"})
			time.Sleep(20 * time.Second)
			cloud.fakeCloud.set(region, "i-1", start)
		}()
		if result, took := awaits(t, service, "i-1", ecs.StatusRunning, time.Minute); result.Err != nil || took < 22*time.Second {
			t.Errorf("before the change: after %s the wait ended with %+v, want running after 22 s", took, result)
		}
	})
}

// C9: an instance that is new and vanishes soon ends the wait, unless it was
// launched by ecsd and was never seen: then it may only be invisible (F11).
func TestWait_VanishesSoon(t *testing.T) {
	for name, test := range map[string]struct {
		seen     bool
		launched bool
		want     ecs.Reason
	}{
		"seen":              {true, false, ecs.ReasonInstanceNotFound},
		"seen, launched":    {true, true, ecs.ReasonInstanceNotFound},
		"unknown":           {false, false, ecs.ReasonInstanceNotFound},
		"unknown, launched": {false, true, ecs.ReasonInstanceNotVisibleYet},
	} {
		for _, polls := range []bool{true, false} {
			t.Run(fmt.Sprint(name, polls), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					cloud, log := newFakeCloud(region), newFakeLog()
					log.shared = true
					hidden := func(_ context.Context, _ string, ids []string) map[string]error {
						if !test.launched {
							return nil
						}
						return map[string]error{ids[0]: ecs.Errorf(ecs.ReasonInstanceNotVisibleYet, "not yet")}
					}
					service := openWith(t, cloud, log, watch.Config{Hidden: hidden}, region)
					time.Sleep(10 * time.Second) // the first poll is in the note
					if !polls {
						service = openWith(t, cloud, log, watch.Config{Hidden: hidden}, region)
					}
					if test.seen {
						cloud.set(region, "i-1", starting)
						go func() {
							time.Sleep(500 * time.Millisecond)
							cloud.release(region, "i-1")
						}()
					}
					result, took := awaits(t, service, "i-1", ecs.StatusRunning, time.Minute)
					if !ecs.HasReason(result.Err, test.want) {
						t.Errorf("the wait ended with %v, want %s", result.Err, test.want)
					}
					if test.want == ecs.ReasonInstanceNotFound && took > 5*time.Second {
						t.Errorf("the wait took %s, want a few seconds", took)
					}
				})
			})
		}
	}
}

// F11: an instance that was not visible yet is waited for.
func TestWait_NotVisibleYet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newFakeCloud(region)
		service := openWith(t, cloud, newFakeLog(), watch.Config{Hidden: func(_ context.Context, _ string, ids []string) map[string]error {
			return map[string]error{ids[0]: errors.New("not yet")}
		}}, region)
		go func() {
			time.Sleep(25 * time.Second)
			cloud.set(region, "i-1", start)
		}()
		if result, took := awaits(t, service, "i-1", ecs.StatusRunning, time.Minute); result.Err != nil || took > 28*time.Second {
			t.Errorf("after %s the wait ended with %v", took, result.Err)
		}
	})
}

// F24: a start that fails, and a stop, end the wait.
func TestWait_FallsBack(t *testing.T) {
	for _, test := range []struct {
		from, by, want ecs.Status
	}{
		{ecs.StatusStopped, ecs.StatusStarting, ecs.StatusRunning},
		{ecs.StatusRunning, ecs.StatusStopping, ecs.StatusStopped},
	} {
		synctest.Test(t, func(t *testing.T) {
			cloud := newFakeCloud(region)
			status := func(s ecs.Status) { cloud.set(region, "i-1", func(i *ecs.Instance) { i.Status = s }) }
			status(test.from)
			service := openWith(t, cloud, newFakeLog(), watch.Config{}, region)
			time.Sleep(time.Minute)
			// Before its start it is stopped, which is no failure.
			go func() {
				time.Sleep(5 * time.Second)
				status(test.by)
				time.Sleep(2 * time.Second)
				status(test.from)
			}()
			result, took := awaits(t, service, "i-1", test.want, time.Minute)
			if !ecs.HasReason(result.Err, ecs.ReasonIncorrectStatus) || took < 7*time.Second || took > 10*time.Second {
				t.Errorf("after %s the wait ended with %v, want INCORRECT_INSTANCE_STATUS after 7 s", took, result.Err)
			}
		})
	}
}
