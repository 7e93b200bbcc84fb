package store

import (
	"context"
	"slices"

	"github.com/ecsd-io/ecsd/server/internal/audit"
	"github.com/ecsd-io/ecsd/server/internal/changelog"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// The RPCs that make renewals, for the records of orders that are sent after the
// call.
const (
	rpcRenewInstance    = "RenewInstance"
	rpcCreateRenewalJob = "CreateRenewalJob"
)

// rpcOf returns the RPC that made a job.
func rpcOf(j ledger.Job) string {
	if terms, err := ledger.DecodeTerms(j.Terms); err == nil && terms.Single {
		return rpcRenewInstance
	}
	return rpcCreateRenewalJob
}

// The gRPC codes of refusals, which the audit names without knowing gRPC.
const (
	codePermissionDenied   = 7
	codeFailedPrecondition = 9
)

// refusals are the reasons for which an order is refused before it is sent, with
// their codes: the caller may not spend its price.
var refusals = map[ecs.Reason]int32{
	ecs.ReasonSpendCapExceeded: codeFailedPrecondition,
	ecs.ReasonSpendingFrozen:   codeFailedPrecondition,
	ecs.ReasonPermissionDenied: codePermissionDenied,
}

// createdRecord returns the record of a new job.
func createdRecord(ctx context.Context, j ledger.Job, renewals []ledger.Renewal) audit.Record {
	r := recordOf(ctx, audit.Allowed)
	r.Caller, r.RPC, r.RequestID, r.JobID, r.Price, r.Note = j.Caller, rpcOf(j), j.RequestID, j.ID, j.Planned, j.Note
	if len(renewals) == 1 {
		r.RegionID, r.InstanceIDs = renewals[0].RegionID, []string{renewals[0].InstanceID}
	}
	return r
}

// records returns those of the permitted transitions that permit an order, settle
// its outcome, or refuse it.
func (w *advance) records(ctx context.Context) []audit.Record {
	var all []audit.Record
	rpc := rpcOf(w.job)
	for _, t := range w.permitted {
		n := t.Renewal
		decision := decisionOf(t)
		decided := w.worker.Name == "" && t.From == ledger.NeedsAttention
		if decided && decision == "" {
			decision = audit.Allowed // to be sent again
		}
		if decision == "" {
			continue
		}
		r := recordOf(ctx, decision)
		if decided {
			last := n.Decisions[max(len(n.Decisions)-1, 0):]
			for _, d := range last {
				r.Caller, r.RPC, r.Note = d.By, "ResolveRenewal", d.Note
			}
		} else {
			r.Caller, r.RPC, r.Note = w.job.Caller, rpc, n.Note
			r.Method, r.Credential, r.CallID = "", "", ""
		}
		r.RequestID, r.JobID, r.RegionID, r.InstanceIDs = w.job.RequestID, w.job.ID, n.RegionID, []string{n.InstanceID}
		r.Price, r.OrderID = n.Price, n.OrderID
		if decision == audit.NotPaid || decision == audit.Unknown || decision == audit.Refused {
			r.Reason, r.Code = n.Failure.Reason, refusals[n.Failure.Reason]
		}
		all = append(all, r)
	}
	return all
}

// decisionOf returns what the audit says about a transition, "" for nothing.
func decisionOf(t ledger.Transition) audit.Decision {
	is := t.Renewal.State
	switch {
	case t.Sends():
		return audit.OrderSent
	case is.Paid() && !t.From.Paid():
		return audit.Paid
	case is == ledger.NeedsAttention:
		return audit.Unknown
	case t.From.Reserves() && is.Spends() == ledger.SpendNone:
		return audit.NotPaid
	case t.From == ledger.Planned && refusals[t.Renewal.Failure.Reason] != 0:
		return audit.Refused
	}
	return ""
}

// cancelledRecord returns the record of a cancel.
func cancelledRecord(ctx context.Context, j ledger.Job, c ledger.Cancellation) audit.Record {
	r := recordOf(ctx, audit.Allowed)
	r.Caller, r.RPC, r.JobID, r.Note = c.By, "CancelRenewalJob", j.ID, c.Note
	return r
}

// modificationRecords returns the record of a modification that is sent, or whose
// outcome is known.
func modificationRecords(ctx context.Context, m ledger.Modification, from ledger.ModificationState) []audit.Record {
	var decision audit.Decision
	switch {
	case m.State == ledger.ModificationSubmitting:
		decision = audit.OrderSent
	case m.State.Spends() == ledger.SpendSpent && from.Spends() != ledger.SpendSpent:
		decision = audit.Paid
	case m.State == ledger.ModificationNeedsAttention:
		decision = audit.Unknown
	case m.State == ledger.ModificationFailed:
		decision = audit.NotPaid
	case from == ledger.ModificationNeedsAttention:
		decision = audit.Allowed // to be sent again
	default:
		return nil
	}
	r := recordOf(ctx, decision)
	r.Caller, r.RPC, r.RequestID, r.RegionID, r.InstanceIDs = m.Caller, "ModifyChargeType", m.RequestID, m.RegionID, []string{m.InstanceID}
	if m.Change.InstanceType != "" {
		r.RPC = "ModifyInstanceType"
	}
	if from == ledger.ModificationNeedsAttention {
		for _, d := range m.Decisions[max(len(m.Decisions)-1, 0):] {
			r.Caller, r.RPC, r.Note = d.By, "ResolveModification", d.Note
		}
	}
	if charge := m.Charge(); charge != nil {
		r.Price = *charge
	}
	r.OrderID = m.OrderID
	if decision != audit.Paid && decision != audit.OrderSent {
		r.Reason = m.Failure.Reason
	}
	return []audit.Record{r}
}

// launchRecords returns the record of a launch that is sent, or whose outcome is
// known. price is that of its order, zero for none.
func launchRecords(ctx context.Context, q ecs.RequestRecord, price ecs.Money) []audit.Record {
	var decision audit.Decision
	switch {
	case q.State == ecs.RequestOpen && q.Sends:
		decision = audit.OrderSent
	case q.State == ecs.RequestDone:
		decision = audit.Paid
	case q.State == ecs.RequestFailed && q.Failure.Reason == ecs.ReasonOutcomeUnknown:
		decision = audit.Unknown
	case q.State == ecs.RequestFailed:
		decision = audit.NotPaid
	default:
		return nil
	}
	r := recordOf(ctx, decision)
	r.Caller, r.RPC, r.RequestID, r.RegionID = q.Caller, q.Action, q.RequestID, q.RegionID
	r.Price, r.OrderID, r.Reason = price, q.OrderID, q.Failure.Reason
	if q.State == ecs.RequestDone {
		for _, item := range q.Items {
			r.InstanceIDs = append(r.InstanceIDs, item.InstanceID)
		}
	}
	return []audit.Record{r}
}

// causeRecord returns the record of a call to the cloud that changes instances.
func causeRecord(ctx context.Context, c changelog.Cause, instanceIDs []string) audit.Record {
	r := recordOf(ctx, audit.Allowed)
	r.Caller, r.RPC, r.CallID, r.RequestID, r.RegionID = c.Caller, c.Method, c.CallID, c.RequestID, c.RegionID
	if r.RPC == "" {
		r.RPC = c.Action
	}
	r.InstanceIDs = slices.Clone(instanceIDs)
	return r
}

// freezeRecord returns the record of a change of the freeze.
func freezeRecord(ctx context.Context, f ledger.Freeze) audit.Record {
	r := recordOf(ctx, audit.Allowed)
	r.Caller, r.RPC, r.Note = f.By, "UnfreezeSpending", f.Reason
	if f.Frozen {
		r.RPC = "FreezeSpending"
	}
	return r
}
