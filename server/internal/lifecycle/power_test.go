package lifecycle_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/lifecycle"
)

// statusChanges are the calls that a status on the way holds up.
var statusChanges = map[string]func(ctx context.Context, l *lifecycle.Lifecycle) error{
	"Start": func(ctx context.Context, l *lifecycle.Lifecycle) error {
		return moved(l.Start(ctx, region, []string{"i-1"}, lifecycle.Once{}, false))[0].Err
	},
	"Stop": func(ctx context.Context, l *lifecycle.Lifecycle) error {
		return moved(l.Stop(ctx, region, []string{"i-1"}, ecs.StopOptions{}, lifecycle.Once{}, false))[0].Err
	},
	"Reboot": func(ctx context.Context, l *lifecycle.Lifecycle) error {
		return moved(l.Reboot(ctx, region, []string{"i-1"}, false, lifecycle.Once{}, false))[0].Err
	},
	"Release": func(ctx context.Context, l *lifecycle.Lifecycle) error {
		results, err := l.Release(ctx, release([]string{"i-1"}))
		if err != nil {
			return err
		}
		return results[0].Err
	},
	"Release with force": func(ctx context.Context, l *lifecycle.Lifecycle) error {
		results, err := l.Release(ctx, release([]string{"i-1"}, force))
		if err != nil {
			return err
		}
		return results[0].Err
	},
}

// moved returns the results of a call that must not fail as a whole.
func moved(moves []lifecycle.Move, err error) []lifecycle.Move {
	if err != nil {
		return []lifecycle.Move{{Err: err}}
	}
	return moves
}

// A transient status is waited for within the deadline. If it does not end in
// time the error is retryable, and its advice names no field.
func TestPower_StatusInTransition(t *testing.T) {
	for _, c := range []struct {
		call      string
		now, then ecs.Status
		// want is the reason after the wait, "" for success.
		want ecs.Reason
	}{
		{"Start", ecs.StatusStopping, ecs.StatusStopped, ""},
		{"Start", ecs.StatusPending, ecs.StatusStopped, ""},
		{"Stop", ecs.StatusStarting, ecs.StatusRunning, ""},
		{"Stop", ecs.StatusPending, ecs.StatusRunning, ""},
		{"Stop", ecs.StatusStarting, ecs.StatusStopped, ecs.ReasonIncorrectStatus}, // the start failed
		{"Reboot", ecs.StatusStarting, ecs.StatusRunning, ""},
		{"Reboot", ecs.StatusStopping, ecs.StatusStopped, ecs.ReasonIncorrectStatus},
		{"Release", ecs.StatusStopping, ecs.StatusStopped, ""},
		{"Release", ecs.StatusStarting, ecs.StatusRunning, ecs.ReasonIncorrectStatus},
		{"Release with force", ecs.StatusStopping, ecs.StatusStopped, ""},
		{"Release with force", ecs.StatusStarting, ecs.StatusRunning, ""},
		{"Release with force", ecs.StatusPending, ecs.StatusRunning, ""},
	} {
		for _, inTime := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s %d to %d, in time %t", c.call, c.now, c.then, inTime), func(t *testing.T) {
				inBubble(t, quiet, func(t *testing.T, cloud *fakeCloud, l *lifecycle.Lifecycle) {
					cloud.add("i-1")
					cloud.lag = 0
					cloud.turn("i-1", c.now, c.then, 15*time.Second)
					patience := time.Minute
					if !inTime {
						patience = 10 * time.Second
					}
					ctx, cancel := context.WithTimeout(t.Context(), patience)
					defer cancel()
					err := statusChanges[c.call](ctx, l)
					if ctx.Err() != nil {
						t.Fatal("waited past the deadline")
					}
					e := ecs.AsError(err)
					switch {
					case !inTime:
						if e == nil || e.Reason != ecs.ReasonOperationInProgress || e.Retry == ecs.RetryNever || e.RetryAfter == 0 {
							t.Errorf("got %+v, want a retryable OPERATION_IN_PROGRESS with a delay", err)
						}
						if e != nil && (len(e.Violations) > 0 || strings.Contains(e.Message, "force")) {
							t.Errorf("the advice names a field that does not help: %s", e.Message)
						}
					case c.want == "":
						if err != nil {
							t.Errorf("got %v, want success", err)
						}
					case e == nil || e.Reason != c.want:
						t.Errorf("got %v, want %s", err, c.want)
					}
				})
			})
		}
	}
}

// An instance already in transition to the requested status is a success.
func TestPower_AlreadyInTransition(t *testing.T) {
	for call, now := range map[string]ecs.Status{"Start": ecs.StatusStarting, "Stop": ecs.StatusStopping} {
		inBubble(t, quiet, func(t *testing.T, cloud *fakeCloud, l *lifecycle.Lifecycle) {
			cloud.add("i-1")
			cloud.turn("i-1", now, now, time.Hour)
			began := time.Now()
			if err := statusChanges[call](t.Context(), l); err != nil {
				t.Errorf("%s: %v", call, err)
			}
			if waited := time.Since(began); waited > 0 {
				t.Errorf("%s waited %v", call, waited)
			}
		})
	}
}

// A release that the cloud refuses for a status that began after the read.
func TestRelease_StatusChangesBeforeTheSend(t *testing.T) {
	inBubble(t, quiet, func(t *testing.T, cloud *fakeCloud, l *lifecycle.Lifecycle) {
		cloud.add("i-1", running)
		cloud.hook = func() {
			cloud.hook = nil
			cloud.turn("i-1", ecs.StatusStopping, ecs.StatusStopped, time.Hour)
		}
		cloud.deleteFault = wrongStatus
		_, err := one(t, l, release([]string{"i-1"}, force))
		if err == nil || err.Reason != ecs.ReasonOperationInProgress || err.Retry == ecs.RetryNever {
			t.Errorf("got %v, want a retryable OPERATION_IN_PROGRESS", err)
		}
	})
}

// The cloud refuses to release an instance that was a subscription a moment ago.
func TestRelease_AfterAChangeToPayAsYouGo(t *testing.T) {
	inBubble(t, quiet, func(t *testing.T, cloud *fakeCloud, l *lifecycle.Lifecycle) {
		cloud.add("i-1")
		cloud.deleteFault = asPaid
		_, err := one(t, l, release([]string{"i-1"}))
		if err == nil || err.Reason != ecs.ReasonOperationInProgress || err.Retry == ecs.RetryNever {
			t.Errorf("got %v, want a retryable OPERATION_IN_PROGRESS", err)
		}
	})
}

// A reboot without a reply is settled by the state of the instance. If that
// shows nothing, no retry is advised, because it would reboot twice.
func TestReboot_ReplyLost(t *testing.T) {
	start := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Add(-time.Hour)
	for name, c := range map[string]struct {
		fault fault
		// after changes the instance at once.
		after func(c *fakeCloud)
		done  bool
	}{
		"status on the way": {lostReply, func(*fakeCloud) {}, true},
		"another start time": {lostRequest, func(c *fakeCloud) {
			c.instances["i-1"].StartTime = start.Add(time.Hour) // rebooted, and up again before the read
		}, true},
		"nothing shows": {lostRequest, func(*fakeCloud) {}, false},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, quiet, func(t *testing.T, cloud *fakeCloud, l *lifecycle.Lifecycle) {
				cloud.add("i-1", running, func(i *ecs.Instance) { i.StartTime = start })
				cloud.faults = []fault{c.fault}
				cloud.hook = func() { c.after(cloud) }
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				defer cancel()
				r := moved(l.Reboot(ctx, region, []string{"i-1"}, false, lifecycle.Once{}, false))[0]
				if ctx.Err() != nil {
					t.Fatal("waited past the deadline")
				}
				if c.done && r.Err != nil {
					t.Errorf("got %v, want it settled as rebooted", r.Err)
				}
				if e := ecs.AsError(r.Err); !c.done && (e == nil || e.Reason != ecs.ReasonOutcomeUnknown || e.Retry != ecs.RetryNever || e.RetryAfter != 0 || !strings.Contains(e.Message, "start_time")) {
					t.Errorf("got %+v, want OUTCOME_UNKNOWN that is not retryable and names start_time", e)
				}
				if cloud.reboots != 1 {
					t.Errorf("%d reboots sent, want 1", cloud.reboots)
				}
			})
		})
	}
}

// A start without a reply is settled by the status, however late it shows.
func TestStart_ReplyLostAndStatusLate(t *testing.T) {
	inBubble(t, quiet, func(t *testing.T, cloud *fakeCloud, l *lifecycle.Lifecycle) {
		cloud.add("i-1")
		cloud.faults = []fault{lostRequest}
		cloud.hook = func() { cloud.turn("i-1", ecs.StatusStopped, ecs.StatusStarting, 9*time.Second) }
		if r := moved(l.Start(t.Context(), region, []string{"i-1"}, lifecycle.Once{}, false))[0]; r.Err != nil || r.Value.Current != ecs.StatusStarting {
			t.Errorf("got %+v, want it settled as started", r)
		}
	})
}

// The cloud has one code for an expired subscription and for arrears.
func TestPower_ExpiredOrInArrears(t *testing.T) {
	for charge, want := range map[ecs.ChargeType]ecs.Reason{
		ecs.ChargePayAsYouGo: ecs.ReasonAccountRestricted, ecs.ChargeSubscription: ecs.ReasonInstanceExpired,
	} {
		for call := range statusChanges {
			if strings.HasPrefix(call, "Release") {
				continue
			}
			inBubble(t, quiet, func(t *testing.T, cloud *fakeCloud, l *lifecycle.Lifecycle) {
				cloud.add("i-1", func(i *ecs.Instance) { i.ChargeType = charge })
				if call != "Start" {
					running(&cloud.instances["i-1"].Instance)
				}
				cloud.faults = []fault{expired}
				e := ecs.AsError(statusChanges[call](t.Context(), l))
				if e == nil || e.Reason != want || e.Cloud.Code != "InstanceExpiredOrInArrears" {
					t.Errorf("%s, charge type %d: got %+v, want %s with the cloud's code", call, charge, e, want)
				}
				if e != nil && want == ecs.ReasonAccountRestricted && !strings.Contains(e.Message, "pay the bill") {
					t.Errorf("%s: the message gives no advice: %s", call, e.Message)
				}
			})
		}
	}
}
