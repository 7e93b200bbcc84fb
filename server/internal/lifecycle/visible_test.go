package lifecycle_test

import (
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/lifecycle"
)

// changesByID are the calls that change an instance by its ID.
var changesByID = map[string]func(t *testing.T, l *lifecycle.Lifecycle, id string) error{
	"Start": func(t *testing.T, l *lifecycle.Lifecycle, id string) error {
		return moved(l.Start(t.Context(), region, []string{id}, lifecycle.Once{}, false))[0].Err
	},
	"Stop": func(t *testing.T, l *lifecycle.Lifecycle, id string) error {
		return moved(l.Stop(t.Context(), region, []string{id}, ecs.StopOptions{}, lifecycle.Once{}, false))[0].Err
	},
	"Reboot": func(t *testing.T, l *lifecycle.Lifecycle, id string) error {
		return moved(l.Reboot(t.Context(), region, []string{id}, false, lifecycle.Once{}, false))[0].Err
	},
	"Release": func(t *testing.T, l *lifecycle.Lifecycle, id string) error {
		results, err := l.Release(t.Context(), release([]string{id}, force, func(q *lifecycle.ReleaseRequest) { q.RequestID = "release" }))
		if err != nil {
			return err
		}
		return results[0].Err
	},
	"SetTags": func(t *testing.T, l *lifecycle.Lifecycle, id string) error {
		return l.SetTags(t.Context(), region, []string{id}, []ecs.Tag{{Key: "k", Value: "v"}}, nil, false)[0].Err
	},
	"SetAutoReleaseTime": func(t *testing.T, l *lifecycle.Lifecycle, id string) error {
		_, err := l.SetAutoReleaseTime(t.Context(), region, id, time.Now().Add(time.Hour), false)
		return err
	},
	"SetDeletionProtection": func(t *testing.T, l *lifecycle.Lifecycle, id string) error {
		return l.SetDeletionProtection(t.Context(), region, []string{id}, true, false)[0].Err
	},
	"AllocatePublicIPAddress": func(t *testing.T, l *lifecycle.Lifecycle, id string) error {
		_, _, err := l.AllocatePublicIPAddress(t.Context(), region, id, lifecycle.Once{}, false)
		return err
	},
}

// An instance that was just launched is not "not found", whichever replica on
// the same database gets the call.
func TestChangeByID_InstanceNotVisibleYet(t *testing.T) {
	for name, change := range changesByID {
		for _, lag := range []time.Duration{25 * time.Second, time.Hour} {
			t.Run(name+" "+lag.String(), func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					records, c := newRecords(), newCloud()
					c.lag = lag
					l := lifecycle.New(c, records, quiet)
					defer l.Close()
					replica := lifecycle.New(c, records, quiet)
					defer replica.Close()
					made, err := l.Run(t.Context(), order("r-1", 1)) // ends before the instance shows
					if err != nil {
						t.Fatal(err)
					}
					id := made.IDs[0]
					if name == "Stop" || name == "Reboot" {
						running(&c.instances[id].Instance)
					}
					c.lag = 0
					err = change(t, replica, id)
					if lag < time.Minute && err != nil {
						t.Errorf("got %v, want the call to wait for the instance", err)
					}
					if e := ecs.AsError(err); lag > time.Minute && (e == nil || e.Reason != ecs.ReasonInstanceNotVisibleYet || e.Retry == ecs.RetryNever) {
						t.Errorf("got %v, want a retryable INSTANCE_NOT_VISIBLE_YET", err)
					}
				})
			})
		}
	}
}

func TestChangeByID_InstanceReleasedAfterItsLaunch(t *testing.T) {
	bubble(t, func(t *testing.T) {
		records, c := newRecords(), newCloud()
		c.lag = 0
		l := lifecycle.New(c, records, quiet)
		defer l.Close()
		made, err := l.Run(t.Context(), order("r-1", 1))
		if err != nil {
			t.Fatal(err)
		}
		if err := changesByID["Release"](t, l, made.IDs[0]); err != nil {
			t.Fatal(err)
		}
		if err := changesByID["SetTags"](t, l, made.IDs[0]); !ecs.HasReason(err, ecs.ReasonInstanceNotFound) {
			t.Errorf("got %v, want INSTANCE_NOT_FOUND", err)
		}
	})
}
