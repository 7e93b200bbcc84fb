package renewal

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// Plan runs every check of Renew and returns the renewal that it would make,
// with its price. It changes nothing and remembers nothing.
func (e *Engine) Plan(ctx context.Context, q Request) (ledger.Renewal, error) {
	ctx = call.InLane(ctx, call.Write)
	read := e.cloud.Instances(ctx, q.RegionID, []string{q.InstanceID})[0]
	if read.Err != nil {
		return ledger.Renewal{}, read.Err
	}
	switch _, reason, _ := (spec{}).judge(read.Value, time.Time{}); reason {
	case ecs.ReasonNotSubscription:
		return ledger.Renewal{}, notSubscription(q.RegionID, q.InstanceID)
	case ecs.ReasonLocked:
		return ledger.Renewal{}, ecs.Errorf(ecs.ReasonInstanceLocked,
			"instance %s is locked by the cloud and cannot be renewed", q.InstanceID).On(q.RegionID, q.InstanceID)
	}
	now := time.Now().UTC()
	r := ledger.Renewal{
		RequestID: q.RequestID, PayloadHash: q.payloadHash(), Caller: q.Caller,
		RegionID: q.RegionID, InstanceID: q.InstanceID, Period: q.Period, State: ledger.Planned,
		ExpireBefore: read.Value.ExpireTime, ExpireExpected: q.Period.Forecast(read.Value, now),
		PlanTime: now, CreateTime: now, UpdateTime: now,
	}
	var err error
	r.Price, err = priceWithin(ctx, e.cloud, r, q.MaxPrice)
	return r, err
}

// begin answers a request from the ledger where it was asked before, and else
// plans it, stores it as a job of one and waits for its end.
func (e *Engine) begin(ctx context.Context, commit func() bool, q Request) (ledger.Renewal, error) {
	job, err := e.ledger.RenewalJobByRequest(ctx, q.RequestID)
	switch {
	case err == nil && job.PayloadHash != q.payloadHash():
		return ledger.Renewal{}, reused(q)
	case err == nil:
		commit()
		return e.awaitSingle(ctx, job.ID)
	case !errors.Is(err, ecs.ErrNoRecord):
		return ledger.Renewal{}, err
	}
	if err := e.refuseBusy(ctx, q); err != nil {
		return ledger.Renewal{}, err
	}
	r, err := e.Plan(ctx, q)
	if err != nil {
		return ledger.Renewal{}, err
	}
	if !commit() {
		return ledger.Renewal{}, context.Canceled
	}
	job = ledger.Job{
		ID: uuid.Must(uuid.NewV7()).String(), RequestID: q.RequestID, PayloadHash: r.PayloadHash, Caller: q.Caller,
		Terms: spec{Single: true, Period: q.Period, MaxPrice: q.MaxPrice}.encode(), State: ledger.JobPending,
		CreateTime: r.CreateTime, UpdateTime: r.CreateTime,
	}
	r.ID, r.JobID = uuid.Must(uuid.NewV7()).String(), job.ID
	err = e.ledger.CreateRenewalJob(ctx, job, []ledger.Renewal{r})
	if errors.Is(err, ecs.ErrRequestIDTaken) { // by another process, just now
		return e.begin(ctx, commit, q)
	}
	if err != nil {
		return ledger.Renewal{}, err
	}
	return e.awaitSingle(ctx, job.ID)
}

// awaitSingle waits until no worker moves the renewal of a job of one any more.
func (e *Engine) awaitSingle(ctx context.Context, jobID string) (ledger.Renewal, error) {
	e.asked.Store(jobID, ctx)
	defer e.asked.Delete(jobID)
	wake, leave := e.followers.add(jobID)
	defer leave()
	e.kick()
	for {
		found, err := e.ledger.RenewalsOfJob(ctx, jobID, 0, "", 1)
		if err != nil {
			return ledger.Renewal{}, err
		}
		if len(found) == 1 && !found[0].State.Open() {
			return outcome(found[0])
		}
		if err := e.await(ctx, wake, lookForWork); err != nil {
			if e.ctx.Err() != nil {
				err = draining("", "")
			}
			return ledger.Renewal{}, err
		}
	}
}

// refuseBusy refuses, with nothing stored, an instance of which another renewal
// is live.
func (e *Engine) refuseBusy(ctx context.Context, q Request) error {
	live, err := e.ledger.ListRenewals(ctx, ledger.Filter{
		RegionID: q.RegionID, InstanceID: q.InstanceID,
		States: []ledger.State{ledger.Submitting, ledger.Unknown, ledger.Verifying},
	}, ledger.Cursor{}, 1)
	if err != nil || len(live) == 0 {
		return err
	}
	busy := ecs.Errorf(ecs.ReasonRenewalInProgress, "another renewal of instance %s is under way", q.InstanceID)
	busy.Retry = ecs.RetryBackoff
	return busy.On(q.RegionID, q.InstanceID)
}
