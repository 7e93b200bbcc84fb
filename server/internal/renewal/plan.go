package renewal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/payment"
	"github.com/ecsd-io/ecsd/server/internal/rescue"
)

const (
	// recently is how long a paid renewal is shown in a plan.
	recently = 31 * 24 * time.Hour
	// planChunk is how many instances are read at a time: they are much larger
	// than the renewals made of them.
	planChunk = 1000
	// planPrices bounds the concurrent price calls of one plan. A plan of 10,000
	// has 10,000 prices within the deadline of a call.
	planPrices = 64
)

// Plan is the effect of a job, in the order of service.
type Plan struct {
	// Renewals are all renewals, including the skipped ones with the reason.
	Renewals []ledger.Renewal
	// Total is the cost of the planned renewals, and Everything that of all
	// renewable instances as if there were no budget; zero if not priced.
	Total, Everything ecs.Money
	// Balance is what the account can pay now, no amount if that is not known. Covered
	// is how many planned renewals it covers in the order of service, negative if a
	// price is not known.
	Balance ecs.Money
	Covered int
	// Recent are the last paid renewals of the last month, by instance.
	Recent map[string]ledger.Prior
	// LeftOut counts instances that have expired, can still be saved, and are left
	// out because the request excludes them.
	LeftOut int
}

// Priors are the renewals that the ledger has of instances.
type Priors interface {
	PriorRenewals(ctx context.Context, regionID string, instanceIDs []string) (map[string][]ledger.Prior, error)
}

// cloudReads are the reads of the cloud that plans need.
type cloudReads interface {
	Instances(ctx context.Context, regionID string, ids []string) []ecs.Result[ecs.Instance]
	InstancePage(ctx context.Context, regionID string, q ecs.Query, cursor string, limit int) (ecs.Page, error)
	AutoRenewSettings(ctx context.Context, regionID string, ids []string) []ecs.Result[ecs.AutoRenewSetting]
	RenewalPrice(ctx context.Context, regionID, instanceID string, p ecs.Period) (ecs.Quote, error)
}

// planner plans renewals. It can neither write nor pay.
type planner struct {
	cloud      cloudReads
	priors     Priors
	clock      ecs.Clock
	maxJobSize int
	pricing    pricings
}

// plan reads the instances of a request and plans a renewal for each, in the
// order of service. With priced, each is priced and the budget allocated;
// without it only the decisions that need no price are made.
func (pl *planner) plan(ctx context.Context, q JobRequest, priced bool) (Plan, error) {
	if !q.Budget.IsZero() && !ecs.Priced.Includes(q.Period) {
		return Plan{}, ecs.Errorf(ecs.ReasonPriceUnavailable,
			"a budget cannot be held for %s: the cloud has a price for %s", q.Period, ecs.Priced)
	}
	if len(q.IDs) > pl.maxJobSize {
		return Plan{}, pl.tooLarge("instance_ids")
	}
	ctx = call.InLane(ctx, call.Write)
	p, err := pl.find(ctx, q)
	if err != nil {
		return Plan{}, err
	}
	if len(p.Renewals) == 0 {
		return Plan{}, nothingToRenew(p.LeftOut)
	}
	slices.SortFunc(p.Renewals, ledger.Compare)
	if err := pl.exclude(ctx, q, &p); err != nil {
		return Plan{}, err
	}
	if priced {
		if err := pl.price(ctx, q, &p); err != nil {
			return Plan{}, err
		}
	}
	return p, nil
}

func nothingToRenew(leftOut int) *ecs.Error {
	message := "no subscription expires in the window; nothing was stored"
	if leftOut > 0 {
		message = fmt.Sprintf("no subscription expires in the window; %d that have expired can still be renewed, set include_expired; nothing was stored", leftOut)
	}
	nothing := ecs.Errorf(ecs.ReasonNothingToRenew, "%s", message)
	if leftOut > 0 {
		nothing.Facts = map[string]string{"expired_left_out": strconv.Itoa(leftOut)}
	}
	return nothing
}

// planned is the time of a plan: by this process's clock, and by the cloud's.
type planned struct{ here, cloud time.Time }

// find reads the instances that the request names, or that expire in its window.
func (pl *planner) find(ctx context.Context, q JobRequest) (Plan, error) {
	now := planned{time.Now().UTC(), pl.clock.Now().UTC()}
	if len(q.IDs) > 0 {
		all := make([]ledger.Renewal, 0, len(q.IDs))
		for ids := range slices.Chunk(q.IDs, planChunk) {
			for _, read := range pl.cloud.Instances(ctx, q.RegionID, ids) {
				r, err := q.renewal(q.RegionID, read, now)
				if err != nil {
					return Plan{}, err
				}
				all = append(all, r)
			}
		}
		return Plan{Renewals: all}, ctx.Err()
	}
	regions := make([]Plan, len(q.Regions))
	group, ctx := rescue.WithContext(ctx)
	for i, region := range q.Regions {
		group.Go(func() (err error) {
			regions[i], err = pl.list(ctx, region, q, now)
			return err
		})
	}
	// A region that cannot be read fails the whole: its instances would be missed
	// unseen.
	if err := group.Wait(); err != nil {
		return Plan{}, err
	}
	var all Plan
	for _, p := range regions {
		all.Renewals = append(all.Renewals, p.Renewals...)
		all.LeftOut += p.LeftOut
	}
	if len(all.Renewals) > pl.maxJobSize {
		return Plan{}, pl.tooLarge("filter")
	}
	return all, nil
}

// list lists the subscriptions that expire in a region, page by page. It also
// reads the expired ones that can still be saved, to count them if the request
// excludes them.
func (pl *planner) list(ctx context.Context, region string, q JobRequest, now planned) (Plan, error) {
	query := q.Query
	if q.FromNow {
		query.Expiry.After = now.cloud.Add(-ecs.KeptAfterExpiry)
	}
	window := query.Expiry
	if q.FromNow && !q.IncludeExpired {
		window.After = q.Query.Expiry.After
	}
	var p Plan
	seen := map[string]bool{}
	for cursor := ""; ; {
		page, err := pl.cloud.InstancePage(ctx, region, query, cursor, 100)
		if err != nil {
			return Plan{}, err
		}
		for _, instance := range page.Instances {
			if seen[instance.ID] {
				continue // pages of a fleet that changes may overlap
			}
			seen[instance.ID] = true
			if !window.Contains(instance.ExpireTime) {
				p.LeftOut++
				continue
			}
			r, err := q.renewal(region, ecs.Result[ecs.Instance]{ID: instance.ID, Value: instance}, now)
			if err != nil {
				return Plan{}, err
			}
			p.Renewals = append(p.Renewals, r)
		}
		if len(p.Renewals) > pl.maxJobSize {
			return Plan{}, pl.tooLarge("filter")
		}
		if cursor = page.Next; cursor == "" {
			return p, nil
		}
	}
}

// renewal plans the renewal of one read instance: to be made, or not, and why.
// An error does not concern the instance.
func (q JobRequest) renewal(region string, read ecs.Result[ecs.Instance], now planned) (ledger.Renewal, error) {
	r := ledger.Renewal{
		RequestID: q.RequestID, PayloadHash: q.Fingerprint, Caller: q.Caller, Note: q.Note, AccountID: q.AccountID,
		RegionID: region, InstanceID: read.ID, InstanceName: read.Value.Name,
		Period: q.Period, State: ledger.Planned, PlanTime: now.here, CreateTime: now.here, UpdateTime: now.here,
	}
	if read.Err != nil {
		refusal := ecs.AsError(read.Err)
		if refusal == nil || refusal.Retry != ecs.RetryNever {
			return r, read.Err
		}
		r.State, r.Failure = ledger.Failed, refusal.Failure()
		return r, nil
	}
	r.ExpireBefore = read.Value.ExpireTime
	r.ExpireExpected = q.Period.Forecast(read.Value, now.cloud)
	if state, why := payment.Evaluate(q.terms(), read.Value, now.cloud); state != "" {
		r.State, r.Failure = state, why
	}
	return r, nil
}

// exclude skips renewable instances that must not be renewed: those with
// automatic renewal disabled by their owner, and those with an expiry that
// another renewal has paid for.
func (pl *planner) exclude(ctx context.Context, q JobRequest, p *Plan) error {
	p.Recent = map[string]ledger.Prior{}
	byRegion := map[string][]*ledger.Renewal{}
	for i := range p.Renewals {
		if r := &p.Renewals[i]; r.State == ledger.Planned {
			byRegion[r.RegionID] = append(byRegion[r.RegionID], r)
		}
	}
	group, ctx := rescue.WithContext(ctx)
	recent := make(chan map[string]ledger.Prior, len(byRegion))
	for region, renewals := range byRegion {
		group.Go(func() error {
			found, err := pl.judgeRegion(ctx, q, region, renewals)
			recent <- found
			return err
		})
	}
	err := group.Wait()
	close(recent)
	for found := range recent {
		for id, prior := range found {
			p.Recent[id] = prior
		}
	}
	return err
}

func (pl *planner) judgeRegion(ctx context.Context, q JobRequest, region string, renewals []*ledger.Renewal) (map[string]ledger.Prior, error) {
	recent := map[string]ledger.Prior{}
	for some := range slices.Chunk(renewals, planChunk) {
		ids := make([]string, len(some))
		for i, r := range some {
			ids[i] = r.InstanceID
		}
		priors, err := pl.priors.PriorRenewals(ctx, region, ids)
		if err != nil {
			return nil, err
		}
		for i, setting := range pl.cloud.AutoRenewSettings(ctx, region, ids) {
			r := some[i]
			refusal := ecs.AsError(setting.Err)
			switch {
			case setting.Err == nil && setting.Value.Status == ecs.AutoRenewNever:
				r.State = ledger.Skipped
				r.Failure = ledger.Failure{
					Reason:  ecs.ReasonSetNotToRenew,
					Message: "its owner set it not to be renewed; call SetAutoRenew first to renew it",
				}
			case setting.Err != nil && (refusal == nil || refusal.Retry != ecs.RetryNever):
				return nil, setting.Err // a plan made without it could pay against the owner's word
			}
			if r.State != ledger.Planned {
				continue
			}
			if state, why := conflict(*r, time.Time{}, priors[r.InstanceID]); state != "" {
				r.State, r.Failure = state, why
			}
			if last, found := lastPaid(priors[r.InstanceID], r.CreateTime.Add(-recently)); found {
				recent[r.InstanceID] = last
			}
		}
	}
	return recent, nil
}

// conflict returns the state and reason of a renewal that the ledger would not
// permit, an empty state if it would.
func conflict(r ledger.Renewal, expected time.Time, priors []ledger.Prior) (ledger.State, ledger.Failure) {
	var refused *ledger.ConflictError
	if !errors.As(ledger.Permit(r, expected, priors), &refused) {
		return "", ledger.Failure{}
	}
	other := ": " + refused.Prior.String()
	switch {
	case refused.Prior.Modification:
		return ledger.Skipped, ledger.Failure{Reason: ecs.ReasonOperationInProgress, Message: "the instance is being modified" + other}
	case errors.Is(refused, ledger.ErrInstanceBusy):
		return ledger.Skipped, ledger.Failure{Reason: ecs.ReasonRenewalInProgress, Message: "another renewal of the instance is in progress" + other}
	}
	return ledger.Skipped, ledger.Failure{Reason: ecs.ReasonAlreadyRenewed, Message: "another renewal has paid for this expiry" + other}
}

// lastPaid returns the renewal that was paid last, if it was paid after since.
func lastPaid(priors []ledger.Prior, since time.Time) (last ledger.Prior, found bool) {
	for _, p := range priors {
		if !p.Modification && p.State.Paid() && p.PaidTime.After(since) && p.PaidTime.After(last.PaidTime) {
			last, found = p, true
		}
	}
	return last, found
}

// price prices the planned renewals, adds them up, and allocates the budget in
// the order of service.
func (pl *planner) price(ctx context.Context, q JobRequest, p *Plan) error {
	priced, done := pl.pricing.begin(q, p.Renewals)
	defer done()
	var group rescue.Group
	group.SetLimit(planPrices)
	for i := range p.Renewals {
		r := &p.Renewals[i]
		if r.State != ledger.Planned {
			continue
		}
		group.Go(func() error {
			quote, err := pl.cloud.RenewalPrice(ctx, r.RegionID, r.InstanceID, r.Period)
			refusal := ecs.AsError(err)
			switch {
			case err == nil:
				r.Price = quote.Price
			case ecs.HasReason(err, ecs.ReasonPriceUnavailable):
			case refusal != nil && refusal.Retry == ecs.RetryNever:
				r.State, r.Failure = ledger.Failed, refusal.Failure()
			default:
				return err // a plan without this price would allocate the budget wrongly
			}
			priced.Add(1)
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for _, r := range p.Renewals {
		if r.State != ledger.Planned {
			continue
		}
		if !q.Budget.IsZero() && !r.Price.IsZero() && r.Price.CurrencyCode != q.Budget.CurrencyCode {
			return otherCurrency(q.Budget, r.Price)
		}
		var err error
		if p.Everything, err = p.Everything.Plus(r.Price); err != nil {
			return err
		}
	}
	var err error
	p.Total, err = ledger.Allocate(q.Budget, p.Renewals)
	return err
}

func otherCurrency(budget, price ecs.Money) *ecs.Error {
	return ecs.Errorf(ecs.ReasonCurrencyMismatch, "max_total_price is in %s, the cloud charges %s; nothing was stored", budget.CurrencyCode, price.CurrencyCode)
}

func (pl *planner) tooLarge(field string) *ecs.Error {
	rule := fmt.Sprintf("must name at most %d instances; nothing was stored", pl.maxJobSize)
	large := ecs.Errorf(ecs.ReasonJobTooLarge, "%s %s", field, rule)
	large.Violations = []ecs.Violation{{Field: field, Rule: rule}}
	large.Facts = map[string]string{"max_job_size": strconv.Itoa(pl.maxJobSize)}
	return large
}
