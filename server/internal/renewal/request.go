package renewal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/flight"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// Request is a request to renew one instance. Its caller has checked its fields.
type Request struct {
	RequestID string
	// Fingerprint distinguishes requests that carry one RequestID.
	Fingerprint string
	RegionID    string
	InstanceID  string
	Period      ecs.Period
	// MaxPrice is the limit of the price, zero for any price.
	MaxPrice ecs.Money
	// Expected is the expiry that the caller expects, zero for any. It is
	// required to buy a second period on purpose.
	Expected time.Time
	Caller   string
	// Note is for auditors, AccountID the cloud account.
	Note      string
	AccountID string
}

func (q Request) terms() ledger.Terms {
	return ledger.Terms{Single: true, Period: q.Period, MaxPrice: q.MaxPrice, Expected: q.Expected}
}

// legacyHash is the fingerprint that builds before package fingerprint stored.
// They had neither an expected expiry nor notes, so that a request with one is
// another request.
func (q Request) legacyHash() (string, error) {
	if !q.Expected.IsZero() || q.Note != "" {
		return "inexpressible", nil // no build stored one
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%d %d\n{CurrencyCode:%s Units:%d Nanos:%d}", q.RegionID, q.InstanceID,
		q.Period.Count, q.Period.Unit, q.MaxPrice.CurrencyCode, q.MaxPrice.Units, q.MaxPrice.Nanos))
	return hex.EncodeToString(sum[:]), nil
}

// Renew renews one instance and returns the renewal at its final state. If
// money was paid the error is nil and the state RENEWED or UNVERIFIED; if
// nothing was paid it returns an error, and the same request may try again.
//
// When ctx ends first, a renewal that was not stored yet is dropped, unpaid; a
// stored one continues, and the same request returns its outcome.
func (e *Engine) Renew(ctx context.Context, q Request) (ledger.Renewal, error) {
	renewal, goesOn, err := e.flights.Do(ctx, q.RequestID, q.Fingerprint, func(ctx context.Context, commit func() bool) (ledger.Renewal, error) {
		return e.begin(ctx, commit, q)
	})
	switch {
	case goesOn:
		return ledger.Renewal{}, e.unfinished(q, err)
	case errors.Is(err, flight.ErrOther):
		return ledger.Renewal{}, reused(q.RequestID, q.RegionID, q.InstanceID)
	case errors.Is(err, flight.ErrClosed):
		return ledger.Renewal{}, draining(q.RegionID, q.InstanceID)
	case ctx.Err() != nil && ecs.AsError(err) == nil && errors.Is(err, ctx.Err()):
		return ledger.Renewal{}, fmt.Errorf("nothing was paid: %w", err)
	}
	return renewal, err
}

// unfinishedRead bounds the read of a renewal after its caller's deadline.
const unfinishedRead = 200 * time.Millisecond

// unfinished is the error of a renewal that continues after its caller's
// deadline, with its state and its attempts.
func (e *Engine) unfinished(q Request, err error) error {
	reason := ecs.ReasonDeadlineExceeded
	if errors.Is(err, context.Canceled) {
		reason = ecs.ReasonCancelled
	}
	ctx, cancel := context.WithTimeout(e.ctx, unfinishedRead)
	defer cancel()
	state, facts := "its state could not be read", map[string]string(nil)
	if r, read := e.ofRequest(ctx, q.RequestID); read == nil {
		state = fmt.Sprintf("%s after %d attempts, renewal %s", r.State, len(r.Attempts), r.ID)
		facts = map[string]string{"renewal_id": r.ID, "state": string(r.State), "attempts": strconv.Itoa(len(r.Attempts))}
	}
	failed := ecs.Errorf(reason, "the renewal goes on (%s); retry with the same request_id", state)
	failed.Retry, failed.Facts, failed.Cause = ecs.RetryBackoff, facts, err
	return failed.On(q.RegionID, q.InstanceID)
}

// ofRequest returns the renewal of a request for one.
func (e *Engine) ofRequest(ctx context.Context, requestID string) (ledger.Renewal, error) {
	job, err := e.requests.RenewalJobByRequest(ctx, requestID)
	if err != nil {
		return ledger.Renewal{}, err
	}
	return e.only(ctx, job.ID)
}
