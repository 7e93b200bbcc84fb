package renewal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// JobRequest asks to renew many instances: those of IDs, or those that a query
// finds in its window of expiry. Its fields were checked by the caller.
type JobRequest struct {
	RequestID string
	Caller    string
	// RegionID is the region of IDs.
	RegionID string
	IDs      []string
	// Regions are listed by Query, where there are no IDs.
	Regions []string
	Query   ecs.Query
	// Within is the end of a relative window, and FromNow says that the window
	// starts now, for the payload: the same request an hour later is the same
	// request. Query.Expiry holds the times.
	Within  time.Duration
	FromNow bool `json:"-"`
	Period  ecs.Period
	// Budget is the most that all renewals may cost, zero for any amount.
	Budget ecs.Money
	// OnlyBefore leaves out what expires at this time or later.
	OnlyBefore time.Time
}

// payloadHash tells two requests under one id apart. Who asks is no part of it.
func (q JobRequest) payloadHash() string {
	q.RequestID, q.Caller = "", ""
	if q.FromNow {
		q.Query.Expiry.After = time.Time{}
	}
	if q.Within > 0 {
		q.Query.Expiry.Before = time.Time{}
	}
	encoded, err := json.Marshal(q)
	if err != nil {
		panic(err) // it is numbers, words and times in range
	}
	sum := sha256.Sum256(append([]byte("job\n"), encoded...))
	return hex.EncodeToString(sum[:])
}

// Create stores a job and has it carried out. The same request again gives the
// job that it made.
func (e *Engine) Create(ctx context.Context, q JobRequest) (Job, error) {
	if e.ctx.Err() != nil {
		return Job{}, draining(q.RegionID, "")
	}
	if stored, err := e.jobOf(ctx, q); !errors.Is(err, ecs.ErrNoRecord) {
		return stored, err
	}
	renewals, err := e.find(ctx, q)
	if err != nil {
		return Job{}, err
	}
	if err := e.checkCurrency(ctx, q.Budget, renewals); err != nil {
		return Job{}, err
	}
	job := ledger.Job{
		ID: uuid.Must(uuid.NewV7()).String(), RequestID: q.RequestID, PayloadHash: q.payloadHash(), Caller: q.Caller,
		Terms: q.spec().encode(),
		State: ledger.JobPending, Funds: ledger.Funds{Budget: q.Budget}, CreateTime: renewals[0].CreateTime, UpdateTime: renewals[0].CreateTime,
	}
	for i := range renewals {
		renewals[i].ID, renewals[i].JobID = uuid.Must(uuid.NewV7()).String(), job.ID
	}
	err = e.ledger.CreateRenewalJob(ctx, job, renewals)
	if errors.Is(err, ecs.ErrRequestIDTaken) { // by another call, just now
		return e.jobOf(ctx, q)
	}
	if err != nil {
		return Job{}, err
	}
	for _, r := range renewals {
		e.config.Observer.moved(r)
	}
	e.kick()
	return e.Job(ctx, job.ID)
}

func (q JobRequest) spec() spec {
	return spec{Period: q.Period, OnlyBefore: q.OnlyBefore, Window: q.Query.Expiry}
}

// jobOf is the job that the request made before, ErrNoRecord where it made none.
func (e *Engine) jobOf(ctx context.Context, q JobRequest) (Job, error) {
	stored, err := e.ledger.RenewalJobByRequest(ctx, q.RequestID)
	if err != nil {
		return Job{}, err
	}
	if stored.PayloadHash != q.payloadHash() {
		return Job{}, reused(Request{RequestID: q.RequestID, RegionID: q.RegionID})
	}
	return withTerms(stored), nil
}

// find looks at the instances of the request, and gives a renewal for each: to
// be made, or not, and why.
func (e *Engine) find(ctx context.Context, q JobRequest) ([]ledger.Renewal, error) {
	if !q.Budget.IsZero() && !ecs.Priced.Includes(q.Period) {
		return nil, ecs.Errorf(ecs.ReasonPriceUnavailable,
			"a budget cannot be held for %s: the cloud names a price for %s", q.Period, ecs.Priced)
	}
	ctx = call.InLane(ctx, call.Write)
	if len(q.IDs) > e.config.MaxJobSize {
		return nil, e.tooLarge("instance_ids")
	}
	renewals, err := e.plans(ctx, q)
	if err == nil && len(renewals) == 0 {
		err = ecs.Errorf(ecs.ReasonNothingToRenew, "no subscription expires in the window; nothing was stored")
	}
	return renewals, err
}

// readForPlan is how many instances are read side by side: they are much larger
// than the renewals that are made of them.
const readForPlan = 1000

// plans gives the renewals of those that are named, or that expire.
func (e *Engine) plans(ctx context.Context, q JobRequest) ([]ledger.Renewal, error) {
	plan := e.planner(q)
	if len(q.IDs) > 0 {
		all := make([]ledger.Renewal, 0, len(q.IDs))
		for ids := range slices.Chunk(q.IDs, readForPlan) {
			for _, read := range e.cloud.Instances(ctx, q.RegionID, ids) {
				r, err := plan(q.RegionID, read)
				if err != nil {
					return nil, err
				}
				all = append(all, r)
			}
		}
		return all, ctx.Err()
	}
	regions := make([][]ledger.Renewal, len(q.Regions))
	group, ctx := errgroup.WithContext(ctx)
	for i, region := range q.Regions {
		group.Go(func() (err error) {
			regions[i], err = e.list(ctx, region, q.Query, plan)
			return err
		})
	}
	// A region that cannot be read fails the whole: what is in it would be
	// missed unseen.
	if err := group.Wait(); err != nil {
		return nil, err
	}
	all := slices.Concat(regions...)
	if len(all) > e.config.MaxJobSize {
		return nil, e.tooLarge("filter")
	}
	return all, nil
}

// planner makes a renewal of what was read of an instance: to be made, or not,
// and why. An error says nothing of the instance.
type planner func(region string, read ecs.Result[ecs.Instance]) (ledger.Renewal, error)

func (e *Engine) planner(q JobRequest) planner {
	now, hash, wish := time.Now().UTC(), q.payloadHash(), q.spec()
	return func(region string, read ecs.Result[ecs.Instance]) (ledger.Renewal, error) {
		r := ledger.Renewal{
			RequestID: q.RequestID, PayloadHash: hash, Caller: q.Caller, RegionID: region, InstanceID: read.ID,
			Period: q.Period, State: ledger.Planned, PlanTime: now, CreateTime: now, UpdateTime: now,
		}
		if read.Err != nil {
			refusal := ecs.AsError(read.Err)
			if refusal == nil || refusal.Retry != ecs.RetryNever {
				return r, read.Err
			}
			r.State, r.Failure = ledger.Failed, failure(refusal)
			return r, nil
		}
		r.ExpireBefore = read.Value.ExpireTime
		r.ExpireExpected = q.Period.Forecast(read.Value, now)
		if state, reason, message := wish.judge(read.Value, time.Time{}); reason != "" {
			r.State, r.Failure = state, ledger.Failure{Reason: reason, Message: message}
		}
		return r, nil
	}
}

// list lists what expires in a region, page by page.
func (e *Engine) list(ctx context.Context, region string, q ecs.Query, plan planner) ([]ledger.Renewal, error) {
	var some []ledger.Renewal
	seen := map[string]bool{}
	for cursor := ""; ; {
		page, err := e.cloud.InstancePage(ctx, region, q, cursor, 100)
		if err != nil {
			return nil, err
		}
		for _, instance := range page.Instances {
			if seen[instance.ID] {
				continue // pages of a fleet that moves may overlap
			}
			seen[instance.ID] = true
			r, err := plan(region, ecs.Result[ecs.Instance]{ID: instance.ID, Value: instance})
			if err != nil {
				return nil, err
			}
			some = append(some, r)
		}
		if len(some) > e.config.MaxJobSize {
			return nil, e.tooLarge("filter")
		}
		if cursor = page.Next; cursor == "" {
			return some, nil
		}
	}
}

func (e *Engine) tooLarge(field string) *ecs.Error {
	rule := fmt.Sprintf("must name at most %d instances (--max-job-size); nothing was stored", e.config.MaxJobSize)
	large := ecs.Errorf(ecs.ReasonJobTooLarge, "%s %s", field, rule)
	large.Violations = []ecs.Violation{{Field: field, Rule: rule}}
	large.Facts = map[string]string{"max_job_size": strconv.Itoa(e.config.MaxJobSize)}
	return large
}
