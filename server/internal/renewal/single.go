package renewal

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/fingerprint"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/payment"
)

// awaitEvery is how often a renewal that a caller waits for is read without a
// wake-up: another process may work on it.
const awaitEvery = 5 * time.Second

// Plan runs every check of Renew and returns the renewal that it would make,
// with its price. It changes and stores nothing.
func (e *Engine) Plan(ctx context.Context, q Request) (ledger.Renewal, error) {
	r, err := e.planner.single(call.InLane(ctx, call.Write), q)
	if err != nil {
		return r, err
	}
	return r, e.permitSpending(ctx, r)
}

// single plans the renewal of one instance, within its limit of the price.
func (pl *planner) single(ctx context.Context, q Request) (ledger.Renewal, error) {
	read := pl.cloud.Instances(ctx, q.RegionID, []string{q.InstanceID})[0]
	if read.Err != nil {
		return ledger.Renewal{}, read.Err
	}
	now, cloudNow := time.Now().UTC(), pl.clock.Now().UTC()
	if _, why := payment.Evaluate(q.terms(), read.Value, cloudNow); why.Reason != "" {
		return ledger.Renewal{}, refusal(why, q)
	}
	r := ledger.Renewal{
		RequestID: q.RequestID, PayloadHash: q.Fingerprint, Caller: q.Caller,
		Note: q.Note, AccountID: q.AccountID, RegionID: q.RegionID, InstanceID: q.InstanceID, InstanceName: read.Value.Name,
		Period: q.Period, State: ledger.Planned,
		ExpireBefore: read.Value.ExpireTime, ExpireExpected: q.Period.Forecast(read.Value, cloudNow),
		PlanTime: now, CreateTime: now, UpdateTime: now,
	}
	priors, err := pl.priors.PriorRenewals(ctx, q.RegionID, []string{q.InstanceID})
	if err != nil {
		return ledger.Renewal{}, err
	}
	own := priors[q.InstanceID][:0:0]
	for _, p := range priors[q.InstanceID] {
		if p.RequestID != q.RequestID {
			own = append(own, p)
		}
	}
	if _, why := conflict(r, q.Expected, own); why.Reason != "" {
		return ledger.Renewal{}, refusal(why, q)
	}
	setting := pl.cloud.AutoRenewSettings(ctx, q.RegionID, []string{q.InstanceID})[0]
	if setting.Err != nil {
		return ledger.Renewal{}, setting.Err
	}
	if setting.Value.Status == ecs.AutoRenewNever {
		return ledger.Renewal{}, ecs.Errorf(ecs.ReasonSetNotToRenew,
			"instance %s is set not to be renewed; call SetAutoRenew first to renew it", q.InstanceID).On(q.RegionID, q.InstanceID)
	}
	r.Price, err = pl.priceWithin(ctx, r, q.MaxPrice)
	return r, err
}

// refusal returns the reason against a renewal as an error.
func refusal(why ledger.Failure, q Request) *ecs.Error {
	refused := ecs.Errorf(why.Reason, "instance %s cannot be renewed: %s; nothing was paid", q.InstanceID, why.Message)
	if why.Reason == ecs.ReasonRenewalInProgress || why.Reason == ecs.ReasonOperationInProgress {
		refused.Retry = ecs.RetryBackoff
	}
	return refused.On(q.RegionID, q.InstanceID)
}

// priceWithin reads the price of a renewal and holds it against a limit. A period
// that the cloud does not price is paid without a price only if there is no limit.
func (pl *planner) priceWithin(ctx context.Context, r ledger.Renewal, limit ecs.Money) (ecs.Money, error) {
	quote, err := pl.cloud.RenewalPrice(ctx, r.RegionID, r.InstanceID, r.Period)
	switch {
	case ecs.HasReason(err, ecs.ReasonPriceUnavailable) && limit.IsZero():
		return ecs.Money{}, nil
	case err != nil:
		return ecs.Money{}, err
	case limit.IsZero():
		return quote.Price, nil
	}
	over, err := quote.Price.Cmp(limit)
	if err == nil && over <= 0 {
		return quote.Price, nil
	}
	refused := ecs.Errorf(ecs.ReasonPriceExceedsLimit,
		"%s for %s costs %s, over max_price %s; nothing was paid", r.Period, r.InstanceID, quote.Price, limit)
	if errors.Is(err, ecs.ErrCurrencyMismatch) {
		refused = ecs.Errorf(ecs.ReasonCurrencyMismatch,
			"max_price is in %s, the cloud charges %s; nothing was paid", limit.CurrencyCode, quote.Price.CurrencyCode)
	}
	refused.Facts = map[string]string{"price": quote.Price.String(), "max_price": limit.String()}
	return ecs.Money{}, refused.On(r.RegionID, r.InstanceID)
}

// begin returns an earlier request from the ledger, unless it was refused and
// may try again; it plans and stores a new one as a job of one. It returns when
// the renewal is at its end.
func (e *Engine) begin(ctx context.Context, commit func() bool, q Request) (ledger.Renewal, error) {
	job, err := e.requests.RenewalJobByRequest(ctx, q.RequestID)
	if err == nil {
		return e.again(ctx, commit, q, job)
	}
	if !errors.Is(err, ecs.ErrNoRecord) {
		return ledger.Renewal{}, err
	}
	r, err := e.Plan(ctx, q)
	if err != nil {
		// The plan may be refused because of what another process has just done for the request.
		if job, unknown := e.requests.RenewalJobByRequest(ctx, q.RequestID); unknown == nil {
			return e.again(ctx, commit, q, job)
		}
		return ledger.Renewal{}, err
	}
	if !commit() {
		return ledger.Renewal{}, context.Canceled
	}
	job = ledger.Job{
		ID: uuid.Must(uuid.NewV7()).String(), RequestID: q.RequestID, PayloadHash: q.Fingerprint, Caller: q.Caller,
		Note: q.Note, AccountID: q.AccountID,
		Terms: q.terms().Encode(), State: ledger.JobPending, CreateTime: r.CreateTime, UpdateTime: r.CreateTime,
	}
	r.ID, r.JobID = uuid.Must(uuid.NewV7()).String(), job.ID
	err = e.requests.CreateRenewalJob(ctx, job, []ledger.Renewal{r})
	if errors.Is(err, ecs.ErrRequestIDTaken) { // by another process, just now
		return e.begin(ctx, commit, q)
	}
	if err != nil {
		return ledger.Renewal{}, err
	}
	return e.awaitSingle(ctx, job.ID)
}

// again handles a request that has a job.
func (e *Engine) again(ctx context.Context, commit func() bool, q Request, job ledger.Job) (ledger.Renewal, error) {
	same, err := fingerprint.Match(job.PayloadHash, q.Fingerprint, q.legacyHash)
	if err != nil {
		return ledger.Renewal{}, err
	}
	if !same {
		return ledger.Renewal{}, reused(q.RequestID, q.RegionID, q.InstanceID)
	}
	terms, err := ledger.DecodeTerms(job.Terms)
	if err != nil {
		return ledger.Renewal{}, err
	}
	r, err := e.only(ctx, job.ID)
	switch {
	case err != nil:
		return ledger.Renewal{}, err
	case r.State.Open():
		commit()
		return e.awaitSingle(ctx, job.ID)
	case !payment.Repeatable(r), !job.CancelTime.IsZero():
		r, err := result(r)
		return r, replayed(err, r)
	}
	plan, err := e.Plan(ctx, q)
	if err != nil {
		if now, unknown := e.only(ctx, job.ID); unknown == nil && (now.State != r.State || !now.UpdateTime.Equal(r.UpdateTime)) {
			return e.again(ctx, commit, q, job) // by another process, just now
		}
		return ledger.Renewal{}, err
	}
	if !commit() {
		return ledger.Renewal{}, context.Canceled
	}
	if err := e.decide(ctx, r, terms, payment.Requested{Plan: plan}); err != nil && !errors.Is(err, ecs.ErrStateMoved) {
		return ledger.Renewal{}, err
	}
	return e.awaitSingle(ctx, job.ID)
}

// only returns the renewal of a job of one.
func (e *Engine) only(ctx context.Context, jobID string) (ledger.Renewal, error) {
	found, err := e.jobs.RenewalsOfJob(ctx, jobID, 0, "", 1)
	if err == nil && len(found) == 0 {
		err = ecs.ErrNoRecord
	}
	if err != nil {
		return ledger.Renewal{}, err
	}
	return found[0], nil
}

// decide writes an input that does not come from a runner.
func (e *Engine) decide(ctx context.Context, r ledger.Renewal, terms ledger.Terms, in payment.Input) error {
	d, err := payment.Next(payment.Case{Renewal: r, Terms: terms, Limits: e.config.Limits, Ahead: e.config.Clock.Ahead()}, in, time.Now())
	if err != nil {
		return err
	}
	results, err := e.transitions.AdvanceRenewals(ctx, ecs.Lease{}, r.JobID, []ledger.Transition{ledger.NewTransition(r, *d.Next, terms.Expected)})
	if err == nil {
		err = results[0]
	}
	if err != nil {
		return err
	}
	e.config.Observer.Wrote(*d.Next)
	e.feeds.Changed(r.JobID)
	e.runner.Wake()
	return nil
}

// awaitSingle waits until the renewal of a job of one is at its end.
func (e *Engine) awaitSingle(ctx context.Context, jobID string) (ledger.Renewal, error) {
	next, leave := e.feeds.News(jobID)
	defer leave()
	defer e.runner.Follow(ctx, jobID)()
	for {
		news := next()
		r, err := e.only(ctx, jobID)
		if err != nil {
			return ledger.Renewal{}, err
		}
		if !r.State.Open() {
			return result(r)
		}
		if err := e.await(ctx, news, awaitEvery); err != nil {
			return ledger.Renewal{}, err
		}
	}
}

// result returns a renewal at its end, with an error if it was not paid or
// needs attention.
func result(r ledger.Renewal) (ledger.Renewal, error) {
	switch r.State {
	case ledger.Failed, ledger.Skipped, ledger.NeedsAttention:
		failed := ecs.Errorf(r.Failure.Reason, "%s", r.Failure.Message)
		failed.Cloud = ecs.CloudError{Code: r.Failure.CloudCode, RequestID: r.Failure.CloudRequestID}
		if r.Failure.CloudCode != "" {
			failed.Cloud.Action = "RenewInstance"
		}
		if r.State == ledger.NeedsAttention {
			failed.Effect = ecs.EffectUnknown
		}
		return r, failed.On(r.RegionID, r.InstanceID)
	}
	return r, nil
}

// replayed marks an error that was stored when the request was first sent.
func replayed(err error, r ledger.Renewal) error {
	failed := ecs.AsError(err)
	if failed == nil {
		return err
	}
	if failed.Facts == nil {
		failed.Facts = map[string]string{}
	}
	failed.Facts["replayed"] = "true"
	failed.Facts["original_time"] = r.UpdateTime.UTC().Format(time.RFC3339)
	return failed
}
