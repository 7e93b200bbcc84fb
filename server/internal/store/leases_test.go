package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

// acquire takes a lease that must be free.
func acquire(t testing.TB, s *store.Store, name, holder string) ecs.Lease {
	t.Helper()
	lease, err := s.AcquireLease(t.Context(), name, holder, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return lease
}

func TestLease_OneHolder(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		first := acquire(t, s, "poll/a", "p1")
		if first.Epoch != 1 || time.Until(first.Expires) > time.Hour || time.Until(first.Expires) < 59*time.Minute {
			t.Errorf("the first lease is %+v", first)
		}
		noted, err := s.RenewLease(ctx, first, time.Minute, []byte("seen"))
		if err != nil {
			t.Fatal(err)
		}
		held, err := s.AcquireLease(ctx, "poll/a", "p2", time.Hour)
		if !errors.Is(err, ecs.ErrLeaseHeld) {
			t.Errorf("acquire what is held: %v, want ErrLeaseHeld", err)
		}
		if held.Holder != "p1" || held.Epoch != 1 || string(held.Note) != "seen" ||
			held.Expires.Sub(noted.Expires).Abs() > 2*time.Second {
			t.Errorf("the lease that is held is %+v, want %+v", held, noted)
		}
		if other := acquire(t, s, "poll/b", "p2"); other.Epoch != 1 {
			t.Errorf("another lease has epoch %d", other.Epoch)
		}
		// The same process acquires again, as it does after an unknown outcome: its
		// earlier writes under the old epoch must not come late.
		again := acquire(t, s, "poll/a", "p1")
		if again.Epoch != 2 {
			t.Errorf("the second lease has epoch %d, want 2", again.Epoch)
		}
		if _, err := s.RenewLease(ctx, first, time.Hour, nil); !errors.Is(err, ecs.ErrLeaseLost) {
			t.Errorf("renew an old epoch: %v, want ErrLeaseLost", err)
		}
		if err := s.ReleaseLease(ctx, first); !errors.Is(err, ecs.ErrLeaseLost) {
			t.Errorf("release an old epoch: %v, want ErrLeaseLost", err)
		}
		if err := s.ReleaseLease(ctx, again); err != nil {
			t.Fatal(err)
		}
		if next := acquire(t, s, "poll/a", "p2"); next.Epoch != 3 || string(next.Note) != "seen" {
			t.Errorf("after a release: %+v, want epoch 3 and the note of the last holder", next)
		}
		all, err := s.Leases(ctx, "poll/")
		if err != nil || len(all) != 2 || all[0].Name != "poll/a" || all[1].Name != "poll/b" || all[0].Holder != "p2" {
			t.Errorf("the leases are %+v, %v", all, err)
		}
		if none, err := s.Leases(ctx, "poll_"); err != nil || len(none) != 0 {
			t.Errorf("the leases of another prefix are %+v, %v", none, err)
		}
		for _, bad := range [][2]string{{"", "p"}, {"poll/a", ""}} {
			if _, err := s.AcquireLease(ctx, bad[0], bad[1], time.Hour); err == nil {
				t.Errorf("a lease %q for holder %q was given", bad[0], bad[1])
			}
		}
	})
}

func TestLease_Expires(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		old, err := s.AcquireLease(t.Context(), "poll/a", "p1", time.Millisecond)
		if err != nil {
			t.Fatal(err)
		}
		var taken ecs.Lease
		for err = ecs.ErrLeaseHeld; errors.Is(err, ecs.ErrLeaseHeld); {
			taken, err = s.AcquireLease(t.Context(), "poll/a", "p2", time.Hour)
		}
		if err != nil || taken.Epoch != old.Epoch+1 {
			t.Fatalf("an expired lease was taken as %+v, %v", taken, err)
		}
		if _, err := s.RenewLease(t.Context(), old, time.Hour, nil); !errors.Is(err, ecs.ErrLeaseLost) {
			t.Errorf("renew what another took: %v, want ErrLeaseLost", err)
		}
	})
}

// A lease that only expired still belongs to its holder: no other process took
// it.
func TestLease_ExpiredIsRenewed(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		lease, err := s.AcquireLease(t.Context(), "poll/a", "p1", 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.RenewLease(t.Context(), lease, time.Hour, nil); err != nil {
			t.Error(err)
		}
	})
}

// The holder of a file's leases ended with its process; on a shared database it
// may live.
func TestLease_AfterRestart(t *testing.T) {
	for name, address := range lasting {
		t.Run(name, func(t *testing.T) {
			at := address(t)
			first := open(t, at)
			acquire(t, first, "poll/a", "p1")
			if err := first.Close(); err != nil {
				t.Fatal(err)
			}
			second := open(t, at)
			lease, err := second.AcquireLease(t.Context(), "poll/a", "p2", time.Hour)
			if second.Shared() {
				if !errors.Is(err, ecs.ErrLeaseHeld) {
					t.Errorf("got %v, want ErrLeaseHeld", err)
				}
			} else if err != nil || lease.Epoch != 2 {
				t.Errorf("got %+v, %v, want the lease with epoch 2", lease, err)
			}
		})
	}
}

// Rows of ended leases go, so that starts of a process leave nothing behind,
// and no name gets an epoch that it has had.
func TestRemoveEndedLeases(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		acquire(t, s, "renewals/p1", "p1")
		worker := acquire(t, s, "renewals/p1", "p1")
		poller := acquire(t, s, "poll/a", "p1")
		if _, err := s.RenewLease(ctx, poller, time.Hour, []byte("seen")); err != nil {
			t.Fatal(err)
		}
		living := acquire(t, s, "renewals/p2", "p2")
		if _, err := s.AcquireLease(ctx, "renewals/p3", "p3", -time.Minute); err != nil {
			t.Fatal(err)
		}
		for _, lease := range []ecs.Lease{worker, poller} {
			if err := s.ReleaseLease(ctx, lease); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 { // the second finds nothing
			if err := s.RemoveEndedLeases(ctx); err != nil {
				t.Fatal(err)
			}
		}
		all, err := s.Leases(ctx, "renewals/")
		if err != nil {
			t.Fatal(err)
		}
		if len(all) != 2 || all[0].Name != "renewals/p2" || all[1].Name != "renewals/p3" {
			t.Errorf("the leases are %+v, want the one that lives and the one that expired a minute ago", all)
		}
		if all, err := s.Leases(ctx, "poll/"); err != nil || len(all) != 1 {
			t.Errorf("the leases with a note are %+v, %v, want the one of the region", all, err)
		}
		if _, err := s.RenewLease(ctx, worker, time.Hour, nil); !errors.Is(err, ecs.ErrLeaseLost) {
			t.Errorf("renew a removed lease: %v, want ErrLeaseLost", err)
		}
		if again := acquire(t, s, "renewals/p1", "p1"); again.Epoch <= worker.Epoch {
			t.Errorf("after the removal epoch %d, want more than %d", again.Epoch, worker.Epoch)
		}
		if _, err := s.RenewLease(ctx, living, time.Hour, nil); err != nil {
			t.Errorf("renew a living lease: %v", err)
		}
	})
}
