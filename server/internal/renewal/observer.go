package renewal

import (
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// Observer is told what an engine has written. Its functions are called from
// many goroutines, must not block, and may be nil.
type Observer struct {
	// Ended is told of renewals that came to a state without moves.
	Ended func(ledger.Count)
	// Paid is told the price of each order that was taken, where the cloud named
	// one, once for each renewal.
	Paid func(ecs.Money)
}

// moved looks at a renewal that was written in a new state.
func (o Observer) moved(r ledger.Renewal) {
	if r.State == ledger.Verifying && o.Paid != nil && !r.Price.IsZero() {
		o.Paid(r.Price)
	}
	if !r.State.Open() && r.State != ledger.NeedsAttention {
		o.ended(ledger.Count{State: r.State, Reason: r.Failure.Reason, Count: 1})
	}
}

func (o Observer) ended(t ledger.Count) {
	if o.Ended != nil && t.Count > 0 {
		o.Ended(t)
	}
}
