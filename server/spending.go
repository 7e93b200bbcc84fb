package server

import (
	"context"

	"github.com/ecsd-io/ecsd/server/internal/access"
	"github.com/ecsd-io/ecsd/server/internal/audit"
	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/intercept"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/telemetry"
)

// spendingLimits returns the limits of callers by an access file, which may change,
// and the names of those that have one. Without a file no caller has a limit; with
// one, a caller that it does not have may spend nothing.
func spendingLimits(file func() *access.File) (caps ledger.Caps, callers func() []string) {
	caps = func(name string) ([]ledger.Cap, error) {
		f := file()
		if f == nil {
			return nil, nil
		}
		caller := f.Caller(name)
		if caller == nil {
			return nil, ledger.ErrCallerUnknown
		}
		limits := make([]ledger.Cap, len(caller.Spend))
		for i, c := range caller.Spend {
			limits[i] = ledger.Cap{Limit: c.Limit, Per: c.Per, Zone: c.Zone, MaxEach: c.MaxEach}
		}
		return limits, nil
	}
	callers = func() (names []string) {
		f := file()
		if f == nil {
			return nil
		}
		for _, caller := range f.Callers {
			if len(caller.Spend) > 0 {
				names = append(names, caller.Name)
			}
		}
		return names
	}
	return caps, callers
}

// recordRefusal writes a refused call to the audit.
func (r *components) recordRefusal(ctx context.Context, refused intercept.Refusal) {
	record := audit.Record{RPC: refused.RPC, RegionID: refused.RegionID, Reason: ecs.Reason(refused.Reason), Code: int32(refused.Code)}
	if refused.InstanceID != "" {
		record.InstanceIDs = []string{refused.InstanceID}
	}
	if c := call.From(ctx); c != nil {
		record.Caller, record.CallID, record.RequestID = c.Caller, c.RequestID, c.MessageID
		record.Method = string(c.Identity.How())
		if c.Identity != nil {
			record.Credential = c.Identity.Credential
		}
	}
	r.refusals.Refused(record)
}

// spendUse reads the spending limits for the metrics.
func (r *components) spendUse(ctx context.Context) (all []telemetry.SpendUse, frozen bool, err error) {
	limits, freeze, err := r.spending.Limits(ctx, "")
	for _, l := range limits {
		all = append(all, telemetry.SpendUse{Caller: l.Caller, Period: string(l.Per), Limit: l.Limit, Spent: l.Spent, Reserved: l.Reserved})
	}
	return all, freeze.Frozen, err
}
