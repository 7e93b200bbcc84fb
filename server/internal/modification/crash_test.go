package modification_test

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
	"github.com/ecsd-io/ecsd/server/internal/modification"
)

// mortal is a process that dies at one of its steps, before or after the effect
// of the step. What it does after that has no effect.
type mortal struct {
	diesAt int
	after  bool
	// died is closed with its death.
	died chan struct{}

	mu    sync.Mutex // guards all below; not held during an effect
	steps int
	dead  bool
}

func newMortal(diesAt int, after bool) *mortal {
	return &mortal{diesAt: diesAt, after: after, died: make(chan struct{})}
}

// next counts a step, and reports whether the process is dead, or dies at it.
func (p *mortal) next() (dead, dies bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dead {
		return true, false
	}
	p.steps++
	p.dead = p.steps == p.diesAt
	return false, p.dead
}

func (p *mortal) isDead() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dead
}

var errDead = errors.New("the process is dead")

// step takes one step of the process.
func (p *mortal) step(effect func() error) error {
	dead, dies := p.next()
	switch {
	case dead:
		return errDead
	case !dies:
		return effect()
	}
	if p.after {
		_ = effect()
	}
	close(p.died)
	return errDead
}

// mortalCloud and mortalRecords are the cloud and the store as a mortal process
// sees them.
type mortalCloud struct {
	*fakeCloud
	process *mortal
}

func (c mortalCloud) Instances(ctx context.Context, regionID string, ids []string) (results []ecs.Result[ecs.Instance]) {
	if err := c.process.step(func() error { results = c.fakeCloud.Instances(ctx, regionID, ids); return nil }); err != nil {
		return []ecs.Result[ecs.Instance]{{ID: ids[0], Err: err}}
	}
	return results
}

func (c mortalCloud) InstancePrice(ctx context.Context, o ecs.LaunchOrder) (q ecs.Quote, err error) {
	return q, c.process.step(func() error { q, err = c.fakeCloud.InstancePrice(ctx, o); return err })
}

func (c mortalCloud) ModifyGrant(ctx context.Context, regionID, action string) (g modification.Grant, err error) {
	err = c.process.step(func() error { g, err = c.fakeCloud.ModifyGrant(ctx, regionID, action); return err })
	return mortalGrant{g, c.process}, err
}

type mortalGrant struct {
	modification.Grant
	process *mortal
}

func (g mortalGrant) Release() {}

func (g mortalGrant) Send(ctx context.Context, o ecs.ModifyOrder) (m ecs.Modified, err error) {
	return m, g.process.step(func() error { m, err = g.Grant.Send(ctx, o); return err })
}

type mortalRecords struct {
	modification.Records
	process *mortal
}

func (r mortalRecords) WriteModification(ctx context.Context, m ledger.Modification, from ledger.ModificationState, holder string, until time.Time) error {
	return r.process.step(func() error { return r.Records.WriteModification(ctx, m, from, holder, until) })
}

func (r mortalRecords) ModificationByRequest(ctx context.Context, requestID string) (m ledger.Modification, err error) {
	return m, r.process.step(func() error { m, err = r.Records.ModificationByRequest(ctx, requestID); return err })
}

func (r mortalRecords) HoldModifications(ctx context.Context, holder string, ids []string, until time.Time) error {
	if r.process.isDead() {
		return errDead
	}
	return r.Records.HoldModifications(ctx, holder, ids, until)
}

func (r mortalRecords) ClaimModifications(ctx context.Context, holder string, regions []string, now, until time.Time, limit int) ([]ledger.Modification, error) {
	if r.process.isDead() {
		return nil, errDead
	}
	return r.Records.ClaimModifications(ctx, holder, regions, now, until, limit)
}

// The process dies at every step, before and after the effect of the step, with
// and without a lost reply. The next process, asked again with the same request,
// ends with the instance changed by exactly one order.
func TestModify_CrashAtEveryStep(t *testing.T) {
	if testing.Short() {
		t.Skip("hundreds of crashes")
	}
	for name, kind := range changes {
		if raceDetector && name != "upgrade" {
			continue
		}
		for _, lost := range []fault{"", lostReply, lostRequest} {
			for _, after := range []bool{false, true} {
				t.Run(fmt.Sprint(name, ", ", lost, ", after ", after), func(t *testing.T) {
					survived := false
					for at := 1; !survived; at++ {
						synctest.Test(t, func(t *testing.T) {
							survived = crash(t, kind.change, kind.cloud(), newMortal(at, after), lost)
						})
						if at > 60 {
							t.Fatal("more steps than a modification can have")
						}
					}
				})
			}
		}
	}
}

// crash makes a modification in a mortal process and, if that dies, in the next
// one. It reports whether the process survived.
func crash(t *testing.T, to ledger.Change, c *fakeCloud, process *mortal, lost fault) (survived bool) {
	t.Helper()
	s := memoryStore(t)
	defer s.Close()
	c.faults = []fault{lost}
	first := modification.New(mortalCloud{c, process}, mortalRecords{s, process}, quiet)
	first.Start()
	go func() {
		select {
		case <-process.died:
			first.Close() // a dead process does nothing more
		case <-t.Context().Done():
		}
	}()
	_, err := first.Modify(t.Context(), request(to))
	if !process.isDead() && err != nil {
		t.Fatalf("dies at %d: %v", process.diesAt, err)
	}
	first.Close()
	next := modification.New(c, s, quiet) // claims after the hold of the first one
	next.Start()
	defer next.Close()
	m, err := next.Modify(t.Context(), request(to))
	if err != nil || m.State != ledger.ModificationSucceeded {
		t.Errorf("dies at %d: then %s, %v", process.diesAt, m.State, err)
	}
	if len(c.orders) != 1 {
		t.Errorf("dies at %d: %d orders, want 1", process.diesAt, len(c.orders))
	}
	for _, o := range c.sends {
		if o.ClientToken != c.sends[0].ClientToken {
			t.Errorf("dies at %d: two tokens although no send is known to have failed", process.diesAt)
		}
	}
	return !process.isDead()
}

// A process that stops for longer than its hold and then continues does not send a
// second order: another process has settled the modification.
func TestModify_StoppedPastItsHold(t *testing.T) {
	for name, kind := range changes {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, c := memoryStore(t), kind.cloud()
				defer s.Close()
				first, second := modification.New(c, s, quiet), modification.New(c, s, quiet)
				c.hooks["send"] = func() {
					second.Start()
					time.Sleep(5 * time.Minute)
				}
				// Without Start it extends no hold, as a stopped process does not.
				m, err := first.Modify(t.Context(), request(kind.change))
				if err != nil || m.State != ledger.ModificationSucceeded {
					t.Errorf("%s, %v", m.State, err)
				}
				first.Close()
				second.Close()
				if len(c.orders) != 1 {
					t.Errorf("%d orders, want 1", len(c.orders))
				}
				for _, o := range c.sends {
					if o.ClientToken != c.sends[0].ClientToken {
						t.Error("two tokens")
					}
				}
			})
		})
	}
}
