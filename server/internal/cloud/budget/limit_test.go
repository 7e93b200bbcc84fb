package budget_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/cloud/budget"
)

// limitOf returns the present limit of the key.
func limitOf(t *testing.T, b *budget.Budget) int {
	t.Helper()
	for _, use := range b.Use() {
		if use.Key == key {
			return use.Limit
		}
	}
	t.Fatal("the key was not used")
	return 0
}

// A published limit of a whole minute has no slow start and is not passed; one
// of shorter windows starts slowly.
func TestPublish_FirstMinute(t *testing.T) {
	for _, burst := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			b := newBudget(nil)
			b.Publish(map[budget.Key]budget.Limit{key: {PerMinute: 100, Burst: burst}})
			q := &quota{limit: 100}
			began := time.Now()
			send(t.Context(), t, b, q, 100, 10*time.Millisecond)
			if q.throttled != 0 {
				t.Errorf("burst %t: %d calls are throttled under a published limit", burst, q.throttled)
			}
			if atOnce := time.Since(began) == 10*time.Millisecond; atOnce != burst {
				t.Errorf("burst %t: 100 calls took %s", burst, time.Since(began))
			}
			began = time.Now()
			send(t.Context(), t, b, q, 1, 0)
			if wait := time.Since(began); wait < 50*time.Second || q.throttled != 0 {
				t.Errorf("burst %t: the call past the limit waited %s, want until the next minute", burst, wait)
			}
			b.Close()
		})
	}
}

// A limit that is published while calls wait holds for them. A limit that others
// use up is learned lower, and does not grow past the published one. It may be
// raised later.
func TestPublish_Later(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(map[string]int{key.Action: 1000})
		defer b.Close()
		q := &quota{limit: 40}
		publish := func(n int) { b.Publish(map[budget.Key]budget.Limit{key: {PerMinute: n, Burst: true}}) }
		publish(0) // is no limit
		send(t.Context(), t, b, q, 1, 0)
		if got := limitOf(t, b); got != 1000 {
			t.Errorf("the limit is %d, want the rate", got)
		}
		publish(100)
		if got := limitOf(t, b); got != 100 {
			t.Errorf("the limit is %d, want the published one", got)
		}
		send(t.Context(), t, b, q, 120, 10*time.Millisecond) // others use 60 of the 100
		if got := limitOf(t, b); got < 40 || got > 60 {
			t.Errorf("the limit is %d after throttled calls, want it learned", got)
		}
		publish(100)
		if got := limitOf(t, b); got > 60 {
			t.Errorf("the limit is %d after it was published again, want what was learned", got)
		}
		q.mu.Lock()
		q.limit = 500
		q.mu.Unlock()
		send(t.Context(), t, b, q, 2000, 10*time.Millisecond)
		if got := limitOf(t, b); got != 100 {
			t.Errorf("the limit is %d, want it to grow to the published one and no further", got)
		}
		publish(300)
		if got := limitOf(t, b); got != 300 {
			t.Errorf("the limit is %d after it was raised, want 300", got)
		}
		publish(3000)
		if got := limitOf(t, b); got != 1000 {
			t.Errorf("the limit is %d, want the rate to bound it", got)
		}
	})
}
