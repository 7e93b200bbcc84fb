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

// asked is a start, stop or reboot with a request ID.
func asked(requestID string) lifecycle.Once {
	return lifecycle.Once{RequestID: requestID, Fingerprint: "v1:asked", Caller: "test"}
}

var yesterday = time.Date(1999, 12, 31, 0, 0, 0, 0, time.UTC)

func up(i *ecs.Instance) { running(i); i.StartTime = yesterday }

// A reboot with a request ID is sent once, whatever became of its reply, and at
// whichever process the request is retried.
func TestReboot_RetriedWithTheSameRequestID(t *testing.T) {
	for _, f := range []fault{fine, lostReply, serverError, lostRequest} {
		for _, restarted := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, restarted %t", f, restarted), func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					records, cloud := newRecords(), newCloud()
					cloud.add("i-1", up)
					cloud.faults = []fault{f}
					first := lifecycle.New(cloud, records, quiet)
					defer first.Close()
					again := first
					if restarted {
						again = lifecycle.New(cloud, records, quiet)
						defer again.Close()
					}
					_, _ = first.Reboot(t.Context(), region, []string{"i-1"}, false, asked("r-1"), false)
					time.Sleep(10 * time.Minute)
					r := moved(again.Reboot(t.Context(), region, []string{"i-1"}, false, asked("r-1"), false))[0]
					if cloud.reboots != 1 {
						t.Errorf("%d reboots sent, want 1", cloud.reboots)
					}
					if f != lostRequest && r.Err != nil {
						t.Errorf("retry: %v, want the reboot of before", r.Err)
					}
					if e := ecs.AsError(r.Err); f == lostRequest && (e == nil || e.Reason != ecs.ReasonOutcomeUnknown || e.Retry != ecs.RetryNever) {
						t.Errorf("retry: %v, want OUTCOME_UNKNOWN that is not retryable", r.Err)
					}
					moved(again.Reboot(t.Context(), region, []string{"i-1"}, false, asked("r-2"), false))
					if cloud.reboots != 2 {
						t.Errorf("%d reboots sent, want another for another request ID", cloud.reboots)
					}
				})
			})
		}
	}
}

// Of many instances only those that the cloud refused are tried again.
func TestReboot_RetryOfARefusal(t *testing.T) {
	inBubble(t, quiet, func(t *testing.T, cloud *fakeCloud, l *lifecycle.Lifecycle) {
		cloud.add("i-1", up)
		cloud.add("i-2", up)
		cloud.add("i-3") // stopped
		ids := []string{"i-1", "i-3", "i-2", "i-none"}
		results := moved(l.Reboot(t.Context(), region, ids, false, asked("r-1"), false))
		if results[0].Err != nil || results[2].Err != nil {
			t.Fatalf("rebooted: %v", results)
		}
		if !ecs.HasReason(results[1].Err, ecs.ReasonIncorrectStatus) || !ecs.HasReason(results[3].Err, ecs.ReasonInstanceNotFound) {
			t.Errorf("a stopped and an absent one: %v, %v", results[1].Err, results[3].Err)
		}
		time.Sleep(time.Hour)
		cloud.turn("i-3", ecs.StatusRunning, ecs.StatusRunning, time.Hour)
		results = moved(l.Reboot(t.Context(), region, ids, false, asked("r-1"), false))
		if results[0].Err != nil || results[1].Err != nil || results[2].Err != nil {
			t.Errorf("retry: %v", results)
		}
		if cloud.rebooted != 3 {
			t.Errorf("%d reboots, want one of each running instance", cloud.rebooted)
		}
		if results[0].ID != "i-1" || results[1].ID != "i-3" || results[3].ID != "i-none" {
			t.Errorf("the results are not in request order: %v", results)
		}
	})
}

// A process that dies at any write of the records reboots at most once, and the
// next one never a second time.
func TestReboot_CrashMatrix(t *testing.T) {
	for _, f := range []fault{fine, lostReply, lostRequest, throttled, wrongStatus} {
		for step := 1; step <= 3; step++ {
			for _, keep := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, step %d, kept %t", f, step, keep), func(t *testing.T) {
					bubble(t, func(t *testing.T) {
						records, cloud := newRecords(), newCloud()
						cloud.add("i-1", up)
						cloud.faults = []fault{f}
						first := lifecycle.New(cloud, &mortalRecords{Records: records, steps: step, keep: keep}, quiet)
						ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
						_, _ = first.Reboot(ctx, region, []string{"i-1"}, false, asked("r-1"), false)
						cancel()
						first.Close()
						effects := cloud.rebooted
						second := lifecycle.New(cloud, records, quiet)
						defer second.Close()
						r := moved(second.Reboot(t.Context(), region, []string{"i-1"}, false, asked("r-1"), false))[0]
						time.Sleep(time.Hour)
						last := moved(second.Reboot(t.Context(), region, []string{"i-1"}, false, asked("r-1"), false))[0]
						if cloud.rebooted > 1 {
							t.Fatalf("rebooted %d times", cloud.rebooted)
						}
						if last.Err == nil && cloud.rebooted != 1 {
							t.Error("reported as rebooted and was not")
						}
						if effects == 1 && last.Err != nil {
							t.Errorf("rebooted before the crash: %v, then %v", r.Err, last.Err)
						}
					})
				})
			}
		}
	}
}

// A process that dies between its lock and its intent leaves a request that no
// other process sends: it cannot know what the first one did.
func TestReboot_LockedByADeadProcess(t *testing.T) {
	bubble(t, func(t *testing.T) {
		records, cloud := newRecords(), newCloud()
		cloud.add("i-1") // stopped
		reboot := func(records lifecycle.Records) *ecs.Error {
			l := lifecycle.New(cloud, records, quiet)
			defer l.Close()
			moves, err := l.Reboot(t.Context(), region, []string{"i-1"}, false, asked("r-1"), false)
			if err != nil {
				return &ecs.Error{Message: err.Error()}
			}
			return ecs.AsError(moves[0].Err)
		}
		if e := reboot(records); e == nil || e.Reason != ecs.ReasonIncorrectStatus {
			t.Fatalf("stopped: %v", e)
		}
		cloud.turn("i-1", ecs.StatusRunning, ecs.StatusRunning, time.Hour)
		_ = reboot(&mortalRecords{Records: records, steps: 1, keep: true})
		if e := reboot(records); e == nil || e.Reason != ecs.ReasonOperationInProgress || e.Retry == ecs.RetryNever {
			t.Errorf("just after: %v, want a retryable OPERATION_IN_PROGRESS", e)
		}
		time.Sleep(time.Hour)
		if e := reboot(records); e == nil || e.Reason != ecs.ReasonOutcomeUnknown || !strings.Contains(e.Message, "new request_id") {
			t.Errorf("later: %v, want OUTCOME_UNKNOWN that names a new request_id", e)
		}
		if cloud.rebooted != 0 {
			t.Errorf("rebooted %d times", cloud.rebooted)
		}
	})
}

// Two processes get one request at the same time.
func TestReboot_TwoProcessesAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		records, cloud := newRecords(), newCloud()
		cloud.add("i-1", up)
		cloud.answers = 3 * time.Second
		done := make(chan lifecycle.Move, 2)
		for range 2 {
			l := lifecycle.New(cloud, records, quiet)
			defer l.Close()
			go func() {
				done <- moved(l.Reboot(t.Context(), region, []string{"i-1"}, false, asked("r-1"), false))[0]
			}()
		}
		for range 2 {
			if r := <-done; r.Err != nil {
				t.Errorf("got %v, want both settled", r.Err)
			}
		}
		if cloud.reboots != 1 {
			t.Errorf("%d reboots, want 1", cloud.reboots)
		}
	})
}

// The same ID with another request is refused.
func TestStop_RequestIDOfAnotherRequest(t *testing.T) {
	inBubble(t, quiet, func(t *testing.T, cloud *fakeCloud, l *lifecycle.Lifecycle) {
		cloud.add("i-1", up)
		if r := moved(l.Stop(t.Context(), region, []string{"i-1"}, ecs.StopOptions{}, asked("r-1"), false))[0]; r.Err != nil {
			t.Fatal(r.Err)
		}
		other := asked("r-1")
		other.Fingerprint = "v1:other"
		for name, err := range map[string]error{
			"another request": second(l.Stop(t.Context(), region, []string{"i-1"}, ecs.StopOptions{Force: true}, other, false)),
			"another call":    second(l.Start(t.Context(), region, []string{"i-1"}, asked("r-1"), false)),
		} {
			if !ecs.HasReason(err, ecs.ReasonRequestIDReused) {
				t.Errorf("%s: %v, want REQUEST_ID_REUSED", name, err)
			}
		}
	})
}

func second(_ []lifecycle.Move, err error) error { return err }

// A stop that was done is not done again after a person started the instance.
func TestStop_RetryAfterAStart(t *testing.T) {
	inBubble(t, quiet, func(t *testing.T, cloud *fakeCloud, l *lifecycle.Lifecycle) {
		cloud.add("i-1", up)
		cloud.lag = 0
		stop := func() lifecycle.Move {
			return moved(l.Stop(t.Context(), region, []string{"i-1"}, ecs.StopOptions{}, asked("r-1"), false))[0]
		}
		if r := stop(); r.Err != nil {
			t.Fatal(r.Err)
		}
		cloud.turn("i-1", ecs.StatusRunning, ecs.StatusRunning, time.Hour)
		if r := stop(); r.Err != nil || cloud.held("i-1").Status != ecs.StatusRunning {
			t.Errorf("retry: %v, the instance is %d, want it left running", r.Err, cloud.held("i-1").Status)
		}
	})
}

// A retry returns the address that the request allocated.
func TestAllocatePublicIPAddress_Retried(t *testing.T) {
	for _, f := range []fault{fine, lostReply, lostRequest, throttled} {
		t.Run(string(f), func(t *testing.T) {
			inBubble(t, quiet, func(t *testing.T, cloud *fakeCloud, l *lifecycle.Lifecycle) {
				cloud.add("i-1", up)
				cloud.faults = []fault{f}
				first, _, _ := l.AllocatePublicIPAddress(t.Context(), region, "i-1", asked("r-1"), false)
				time.Sleep(time.Minute)
				again, i, err := l.AllocatePublicIPAddress(t.Context(), region, "i-1", asked("r-1"), false)
				if err != nil || again == "" || i.ID != "i-1" || (first != "" && again != first) {
					t.Errorf("first %q, retry %q of %s (%v)", first, again, i.ID, err)
				}
				if _, _, err := l.AllocatePublicIPAddress(t.Context(), region, "i-1", asked("r-2"), false); !ecs.HasReason(err, ecs.ReasonPublicIPAllocated) {
					t.Errorf("another request: %v, want PUBLIC_IP_ALLOCATED", err)
				}
			})
		})
	}
}
