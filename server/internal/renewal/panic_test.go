package renewal_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/renewal"
)

// panicking is a cloud of which the next calls of a kind panic.
type panicking struct {
	*fakeCloud
	price, read, send atomic.Int32
}

// panickingLedger is a ledger of which the next calls of a kind panic, with their
// effect.
type panickingLedger struct {
	renewal.Ledger
	writes, claims atomic.Int32
}

func (l *panickingLedger) AdvanceRenewals(ctx context.Context, worker ecs.Lease, jobID string, ts []ledger.Transition) ([]error, error) {
	results, err := l.Ledger.AdvanceRenewals(ctx, worker, jobID, ts)
	breaks(&l.writes)
	return results, err
}

func (l *panickingLedger) ClaimRenewals(ctx context.Context, worker ecs.Lease, c ledger.Claim) ([]ledger.Renewal, error) {
	claimed, err := l.Ledger.ClaimRenewals(ctx, worker, c)
	breaks(&l.claims)
	return claimed, err
}

// breaks panics if the counter is positive, which it decrements.
func breaks(counter *atomic.Int32) {
	if counter.Add(-1) >= 0 {
		panic("the defect")
	}
}

func (p *panicking) RenewalPrice(ctx context.Context, regionID, id string, period ecs.Period) (ecs.Quote, error) {
	time.Sleep(time.Second) // so that a test can arm the call after the job was stored
	breaks(&p.price)
	return p.fakeCloud.RenewalPrice(ctx, regionID, id, period)
}

func (p *panicking) Instances(ctx context.Context, regionID string, ids []string) []ecs.Result[ecs.Instance] {
	breaks(&p.read)
	return p.fakeCloud.Instances(ctx, regionID, ids)
}

// A panic at any step of a payment ends no process, charges nothing twice, and
// leaves no renewal open.
func TestPanic_InAStep(t *testing.T) {
	for name, next := range map[string]func(*panicking, *panickingLedger) *atomic.Int32{
		"price":               func(c *panicking, _ *panickingLedger) *atomic.Int32 { return &c.price },
		"fresh read":          func(c *panicking, _ *panickingLedger) *atomic.Int32 { return &c.read },
		"paid call":           func(c *panicking, _ *panickingLedger) *atomic.Int32 { return &c.send },
		"write of the ledger": func(_ *panicking, l *panickingLedger) *atomic.Int32 { return &l.writes },
		"claim":               func(_ *panicking, l *panickingLedger) *atomic.Int32 { return &l.claims },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				records := memoryStore(t)
				defer records.Close()
				c, l := &panicking{fakeCloud: newCloud()}, &panickingLedger{Ledger: records}
				c.hook = func() { breaks(&c.send) }
				e := started(t, c, l, quiet)
				defer e.Close()
				job := create(t, e, named("job", "i-1", "i-2", "i-3"))
				next(c, l).Store(1)
				began := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
				defer cancel()
				if err := e.Follow(ctx, job.ID, renewal.Position{}, func(*renewal.Step) error { return nil }); err != nil {
					t.Fatalf("the job has not ended: %v", err)
				}
				_, renewals := ended(t, e, job.ID)
				for id, r := range renewals {
					if r.State != ledger.Renewed {
						t.Errorf("%s is %s (%s), want RENEWED", id, r.State, r.Failure.Message)
					}
					if n := c.charges(id); n != 1 {
						t.Errorf("%s was charged %d times, want once", id, n)
					}
				}
				if left := next(c, l).Load(); left >= 1 {
					t.Error("no call panicked")
				}
				if took := time.Since(began); took > 3*time.Minute {
					t.Errorf("it took %s, want the settle window at most", took)
				}
			})
		})
	}
}
