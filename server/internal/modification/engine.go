package modification

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/fingerprint"
	"github.com/ecsd-io/ecsd/server/internal/flight"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/rescue"
	"github.com/ecsd-io/ecsd/server/internal/sleep"
)

// Cloud is the part of the edge that the engine uses.
type Cloud interface {
	Instances(ctx context.Context, regionID string, ids []string) []ecs.Result[ecs.Instance]
	Disks(ctx context.Context, regionID string, q ecs.DiskQuery, cursor string, limit int) (ecs.DiskPage, error)
	InstancePrice(ctx context.Context, order ecs.LaunchOrder) (ecs.Quote, error)
	UpgradePrice(ctx context.Context, regionID, instanceID, instanceType string) (ecs.Quote, error)
	// ModifyGrant waits for the right to send one call of an action to the region.
	ModifyGrant(ctx context.Context, regionID, action string) (Grant, error)
}

// Records is the part of the store that the engine uses. Acknowledged writes are
// on disk.
type Records interface {
	// WriteModification writes a modification that is in state from, "" for a new
	// one, and gives it to a holder until a time. The errors are
	// ecs.ErrRequestIDTaken, ecs.ErrStateMoved, *ledger.ConflictError and those that
	// ledger.SpendRefusal takes.
	WriteModification(ctx context.Context, m ledger.Modification, from ledger.ModificationState, holder string, until time.Time) error
	// PermitModification returns the *ledger.ConflictError that a write would.
	PermitModification(ctx context.Context, m ledger.Modification) error
	// PermitSpending returns the error by which an order of a caller would be refused
	// now, as ledger.SpendRefusal takes it. price is nil if the order charges nothing
	// once, and zero if its price is not known.
	PermitSpending(ctx context.Context, caller string, price *ecs.Money) error
	// ModificationByRequest reads the modification of a request, ecs.ErrNoRecord if
	// there is none.
	ModificationByRequest(ctx context.Context, requestID string) (ledger.Modification, error)
	// Modification reads a modification by ID, ecs.ErrNoRecord if there is none.
	Modification(ctx context.Context, id string) (ledger.Modification, error)
	// ListModifications reads modifications that the filter selects: newest first,
	// after the cursor, at most limit.
	ListModifications(ctx context.Context, f ledger.ModificationFilter, after ledger.Cursor, limit int) ([]ledger.Modification, error)
	// HoldModifications sets until when a holder holds some of its modifications.
	HoldModifications(ctx context.Context, holder string, ids []string, until time.Time) error
	// ClaimModifications gives a holder, until a time, at most limit live
	// modifications of some regions with a hold that ended before now, and returns
	// them.
	ClaimModifications(ctx context.Context, holder string, regions []string, now, until time.Time, limit int) ([]ledger.Modification, error)
}

// Bills reads the orders of the account.
type Bills interface {
	// ChangeOrders returns the orders that are no renewals and that the bill shows in
	// the windows, by instance ID. It returns none if the bill cannot be read.
	ChangeOrders(ctx context.Context, wanted []ledger.OrderWindow) map[string][]ecs.BilledOrder
}

// A live modification is held by the process that works on it. One with an
// expired hold belongs to a dead process; any replica claims it.
const (
	// holdTime is how long a modification stays held after its process died.
	holdTime = 30 * time.Second
	// holdInterval is how often holds are extended and expired ones are looked for.
	holdInterval = 10 * time.Second
	// claimAtOnce bounds the modifications of one claim.
	claimAtOnce = 50
	// awaitInterval is how often a modification that another process works on is read.
	awaitInterval = 2 * time.Second
	// maxOvertaken bounds how often another process may write the record of a
	// request between a read of it and the next write.
	maxOvertaken = 5
	// writeTimeout bounds the write of an event that has already happened.
	writeTimeout = 10 * time.Second
)

// Config configures an Engine. The zero value of a field means its default.
type Config struct {
	Limits
	// Regions are the regions that the cloud serves. Modifications of others are left
	// to another process.
	Regions []string
	// Bills shows the orders of the account, as evidence about unknown outcomes. Nil
	// if the billing API is not used. Nothing is sent because of it.
	Bills Bills
	// Touched receives the instances of orders that were just sent, so that watches
	// read them soon. Default none.
	Touched func(regionID string, ids []string)
	// Clock is the cloud's. Default time.Now.
	Clock ecs.Clock
	// Logger receives events that have no caller. Default slog.Default().
	Logger *slog.Logger
}

// Engine runs modifications. It is safe for concurrent use.
type Engine struct {
	cloud   Cloud
	records Records
	config  Config
	// holder is unique to the life of this process.
	holder string

	// ctx ends with Close.
	ctx     context.Context
	stop    context.CancelFunc
	flights *flight.Group[ledger.Modification]
	// work is the background loop and the claimed modifications.
	work sync.WaitGroup

	mu sync.Mutex
	// held are the IDs of the modifications that this process works on.
	held map[string]bool
}

// New returns an Engine that works until Close. Call Start once.
func New(cloud Cloud, records Records, config Config) *Engine {
	config.Limits = config.withDefaults()
	if config.Touched == nil {
		config.Touched = func(string, []string) {}
	}
	if config.Logger == nil {
		config.Logger = slog.Default()
	}
	ctx, stop := context.WithCancel(context.Background())
	return &Engine{
		cloud: cloud, records: records, config: config, holder: uuid.NewString(), ctx: ctx, stop: stop,
		flights: flight.New[ledger.Modification](ctx), held: map[string]bool{},
	}
}

// Start continues the modifications of dead processes, until Close.
func (e *Engine) Start() {
	e.work.Go(func() { rescue.Loop(e.ctx, e.config.Logger, "modifications", e.hold) })
}

// Close stops the work. It waits for a send in progress; everything else
// continues from the records at the next start.
func (e *Engine) Close() {
	e.stop()
	e.flights.Wait()
	e.work.Wait()
}

// hold extends the holds of this process, and claims expired ones.
func (e *Engine) hold(ctx context.Context) {
	for {
		e.extend()
		e.claim()
		if sleep.For(ctx, holdInterval) != nil {
			return
		}
	}
}

func (e *Engine) extend() {
	e.mu.Lock()
	ids := slices.Sorted(maps.Keys(e.held))
	e.mu.Unlock()
	if len(ids) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(e.ctx, holdInterval)
	defer cancel()
	if err := e.records.HoldModifications(ctx, e.holder, ids, time.Now().Add(holdTime)); err != nil && e.ctx.Err() == nil {
		e.config.Logger.Warn("holds of modifications not extended", "error", err)
	}
}

func (e *Engine) claim() {
	ctx, cancel := context.WithTimeout(e.ctx, holdInterval)
	defer cancel()
	now := time.Now()
	claimed, err := e.records.ClaimModifications(ctx, e.holder, e.config.Regions, now, now.Add(holdTime), claimAtOnce)
	if err != nil && e.ctx.Err() == nil {
		e.config.Logger.Error("claim modifications failed, retrying", "error", err)
	}
	for _, m := range claimed {
		e.mu.Lock()
		working := e.held[m.ID] // its hold was not extended in time
		e.mu.Unlock()
		if working {
			continue
		}
		e.work.Go(func() {
			ctx := call.With(call.InLane(e.ctx, call.Write), &call.Call{Caller: m.Caller})
			rescue.Once(e.config.Logger, "modification "+m.ID, func() { // after a panic its hold ends, and it is claimed again
				_, _ = e.drive(ctx, m, func() bool { return true }, Resumed{}) // logged, and read from the records
			})
		})
	}
}

// Planned is the state of the modification that Plan returns. No record has it.
const Planned ledger.ModificationState = "PLANNED"

// Request is a requested change.
type Request struct {
	RegionID   string
	InstanceID string
	Change     ledger.Change
	// MaxPrice is the limit, zero for any price.
	MaxPrice    ecs.Money
	RequestID   string
	Fingerprint string
	Caller      string
}

func (q Request) modification(now time.Time) ledger.Modification {
	return ledger.Modification{
		RequestID: q.RequestID, PayloadHash: q.Fingerprint, Caller: q.Caller, RegionID: q.RegionID, InstanceID: q.InstanceID,
		Change: q.Change, MaxPrice: q.MaxPrice, CreateTime: now, UpdateTime: now,
	}
}

// Plan runs every check of Modify and returns the modification that it would
// make, with its price, in state Planned. It changes and stores nothing.
func (e *Engine) Plan(ctx context.Context, q Request) (ledger.Modification, error) {
	ctx = call.InLane(ctx, call.Write)
	now := time.Now().UTC()
	m := q.modification(now)
	switch stored, err := e.records.ModificationByRequest(ctx, q.RequestID); {
	case err == nil:
		m.ID = stored.ID
		if err := same(stored, q); err != nil {
			return m, err
		}
	case !errors.Is(err, ecs.ErrNoRecord):
		return m, err
	}
	p, err := e.price(ctx, m)
	if err != nil {
		return m, err
	}
	read := e.cloud.Instances(ctx, q.RegionID, []string{q.InstanceID})[0]
	if read.Err != nil {
		return m, read.Err
	}
	refusal := Check(q.Change, read.Value, p.downgrade, e.config.Clock.Now())
	if refusal == nil {
		refusal = Overpriced(m, p.amount)
	}
	if refusal != nil {
		return m, refusal
	}
	m.Price, m.Downgrade, m.Before, m.ReadTime = p.amount, p.downgrade, ledger.SetupOf(read.Value), now
	if err := e.records.PermitSpending(ctx, m.Caller, m.Charge()); err != nil {
		return m, spendRefusal(err, m)
	}
	if err := e.records.PermitModification(ctx, m); err != nil {
		return m, busy(err, m)
	}
	m.ID = ""
	m.State, m.After = Planned, m.Before
	switch {
	case q.Change.InstanceType != "":
		m.After.InstanceType = q.Change.InstanceType
	case q.Change.ChargeType == ecs.ChargeSubscription:
		m.After.ChargeType, m.After.ExpireTime = ecs.ChargeSubscription, q.Change.Period.Bought(e.config.Clock.Now().UTC())
	default:
		m.After.ChargeType, m.After.ExpireTime = ecs.ChargePayAsYouGo, time.Time{}
	}
	return m, nil
}

// Modify changes an instance, at most once per request ID, and returns the
// modification at its end: SUCCEEDED or UNVERIFIED. Any other end is an error.
func (e *Engine) Modify(ctx context.Context, q Request) (ledger.Modification, error) {
	m, goesOn, err := e.flights.Do(call.InLane(ctx, call.Write), q.RequestID, q.Fingerprint, func(ctx context.Context, commit func() bool) (ledger.Modification, error) {
		return e.begin(ctx, commit, q)
	})
	switch {
	case goesOn:
		return ledger.Modification{}, unfinished(q, err)
	case errors.Is(err, flight.ErrOther):
		return ledger.Modification{}, reused(q)
	case errors.Is(err, flight.ErrClosed), err != nil && e.ctx.Err() != nil && ecs.AsError(err) == nil:
		closing := ecs.Errorf(ecs.ReasonServerDraining, "the server is stopping; retry with the same request_id")
		closing.Retry = ecs.RetryBackoff
		return ledger.Modification{}, closing.On(q.RegionID, q.InstanceID)
	case ctx.Err() != nil && ecs.AsError(err) == nil && errors.Is(err, ctx.Err()):
		return ledger.Modification{}, fmt.Errorf("nothing was paid: %w", err)
	}
	return m, err
}

// begin returns the outcome of a request from its record, if it has one. Else,
// or if nothing was paid, it sends the order.
func (e *Engine) begin(ctx context.Context, commit func() bool, q Request) (ledger.Modification, error) {
	for overtaken := 0; ; {
		m, err := e.records.ModificationByRequest(ctx, q.RequestID)
		switch {
		case errors.Is(err, ecs.ErrNoRecord):
			m = q.modification(time.Now().UTC())
			m.ID = uuid.Must(uuid.NewV7()).String()
		case err != nil:
			return m, err
		default:
			if err := same(m, q); err != nil {
				return ledger.Modification{}, err
			}
		}
		switch {
		case m.State.Live(): // another process works on it, or the background loop will
			commit()
			if err := sleep.For(ctx, awaitInterval); err != nil {
				return m, err
			}
			continue
		case m.State != "" && !repeatable(m):
			return result(m, true)
		}
		m, err = e.drive(ctx, m, commit, nil)
		if errors.Is(err, ecs.ErrRequestIDTaken) || errors.Is(err, ecs.ErrStateMoved) || err != nil && e.elsewhere(ctx, m) {
			// Another process was faster: continue from its record.
			if overtaken++; overtaken < maxOvertaken {
				continue
			}
			err = busy(&ledger.ConflictError{Err: ledger.ErrInstanceBusy}, m)
		}
		return m, err
	}
}

// elsewhere reports whether another process has written the record of a request
// meanwhile. A refusal is then no outcome: it may be of the instance as that
// process has just changed it.
func (e *Engine) elsewhere(ctx context.Context, m ledger.Modification) bool {
	stored, err := e.records.ModificationByRequest(ctx, m.RequestID)
	return err == nil && stored.Encode() != m.Encode()
}

// repeatable reports whether its request may send the order again: nothing was
// paid, and no person has decided so.
func repeatable(m ledger.Modification) bool {
	return m.State == ledger.ModificationFailed && m.Failure.Reason != ecs.ReasonMarkedNotPaid
}

func same(m ledger.Modification, q Request) error {
	same, err := fingerprint.Match(m.PayloadHash, q.Fingerprint, func() (string, error) { return "", nil })
	if err == nil && !same {
		return reused(q)
	}
	return err
}

func reused(q Request) *ecs.Error {
	return ecs.Errorf(ecs.ReasonRequestIDReused,
		"request_id %s was used for another request; take a new one for a new request", q.RequestID).On(q.RegionID, q.InstanceID)
}

// unfinished is the error of a modification that continues after its caller's
// deadline.
func unfinished(q Request, err error) error {
	reason := ecs.ReasonDeadlineExceeded
	if errors.Is(err, context.Canceled) {
		reason = ecs.ReasonCancelled
	}
	e := ecs.Errorf(reason, "the modification of instance %s continues; retry with the same request_id", q.InstanceID)
	e.Retry, e.Effect, e.Cause = ecs.RetryBackoff, ecs.EffectUnknown, err
	return e.On(q.RegionID, q.InstanceID)
}

// result returns a modification at its end, with an error unless it was
// accepted.
func result(m ledger.Modification, replayed bool) (ledger.Modification, error) {
	if m.State == ledger.ModificationSucceeded || m.State == ledger.ModificationUnverified {
		return m, nil
	}
	failed := ecs.Errorf(m.Failure.Reason, "%s", m.Failure.Message)
	failed.Cloud = ecs.CloudError{Code: m.Failure.CloudCode, RequestID: m.Failure.CloudRequestID}
	if m.State == ledger.ModificationNeedsAttention {
		failed.Effect = ecs.EffectUnknown
	}
	if replayed {
		failed.Facts = map[string]string{"replayed": "true", "original_time": stamp(m.UpdateTime)}
	}
	return m, failed.On(m.RegionID, m.InstanceID)
}

// spendRefusal returns the error of a change that its caller may not pay, and
// other errors as they are.
func spendRefusal(err error, m ledger.Modification) error {
	if refused := ledger.SpendRefusal(err); refused != nil {
		return refused.On(m.RegionID, m.InstanceID)
	}
	return err
}

// busy is the error of a change that another order forbids.
func busy(err error, m ledger.Modification) error {
	var conflict *ledger.ConflictError
	if !errors.As(err, &conflict) {
		return err
	}
	e := ecs.Errorf(ecs.ReasonOperationInProgress, "instance %s is being modified: %s; nothing was paid", m.InstanceID, conflict.Prior)
	if conflict.Prior.ID != "" && !conflict.Prior.Modification {
		e = ecs.Errorf(ecs.ReasonRenewalInProgress, "instance %s is being renewed: %s; nothing was paid", m.InstanceID, conflict.Prior)
	}
	e.Retry = ecs.RetryBackoff
	return e.On(m.RegionID, m.InstanceID)
}
