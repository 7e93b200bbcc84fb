package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/fingerprint"
)

// Requests are the records of requests.
type Requests interface {
	// CreateRequest writes a new record, ErrRequestIDTaken if its ID has one.
	CreateRequest(ctx context.Context, r ecs.RequestRecord) error
	// MoveRequest overwrites a record that is still in state from, else
	// ErrStateMoved, and writes the items in r.
	MoveRequest(ctx context.Context, r ecs.RequestRecord, from ecs.RequestState) error
	// SaveRequestItems adds items to a record, or overwrites them.
	SaveRequestItems(ctx context.Context, requestID string, items []ecs.RequestItem) error
	// RequestByID reads a record with its items, ErrNoRecord if there is none.
	RequestByID(ctx context.Context, requestID string) (ecs.RequestRecord, error)
	// OpenRequests reads the records of some actions that are OPEN, oldest first.
	OpenRequests(ctx context.Context, actions ...string) ([]ecs.RequestRecord, error)
	// TrimRequests removes the oldest records that were last moved before a
	// time, at most limit, and returns how many; of the actions none that is OPEN.
	TrimRequests(ctx context.Context, before time.Time, limit int, actions ...string) (removed int, err error)
}

// begin returns the outcome of a request from its record, if it has one. Else it
// stores the intent and sends it.
func (l *Lifecycle) begin(ctx context.Context, commit func() bool, action string, q Launch) (ecs.RequestRecord, error) {
	r, err := l.stored(ctx, q.key(action))
	if err != nil && !errors.Is(err, ecs.ErrNoRecord) {
		return r, err
	}
	var charge *ecs.Money
	var refused error
	switch {
	case err != nil || refusedBefore(r):
		charge, refused = l.admit(ctx, q)
	case r.State == ecs.RequestDeferred:
		charge, refused = l.checkPrice(ctx, q)
	}
	if refused != nil {
		// It may be refused because of what another process has just done for the request.
		if now, unknown := l.stored(ctx, q.key(action)); unknown == nil && (now.State != r.State || !now.UpdateTime.Equal(r.UpdateTime)) {
			return l.begin(ctx, commit, action, q)
		}
		return r, refused
	}
	if !commit() {
		return r, context.Canceled
	}
	if err == nil {
		return l.takeUp(ctx, r, q, charge)
	}
	now := time.Now().UTC()
	r = ecs.RequestRecord{
		RequestID: q.RequestID, Action: action, PayloadHash: q.Fingerprint, Caller: q.Caller, RegionID: q.Order.RegionID,
		State: ecs.RequestOpen, Uncertain: true, Wanted: q.Order.Count, Tagged: taggable(q.Order.Spec.Tags),
		ClientToken: launchToken(action, q.RequestID, 1), TokenNumber: 1,
		TokenTime: now, SendTime: now, CreateTime: now, UpdateTime: now,
		Sends: true, Price: charge,
	}
	err = l.requests.CreateRequest(ctx, r)
	if errors.Is(err, ecs.ErrRequestIDTaken) {
		// Another ecsd on the same database got the same request.
		if r, err = l.stored(ctx, q.key(action)); err != nil {
			return r, err
		}
		return l.takeUp(ctx, r, q, charge)
	}
	if err != nil {
		return r, err
	}
	return l.sendFirst(ctx, r, q)
}

// stored reads the record of a request; errReused reports that it belongs to
// another request.
func (l *Lifecycle) stored(ctx context.Context, k key) (ecs.RequestRecord, error) {
	r, err := l.requests.RequestByID(ctx, k.requestID)
	if err != nil {
		return r, err
	}
	same, err := fingerprint.Match(r.PayloadHash, k.fingerprint, k.legacyHash)
	if err != nil {
		return ecs.RequestRecord{}, fmt.Errorf("compare with the stored request %s: %w", k.requestID, err)
	}
	if !same || r.Action != k.action {
		return ecs.RequestRecord{}, errReused
	}
	return r, nil
}

// takeUp continues a request from the state of its record. charge is what its
// order charges once.
func (l *Lifecycle) takeUp(ctx context.Context, r ecs.RequestRecord, q Launch, charge *ecs.Money) (ecs.RequestRecord, error) {
	switch r.State {
	case ecs.RequestDone:
		return r, nil
	case ecs.RequestFailed:
		if !refusedBefore(r) {
			return r, failedBefore(r)
		}
		return l.tryAgain(ctx, r, q, charge)
	case ecs.RequestDeferred:
		// The cloud did nothing with this token, so its age starts again.
		r.TokenTime = time.Now().UTC()
		r.SendTime = r.TokenTime
		r.Sends, r.Price = true, charge
		r, err := l.transition(ctx, r, ecs.RequestOpen)
		if err != nil {
			return r, err
		}
		return l.sendFirst(ctx, r, q)
	}
	return l.settle(ctx, r, &q, false)
}

// refusedBefore reports whether a launch was refused with nothing made, so that
// the same request tries again. The other failures are final: an unknown outcome,
// and a token that another request has used.
func refusedBefore(r ecs.RequestRecord) bool {
	return r.State == ecs.RequestFailed && r.Failure.Reason != ecs.ReasonOutcomeUnknown && r.Failure.Reason != ecs.ReasonRequestIDReused
}

// tryAgain sends a launch that was refused. The cloud keeps refusing the token
// of a failed order, so a new one is taken. If some send with the token has an
// unknown outcome, the token is kept: its instances, if any, have the tag.
func (l *Lifecycle) tryAgain(ctx context.Context, r ecs.RequestRecord, q Launch, charge *ecs.Money) (ecs.RequestRecord, error) {
	now := time.Now().UTC()
	if r.Uncertain {
		r, err := l.transition(ctx, r, ecs.RequestOpen)
		if err != nil {
			return r, err
		}
		return l.settle(ctx, r, &q, false)
	}
	r.TokenNumber, r.Uncertain = r.TokenNumber+1, true
	r.ClientToken, r.TokenTime, r.SendTime = launchToken(r.Action, r.RequestID, r.TokenNumber), now, now
	r.Sends, r.Price = true, charge
	r, err := l.transition(ctx, r, ecs.RequestOpen)
	if err != nil {
		return r, err
	}
	return l.sendFirst(ctx, r, q)
}

// transition writes the record with its new state.
func (l *Lifecycle) transition(ctx context.Context, r ecs.RequestRecord, to ecs.RequestState) (ecs.RequestRecord, error) {
	from := r.State
	r.State, r.UpdateTime = to, time.Now().UTC()
	err := write(ctx, func(ctx context.Context) error { return l.requests.MoveRequest(ctx, r, from) })
	r.Sends = false
	return r, err
}

// writeTimeout bounds the write of an event that has already happened.
const writeTimeout = 10 * time.Second

// write makes a write that neither a caller nor Close interrupts, because it
// records an event that has already happened. If it times out the database is
// at fault, not a deadline of a caller.
func write(ctx context.Context, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
	defer cancel()
	err := do(ctx)
	if !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	e := ecs.Errorf(ecs.ReasonStoreUnavailable, "the server's database did not take in time what had to be stored; retry with the same request_id")
	e.Retry, e.Effect, e.Cause = ecs.RetryBackoff, ecs.EffectUnknown, err
	return e
}
