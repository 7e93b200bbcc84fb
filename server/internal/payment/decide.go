package payment

import (
	"fmt"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// decided applies an operator's decision.
func (m machine) decided(in Decided) (Decision, error) {
	next := m.Renewal
	if in.Resolution < MarkPaid || in.Resolution > TryAgain {
		return Decision{}, fmt.Errorf("no such decision: %d", in.Resolution)
	}
	// A new slice, so that a value handed out before keeps its own.
	next.Decisions = append(next.Decisions[:len(next.Decisions):len(next.Decisions)], ledger.Decision{
		Resolution: in.Resolution.String(), Time: time.UnixMilli(m.now.UnixMilli()).UTC(), By: in.By, Note: in.Note, OrderID: in.OrderID,
	})
	switch in.Resolution {
	case MarkPaid:
		next.State, next.OrderID, next.PaidTime = ledger.Verifying, in.OrderID, m.now
		next.Failure = ledger.Failure{Message: "marked paid by " + Named(in.By)}
		return m.write(next, Observe, m.now)
	case MarkNotPaid:
		next.State = ledger.Failed
		next.Failure = ledger.Failure{Reason: ecs.ReasonMarkedNotPaid, Message: "marked not paid by " + Named(in.By)}
		return m.write(next, Rest, m.now)
	default:
		next.State, next.ResolveTime = ledger.Unknown, m.now
		next.Failure.Message = "to be sent again, decided by " + Named(in.By)
		return m.write(next, Observe, m.now)
	}
}

// requested plans a refused renewal again. Its attempts stay, and its next
// token is another: the outcome of the last one is known.
func (m machine) requested(plan ledger.Renewal) (Decision, error) {
	next := m.Renewal
	next.State, next.Failure, next.PlanTime = ledger.Planned, ledger.Failure{}, m.now
	next.Price, next.ExpireBefore, next.ExpireExpected = plan.Price, plan.ExpireBefore, plan.ExpireExpected
	if len(next.Attempts) > 0 {
		next.TokenNumber++
		next.ClientToken = Token(next, m.Terms)
	}
	return m.write(next, Pay, m.now)
}
