package ledger_test

import (
	"syscall"
	"testing"
	"time"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// faults are the cloud's faults for the order of an instance.
var faults = map[string]simulator.Fault{
	"none":                           {},
	"throttled":                      {Kind: control.Throttled, RetryAfter: control.Duration(300 * time.Millisecond)},
	"reset before":                   {Kind: control.Reset},
	"reset after":                    {Kind: control.Reset, When: control.After},
	"answer lost":                    {Kind: control.LostReply},
	"answer cut":                     {Kind: control.Cut},
	"500 before":                     {Kind: control.Failed},
	"500 after":                      {Kind: control.Failed, When: control.After},
	"a page of a proxy":              {Kind: control.HTML},
	"slow before":                    {Kind: control.Slow, When: control.Before, Delay: control.Duration(time.Second)},
	"slow after":                     {Kind: control.Slow, Delay: control.Duration(time.Second)},
	"token poisoned":                 {Kind: control.Poison},
	"token poisoned after":           {Kind: control.Poison, When: control.After},
	"renewed by hand when it is all": {},
}

const byHand = "renewed by hand when it is all"

// TestPayments_KilledAtEveryStep kills the server between every two steps of a job's renewals, each with another fault of the
// cloud, and restarts it. A second job over the same instances follows right after the restart. Each charge has its
// renewal, and each instance is paid once.
func TestPayments_KilledAtEveryStep(t *testing.T) {
	for engine, database := range engines {
		for _, at := range steps {
			t.Run(engine+", "+at.name, func(t *testing.T) {
				t.Parallel()
				c := newCloud(t, nil)
				ids, meets := c.seed(t, len(faults)), map[string]string{}
				for name, f := range faults {
					id := ids[len(meets)]
					meets[id] = name
					if f.Kind != "" {
						f.Action, f.InstanceID, f.Count = "RenewInstance", id, 1
						c.fault(t, f)
					}
				}
				soon := c.renewedBefore(t, ids)
				server := newServer(t, c, database(t))
				g := newGate(at, ids)
				c.gate.Store(g)
				caller := dial(t, server.Address)
				jobs := []string{caller.create(ids, nil)}
				reached(t, g)
				for id, name := range meets {
					if name == byHand {
						c.renewByHand(t, id)
					}
				}
				server.Stop(syscall.SIGKILL)
				c.open()
				server.Start()
				jobs = append(jobs, caller.overlap(t.Context(), ids, soon))
				for _, job := range jobs {
					caller.ended(job, 100*time.Second)
				}
				e := caller.evidence(c)
				t.Log(e.summary())
				for _, f := range e.check() {
					t.Error(f)
				}
				if len(e.renewals) != 2*len(ids) {
					t.Errorf("%d renewals, want two for each of %d instances", len(e.renewals), len(ids))
				}
				perInstance := map[string]int{}
				for _, c := range e.charges() {
					perInstance[c.InstanceID]++
				}
				for id, n := range perInstance {
					if n != 1 {
						t.Errorf("%s: charged %d times", meets[id], n)
					}
				}
				for _, r := range e.renewals {
					// Only an order with a lost response has no ID.
					if paid(r) && r.GetOrderId() == "" && lastOutcome(r) != ecsdv1.RenewalAttemptOutcome_RENEWAL_ATTEMPT_OUTCOME_UNKNOWN {
						t.Errorf("%s: no order id: %v", meets[r.GetInstanceId()], r)
					}
				}
			})
		}
	}
}

// renewedBefore returns a time before which instances expire only until they are renewed.
func (c *cloud) renewedBefore(t *testing.T, ids []string) (soon time.Time) {
	t.Helper()
	for _, id := range ids {
		instance, err := c.Instance(id)
		if err != nil {
			t.Fatal(err)
		}
		if expires := instance.ExpireTime.Add(24 * time.Hour); expires.After(soon) {
			soon = expires
		}
	}
	return soon
}

func lastOutcome(r *ecsdv1.Renewal) ecsdv1.RenewalAttemptOutcome {
	attempts := r.GetAttempts()
	if len(attempts) == 0 {
		return ecsdv1.RenewalAttemptOutcome_RENEWAL_ATTEMPT_OUTCOME_UNSPECIFIED
	}
	return attempts[len(attempts)-1].GetOutcome()
}

// reached waits until the instances have reached the gate. Those with an order to settle first may be kept from it:
// their read of the expiry shares a call with held instances.
func reached(t *testing.T, g *gate) {
	t.Helper()
	select {
	case <-g.first:
	case <-time.After(30 * time.Second):
		t.Fatal("no instance comes to the step")
	}
	select {
	case <-g.all:
	case <-time.After(25 * time.Second):
		g.mu.Lock()
		defer g.mu.Unlock()
		if len(g.missing) > len(faults)/3 {
			t.Errorf("%d instances do not come to the step", len(g.missing))
		}
	}
}
