package store

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/test/lib/postgres"
)

// plannedJob writes a job of one renewal, each of its own caller, and claims it.
func plannedJob(t *testing.T, s *Store, worker ecs.Lease, id, instanceID string) ledger.Renewal {
	t.Helper()
	now := time.Now().UTC().Truncate(time.Millisecond)
	r := ledger.Renewal{
		ID: id, RequestID: "request-" + id, RegionID: "cn-a", InstanceID: instanceID, State: ledger.Planned, Price: ecs.Money{CurrencyCode: "CNY", Units: 100},
		Period: ecs.Period{Count: 1, Unit: ecs.Month}, ExpireBefore: now.Add(time.Hour), PlanTime: now, CreateTime: now, UpdateTime: now,
	}
	if err := s.CreateRenewalJob(t.Context(), ledger.Job{ID: id, RequestID: "request-" + id, Caller: "caller-" + id, CreateTime: now}, []ledger.Renewal{r}); err != nil {
		t.Fatal(err)
	}
	claimed, err := s.ClaimRenewals(t.Context(), worker, ledger.Claim{JobID: id, Limit: 10})
	if err != nil || len(claimed) != 1 {
		t.Fatalf("claimed %d, %v", len(claimed), err)
	}
	return claimed[0]
}

// advanceTo writes one renewal in its next state.
func advanceTo(ctx context.Context, s *Store, worker ecs.Lease, r *ledger.Renewal, state ledger.State) error {
	next := *r
	next.State = state
	if state == ledger.Verifying {
		next.PaidTime = time.Now()
	}
	results, err := s.AdvanceRenewals(ctx, worker, r.JobID, []ledger.Transition{{Renewal: next, From: r.State}})
	if err == nil {
		err = results[0]
	}
	if err == nil {
		*r = next
	}
	return err
}

// Two overlapping jobs on two replicas: while one is between its check and its
// write, the other pays for the instance and is through with it, so that no
// index of live renewals shows it. One of them is refused, with the ID of the other.
func TestAdvance_OtherJobPaysBetweenCheckAndWrite(t *testing.T) {
	address := postgres.Database(t)
	first, second := openAt(t, address), openAt(t, address)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	workers := make([]ecs.Lease, 2)
	for i, s := range []*Store{first, second} {
		var err error
		if workers[i], err = s.AcquireLease(ctx, fmt.Sprint("worker/", i), fmt.Sprint("p", i), time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	slow := plannedJob(t, first, workers[0], "slow", "i-1")
	fast := plannedJob(t, second, workers[1], "fast", "i-1")

	// Another session holds the row of the slow renewal: its transaction has
	// checked and waits to write.
	blocker, err := second.db.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := blocker.ExecContext(ctx, "SELECT 1 FROM renewals WHERE renewal_id = 'slow' FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	slowly := make(chan error, 1)
	go func() { slowly <- advanceTo(ctx, first, workers[0], &slow, ledger.Submitting) }()
	waitForLocks(ctx, t, second, 1)

	// The fast one goes as far as it gets.
	fastly := make(chan error, 1)
	go func() {
		var err error
		for _, state := range []ledger.State{ledger.Submitting, ledger.Verifying, ledger.Renewed} {
			if err = advanceTo(ctx, second, workers[1], &fast, state); err != nil {
				break
			}
		}
		fastly <- err
	}()
	var fastErr error
	ended := false
	for !ended && locksAwaited(ctx, t, second) < 2 { // until it waits for the slow one
		select {
		case fastErr = <-fastly:
			ended = true
		default:
		}
	}
	if err := blocker.Commit(); err != nil {
		t.Fatal(err)
	}
	slowErr := <-slowly
	if !ended {
		fastErr = <-fastly
	}
	var conflict *ledger.ConflictError
	switch {
	case slowErr == nil && fastErr == nil:
		t.Error("both renewals of the instance were permitted")
	case slowErr == nil && !errors.As(fastErr, &conflict), fastErr == nil && !errors.As(slowErr, &conflict), slowErr != nil && fastErr != nil:
		t.Errorf("the slow one: %v; the fast one: %v; want one permitted, one refused with a conflict", slowErr, fastErr)
	case slowErr == nil && (conflict.Prior.ID != "slow" || conflict.Prior.RequestID != "request-slow"):
		t.Errorf("the conflict names %+v, want the slow renewal", conflict.Prior)
	}
}

// waitForLocks waits until so many sessions of the database wait for a lock.
func waitForLocks(ctx context.Context, t *testing.T, s *Store, want int) {
	t.Helper()
	for locksAwaited(ctx, t, s) < want {
	}
}

// locksAwaited returns how many sessions of the database wait for a lock.
func locksAwaited(ctx context.Context, t *testing.T, s *Store) (n int) {
	t.Helper()
	if err := s.db.QueryRowContext(ctx, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// A freeze waits for an intent that has found spending not frozen and is not
// committed yet: when it returns, every payment that it did not stop is on disk.
func TestFreeze_WaitsForAnIntentInProgress(t *testing.T) {
	address := postgres.Database(t)
	first, second := openAt(t, address), openAt(t, address)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	worker, err := first.AcquireLease(ctx, "worker", "p", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	r, next := plannedJob(t, first, worker, "slow", "i-1"), plannedJob(t, first, worker, "next", "i-2")
	// Another session holds the row of the renewal: its transaction has read the
	// freeze and waits to write.
	blocker, err := second.db.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := blocker.ExecContext(ctx, "SELECT 1 FROM renewals WHERE renewal_id = 'slow' FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	sent, frozen := make(chan error, 1), make(chan error, 1)
	go func() { sent <- advanceTo(ctx, first, worker, &r, ledger.Submitting) }()
	waitForLocks(ctx, t, second, 1)
	go func() {
		_, err := second.SetSpendFreeze(ctx, ledger.Freeze{Frozen: true, Reason: "drill", By: "root", Time: time.Now()})
		frozen <- err
	}()
	for waiting := 0; waiting < 2; {
		select {
		case err := <-frozen:
			t.Fatalf("the freeze returned before the commit of a payment that it did not stop: %v", err)
		default:
		}
		if err := second.db.QueryRowContext(ctx, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'").Scan(&waiting); err != nil {
			t.Fatal(err)
		}
	}
	if err := blocker.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(<-sent, <-frozen); err != nil {
		t.Fatal(err)
	}
	if err := advanceTo(ctx, first, worker, &next, ledger.Submitting); !errors.Is(err, ledger.ErrFrozen) {
		t.Errorf("a payment after the freeze: %v, want ErrFrozen", err)
	}
}
