package renewal

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/flight"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// Request asks to renew one instance. Its fields were checked by the caller.
type Request struct {
	RequestID  string
	RegionID   string
	InstanceID string
	Period     ecs.Period
	// MaxPrice is the most that may be paid, zero for any price.
	MaxPrice ecs.Money
	Caller   string
}

// payloadHash tells two requests under one id apart. Who asks is no part of it.
func (q Request) payloadHash() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%d %d\n%+v", q.RegionID, q.InstanceID, q.Period.Count, q.Period.Unit, q.MaxPrice))
	return hex.EncodeToString(sum[:])
}

// token derives the token of a renewal from its request and the number of the
// token. Deriving it means that even a ledger that was lost, or a second ecsd,
// sends the cloud the same token for the same wish. It fits the cloud's limit
// of 64 ASCII characters.
func (s spec) token(r ledger.Renewal) string {
	if !s.Single {
		return ecs.ClientToken("renewal", r.RequestID, r.RegionID, r.InstanceID, strconv.Itoa(int(r.TokenNumber)))
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "ecsd renewal %s %d", r.RequestID, r.TokenNumber))
	return "ecsd-" + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:25]))
}

// Renew renews one instance and returns the renewal at its final state. Where
// money was paid the error is nil, the state RENEWED or UNVERIFIED; where
// nothing was paid it is an error.
//
// When ctx ends first, a renewal that was not yet committed is dropped, unpaid;
// one that was goes on, and the same request asks for its outcome.
func (e *Engine) Renew(ctx context.Context, q Request) (ledger.Renewal, error) {
	renewal, goesOn, err := e.flights.Do(ctx, q.RequestID, q.payloadHash(), func(ctx context.Context, commit func() bool) (ledger.Renewal, error) {
		return e.begin(ctx, commit, q)
	})
	switch {
	case goesOn:
		return ledger.Renewal{}, fmt.Errorf("the renewal goes on; ask again with the same request_id: %w", err)
	case errors.Is(err, flight.ErrOther):
		return ledger.Renewal{}, reused(q)
	case errors.Is(err, flight.ErrClosed):
		return ledger.Renewal{}, draining(q.RegionID, q.InstanceID)
	case ctx.Err() != nil && ecs.AsError(err) == nil && errors.Is(err, ctx.Err()):
		return ledger.Renewal{}, fmt.Errorf("nothing was paid: %w", err)
	}
	return renewal, err
}
