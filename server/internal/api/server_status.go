package api

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/access"
	"github.com/ecsd-io/ecsd/server/internal/autorenew"
	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/notify"
	"github.com/ecsd-io/ecsd/server/internal/readiness"
	"github.com/ecsd-io/ecsd/server/internal/renewal"
	"github.com/ecsd-io/ecsd/server/internal/watch"
)

// Status returns the state of the server, part by part. Functions without an
// error read memory; those with one read the database, within statusTimeout.
type Status struct {
	Version string
	Start   time.Time
	// Report has the parts of the server.
	Report func() readiness.Report
	// Regions has the view of each served region.
	Regions func() map[string]watch.RegionView
	// Rates has the use of the cloud's rate limits.
	Rates func() []RateUse
	// AutoRenewals has the last check of each region.
	AutoRenewals func(context.Context) (map[string]autorenew.Check, error)
	// Load has the open renewals and modifications.
	Load func(context.Context) (ledger.Load, error)
	// Plans has the plans that are priced now for a caller.
	Plans func(caller string) []renewal.Pricing
	// Receivers has the receivers of notifications, nil without them.
	Receivers func(context.Context) ([]notify.Status, error)
}

// RateUse is how much of the cloud's rate limit of one action is used.
type RateUse struct {
	Action, RegionID string
	// Granted is the number of calls in the last minute, Limit the limit per
	// minute, 0 if unknown, and Waiting the number of waiting calls.
	Granted, Limit, Waiting int
}

// statusTimeout bounds the reads of the database for one status.
const statusTimeout = 5 * time.Second

// GetServerStatus returns the state of the server. What cannot be read is unset.
func (s *accessService) GetServerStatus(ctx context.Context, _ *ecsdv1.GetServerStatusRequest) (*ecsdv1.GetServerStatusResponse, error) {
	report, limits := s.status.Report(), limitsOf(ctx)
	resp := &ecsdv1.GetServerStatusResponse{
		Version: s.status.Version, StartTime: timestamppb.New(s.status.Start), Ready: report.Ready, Draining: report.Draining,
	}
	for _, name := range slices.Sorted(maps.Keys(report.Parts)) {
		part := report.Parts[name]
		resp.Parts = append(resp.Parts, &ecsdv1.ServerPart{
			Name: name, Ready: part.Ready, Optional: part.Optional, StateTime: timestamppb.New(part.Since), FailedChecks: int32(part.FailedChecks),
		})
	}
	for _, use := range s.status.Rates() {
		if limits.SeesRegion(use.RegionID) {
			resp.RateBudgets = append(resp.RateBudgets, &ecsdv1.RateBudget{
				Action: use.Action, RegionId: use.RegionID, UsedCount: int32(use.Granted), Limit: int32(use.Limit), WaitingCount: int32(use.Waiting),
			})
		}
	}
	slices.SortFunc(resp.RateBudgets, func(a, b *ecsdv1.RateBudget) int {
		return cmp.Or(cmp.Compare(a.GetAction(), b.GetAction()), cmp.Compare(a.GetRegionId(), b.GetRegionId()))
	})
	for _, plan := range s.status.Plans(call.Caller(ctx)) {
		resp.RenewalPlans = append(resp.RenewalPlans, &ecsdv1.RenewalPlanProgress{
			RequestId: plan.RequestID, RenewalCount: plan.Count, PricedCount: plan.Priced,
		})
	}
	ctx, cancel := context.WithTimeout(ctx, statusTimeout)
	defer cancel()
	resp.Regions = s.servedRegions(ctx, limits)
	caller := call.Caller(ctx)
	if call.Identity(ctx).Has(access.AccessAdmin) {
		caller = ""
	}
	if spending, freeze, err := s.spending.Limits(ctx, caller); err == nil {
		resp.SpendingLimits, resp.SpendingFreeze = spendingProto(spending), freezeProto(freeze)
	}
	if limits.None() {
		if load, err := s.status.Load(ctx); err == nil {
			resp.Attention = attentionProto(load)
		}
		if s.status.Receivers != nil {
			receivers, _ := s.status.Receivers(ctx) // without them, there are none
			for _, r := range receivers {
				resp.NotificationReceivers = append(resp.NotificationReceivers, receiverProto(r))
			}
		}
	}
	return resp, nil
}

// servedRegions returns the regions that the caller may see. A caller with limits
// gets no counts, which are of all instances.
func (s *accessService) servedRegions(ctx context.Context, limits access.Limits) []*ecsdv1.ServedRegion {
	views := s.status.Regions()
	var checks map[string]autorenew.Check
	if limits.None() {
		checks, _ = s.status.AutoRenewals(ctx) // without it, the checks are unset
	}
	var regions []*ecsdv1.ServedRegion
	for _, id := range narrowRegions(ctx, s.regions) {
		view := views[id]
		region := &ecsdv1.ServedRegion{RegionId: id, ObservedTime: timeProto(view.Observed)}
		if view.Cause != nil {
			region.DegradedReason, region.DegradedTime = string(view.Cause.Reason), timeProto(view.Since)
		}
		if limits.None() {
			region.InstanceCount = int64(view.Instances)
		}
		if check, ok := checks[id]; ok {
			region.AutoRenewals = &ecsdv1.AutoRenewalCheck{
				CheckTime: timestamppb.New(check.Time), OffCount: int64(check.States[ecs.AutoRenewStateOff]),
				ScheduledCount: int64(check.States[ecs.AutoRenewStateScheduled]), FailingCount: int64(check.States[ecs.AutoRenewStateFailing]),
				DriftedCount: int64(check.Drifted),
			}
		}
		regions = append(regions, region)
	}
	return regions
}

func receiverProto(r notify.Status) *ecsdv1.NotificationReceiver {
	return &ecsdv1.NotificationReceiver{
		Name: r.Name, Kind: string(r.Kind), PendingCount: int64(r.Pending), OldestTime: timeProto(r.Oldest), FailedSends: int32(r.Failures),
		LastError: r.LastError, LastErrorTime: timeProto(r.LastErrorTime), LastSuccessTime: timeProto(r.LastSuccessTime), NextSendTime: timeProto(r.NextTime),
	}
}

func attentionProto(load ledger.Load) *ecsdv1.ServerAttention {
	p := &ecsdv1.ServerAttention{
		ModificationCount: load.Modifications[ledger.ModificationNeedsAttention], OldestOrderTime: timeProto(load.Oldest),
	}
	for _, count := range load.Counts {
		switch count.State {
		case ledger.NeedsAttention:
			p.RenewalCount += count.Count
		case ledger.Unknown:
			p.UnknownCount += count.Count
		}
	}
	slices.SortFunc(load.Reserved, func(a, b ecs.Money) int { return cmp.Compare(a.CurrencyCode, b.CurrencyCode) })
	for _, m := range load.Reserved {
		p.Reserved = append(p.Reserved, moneyProto(m))
	}
	return p
}
