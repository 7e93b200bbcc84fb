package api

import (
	"context"
	"strings"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/autorenew"
	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/payment"
	"github.com/ecsd-io/ecsd/server/internal/renewal"
)

// boundRenewals compares the instances of a renewal before it, and lets a caller
// with limits reach its own jobs and renewals only.
type boundRenewals struct {
	bounds  bounds
	records boundRecords
	inner   Renewals
}

func (b boundRenewals) Renew(ctx context.Context, q renewal.Request) (ledger.Renewal, error) {
	if err := b.bounds.one(ctx, q.RegionID, q.InstanceID, q.RequestID != ""); err != nil {
		return ledger.Renewal{}, err
	}
	return b.inner.Renew(ctx, q)
}

func (b boundRenewals) Plan(ctx context.Context, q renewal.Request) (ledger.Renewal, error) {
	if err := b.bounds.one(ctx, q.RegionID, q.InstanceID, false); err != nil {
		return ledger.Renewal{}, err
	}
	return b.inner.Plan(ctx, q)
}

// Cost is of a renewal that Plan has returned.
func (b boundRenewals) Cost(ctx context.Context, r ledger.Renewal) renewal.Plan {
	return b.inner.Cost(ctx, r)
}

// narrow applies the limits to the selection of a job.
func (b boundRenewals) narrow(ctx context.Context, q *renewal.JobRequest) error {
	if len(q.IDs) > 0 {
		return b.bounds.all(ctx, q.RegionID, q.IDs, q.RequestID != "")
	}
	regions := narrowRegions(ctx, q.Regions)
	if len(regions) == 0 && len(q.Regions) > 0 {
		return regionNotSeen(ctx, q.Regions[0])
	}
	q.Regions, q.Query.Tags = regions, narrowTags(ctx, q.Query.Tags)
	return nil
}

func (b boundRenewals) Create(ctx context.Context, q renewal.JobRequest) (renewal.Job, error) {
	if err := b.narrow(ctx, &q); err != nil {
		return renewal.Job{}, err
	}
	return b.inner.Create(ctx, q)
}

func (b boundRenewals) Preview(ctx context.Context, q renewal.JobRequest) (renewal.Job, renewal.Plan, error) {
	if err := b.narrow(ctx, &q); err != nil {
		return renewal.Job{}, renewal.Plan{}, err
	}
	return b.inner.Preview(ctx, q)
}

func (b boundRenewals) Cancel(ctx context.Context, jobID, caller, note string) (renewal.Job, error) {
	if err := b.records.owns(ctx, jobID); err != nil {
		return renewal.Job{}, err
	}
	return b.inner.Cancel(ctx, jobID, caller, note)
}

func (b boundRenewals) Follow(ctx context.Context, jobID string, from renewal.Position, send func(*renewal.Step) error) error {
	if err := b.records.owns(ctx, jobID); err != nil {
		return err
	}
	return b.inner.Follow(ctx, jobID, from, send)
}

func (b boundRenewals) Resolve(ctx context.Context, renewalID string, decision payment.Decided) (ledger.Renewal, error) {
	decision.OnlyOf = ownOnly(ctx)
	return b.inner.Resolve(ctx, renewalID, decision)
}

func (b boundRenewals) Quote(ctx context.Context, regionID string, ids []string, p ecs.Period) ([]ecs.Result[renewal.Quote], []ecs.Money, error) {
	var totals []ecs.Money
	quotes, err := eachSeen(ctx, b.bounds, regionID, ids, false, func(ids []string) (quotes []ecs.Result[renewal.Quote], err error) {
		quotes, totals, err = b.inner.Quote(ctx, regionID, ids, p)
		return quotes, err
	})
	return quotes, totals, err
}

// boundRecords shows a caller with limits its own jobs and renewals only.
type boundRecords struct{ inner RenewalRecords }

func (b boundRecords) Job(ctx context.Context, jobID string) (renewal.Job, error) {
	job, err := b.inner.Job(ctx, jobID)
	if own := ownOnly(ctx); err == nil && own != "" && job.Caller != own {
		return renewal.Job{}, ecs.Errorf(ecs.ReasonJobNotFound, "there is no renewal job %q", jobID)
	}
	return job, err
}

func (b boundRecords) Jobs(ctx context.Context, f ledger.JobFilter, after ledger.Cursor, limit int) ([]renewal.Job, error) {
	if own := ownOnly(ctx); own != "" {
		if f.Caller != "" && f.Caller != own {
			return nil, nil
		}
		f.Caller = own
	}
	return b.inner.Jobs(ctx, f, after, limit)
}

func (b boundRecords) Renewals(ctx context.Context, f ledger.Filter, after ledger.Cursor, limit int) ([]ledger.Renewal, error) {
	if own := ownOnly(ctx); own != "" {
		if f.Caller != "" && f.Caller != own {
			return nil, nil
		}
		f.Caller = own
	}
	return b.inner.Renewals(ctx, f, after, limit)
}

func (b boundRecords) Selection(ctx context.Context, jobID string) ([]byte, error) {
	if err := b.owns(ctx, jobID); err != nil {
		return nil, err
	}
	return b.inner.Selection(ctx, jobID)
}

// owns returns the error of a job that the caller may not see.
func (b boundRecords) owns(ctx context.Context, jobID string) error {
	if ownOnly(ctx) == "" {
		return nil
	}
	_, err := b.Job(ctx, jobID)
	return err
}

// Recent is called with instances that the caller sees.
func (b boundRecords) Recent(ctx context.Context, instances []ecs.Instance) (map[string]ledger.Prior, error) {
	return b.inner.Recent(ctx, instances)
}

// boundPreviews shows a plan only to the caller that it was made for.
type boundPreviews struct{ inner RenewalPreviews }

// previewOwner separates the ID of a plan from the name of its caller.
const previewOwner = "@"

// Keep returns an ID that only the same caller can use.
func (b boundPreviews) Keep(ctx context.Context, parts [][]byte) (string, error) {
	id, err := b.inner.Keep(ctx, parts)
	if err == nil && call.Identity(ctx) != nil {
		id += previewOwner + call.Caller(ctx)
	}
	return id, err
}

func (b boundPreviews) Kept(ctx context.Context, id string, part int) ([]byte, error) {
	id, owner, _ := strings.Cut(id, previewOwner)
	if call.Identity(ctx) != nil && owner != call.Caller(ctx) {
		return nil, ecs.ErrNoRecord
	}
	return b.inner.Kept(ctx, id, part)
}

// boundAutoRenew compares the instances of a setting before it is read or set.
type boundAutoRenew struct {
	bounds bounds
	inner  AutoRenew
}

// Outlooks is called with instances that the caller sees.
func (b boundAutoRenew) Outlooks(ctx context.Context, instances []ecs.Instance, maxStaleness time.Duration) ([]ecs.AutoRenewOutlook, error) {
	return b.inner.Outlooks(ctx, instances, maxStaleness)
}

func (b boundAutoRenew) Get(ctx context.Context, regionID string, ids []string) []ecs.Result[autorenew.Setting] {
	results, _ := eachSeen(ctx, b.bounds, regionID, ids, false, withoutError(func(ids []string) []ecs.Result[autorenew.Setting] {
		return b.inner.Get(ctx, regionID, ids)
	})) // the function returns no error
	return results
}

func (b boundAutoRenew) Set(ctx context.Context, regionID string, ids []string, want ecs.AutoRenewSetting, validateOnly bool) ([]ecs.Result[autorenew.Setting], error) {
	return eachSeen(ctx, b.bounds, regionID, ids, false, func(ids []string) ([]ecs.Result[autorenew.Setting], error) {
		return b.inner.Set(ctx, regionID, ids, want, validateOnly)
	})
}
