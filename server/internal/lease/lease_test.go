package lease_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/lease"
	"github.com/ecsd-io/ecsd/server/internal/lease/leasetest"
)

const ttl = 6 * time.Second

// runs records the work of one process under the lease.
type runs struct {
	mu    sync.Mutex
	began []time.Time
	ended []time.Time
	epoch []int64
	cause []error
}

func (r *runs) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.began)
}

// work notes when it may run, until its context ends.
func (r *runs) work(ctx context.Context, held *lease.Held) error {
	r.mu.Lock()
	r.began, r.epoch = append(r.began, time.Now()), append(r.epoch, held.Lease().Epoch)
	r.mu.Unlock()
	<-ctx.Done()
	r.mu.Lock()
	r.ended, r.cause = append(r.ended, time.Now()), append(r.cause, context.Cause(ctx))
	r.mu.Unlock()
	return ctx.Err()
}

// pass waits for d and until the processes are idle.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// stopped stops work of which the error does not matter.
func stopped(stop func() error) { _ = stop() }

// start runs the lease of a process until the returned function is called.
func start(t *testing.T, s lease.Store, holder string, work func(context.Context, *lease.Held) error) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error, 1)
	go func() {
		result <- lease.Run(ctx, s, lease.Config{Name: "poll/a", Holder: holder, TTL: ttl, Logger: slog.New(slog.DiscardHandler)}, work)
	}()
	return func() error { cancel(); return <-result }
}

func TestRun_OneHolderAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &leasetest.Store{}
		var first, second runs
		stopFirst := start(t, s, "p1", first.work)
		pass(time.Second)
		stopSecond := start(t, s, "p2", second.work)
		pass(10 * time.Minute)
		if first.count() != 1 || second.count() != 0 {
			t.Fatalf("runs = %d and %d, want 1 and 0", first.count(), second.count())
		}
		if err := stopFirst(); !errors.Is(err, context.Canceled) {
			t.Errorf("Run = %v, want the error of its context", err)
		}
		stopped := time.Now()
		pass(2 * time.Second)
		if second.count() != 1 {
			t.Fatal("the second process has no lease 2 s after the first released it")
		}
		if since := second.began[0].Sub(stopped); since > 1500*time.Millisecond {
			t.Errorf("the lease was free for %s, want at most a try", since)
		}
		if second.epoch[0] <= first.epoch[0] {
			t.Errorf("epochs %d then %d, want them to rise", first.epoch[0], second.epoch[0])
		}
		_ = stopSecond()
	})
}

func TestRun_SlowStoreKeepsTheLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &leasetest.Store{}
		s.Slow(1900 * time.Millisecond)
		var r, other runs
		defer stopped(start(t, s, "p1", r.work))
		pass(5 * time.Second)
		defer stopped(start(t, s, "p2", other.work))
		pass(10 * time.Minute)
		if r.count() != 1 || other.count() != 0 {
			t.Errorf("runs = %d and %d, want 1 and 0: a store that takes 1.9 s is slow, not down", r.count(), other.count())
		}
	})
}

// However the store fails, the work ends before another process may begin,
// and begins again when the store responds.
func TestRun_StoreOutageEndsTheWork(t *testing.T) {
	for name, fault := range map[string]func(*leasetest.Store){
		"down": func(s *leasetest.Store) { s.Down(10 * time.Minute) },
		"hang": func(s *leasetest.Store) { s.Hang(10 * time.Minute) },
		"deaf": func(s *leasetest.Store) { s.Deaf(10 * time.Minute) },
	} {
		for _, slow := range []time.Duration{0, 1900 * time.Millisecond} {
			t.Run(fmt.Sprint(name, slow), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := &leasetest.Store{}
					s.Slow(slow)
					var r runs
					defer stopped(start(t, s, "p1", r.work))
					pass(time.Minute + time.Second/2)
					fault(s)
					pass(9 * time.Minute)
					expires := s.Lease("poll/a").Expires
					if len(r.ended) != 1 {
						t.Fatalf("the work ended %d times in the outage, want once", len(r.ended))
					}
					if !r.ended[0].Before(expires) {
						t.Errorf("the work ended %s after the lease expired", r.ended[0].Sub(expires))
					}
					if !errors.Is(r.cause[0], ecs.ErrLeaseLost) {
						t.Errorf("cause = %v, want ErrLeaseLost", r.cause[0])
					}
					pass(2 * time.Minute)
					if r.count() != 2 {
						t.Fatalf("runs = %d, want a second after the outage", r.count())
					}
					if r.epoch[1] <= r.epoch[0] {
						t.Errorf("epochs %v, want them to rise", r.epoch)
					}
				})
			})
		}
	}
}

func TestRun_ShortOutageKeepsTheLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &leasetest.Store{}
		var r runs
		defer stopped(start(t, s, "p1", r.work))
		for range 20 {
			pass(7*time.Second + rand.N(3*time.Second))
			s.Down(2 * time.Second)
		}
		pass(time.Minute)
		if r.count() != 1 {
			t.Errorf("runs = %d, want 1: an outage of 2 s is shorter than the trust", r.count())
		}
	})
}

func TestRun_CutConnectionKeepsTheLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &leasetest.Store{}
		var r runs
		defer stopped(start(t, s, "p1", r.work))
		for range 20 {
			pass(7*time.Second + rand.N(3*time.Second))
			s.Drop(time.Second)
		}
		pass(time.Minute)
		if r.count() != 1 {
			t.Errorf("runs = %d, want 1: a call that hangs leaves time for another", r.count())
		}
	})
}

func TestRun_LostLeaseEndsTheWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &leasetest.Store{}
		var r runs
		defer stopped(start(t, s, "p1", r.work))
		pass(time.Minute)
		s.Steal("poll/a", "p2", ttl)
		stolen := time.Now()
		pass(4 * time.Second)
		if len(r.ended) != 1 || r.ended[0].Sub(stolen) > 3*time.Second {
			t.Errorf("the work ended at %v, want it with the next renewal after %s", r.ended, stolen)
		}
		pass(10 * time.Second)
		if r.count() != 2 {
			t.Errorf("runs = %d, want a second after the lease of the thief", r.count())
		}
	})
}

func TestRun_RefusedWriteEndsTheWork(t *testing.T) {
	for name, report := range map[string]func(*lease.Held) error{
		"Lost":  func(h *lease.Held) error { h.Lost(); return nil },
		"error": func(*lease.Held) error { return fmt.Errorf("append: %w", ecs.ErrLeaseLost) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				runs := 0
				stop := start(t, &leasetest.Store{}, "p1", func(ctx context.Context, held *lease.Held) error {
					if runs++; runs == 1 {
						return report(held)
					}
					<-ctx.Done()
					return ctx.Err()
				})
				pass(10 * time.Second)
				if _ = stop(); runs != 2 {
					t.Errorf("runs = %d, want 2", runs)
				}
			})
		})
	}
}

func TestRun_WorkEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &leasetest.Store{}
		done := errors.New("all done")
		err := lease.Run(t.Context(), s, lease.Config{Name: "once", Holder: "p1"}, func(context.Context, *lease.Held) error { return done })
		if !errors.Is(err, done) {
			t.Errorf("Run = %v, want the error of the work", err)
		}
		if _, err := s.AcquireLease(t.Context(), "once", "p2", ttl); err != nil {
			t.Errorf("acquire after the end: %v, want the lease to be free", err)
		}
	})
}

func TestRun_AloneWritesOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &leasetest.Store{Alone: true}
		var r runs
		stop := start(t, s, "p1", r.work)
		pass(24 * time.Hour)
		if r.count() != 1 || s.Writes() != 1 {
			t.Errorf("runs = %d, writes = %d, want 1 and 1 in a day", r.count(), s.Writes())
		}
		_ = stop()
	})
}

func TestRun_WaitingWritesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &leasetest.Store{}
		s.Steal("poll/a", "p0", time.Hour)
		var r runs
		defer stopped(start(t, s, "p1", r.work))
		pass(30 * time.Minute)
		if s.Writes() != 1 || r.count() != 0 {
			t.Errorf("writes = %d, runs = %d, want 1 and 0", s.Writes(), r.count())
		}
	})
}

func TestHeld_RenewSoonWritesTheNote(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &leasetest.Store{}
		note := "a"
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		var held *lease.Held
		go func() {
			done <- lease.Run(ctx, s, lease.Config{Name: "poll/a", Holder: "p1", TTL: ttl, Note: func() []byte { return []byte(note) }},
				func(ctx context.Context, h *lease.Held) error { held = h; <-ctx.Done(); return nil })
		}()
		read := func() string {
			all, err := s.Leases(t.Context(), "poll/")
			if err != nil || len(all) != 1 {
				t.Fatalf("leases = %v, %v, want one", all, err)
			}
			return string(all[0].Note)
		}
		pass(time.Minute)
		if read() != "a" {
			t.Errorf("note = %q, want a", read())
		}
		note = "b"
		held.RenewSoon()
		pass(ttl / 3 / 8)
		if read() != "b" {
			t.Errorf("note = %q an eighth of the renewal interval later, want b", read())
		}
		note = "c"
		cancel()
		if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("the runner ended with %v", err)
		}
		if read() != "c" {
			t.Errorf("note after the end = %q, want c", read())
		}
	})
}

// Three processes with random faults: never do two work at a time, a fenced
// write never succeeds under an older epoch, and some process works whenever
// the store is well for a while.
func TestRun_RandomFaults(t *testing.T) {
	for seed := range uint64(30) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // a test
			s := &leasetest.Store{}
			var mu sync.Mutex
			working := map[string]bool{}
			newest := int64(0)
			var stops []func() error
			for _, holder := range []string{"p1", "p2", "p3"} {
				stops = append(stops, start(t, s, holder, func(ctx context.Context, held *lease.Held) error {
					mu.Lock()
					working[holder] = true
					if len(working) > 1 {
						t.Errorf("seed %d: %v work at the same time", seed, working)
					}
					mu.Unlock()
					for ctx.Err() == nil {
						_ = s.Fenced(held.Lease(), func() {
							if epoch := held.Lease().Epoch; epoch < newest {
								t.Errorf("seed %d: a write of epoch %d after one of %d", seed, epoch, newest)
							} else {
								newest = epoch
							}
						})
						select {
						case <-ctx.Done():
						case <-time.After(time.Second):
						}
					}
					mu.Lock()
					delete(working, holder)
					mu.Unlock()
					return nil
				}))
			}
			for range 40 {
				switch d := time.Duration(random.Int64N(int64(15 * time.Second))); random.IntN(4) {
				case 0:
					s.Down(d)
				case 1:
					s.Hang(d)
				case 2:
					s.Deaf(d)
				case 3:
					s.Slow(d / 8)
				}
				pass(time.Duration(random.Int64N(int64(20 * time.Second))))
			}
			s.Down(0)
			s.Slow(0)
			pass(30 * time.Second)
			mu.Lock()
			if len(working) != 1 {
				t.Errorf("seed %d: %v work after the faults, want one", seed, working)
			}
			mu.Unlock()
			for _, stop := range stops {
				_ = stop()
			}
		})
	}
}

// Work that panics does not end the process: the lease is released, and the work
// begins anew under the next epoch.
func TestRun_WorkPanics(t *testing.T) {
	for name, alone := range map[string]bool{"alone": true, "shared": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &leasetest.Store{Alone: alone}
				var again runs
				panicked := false
				defer stopped(start(t, s, "p1", func(ctx context.Context, held *lease.Held) error {
					if !panicked {
						panicked = true
						panic("the defect")
					}
					return again.work(ctx, held)
				}))
				pass(time.Minute)
				if again.count() != 1 {
					t.Fatalf("the work ran %d times after its panic, want once", again.count())
				}
				if again.epoch[0] != 2 {
					t.Errorf("it ran under epoch %d, want 2", again.epoch[0])
				}
			})
		})
	}
}
