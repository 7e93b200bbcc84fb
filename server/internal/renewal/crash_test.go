package renewal_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/payment"
	"github.com/ecsd-io/ecsd/server/internal/renewal"
)

var errCrash = errors.New("the process is gone")

// mortalLedger simulates a process that dies at a step: the write of that step
// is lost or kept, and nothing after it reaches the ledger.
type mortalLedger struct {
	renewal.Ledger
	mu    sync.Mutex
	steps int
	keep  bool
	dead  bool
}

func (l *mortalLedger) step(write func() error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dead {
		return errCrash
	}
	l.steps--
	if l.steps > 0 {
		return write()
	}
	l.dead = true
	if l.keep {
		_ = write()
	}
	return errCrash
}

func (l *mortalLedger) CreateRenewalJob(ctx context.Context, j ledger.Job, renewals []ledger.Renewal) error {
	return l.step(func() error { return l.Ledger.CreateRenewalJob(ctx, j, renewals) })
}

func (l *mortalLedger) AdvanceRenewals(ctx context.Context, worker ecs.Lease, jobID string, moves []ledger.Transition) (results []error, err error) {
	err = l.step(func() (err error) {
		results, err = l.Ledger.AdvanceRenewals(ctx, worker, jobID, moves)
		return err
	})
	return results, err
}

// TestCrashMatrix kills the process at every write of the ledger, before and
// after it, under every fault of the cloud. The next process resumes, and the
// caller retries: one charge, or none if it was refused.
func TestCrashMatrix(t *testing.T) {
	for _, f := range []fault{fine, lostReply, lostRequest, throttled, busy, poisoned, refused} {
		for step := 1; step <= 7; step++ {
			for _, keep := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, step %d, kept %t", f, step, keep), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						records := memoryStore(t)
						defer records.Close()
						c := newCloud()
						c.faults = []fault{f}
						first := started(t, c, &mortalLedger{Ledger: records, steps: step, keep: keep}, quiet)
						ctx, cancel := context.WithTimeout(t.Context(), 100*time.Second)
						defer cancel()
						_, _ = first.Renew(ctx, month("r-1", "i-1"))
						first.Close()

						second := started(t, c, records, quiet)
						defer second.Close()
						r, err := second.Renew(t.Context(), month("r-1", "i-1"))
						n := c.charges("i-1")
						switch {
						case err == nil && r.State == ledger.Renewed && n == 1:
						case f == refused && ecs.HasReason(err, ecs.ReasonInsufficientBalance) && n == 0:
						case f == refused && r.State == ledger.NeedsAttention && n == 0: // the interrupted send may have paid
						default:
							t.Errorf("charged %d times, state %s, error %v", n, r.State, err)
						}
						for _, a := range r.Attempts {
							if a.Outcome == ledger.OutcomeOpen {
								t.Errorf("attempt %d is left open", a.Number)
							}
						}
					})
				})
			}
		}
	}
}

// busyCloud has no response ready for a step: calls of that step end with their
// context, as those of the cloud package do.
type busyCloud struct {
	*fakeCloud
	step string
}

func (c *busyCloud) wait(ctx context.Context, step string) error {
	if step != c.step {
		return nil
	}
	<-ctx.Done()
	return ecs.Errorf(ecs.ReasonCancelled, "the caller cancelled")
}

func (c *busyCloud) RenewalPrice(ctx context.Context, regionID, id string, p ecs.Period) (ecs.Quote, error) {
	if err := c.wait(ctx, "price"); err != nil {
		return ecs.Quote{}, err
	}
	return c.fakeCloud.RenewalPrice(ctx, regionID, id, p)
}

func (c *busyCloud) RenewGrant(ctx context.Context, regionID string) (payment.Grant, error) {
	if err := c.wait(ctx, "grant"); err != nil {
		return nil, err
	}
	return c.fakeCloud.RenewGrant(ctx, regionID)
}

func (c *busyCloud) Instances(ctx context.Context, regionID string, ids []string) []ecs.Result[ecs.Instance] {
	results := c.fakeCloud.Instances(ctx, regionID, ids)
	if err := c.wait(ctx, "read"); err != nil {
		for i := range results {
			results[i].Err = err
		}
	}
	return results
}

// An orderly stop ends the calls of a job before its payments. The job is not
// refused by that: the next process pays it.
func TestClose_BeforeThePayment(t *testing.T) {
	for _, step := range []string{"price", "grant", "read"} {
		t.Run(step, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				records := memoryStore(t)
				defer records.Close()
				c := newCloud()
				// The job is stored by a process that does not work on it.
				planner := renewal.New(c, records, quiet)
				job := create(t, planner, named("job", "i-1", "i-2"))
				planner.Close()
				first := started(t, &busyCloud{c, step}, records, quiet)
				time.Sleep(time.Second) // virtual
				first.Close()
				second := started(t, c, records, quiet)
				defer second.Close()
				_, renewals := ended(t, second, job.ID)
				for id, r := range renewals {
					if r.State != ledger.Renewed || c.charges(id) != 1 {
						t.Errorf("%s is %s (%s), charged %d times, want RENEWED and once", id, r.State, r.Failure.Message, c.charges(id))
					}
				}
			})
		})
	}
}

func TestClose_LeavesNothingHalfWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records := memoryStore(t)
		defer records.Close()
		c := newCloud()
		e := started(t, c, records, quiet)
		answered := make(chan error)
		go func() {
			_, err := e.Renew(t.Context(), month("r-1", "i-1"))
			answered <- err
		}()
		time.Sleep(2 * time.Second) // virtual: the order is accepted, the expiry not shown
		e.Close()
		if err := <-answered; !ecs.HasReason(err, ecs.ReasonServerDraining) {
			t.Errorf("got %v, want SERVER_DRAINING", err)
		}
		if _, err := e.Renew(t.Context(), month("r-2", "i-2")); !ecs.HasReason(err, ecs.ReasonServerDraining) {
			t.Errorf("after Close: got %v, want SERVER_DRAINING", err)
		}
		live, err := records.ListRenewals(t.Context(), ledger.Filter{}, ledger.Cursor{}, 10)
		if err != nil || len(live) != 1 || live[0].State != ledger.Verifying {
			t.Errorf("the ledger holds %+v, %v, want one renewal to verify", live, err)
		}
	})
}
