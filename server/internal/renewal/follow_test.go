package renewal_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/ledger/ledgertest"
	"github.com/ecsd-io/ecsd/server/internal/renewal"
)

// readLedger counts the reads of renewals of jobs.
type readLedger struct {
	*ledgertest.Memory
	alone bool
	slow  time.Duration
	reads atomic.Int64
}

func (l *readLedger) Shared() bool { return !l.alone }

func (l *readLedger) RenewalsOfJob(ctx context.Context, jobID string, revision int64, renewalID string, limit int) ([]ledger.Renewal, error) {
	l.reads.Add(1)
	time.Sleep(time.Millisecond) // virtual
	found, err := l.Memory.RenewalsOfJob(ctx, jobID, revision, renewalID, limit)
	time.Sleep(l.slow)
	return found, errors.Join(err, ctx.Err())
}

// followed is a job in a ledger, and an engine with a runner that is not
// started.
type followed struct {
	*renewal.Engine
	*readLedger
	worker ecs.Lease
	all    []ledger.Renewal
}

func follow(t *testing.T, alone bool, size int) *followed {
	t.Helper()
	f := &followed{readLedger: &readLedger{Memory: ledgertest.New(), alone: alone}}
	for n := range size {
		f.all = append(f.all, ledger.Renewal{
			ID: fmt.Sprintf("r-%04d", n), JobID: "j", RegionID: region, InstanceID: fmt.Sprint("i-", n), State: ledger.Planned, CreateTime: time.Now(),
		})
	}
	terms := ledger.Terms{Period: oneMonth}.Encode()
	if err := f.CreateRenewalJob(t.Context(), ledger.Job{ID: "j", RequestID: "r", Terms: terms, CreateTime: time.Now()}, f.all); err != nil {
		t.Fatal(err)
	}
	f.Engine = renewal.New(newCloud(), f.readLedger, quiet)
	var err error
	if f.worker, err = f.AcquireLease(t.Context(), "another process", "p", time.Hour); err != nil {
		t.Fatal(err)
	}
	if _, err := f.ClaimRenewals(t.Context(), f.worker, ledger.Claim{JobID: "j", Limit: size}); err != nil {
		t.Fatal(err)
	}
	return f
}

// skip has the other process end one renewal.
func (f *followed) skip(t *testing.T, n int) {
	t.Helper()
	next := f.all[n]
	next.State = ledger.Skipped
	results, err := f.AdvanceRenewals(t.Context(), f.worker, "j", []ledger.Transition{{Renewal: next, From: ledger.Planned}})
	if err = errors.Join(append(results, err)...); err != nil {
		t.Fatal(err)
	}
}

// steps collects the steps of one follower.
type steps struct {
	mu    sync.Mutex
	count int
	last  map[string]ledger.State
	at    []time.Time
	job   renewal.Job
	next  renewal.Position
}

func (s *steps) send(step *renewal.Step) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last == nil {
		s.last = map[string]ledger.State{}
	}
	for _, r := range step.Value.Renewals {
		s.last[r.ID] = r.State
	}
	s.count += len(step.Value.Renewals)
	s.at = append(s.at, time.Now())
	s.job, s.next = step.Value.Job, step.Next
	return nil
}

// Many followers of a job read it as often as one does, and each gets all of it.
func TestFollow_FollowersShareReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const followers, size = 20, 1000
		f := follow(t, false, size)
		defer f.Close()
		all := make([]steps, followers)
		var running sync.WaitGroup
		for i := range all {
			running.Go(func() {
				if err := f.Follow(t.Context(), "j", renewal.Position{}, all[i].send); err != nil {
					t.Error(err)
				}
			})
		}
		time.Sleep(500 * time.Millisecond)
		if got := f.reads.Load(); got > size/100+2 {
			t.Errorf("%d reads of a job of %d for %d followers, want about %d", got, size, followers, size/100+1)
		}
		before := f.reads.Load()
		for n := range size {
			f.skip(t, n)
			time.Sleep(10 * time.Millisecond)
		}
		running.Wait()
		// Ten seconds of polls, each of one page or two.
		if got := f.reads.Load() - before; got > 30 {
			t.Errorf("%d reads in 10 s of changes", got)
		}
		for i := range all {
			if len(all[i].last) != size || all[i].job.State != ledger.JobFailed {
				t.Errorf("follower %d got %d renewals, and the job as %s", i, len(all[i].last), all[i].job.State)
			}
			for id, state := range all[i].last {
				if state != ledger.Skipped {
					t.Fatalf("follower %d got %s as %s last", i, id, state)
				}
			}
		}
	})
}

// Without another process the job is read when this one wrote it, and never
// otherwise.
func TestFollow_NoPollsOfItsOwnDatabase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := follow(t, true, 10)
		defer f.Close()
		var s steps
		done := make(chan error, 1)
		go func() { done <- f.Follow(t.Context(), "j", renewal.Position{}, s.send) }()
		time.Sleep(time.Hour)
		if got := f.reads.Load(); got != 1 {
			t.Errorf("%d reads of a job that does not change, want 1", got)
		}
		if _, err := f.Cancel(t.Context(), "j", "team-a", "OPS-7"); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
		if s.count != 20 || s.job.State != ledger.JobCancelled {
			t.Errorf("got %d renewals, and the job as %s", s.count, s.job.State)
		}
		if late := time.Since(s.at[len(s.at)-1]); late > time.Millisecond {
			t.Errorf("the end was reported %s early", late)
		}
	})
}

// Steps at the end of a job are apart, and none is missed.
func TestFollow_StepsAreApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := follow(t, true, 3)
		defer f.Close()
		var s steps
		done := make(chan error, 1)
		go func() { done <- f.Follow(t.Context(), "j", renewal.Position{}, s.send) }()
		for n := range 3 {
			time.Sleep(time.Second)
			for range 100 {
				time.Sleep(7 * time.Millisecond)
				f.Changed("j")
			}
			f.skip(t, n)
			f.Changed("j")
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
		if late := time.Since(s.at[len(s.at)-1]); late > 0 || len(s.at) > 6 {
			t.Errorf("%d steps, the last %s before the end", len(s.at), late)
		}
		// Each change is read once at most, and 250 ms after the one before.
		if got := f.reads.Load(); got > 13 {
			t.Errorf("%d reads in 6 s", got)
		}
		for i := 1; i < len(s.at); i++ {
			if apart := s.at[i].Sub(s.at[i-1]); apart < 250*time.Millisecond {
				t.Errorf("steps %d and %d are %s apart", i-1, i, apart)
			}
		}
		if s.count != 6 {
			t.Errorf("got %d renewals, want each as planned and as skipped", s.count)
		}
		// Resumed at its last position, a follower gets the job and no renewal again.
		var resumed steps
		if err := f.Follow(t.Context(), "j", s.next, resumed.send); err != nil || resumed.count != 0 || !resumed.job.State.Ended() {
			t.Errorf("resumed: %d renewals, the job as %s, %v", resumed.count, resumed.job.State, err)
		}
	})
}

// A change after the ledger was read, and before the follower has it, is not missed.
func TestFollow_ChangeDuringARead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := follow(t, true, 1)
		defer f.Close()
		f.slow = 400 * time.Millisecond
		var s steps
		done := make(chan error, 1)
		go func() { done <- f.Follow(t.Context(), "j", renewal.Position{}, s.send) }()
		time.Sleep(100 * time.Millisecond)
		f.skip(t, 0)
		f.Changed("j")
		if err := <-done; err != nil || s.count != 2 {
			t.Errorf("got %d renewals, %v, want it as planned and as skipped", s.count, err)
		}
	})
}

// A follower with a client that is gone does not end the read of the others,
// and a drain ends all.
func TestFollow_OneLeavesAllDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := follow(t, true, 10)
		defer f.Close()
		gone, leave := context.WithCancel(t.Context())
		first, second := make(chan error, 1), make(chan error, 1)
		var s steps
		go func() { first <- f.Follow(gone, "j", renewal.Position{}, func(*renewal.Step) error { return nil }) }()
		synctest.Wait() // it reads
		go func() { second <- f.Follow(t.Context(), "j", renewal.Position{}, s.send) }()
		synctest.Wait()
		leave()
		if err := <-first; !errors.Is(err, context.Canceled) {
			t.Errorf("the first ended with %v", err)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if s.count != 10 {
			t.Errorf("the second got %d renewals, want 10", s.count)
		}
		f.Drain()
		f.Drain()
		if err := <-second; !ecs.HasReason(err, ecs.ReasonServerDraining) {
			t.Errorf("the second ended with %v, want SERVER_DRAINING", err)
		}
	})
}
