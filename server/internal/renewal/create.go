package renewal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/fingerprint"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// Requests are the jobs that requests made.
type Requests interface {
	CreateRenewalJob(ctx context.Context, j ledger.Job, renewals []ledger.Renewal) error
	RenewalJobByRequest(ctx context.Context, requestID string) (ledger.Job, error)
	CancelRenewalJob(ctx context.Context, jobID string, c ledger.Cancellation) (ended int64, err error)
}

// JobRequest is a request to renew many instances: the given IDs, or the
// results of a query with a window of expiry. Its caller has checked its
// fields.
type JobRequest struct {
	RequestID string
	// Fingerprint distinguishes requests that carry one RequestID; see package
	// fingerprint.
	Fingerprint string
	// Earlier are the fingerprints of the same request by builds whose requests
	// had another form.
	Earlier []string
	Caller  string
	// Note is for auditors, AccountID the cloud account. Selection is the encoded
	// selection of the request, which is only stored.
	Note      string
	AccountID string
	Selection []byte
	// RegionID is the region of IDs.
	RegionID string
	IDs      []string
	// Regions are listed by Query if there are no IDs.
	Regions []string
	Query   ecs.Query
	// Within is the length of a relative window, and FromNow reports that the window
	// starts now. Query.Expiry holds the times.
	Within  time.Duration
	FromNow bool
	// IncludeExpired extends a window that starts now to expired subscriptions
	// that can still be renewed.
	IncludeExpired bool
	Period         ecs.Period
	// Budget is the limit of all renewals together, zero for any amount.
	Budget ecs.Money
	// OnlyBefore excludes subscriptions that expire at this time or later.
	OnlyBefore time.Time
}

func (q JobRequest) terms() ledger.Terms {
	return ledger.Terms{Period: q.Period, OnlyBefore: q.OnlyBefore, Window: q.Query.Expiry}
}

// legacyQuery is ecs.Query as it was when builds stored legacyHash.
type legacyQuery struct {
	IDs             []string
	Name            string
	Status          ecs.Status
	ChargeType      ecs.ChargeType
	Tags            []ecs.Tag
	SecurityGroupID string
	VPCID           string
	VSwitchID       string
	ZoneID          string
	Type            string
	Lock            ecs.LockReason
	Expiry          ecs.Window
}

// legacy returns the query in its earlier form, which had one value per part,
// and whether that form can express it.
func legacy(q ecs.Query) (_ legacyQuery, ok bool) {
	ok = max(len(q.Statuses), len(q.ChargeTypes), len(q.ZoneIDs), len(q.Types), len(q.Locks)) <= 1 &&
		len(q.PrivateIPs)+len(q.PublicIPs)+len(q.AutoRenew) == 0 && q.ResourceGroupID == ""
	return legacyQuery{
		Name: q.Name, Status: first(q.Statuses), ChargeType: first(q.ChargeTypes), Tags: q.Tags, SecurityGroupID: q.SecurityGroupID,
		VPCID: q.VPCID, VSwitchID: q.VSwitchID, ZoneID: first(q.ZoneIDs), Type: first(q.Types), Lock: first(q.Locks), Expiry: q.Expiry,
	}, ok
}

func first[T any](values []T) (one T) {
	if len(values) > 0 {
		return values[0]
	}
	return one
}

// legacyHash is the fingerprint that builds before package fingerprint stored.
func (q JobRequest) legacyHash() (string, error) {
	query, ok := legacy(q.Query)
	if !ok || q.Note != "" {
		return "inexpressible", nil // no build stored one
	}
	if q.FromNow {
		query.Expiry.After = time.Time{}
	}
	if q.Within > 0 {
		query.Expiry.Before = time.Time{}
	}
	encoded, err := json.Marshal(struct {
		RequestID, Caller, RegionID string
		IDs                         []string
		Regions                     []string
		Query                       legacyQuery
		Within                      time.Duration
		Period                      ecs.Period
		Budget                      ecs.Money
		OnlyBefore                  time.Time
	}{"", "", q.RegionID, q.IDs, q.Regions, query, q.Within, q.Period, q.Budget, q.OnlyBefore})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(append([]byte("job\n"), encoded...))
	return hex.EncodeToString(sum[:]), nil
}

// Create stores a job and has it carried out. The same request again returns
// the job that it made. A job with a budget is priced first, and its budget
// allocated in the order of service, as in Preview.
//
// A balance that does not cover the job is logged and returned in its plan, and
// refuses nothing: what it covers is renewed, the earliest expiry first, and it can
// be topped up before the others are sent.
func (e *Engine) Create(ctx context.Context, q JobRequest) (Job, error) {
	if e.ctx.Err() != nil {
		return Job{}, draining(q.RegionID, "")
	}
	if stored, err := e.jobOf(ctx, q); !errors.Is(err, ecs.ErrNoRecord) {
		return stored, err
	}
	balance, stop := e.readBalance(ctx)
	defer stop()
	p, err := e.planner.plan(ctx, q, !q.Budget.IsZero())
	if err != nil {
		// The plan may be refused because of what another call has just done for the request.
		if stored, unknown := e.jobOf(ctx, q); unknown == nil {
			return stored, nil
		}
		return Job{}, err
	}
	p.cover(balance())
	job := q.job(p)
	job.ID = uuid.Must(uuid.NewV7()).String()
	for i := range p.Renewals {
		p.Renewals[i].ID, p.Renewals[i].JobID = uuid.Must(uuid.NewV7()).String(), job.ID
	}
	err = e.requests.CreateRenewalJob(ctx, job, p.Renewals)
	if errors.Is(err, ecs.ErrRequestIDTaken) { // by another call, just now
		return e.jobOf(ctx, q)
	}
	if err != nil {
		return Job{}, err
	}
	for _, r := range p.Renewals {
		e.config.Observer.Wrote(r)
	}
	e.warnUncovered(job.ID, p)
	e.runner.Wake()
	made, err := readJob(ctx, e.jobs, job.ID)
	made.Made = &p
	return made, err
}

// job returns the job of a plan, without an ID.
func (q JobRequest) job(p Plan) ledger.Job {
	return ledger.Job{
		RequestID: q.RequestID, PayloadHash: q.Fingerprint, Caller: q.Caller, Terms: q.terms().Encode(),
		Note: q.Note, AccountID: q.AccountID, Selection: q.Selection,
		State: ledger.JobPending, Funds: ledger.Funds{Budget: q.Budget},
		CreateTime: p.Renewals[0].CreateTime, UpdateTime: p.Renewals[0].CreateTime,
	}
}

// jobOf returns the job that the request made before, ErrNoRecord if it made none.
func (e *Engine) jobOf(ctx context.Context, q JobRequest) (Job, error) {
	if q.RequestID == "" { // of a dry run
		return Job{}, ecs.ErrNoRecord
	}
	stored, err := e.requests.RenewalJobByRequest(ctx, q.RequestID)
	if err != nil {
		return Job{}, err
	}
	same, err := fingerprint.Match(stored.PayloadHash, q.Fingerprint, q.legacyHash)
	if err != nil {
		return Job{}, err
	}
	if !same && !slices.Contains(q.Earlier, stored.PayloadHash) {
		return Job{}, reused(q.RequestID, q.RegionID, "")
	}
	return withTerms(stored), nil
}

// Preview returns the job that Create would store, and its plan with a price for
// each renewal. It changes nothing.
func (e *Engine) Preview(ctx context.Context, q JobRequest) (Job, Plan, error) {
	if stored, err := e.jobOf(ctx, q); err == nil || !errors.Is(err, ecs.ErrNoRecord) {
		return stored, Plan{}, err
	}
	balance, stop := e.readBalance(ctx)
	defer stop()
	p, err := e.planner.plan(ctx, q, true)
	if err != nil {
		return Job{}, Plan{}, err
	}
	if err := e.withinLimits(ctx, q.Caller, &p); err != nil {
		return Job{}, Plan{}, err
	}
	p.cover(balance())
	preview := Job{Job: q.job(p), Terms: q.terms()}
	preview.Reserved = p.Total
	for _, r := range p.Renewals {
		preview.Counts = ledger.Add(preview.Counts, ledger.Count{State: r.State, Reason: r.Failure.Reason, Count: 1})
	}
	return preview, p, nil
}
