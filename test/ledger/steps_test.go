package ledger_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// faults are what the cloud does to the order of an instance.
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

// TestKilledAtEveryStep kills the server between every two steps of a job's
// renewals, each of which meets another fault of the cloud, and starts it
// again: what the cloud charged is what was asked for, once, and our ledger
// accounts for each charge.
func TestKilledAtEveryStep(t *testing.T) {
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
						f.Action, f.InstanceID, f.Count = "RenewInstance", id, strikes(f, at)
						c.fault(t, f)
					}
				}
				server := newServer(t, c, database(t))
				g := newGate(at, ids)
				c.gate.Store(g)
				caller := dial(t, server.Address)
				job := caller.create(ids, nil)
				reached(t, g)
				var hand string
				for id, name := range meets {
					if name == byHand {
						hand = c.renewByHand(t, id)
					}
				}
				server.Stop(syscall.SIGKILL)
				c.open()
				server.Start()
				caller.ended(job, 100*time.Second)
				ours := caller.renewals(job)
				v := compare(c.Ledger(simulator.LedgerFilter{}), ours, hand)
				t.Log(v)
				if !v.clean() || len(ours) != len(ids) {
					for _, r := range ours {
						t.Errorf("%s: %v, charged %v", meets[r.GetInstanceId()], r, c.Ledger(simulator.LedgerFilter{InstanceID: r.GetInstanceId()}))
					}
				}
				for _, r := range ours {
					name := meets[r.GetInstanceId()]
					hidden := name == byHand || name == "token poisoned after" || strikes(faults[name], at) > 1
					if paid(r) && r.GetOrderId() == "" && !hidden {
						t.Errorf("%s: no order id after %d sends", name, len(r.GetAttempts()))
					}
				}
			})
		}
	}
}

// strikes is how often a fault strikes. Up to the order it outlasts the tries of
// one send, so that the outcome has to be settled; behind it, once.
func strikes(f simulator.Fault, at step) int {
	switch f.Kind {
	case control.Throttled, control.Slow, control.Poison:
		return 1
	}
	if at.paid || !at.held {
		return 1
	}
	return 5
}

// reached waits until the instances have come to the gate. Those whose order
// has to be settled first may be kept from it: their read of the expiry shares
// a call with those that are held there.
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
