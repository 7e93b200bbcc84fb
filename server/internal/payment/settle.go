package payment

import (
	"context"
	"sync"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/rescue"
)

// settleBatch reads the instances of unknown or unverified renewals, in one
// call, and passes each read to its renewal.
func (g *region) settleBatch(batch []*task) {
	ctx, cancel := g.runner.base(g.session.ctx, batch[0].r.JobID, batch[0].r.Caller)
	defer cancel()
	reads, orders := g.evidence(ctx, batch, settleOrders)
	if g.session.ctx.Err() != nil {
		return
	}
	byTask := make(map[*task]ecs.Result[ecs.Instance], len(batch))
	for i, t := range batch {
		byTask[t] = reads[i]
	}
	g.each(batch, func(t *task) {
		g.session.advance(ctx, t, Observed{
			Instance: byTask[t].Value, Err: refusalOf(byTask[t].Err), Orders: orders[t.r.InstanceID],
		})
	})
}

const (
	// settleOrders and gateOrders bound the wait for the bill: a bill that does not
	// respond delays neither a settlement nor a payment.
	settleOrders = 3 * time.Second
	gateOrders   = 2 * time.Second
)

// evidence reads the instances of tasks and, for those of unknown outcome or
// without order ID, the orders in the bill by instance ID, at the same time.
func (g *region) evidence(ctx context.Context, tasks []*task, patience time.Duration) (reads []ecs.Result[ecs.Instance], orders map[string][]ecs.BilledOrder) {
	var wanted []ledger.OrderWindow
	for _, t := range tasks {
		doubtful := t.r.State == ledger.Unknown || t.r.State == ledger.Verifying && t.r.OrderID == ""
		if since, until := t.r.OrderWindow(); doubtful && !since.IsZero() {
			wanted = append(wanted, ledger.OrderWindow{InstanceID: t.r.InstanceID, Since: since, Until: until, Price: t.r.Price})
		}
	}
	var bill sync.WaitGroup
	if bills := g.runner.config.Bills; bills != nil && len(wanted) > 0 {
		bill.Go(func() {
			rescue.Once(g.runner.config.Logger, "read of the bill", func() {
				ctx, cancel := context.WithTimeout(ctx, patience)
				defer cancel()
				orders = bills.RenewalOrders(ctx, wanted)
			})
		})
	}
	reads = g.read(ctx, tasks)
	bill.Wait()
	return reads, orders
}

// read reads the instances of tasks, one result per task.
func (g *region) read(ctx context.Context, tasks []*task) []ecs.Result[ecs.Instance] {
	ids := make([]string, len(tasks))
	for i, t := range tasks {
		ids[i] = t.r.InstanceID
	}
	return g.runner.cloud.Instances(ctx, g.id, ids)
}

// each runs a function for each task concurrently, so that their transitions
// share transactions.
func (g *region) each(tasks []*task, do func(*task)) {
	var all sync.WaitGroup
	for _, t := range tasks {
		all.Go(func() { g.session.step(t, func() { do(t) }) })
	}
	all.Wait()
}

// alignedRead returns when the read of an observed task is due. All tasks of
// one tick are read together, a hundred per call.
func (t *task) alignedRead(limits Limits) time.Time {
	tick := verifyEvery
	switch {
	case t.terms.Single:
		tick = singleEvery
	case t.r.State == ledger.Unknown:
		tick = min(limits.SettleEvery, tick)
	}
	if !t.at.After(time.Now()) {
		return t.at
	}
	// The sum keeps the monotonic reading, so that a jump of the clock delays no read.
	return t.at.Add(t.at.Add(tick - 1).Truncate(tick).Sub(t.at))
}
