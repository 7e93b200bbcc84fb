package renewal

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// Pricing is how far the prices of a plan are read.
type Pricing struct {
	RequestID string
	// Count is the number of renewals that get a price, Priced of those that have it.
	Count, Priced int64
}

// Pricing returns the plans that are priced now for requests of a caller, by
// request ID.
func (e *Engine) Pricing(caller string) []Pricing { return e.planner.pricing.of(caller) }

// pricings are the plans that are priced now. Each is of a call in progress, whose
// number is limited.
type pricings struct {
	mu  sync.Mutex
	all map[*pricing]struct{}
}

type pricing struct {
	requestID, caller string
	count             int64
	priced            atomic.Int64
}

// begin adds a plan until done is called. The caller adds to priced.
func (p *pricings) begin(q JobRequest, renewals []ledger.Renewal) (priced *atomic.Int64, done func()) {
	plan := &pricing{requestID: q.RequestID, caller: q.Caller}
	for _, r := range renewals {
		if r.State == ledger.Planned {
			plan.count++
		}
	}
	if q.RequestID == "" { // its caller has no ID to find it by
		return &plan.priced, func() {}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.all == nil {
		p.all = map[*pricing]struct{}{}
	}
	p.all[plan] = struct{}{}
	return &plan.priced, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.all, plan)
	}
}

func (p *pricings) of(caller string) []Pricing {
	p.mu.Lock()
	defer p.mu.Unlock()
	var found []Pricing
	for plan := range p.all {
		if plan.caller == caller {
			found = append(found, Pricing{plan.requestID, plan.count, plan.priced.Load()})
		}
	}
	slices.SortFunc(found, func(a, b Pricing) int { return cmp.Compare(a.RequestID, b.RequestID) })
	return found
}
