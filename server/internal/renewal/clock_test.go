package renewal_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/renewal"
)

// offLedger is the ledger of a process with a wrong clock: it writes wrong
// times.
type offLedger struct {
	renewal.Ledger
	by time.Duration
}

func (l *offLedger) off(r ledger.Renewal) ledger.Renewal {
	r.CreateTime, r.UpdateTime, r.PlanTime = r.CreateTime.Add(l.by), r.UpdateTime.Add(l.by), r.PlanTime.Add(l.by)
	if !r.PaidTime.IsZero() {
		r.PaidTime = r.PaidTime.Add(l.by)
	}
	r.Attempts = slices.Clone(r.Attempts)
	for i := range r.Attempts {
		a := &r.Attempts[i]
		a.SendTime = a.SendTime.Add(l.by)
		if !a.FinishTime.IsZero() {
			a.FinishTime = a.FinishTime.Add(l.by)
		}
	}
	return r
}

func (l *offLedger) CreateRenewalJob(ctx context.Context, j ledger.Job, renewals []ledger.Renewal) error {
	written := make([]ledger.Renewal, len(renewals))
	for i, r := range renewals {
		written[i] = l.off(r)
	}
	return l.Ledger.CreateRenewalJob(ctx, j, written)
}

func (l *offLedger) AdvanceRenewals(ctx context.Context, worker ecs.Lease, jobID string, moves []ledger.Transition) ([]error, error) {
	written := slices.Clone(moves)
	for i := range written {
		written[i].Renewal = l.off(written[i].Renewal)
	}
	return l.Ledger.AdvanceRenewals(ctx, worker, jobID, written)
}

// A process with a clock that is an hour off dies at each step, under faults
// that leave the outcome unknown. Its successor waits by its own clock: the
// refused token is not replaced while a payment by it may still appear, and
// nothing is charged twice or left for an hour.
func TestRenew_ClockOfDeadProcessWasOff(t *testing.T) {
	for _, by := range []time.Duration{-time.Hour, time.Hour} {
		for _, f := range []fault{fine, lostReply, lostRequest, poisoned, poisonedAfter} {
			for step := 2; step <= 6; step++ {
				t.Run(fmt.Sprintf("%s off, %s, step %d", by, f, step), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						records := memoryStore(t)
						defer records.Close()
						c := newCloud()
						c.faults = []fault{f}
						dies(t, c, &offLedger{records, by}, step, true, 5*time.Second)
						second := started(t, c, records, quiet)
						defer second.Close()
						began := time.Now()
						r, err := second.Renew(t.Context(), month("r-1", "i-1"))
						if err != nil || r.State != ledger.Renewed || c.charges("i-1") != 1 {
							t.Errorf("charged %d times, state %s, %v", c.charges("i-1"), r.State, err)
						}
						if took := time.Since(began); took > 5*time.Minute {
							t.Errorf("it took %s", took)
						}
					})
				})
			}
		}
	}
}

// dies has a process take the renewal up to a step, and ends it after a while.
func dies(t *testing.T, c renewal.Cloud, records renewal.Ledger, step int, keep bool, after time.Duration) {
	t.Helper()
	first := started(t, c, &mortalLedger{Ledger: records, steps: step, keep: keep}, quiet)
	ctx, cancel := context.WithTimeout(t.Context(), after)
	defer cancel()
	_, _ = first.Renew(ctx, month("r-1", "i-1"))
	first.Close()
}
