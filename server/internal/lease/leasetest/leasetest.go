// Package leasetest is a store for tests in virtual time that can be slow, fail
// or block.
package leasetest

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// ErrDown is the error of a store that a test has taken down.
var ErrDown = errors.New("the database is down")

// Faults are the faults of calls to a store. The zero value is a store without
// faults. It is safe for concurrent use.
type Faults struct {
	mu      sync.Mutex
	latency time.Duration
	until   time.Time // of the outage or hang
	hang    bool
	deaf    bool
	drop    bool
}

// Slow has each call take d: half of it before its effect, half after.
func (f *Faults) Slow(d time.Duration) { f.change(func() { f.latency = d }) }

// Down has every call fail for d from now on.
func (f *Faults) Down(d time.Duration) {
	f.change(func() { f.until, f.hang, f.deaf, f.drop = time.Now().Add(d), false, false, false })
}

// Hang has every call wait for d from now on, or for the end of its context.
func (f *Faults) Hang(d time.Duration) {
	f.change(func() { f.until, f.hang, f.deaf, f.drop = time.Now().Add(d), true, false, false })
}

// Deaf is Hang for calls that ignore the end of their context.
func (f *Faults) Deaf(d time.Duration) {
	f.change(func() { f.until, f.hang, f.deaf, f.drop = time.Now().Add(d), true, true, false })
}

// Drop has each call that begins within d wait for the end of its context, as on
// a connection that was cut without a word.
func (f *Faults) Drop(d time.Duration) {
	f.change(func() { f.until, f.hang, f.deaf, f.drop = time.Now().Add(d), true, false, true })
}

func (f *Faults) change(set func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	set()
}

// Call runs the effect of a call with the current faults around it. A call with
// a context that ends after its effect fails too, as if its response were lost.
func (f *Faults) Call(ctx context.Context, effect func() error) error {
	f.mu.Lock()
	half, left, hang, deaf, drop := f.latency/2, time.Until(f.until), f.hang, f.deaf, f.drop
	f.mu.Unlock()
	switch {
	case left > 0 && drop:
		<-ctx.Done()
		return ctx.Err()
	case left > 0 && deaf:
		time.Sleep(left) //nolint:forbidigo // a deaf store does not notice that its caller's context ended
	case left > 0 && hang:
		if err := wait(ctx, left); err != nil {
			return err
		}
	case left > 0:
		return ErrDown
	}
	if err := wait(ctx, half); err != nil {
		return err
	}
	if err := effect(); err != nil {
		return err
	}
	return wait(ctx, half)
}

func wait(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// Store keeps leases in memory, as the store does, for several processes of a
// test. It is safe for concurrent use.
type Store struct {
	Faults
	// Alone: no other process uses the leases.
	Alone bool

	mu     sync.Mutex
	leases map[string]ecs.Lease
	writes int
}

// Shared implements lease.Store.
func (s *Store) Shared() bool { return !s.Alone }

// Lease returns a stored lease.
func (s *Store) Lease(name string) ecs.Lease {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.leases[name]
}

// Writes is how many calls changed a lease.
func (s *Store) Writes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.writes
}

// Steal moves a lease to another holder, as if it had expired.
func (s *Store) Steal(name, holder string, ttl time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(ecs.Lease{Name: name, Holder: holder, Epoch: s.leases[name].Epoch + 1, Expires: time.Now().Add(ttl), Note: s.leases[name].Note})
}

// Fenced runs a write under a lease, or returns ErrLeaseLost.
func (s *Store) Fenced(lease ecs.Lease, write func()) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := s.leases[lease.Name]; now.Epoch != lease.Epoch || now.Holder != lease.Holder {
		return ecs.ErrLeaseLost
	}
	write()
	return nil
}

// put is under the lock.
func (s *Store) put(lease ecs.Lease) {
	if s.leases == nil {
		s.leases = map[string]ecs.Lease{}
	}
	s.leases[lease.Name] = lease
	s.writes++
}

// AcquireLease implements lease.Store.
func (s *Store) AcquireLease(ctx context.Context, name, holder string, ttl time.Duration) (lease ecs.Lease, err error) {
	err = s.Call(ctx, func() error {
		s.mu.Lock()
		defer s.mu.Unlock()
		lease = s.leases[name]
		if lease.Holder != "" && lease.Holder != holder && time.Now().Before(lease.Expires) {
			return ecs.ErrLeaseHeld
		}
		lease = ecs.Lease{Name: name, Holder: holder, Epoch: lease.Epoch + 1, Expires: time.Now().Add(ttl), Note: lease.Note}
		s.put(lease)
		return nil
	})
	return lease, err
}

// RenewLease implements lease.Store.
func (s *Store) RenewLease(ctx context.Context, lease ecs.Lease, ttl time.Duration, note []byte) (ecs.Lease, error) {
	err := s.Call(ctx, func() error {
		return s.Fenced(lease, func() {
			lease.Expires, lease.Note = time.Now().Add(ttl), note
			s.put(lease)
		})
	})
	return lease, err
}

// ReleaseLease implements lease.Store.
func (s *Store) ReleaseLease(ctx context.Context, lease ecs.Lease) error {
	return s.Call(ctx, func() error {
		return s.Fenced(lease, func() {
			lease.Expires, lease.Holder, lease.Note = time.Time{}, "", s.leases[lease.Name].Note
			s.put(lease)
		})
	})
}

// Leases returns the leases with names that begin with the prefix.
func (s *Store) Leases(ctx context.Context, prefix string) (found []ecs.Lease, err error) {
	err = s.Call(ctx, func() error {
		s.mu.Lock()
		defer s.mu.Unlock()
		for name, lease := range s.leases {
			if strings.HasPrefix(name, prefix) {
				found = append(found, lease)
			}
		}
		return nil
	})
	return found, err
}
