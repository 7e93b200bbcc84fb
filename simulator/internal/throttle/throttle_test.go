package throttle_test

import (
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/simulator/internal/throttle"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// take takes n times and returns the count of accepted calls, and the last wait.
func take(t *throttle.Throttle, region, action string, at time.Time, n int) (granted int, wait time.Duration) {
	for range n {
		w, ok := t.Take(region, action, at)
		if ok {
			granted++
		}
		wait = w
	}
	return granted, wait
}

// An empty bucket stays empty to the end of its window, and is full when the next starts.
func TestWindow(t *testing.T) {
	limits := throttle.New(map[string]throttle.Rate{"RenewInstance": {Calls: 5, Window: time.Minute}})
	at := noon.Add(20 * time.Second)
	if granted, wait := take(limits, "r", "RenewInstance", at, 8); granted != 5 || wait != 40*time.Second {
		t.Errorf("granted %d, wait %s", granted, wait)
	}
	if granted, wait := take(limits, "r", "RenewInstance", noon.Add(59*time.Second), 1); granted != 0 || wait != time.Second {
		t.Errorf("at the end of the window: granted %d, wait %s", granted, wait)
	}
	if granted, _ := take(limits, "r", "RenewInstance", noon.Add(time.Minute), 6); granted != 5 {
		t.Errorf("in the next window: granted %d", granted)
	}
}

// Regions and actions have separate buckets; an action without a rate has none.
func TestBuckets_Separate(t *testing.T) {
	one := throttle.Rate{Calls: 1, Window: time.Minute}
	limits := throttle.New(map[string]throttle.Rate{"A": one, "B": one})
	for _, c := range []struct {
		region, action string
		want           int
	}{{"r", "A", 1}, {"r", "B", 1}, {"s", "A", 1}, {"r", "A", 0}, {"r", "C", 3}} {
		if granted, _ := take(limits, c.region, c.action, noon, 3); granted != c.want {
			t.Errorf("%s in %s: granted %d, want %d", c.action, c.region, granted, c.want)
		}
	}
}

// The default rate applies to each action without its own, and each has its own bucket; a rate of 0 accepts nothing.
func TestAny(t *testing.T) {
	limits := throttle.New(map[string]throttle.Rate{
		throttle.Any: {Calls: 2, Window: time.Minute}, "A": {Calls: 4, Window: time.Minute}, "B": {Calls: 0, Window: time.Minute},
	})
	for action, want := range map[string]int{"A": 4, "B": 0, "C": 2, "D": 2} {
		if granted, _ := take(limits, "r", action, noon, 9); granted != want {
			t.Errorf("%s: granted %d, want %d", action, granted, want)
		}
	}
}
