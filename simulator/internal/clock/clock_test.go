package clock_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/simulator/internal/clock"
)

var start = time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)

func TestByHand(t *testing.T) {
	c := clock.New(time.Now, start, 0)
	var ran []string
	at := func(d time.Duration, name string) {
		c.At(start.Add(d), func(at time.Time) {
			if !at.Equal(start.Add(d)) {
				t.Errorf("%s runs at %s", name, at)
			}
			ran = append(ran, name)
		})
	}
	at(2*time.Hour, "second")
	at(time.Hour, "first")
	at(time.Hour, "first, too")
	at(3*time.Hour, "third")
	c.At(start.Add(time.Hour), func(time.Time) { at(90*time.Minute, "chained") })
	c.Settle()
	if len(ran) != 0 {
		t.Errorf("%v ran before its time", ran)
	}
	if now := c.Advance(2 * time.Hour); !now.Equal(start.Add(2 * time.Hour)) {
		t.Errorf("it is %s", now)
	}
	if diff := cmp.Diff([]string{"first", "first, too", "chained", "second"}, ran); diff != "" {
		t.Errorf("ran (-want +got):\n%s", diff)
	}
	if c.Pending() != 1 {
		t.Errorf("%d events wait, want 1", c.Pending())
	}
}

func TestSpeed(t *testing.T) {
	for _, speed := range []float64{1, 60, 0.5} {
		synctest.Test(t, func(t *testing.T) {
			c := clock.New(time.Now, start, speed)
			ran := false
			c.At(start.Add(time.Duration(speed*float64(time.Minute))), func(time.Time) { ran = true })
			time.Sleep(time.Minute - 1)
			if c.Settle(); ran {
				t.Errorf("speed %v: ran before its time", speed)
			}
			time.Sleep(time.Nanosecond)
			if c.Settle(); !ran {
				t.Errorf("speed %v: did not run in time", speed)
			}
			if got := c.Advance(time.Hour).Sub(start); got != time.Hour+time.Duration(speed*float64(time.Minute)) {
				t.Errorf("speed %v: advanced to %s", speed, got)
			}
		})
	}
}

// Concurrent calls of Settle wait for each other.
func TestSettle_Waits(t *testing.T) {
	c := clock.New(time.Now, start, 0)
	running, release := make(chan struct{}), make(chan struct{})
	var done atomic.Bool
	c.At(start, func(time.Time) {
		close(running)
		<-release
		done.Store(true)
	})
	go c.Settle()
	<-running
	settled := make(chan bool)
	go func() {
		c.Settle()
		settled <- done.Load()
	}()
	select {
	case <-settled:
		t.Error("settled while an event ran")
	case <-time.After(10 * time.Millisecond):
		close(release)
		if !<-settled {
			t.Error("settled before the event had ended")
		}
	}
}
