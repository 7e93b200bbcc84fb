package ledger_test

import "sync"

// step is a point between two steps of a renewal, at which its process is killed.
type step struct {
	name   string
	action string
	// after is set for a point after the cloud's work.
	after bool
	// held calls wait at the step until the process is dead. Calls that are held before the cloud's work are then lost,
	// or arrive late.
	held, late bool
	// paid counts only calls about instances that were paid.
	paid bool
}

var steps = []step{
	{name: "before the price", action: "DescribeRenewalPrice", held: true},
	{name: "after the price", action: "DescribeRenewalPrice", after: true, held: true},
	{name: "before the order, which is lost", action: "RenewInstance", held: true},
	{name: "before the order, which arrives late", action: "RenewInstance", held: true, late: true},
	{name: "after the order, whose answer is lost", action: "RenewInstance", after: true, held: true},
	{name: "when the order is answered", action: "RenewInstance", after: true},
	{name: "before the proof", action: "DescribeInstances", held: true, paid: true},
	{name: "after the proof", action: "DescribeInstances", after: true, held: true, paid: true},
	{name: "when the proof is read", action: "DescribeInstances", after: true, paid: true},
}

// gate stops calls about some instances at a step.
type gate struct {
	step step

	mu sync.Mutex
	// missing are the instances that have not reached the step.
	missing map[string]bool
	// first is closed when one has reached it, all when all have.
	first, all chan struct{}
	begun      bool
	// opened is closed when the process is dead.
	opened chan struct{}
}

func newGate(at step, ids []string) *gate {
	g := &gate{step: at, missing: map[string]bool{}, first: make(chan struct{}), all: make(chan struct{}), opened: make(chan struct{})}
	for _, id := range ids {
		g.missing[id] = true
	}
	return g
}

// pass is the gate before and after the cloud's work. It reports whether the call, or its response, continues.
func (g *gate) pass(c *cloud, action string, ids []string, after bool) bool {
	if !g.step.held || after != g.step.after || !g.come(c, action, ids) {
		return true
	}
	<-g.opened
	return g.step.late
}

// answered is the gate after the response.
func (g *gate) answered(c *cloud, action string, ids []string) {
	if !g.step.held {
		g.come(c, action, ids)
	}
}

// come records the instances of a call at the step.
func (g *gate) come(c *cloud, action string, ids []string) (here bool) {
	if action != g.step.action {
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, id := range ids {
		if g.step.paid && !c.charged(id) {
			continue
		}
		here = true
		delete(g.missing, id)
	}
	if here && !g.begun {
		g.begun = true
		close(g.first)
	}
	if here && len(g.missing) == 0 {
		select {
		case <-g.all:
		default:
			close(g.all)
		}
	}
	return here
}

func (g *gate) open() { close(g.opened) }
