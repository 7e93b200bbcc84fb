package client_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/ecsd-io/ecsd/client"
	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// story returns the events of a watch, one line per event.
func story(event client.Event) string {
	switch e := event.(type) {
	case *client.Snapshot:
		return fmt.Sprintf("snapshot %d %s %s", e.Revision, e.Instance.GetInstanceId(), e.Instance.GetStatus())
	case *client.Changed:
		return fmt.Sprintf("changed %d %s %s from %s", e.Revision, e.Instance.GetInstanceId(), e.Instance.GetStatus(), e.PreviousStatus)
	case *client.Removed:
		return fmt.Sprintf("removed %d %s in %s, %s", e.Revision, e.InstanceID, e.RegionID, e.Reason)
	case *client.Checkpoint:
		if e.Snapshot {
			return fmt.Sprintf("complete %d %s", e.Revision, e.ResumeToken)
		}
		return fmt.Sprintf("checkpoint %d %s", e.Revision, e.ResumeToken)
	case *client.Interrupted:
		return "interrupted " + client.ErrorOf(e.Err).Code.String()
	case *client.Restarted:
		return "restarted " + client.ErrorOf(e.Cause).ReasonName
	}
	return fmt.Sprintf("%T", event)
}

// reported follows a watch until a checkpoint with the token, or its error.
func reported(ctx context.Context, c *client.Client, request *ecsdv1.WatchInstancesRequest, last string) (lines []string, _ error) {
	for event, err := range c.Watch(ctx, request) {
		if err != nil {
			return lines, err
		}
		lines = append(lines, story(event))
		if e, ok := event.(*client.Checkpoint); ok && e.ResumeToken == last {
			break
		}
	}
	return lines, nil
}

func wantStory(t *testing.T, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events differ (-want +got):\n%s", diff)
	}
}

func tokens(f *fake) (all []string) {
	for _, c := range f.made() {
		all = append(all, c.token)
	}
	return all
}

const (
	running = "INSTANCE_STATUS_RUNNING"
	stopped = "INSTANCE_STATUS_STOPPED"
	none    = "INSTANCE_STATUS_UNSPECIFIED"
)

// A watch resumes after its last checkpoint, whatever ends a stream, and reports later events once.
func TestWatch_Resumes(t *testing.T) {
	for name, end := range map[string]error{
		"drain":                 draining,
		"overload":              failure(codes.ResourceExhausted, "TOO_MANY_WATCHES", time.Second),
		"network":               status.Error(codes.Unavailable, "connection reset"),
		"reset by a proxy":      status.Error(codes.Internal, "RST_STREAM"),
		"time limit of a proxy": status.Error(codes.DeadlineExceeded, "too long"),
		"an end without error":  nil,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{watch: func(n int, _ *ecsdv1.WatchInstancesRequest, stream instanceStream) error {
					if n == 0 {
						return errors.Join(send(stream, snapshot(1, instance("i-1", "RUNNING")), complete(1, "t1"),
							changed(2, instance("i-1", "STOPPED")), changed(2, instance("i-2", "RUNNING")), checkpoint(2, "t2"),
							changed(3, instance("i-2", "STOPPED"))), end)
					}
					_ = send(stream, changed(3, instance("i-2", "STOPPED")), removed(3, "i-1"), checkpoint(3, "t3"))
					return silent(stream)
				}}
				lines, err := reported(t.Context(), f.dial(t), nil, "t3")
				if err != nil {
					t.Fatal(err)
				}
				code := client.ErrorOf(end)
				if end == nil {
					code = &client.Error{Code: codes.Unavailable}
				}
				wantStory(t, lines, "snapshot 1 i-1 "+running, "complete 1 t1",
					"changed 2 i-1 "+stopped+" from "+running, "changed 2 i-2 "+running+" from "+none, "checkpoint 2 t2",
					"interrupted "+code.Code.String(),
					"changed 3 i-2 "+stopped+" from "+running, "removed 3 i-1 in cn-hangzhou, INSTANCE_REMOVAL_REASON_RELEASED", "checkpoint 3 t3")
				if diff := cmp.Diff([]string{"", "t2"}, tokens(f)); diff != "" {
					t.Errorf("resumed from the wrong token (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// A cut snapshot is restarted, and none of it was reported.
func TestWatch_RestartsCutSnapshot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{watch: func(n int, _ *ecsdv1.WatchInstancesRequest, stream instanceStream) error {
			if n == 0 {
				return errors.Join(send(stream, snapshot(5, instance("i-1", "RUNNING"), instance("i-2", "RUNNING"))), draining)
			}
			_ = send(stream, snapshot(4, instance("i-2", "STOPPED")), complete(4, "t4"))
			return silent(stream)
		}}
		lines, err := reported(t.Context(), f.dial(t), nil, "t4")
		if err != nil {
			t.Fatal(err)
		}
		wantStory(t, lines, "interrupted Unavailable", "snapshot 4 i-2 "+stopped, "complete 4 t4")
	})
}

// If the server cannot resume, the watch reports the difference: instances that are gone, changed or new, and nothing
// else.
func TestWatch_Restarts(t *testing.T) {
	for reason, code := range map[string]codes.Code{
		"RESUME_TOKEN_EXPIRED": codes.OutOfRange, "INVALID_RESUME_TOKEN": codes.InvalidArgument,
	} {
		t.Run(reason, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{watch: func(n int, _ *ecsdv1.WatchInstancesRequest, stream instanceStream) error {
					switch n {
					case 0:
						return errors.Join(send(stream, snapshot(7, instance("i-1", "RUNNING"), instance("i-2", "RUNNING"), instance("i-3", "RUNNING")),
							complete(7, "t7"), changed(8, instance("i-3", "STOPPED")), checkpoint(8, "t8")), draining)
					case 1:
						return failure(code, reason, 0)
					case 2: // cut before it is complete
						return errors.Join(send(stream, snapshot(2, instance("i-2", "RUNNING"))), draining)
					}
					_ = send(stream, snapshot(3, instance("i-2", "RUNNING"), instance("i-3", "RUNNING")), snapshot(3, instance("i-4", "RUNNING")), complete(3, "u3"),
						changed(4, instance("i-2", "STOPPED")), checkpoint(4, "u4"))
					return silent(stream)
				}}
				lines, err := reported(t.Context(), f.dial(t), nil, "u4")
				if err != nil {
					t.Fatal(err)
				}
				wantStory(t, lines, "snapshot 7 i-1 "+running, "snapshot 7 i-2 "+running, "snapshot 7 i-3 "+running, "complete 7 t7",
					"changed 8 i-3 "+stopped+" from "+running, "checkpoint 8 t8",
					"interrupted Unavailable", "interrupted "+code.String(), "interrupted Unavailable", "restarted "+reason,
					"changed 3 i-3 "+running+" from "+stopped, "changed 3 i-4 "+running+" from "+none,
					"removed 3 i-1 in cn-hangzhou, INSTANCE_REMOVAL_REASON_UNSPECIFIED", "complete 3 u3",
					"changed 4 i-2 "+stopped+" from "+running, "checkpoint 4 u4")
				if diff := cmp.Diff([]string{"", "t8", "", ""}, tokens(f)); diff != "" {
					t.Errorf("tokens (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// A slow reader of every change restarts.
func TestWatch_SlowReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{watch: func(n int, _ *ecsdv1.WatchInstancesRequest, stream instanceStream) error {
			if n == 0 {
				return errors.Join(send(stream, complete(1, "t1")), failure(codes.ResourceExhausted, "SLOW_READER", time.Second))
			}
			_ = send(stream, snapshot(9, instance("i-1", "RUNNING")), complete(9, "t9"))
			return silent(stream)
		}}
		lines, err := reported(t.Context(), f.dial(t), nil, "t9")
		if err != nil {
			t.Fatal(err)
		}
		wantStory(t, lines, "complete 1 t1", "interrupted ResourceExhausted", "restarted SLOW_READER",
			"changed 9 i-1 "+running+" from "+none, "complete 9 t9")
	})
}

// A watch that starts at the caller's token does not know the earlier events, so it cannot report removed instances.
func TestWatch_CallersToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{watch: func(n int, _ *ecsdv1.WatchInstancesRequest, stream instanceStream) error {
			if n == 0 {
				return errors.Join(send(stream, removed(5, "i-7"), checkpoint(5, "t5")), draining)
			}
			return failure(codes.OutOfRange, "RESUME_TOKEN_EXPIRED", 0)
		}}
		lines, err := reported(t.Context(), f.dial(t), &ecsdv1.WatchInstancesRequest{ResumeToken: "t4"}, "")
		if client.Reason(err) != ecsdv1.ErrorReason_ERROR_REASON_RESUME_TOKEN_EXPIRED {
			t.Errorf("got %v, want RESUME_TOKEN_EXPIRED", err)
		}
		wantStory(t, lines, "removed 5 i-7 in cn-hangzhou, INSTANCE_REMOVAL_REASON_RELEASED", "checkpoint 5 t5", "interrupted Unavailable")
		if diff := cmp.Diff([]string{"t4", "t5"}, tokens(f)); diff != "" {
			t.Errorf("tokens (-want +got):\n%s", diff)
		}
	})
}

// A replica that lags behind the previous one may repeat events. Its checkpoints do not move the watch back.
func TestWatch_LaggingReplica(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{watch: func(n int, _ *ecsdv1.WatchInstancesRequest, stream instanceStream) error {
			if n == 0 {
				return errors.Join(send(stream, snapshot(8, instance("i-1", "RUNNING")), complete(8, "t8")), draining)
			}
			_ = send(stream, checkpoint(6, "t6"), changed(8, instance("i-1", "RUNNING")), checkpoint(8, "t8b"),
				changed(9, instance("i-1", "STOPPED")), checkpoint(9, "t9"))
			return silent(stream)
		}}
		lines, err := reported(t.Context(), f.dial(t), nil, "t9")
		if err != nil {
			t.Fatal(err)
		}
		wantStory(t, lines, "snapshot 8 i-1 "+running, "complete 8 t8", "interrupted Unavailable", "checkpoint 8 t8b",
			"changed 9 i-1 "+stopped+" from "+running, "checkpoint 9 t9")
	})
}

// The heartbeats of a watch that has not begun keep the stream alive and are not reported.
func TestWatch_ServerNotReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{watch: func(_ int, _ *ecsdv1.WatchInstancesRequest, stream instanceStream) error {
			for range 30 {
				time.Sleep(10 * time.Second)
				waiting := &ecsdv1.WatchInstancesResponse{Event: &ecsdv1.WatchInstancesResponse_Waiting{Waiting: &ecsdv1.WatchWaiting{}}}
				if err := send(stream, waiting); err != nil {
					return err
				}
			}
			_ = send(stream, snapshot(8, instance("i-1", "RUNNING")), complete(8, "t8"))
			return silent(stream)
		}}
		lines, err := reported(t.Context(), f.dial(t), nil, "t8")
		if err != nil {
			t.Fatal(err)
		}
		wantStory(t, lines, "snapshot 8 i-1 "+running, "complete 8 t8")
	})
}

// A permanent failure ends the watch at once, after the last event.
func TestWatch_PermanentError(t *testing.T) {
	for reason, code := range map[string]codes.Code{
		"INVALID_FIELD": codes.InvalidArgument, "UNKNOWN_REGION": codes.InvalidArgument, "CLOUD_PERMISSION_DENIED": codes.PermissionDenied,
		"TOO_MANY_WATCHED_IDS": codes.ResourceExhausted, "CREDENTIALS_INVALID": codes.FailedPrecondition, "INTERNAL": codes.Internal,
	} {
		t.Run(reason, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{watch: func(int, *ecsdv1.WatchInstancesRequest, instanceStream) error { return failure(code, reason, 0) }}
				lines, err := reported(t.Context(), f.dial(t), nil, "")
				if e := client.ErrorOf(err); len(lines) > 0 || e == nil || e.Code != code || e.ReasonName != reason || len(f.made()) != 1 {
					t.Errorf("got %q, %v after %d calls; want %s at once", lines, err, len(f.made()), reason)
				}
			})
		})
	}
}

func TestWatch_ServiceUnimplemented(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{watch: func(int, *ecsdv1.WatchInstancesRequest, instanceStream) error {
			return status.Error(codes.Unimplemented, "unknown service")
		}}
		if _, err := reported(t.Context(), f.dial(t), nil, ""); status.Code(err) != codes.Unimplemented {
			t.Errorf("got %v, want UNIMPLEMENTED", err)
		}
	})
}

// The context ends a watch with its own error, both during a stream and during a pause.
func TestWatch_ContextEnds(t *testing.T) {
	for name, end := range map[string]func(instanceStream) error{
		"stream": func(s instanceStream) error { return silent(s) },
		"pause":  func(instanceStream) error { return failure(codes.Unavailable, "STORE_UNAVAILABLE", time.Hour) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{watch: func(_ int, _ *ecsdv1.WatchInstancesRequest, stream instanceStream) error { return end(stream) }}
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				defer cancel()
				began := time.Now()
				if _, err := reported(ctx, f.dial(t), nil, ""); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got %v, want the context's error", err)
				}
				if after := time.Since(began); after != 20*time.Second {
					t.Errorf("it ended after %s", after)
				}
			})
		})
	}
}

// Closing the client ends its watches.
func TestWatch_ClientClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{watch: func(_ int, _ *ecsdv1.WatchInstancesRequest, stream instanceStream) error { return silent(stream) }}
		c := f.dial(t)
		time.AfterFunc(time.Second, func() { c.Close() })
		if _, err := reported(t.Context(), c, nil, ""); status.Code(err) != codes.Canceled {
			t.Errorf("got %v, want CANCELLED", err)
		}
	})
}

// A stream that is silent for three heartbeats is closed. A slow stream or a slow reader is not.
func TestWatchdog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		f := &fake{watch: func(n int, _ *ecsdv1.WatchInstancesRequest, stream instanceStream) error {
			if n == 1 {
				_ = send(stream, checkpoint(2, "t2"))
				return silent(stream)
			}
			_ = send(stream, complete(1, "t1"))
			time.Sleep(5900 * time.Millisecond) // slow
			_ = send(stream, checkpoint(1, "t1b"))
			return silent(stream)
		}}
		c := f.dial(t, client.WithBackoff(time.Nanosecond, time.Nanosecond))
		var interrupted time.Duration
		for event, err := range c.Watch(t.Context(), &ecsdv1.WatchInstancesRequest{HeartbeatInterval: durationpb.New(2 * time.Second)}) {
			if err != nil {
				t.Fatal(err)
			}
			switch e := event.(type) {
			case *client.Interrupted:
				interrupted = time.Since(began)
				if status.Code(e.Err) != codes.Unavailable {
					t.Errorf("interrupted by %v", e.Err)
				}
			case *client.Checkpoint:
				if e.ResumeToken == "t1b" {
					time.Sleep(time.Minute) // the reader is busy
				}
			}
			if e, ok := event.(*client.Checkpoint); ok && e.ResumeToken == "t2" {
				break
			}
		}
		if want := 5900*time.Millisecond + time.Minute + 6*time.Second; interrupted != want {
			t.Errorf("given up after %s, want %s", interrupted, want)
		}
	})
}

// The server may take time for its first observation of a region, but not unlimited time.
func TestWatchdog_FirstMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		f := &fake{watch: func(n int, _ *ecsdv1.WatchInstancesRequest, stream instanceStream) error {
			if n == 0 {
				return silent(stream)
			}
			time.Sleep(110 * time.Second)
			_ = send(stream, complete(1, "t1"))
			return silent(stream)
		}}
		lines, err := reported(t.Context(), f.dial(t, client.WithBackoff(time.Nanosecond, time.Nanosecond)), nil, "t1")
		if err != nil {
			t.Fatal(err)
		}
		wantStory(t, lines, "interrupted Unavailable", "complete 1 t1")
		if after := time.Since(began).Round(time.Second); after != 230*time.Second {
			t.Errorf("it took %s", after)
		}
	})
}

// Pauses grow up to the maximum, at random. If the server asks for one, it is that long and at most a tenth longer.
func TestWatch_Backoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{watch: func(n int, _ *ecsdv1.WatchInstancesRequest, _ instanceStream) error {
			if n < 200 {
				return status.Error(codes.Unavailable, "down")
			}
			return draining
		}}
		c := f.dial(t, client.WithBackoff(100*time.Millisecond, 5*time.Second))
		var delays []time.Duration
		for event, err := range c.Watch(t.Context(), nil) {
			if err != nil {
				t.Fatal(err)
			}
			if delays = append(delays, event.(*client.Interrupted).Delay); len(delays) == 400 {
				break
			}
		}
		var sum time.Duration
		for n, d := range delays[:200] {
			if window := min(200*time.Millisecond<<min(n, 10), 5*time.Second); d < 100*time.Millisecond || d > window {
				t.Errorf("pause %d is %s, want 100ms to %s", n, d, window)
			}
			if n >= 10 {
				sum += d
			}
		}
		if mean := sum / 190; mean < 1500*time.Millisecond || mean > 3500*time.Millisecond {
			t.Errorf("the mean pause is %s, want about half of 5s", mean)
		}
		for n, d := range delays[200:] {
			if d < time.Second || d > 1100*time.Millisecond {
				t.Errorf("pause %d is %s, the server asked for 1s", n, d)
			}
		}
		made := f.made()
		for n := 1; n < len(made); n++ {
			if between := made[n].at.Sub(made[n-1].at); between < delays[n-1] {
				t.Errorf("call %d came %s after the one before, want %s", n, between, delays[n-1])
			}
		}
	})
}

// A stream that worked up to a checkpoint resets the backoff; one that only sent a snapshot does not.
func TestWatch_BackoffResets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{watch: func(n int, _ *ecsdv1.WatchInstancesRequest, stream instanceStream) error {
			if n == 0 {
				_ = send(stream, complete(1, "t"))
			}
			if n == 20 {
				time.Sleep(11 * time.Second)
				_ = send(stream, checkpoint(20, "t"))
			}
			return status.Error(codes.Unavailable, "down")
		}}
		c := f.dial(t, client.WithBackoff(time.Millisecond, time.Hour))
		var delays []time.Duration
		for event, err := range c.Watch(t.Context(), nil) {
			if err != nil {
				t.Fatal(err)
			}
			if e, ok := event.(*client.Interrupted); ok {
				if delays = append(delays, e.Delay); len(delays) == 21 {
					break
				}
			}
		}
		longest := time.Duration(0)
		for _, d := range delays[:20] {
			longest = max(longest, d)
		}
		if longest < time.Second || delays[20] > 2*time.Millisecond {
			t.Errorf("the longest pause is %s, the one after a stream that worked %s", longest, delays[20])
		}
	})
}

// A second iteration starts anew, with no state of the first.
func TestWatch_IteratedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{watch: func(_ int, _ *ecsdv1.WatchInstancesRequest, stream instanceStream) error {
			_ = send(stream, snapshot(1, instance("i-1", "RUNNING")), complete(1, "t1"))
			return silent(stream)
		}}
		request := &ecsdv1.WatchInstancesRequest{InstanceIds: []string{"i-1"}}
		watch := f.dial(t).Watch(t.Context(), request)
		request.InstanceIds[0] = "i-2" // the watch has its own
		for range 2 {
			var lines []string
			for event, err := range watch {
				if err != nil {
					t.Fatal(err)
				}
				lines = append(lines, story(event))
				if len(lines) == 2 {
					break
				}
			}
			wantStory(t, lines, "snapshot 1 i-1 "+running, "complete 1 t1")
		}
	})
}
