package ledger

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// ModificationState is the state of one modification. It is written for the
// first time just before the order is sent.
//
//	SUBMITTING -> VERIFYING -> SUCCEEDED
//	  |  ^  |         +------> UNVERIFIED       accepted, never sent again
//	  |  |  +--> UNKNOWN -> SUCCEEDED | VERIFYING (its order is in the bill)
//	  |  +----------+  +----> NEEDS_ATTENTION   the outcome cannot be settled:
//	  |                         an operator decides, VERIFYING or FAILED
//	  +---> FAILED -> SUBMITTING                nothing was paid
type ModificationState string

// The states, as the store and the API name them.
const (
	ModificationSubmitting     ModificationState = "SUBMITTING"
	ModificationUnknown        ModificationState = "UNKNOWN"
	ModificationVerifying      ModificationState = "VERIFYING"
	ModificationSucceeded      ModificationState = "SUCCEEDED"
	ModificationUnverified     ModificationState = "UNVERIFIED"
	ModificationFailed         ModificationState = "FAILED"
	ModificationNeedsAttention ModificationState = "NEEDS_ATTENTION"
)

// modificationTransitions lists, for each state, the states that may follow it.
// A modification without a state has not been written.
var modificationTransitions = map[ModificationState][]ModificationState{
	"":                     {ModificationSubmitting},
	ModificationSubmitting: {ModificationVerifying, ModificationUnknown, ModificationFailed},
	ModificationUnknown:    {ModificationSubmitting, ModificationVerifying, ModificationSucceeded, ModificationNeedsAttention},
	ModificationVerifying:  {ModificationSucceeded, ModificationUnverified},
	// By an operator's decision.
	ModificationNeedsAttention: {ModificationVerifying, ModificationFailed},
	// By the same request, sent again.
	ModificationFailed: {ModificationSubmitting},
}

// MayFollow reports whether a modification in state s may be written in state next.
func (s ModificationState) MayFollow(next ModificationState) bool {
	return slices.Contains(modificationTransitions[s], next)
}

// Live reports whether an order may be in flight. An instance has at most one
// live modification, and none beside a live renewal.
func (s ModificationState) Live() bool {
	return s == ModificationSubmitting || s == ModificationUnknown || s == ModificationVerifying
}

// Change is what a modification changes: the charge type or the instance type.
type Change struct {
	// ChargeType is the new charge type, unknown if it stays.
	ChargeType ecs.ChargeType `json:"charge_type,omitempty"`
	// Period is bought by a change to a subscription.
	Period ecs.Period `json:"period,omitzero"`
	// InstanceType is the new type, "" if it stays.
	InstanceType string `json:"instance_type,omitempty"`
}

// Setup is what a modification reads of an instance: what it changes, and what
// its price and its permission depend on.
type Setup struct {
	ChargeType   ecs.ChargeType `json:"charge_type"`
	InstanceType string         `json:"instance_type"`
	ExpireTime   time.Time      `json:"expire_time,omitzero"`
}

// SetupOf returns the setup of an instance.
func SetupOf(i ecs.Instance) Setup {
	return Setup{ChargeType: i.ChargeType, InstanceType: i.Type, ExpireTime: i.ExpireTime}
}

// Same reports whether two setups are equal.
func (s Setup) Same(o Setup) bool {
	return s.ChargeType == o.ChargeType && s.InstanceType == o.InstanceType && s.ExpireTime.Equal(o.ExpireTime)
}

// Modification is one order that changes the charge type or the type of one
// instance, from the intent to its outcome.
type Modification struct {
	ID        string `json:"id"`
	RequestID string `json:"request_id"`
	// PayloadHash binds RequestID to its parameters.
	PayloadHash string            `json:"payload_hash"`
	Caller      string            `json:"caller,omitempty"`
	RegionID    string            `json:"region_id"`
	InstanceID  string            `json:"instance_id"`
	Change      Change            `json:"change"`
	State       ModificationState `json:"state"`
	// MaxPrice is the limit of the request, zero for any price.
	MaxPrice ecs.Money `json:"max_price,omitzero"`
	// Price is the price read just before the last send, zero if none is charged or
	// known. Refund is the refund that the cloud reported, zero if it reported none.
	Price  ecs.Money `json:"price,omitzero"`
	Refund ecs.Money `json:"refund,omitzero"`
	// Downgrade marks a change of a subscription to a cheaper type.
	Downgrade bool `json:"downgrade,omitempty"`
	// Before was read just before the first send, at ReadTime; After at the end.
	Before   Setup     `json:"before"`
	After    Setup     `json:"after,omitzero"`
	ReadTime time.Time `json:"read_time"`
	// ExpireExpected is the expiry that a change to a subscription brings.
	ExpireExpected time.Time `json:"expire_expected,omitzero"`
	// ClientToken is used by every send until it is proved to have had no effect.
	// TokenNumber counts the tokens, from 1.
	ClientToken string `json:"client_token"`
	TokenNumber int32  `json:"token_number"`
	// Attempts are the sends of the order, oldest first.
	Attempts []Attempt `json:"attempts"`
	OrderID  string    `json:"order_id,omitempty"`
	// Failure is the reason of FAILED, UNKNOWN, UNVERIFIED and NEEDS_ATTENTION.
	Failure ecs.Failure `json:"failure,omitzero"`
	// Decisions are those of operators, oldest first.
	Decisions []Decision `json:"decisions,omitempty"`
	// PaidTime is when the order was known to be accepted, zero if it is not.
	PaidTime   time.Time `json:"paid_time,omitzero"`
	CreateTime time.Time `json:"create_time"`
	UpdateTime time.Time `json:"update_time"`
}

// ModificationFilter selects modifications. The zero value of a field selects all.
type ModificationFilter struct {
	RegionID   string
	InstanceID string
	States     []ModificationState
}

// Encode returns the stored form.
func (m Modification) Encode() string {
	encoded, err := json.Marshal(m)
	if err != nil {
		panic(err) // numbers, words and times in range always encode
	}
	return string(encoded)
}

// DecodeModification reads the stored form. It fails on anything it does not
// know, so that a limit written by a newer version is never read as "no limit".
func DecodeModification(stored string) (Modification, error) {
	var m Modification
	decoder := json.NewDecoder(bytes.NewReader([]byte(stored)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&m); err != nil {
		return Modification{}, fmt.Errorf("decode the stored modification: %w", err)
	}
	return m, nil
}

// LastAttempt returns the last attempt, the zero value if there is none.
func (m *Modification) LastAttempt() Attempt {
	if len(m.Attempts) == 0 {
		return Attempt{}
	}
	return m.Attempts[len(m.Attempts)-1]
}

// InDoubt reports whether some attempt may have had its effect: one that is open
// or of unknown outcome.
func (m *Modification) InDoubt() bool {
	return slices.ContainsFunc(m.Attempts, func(a Attempt) bool {
		return a.Outcome == OutcomeOpen || a.Outcome == OutcomeUnknown
	})
}

// Doubtful reports whether an attempt before the last may have had its effect.
func (m Modification) Doubtful() bool {
	m.Attempts = m.Attempts[:max(len(m.Attempts)-1, 0)]
	return m.InDoubt()
}

// Charge returns the price that the order charges once, zero if it is not known,
// and nil if it charges nothing once: pay-as-you-go is charged by the hour, and a
// downgrade is refunded.
func (m Modification) Charge() *ecs.Money {
	toSubscription := m.Change.ChargeType == ecs.ChargeSubscription
	upgrade := m.Change.InstanceType != "" && m.Before.ChargeType == ecs.ChargeSubscription && !m.Downgrade
	if !toSubscription && !upgrade {
		return nil
	}
	price := m.Price
	return &price
}

// Spends returns the state of the money of a modification in this state.
func (s ModificationState) Spends() SpendState {
	switch s {
	case ModificationSubmitting, ModificationUnknown, ModificationNeedsAttention:
		return SpendReserved
	case ModificationVerifying, ModificationSucceeded, ModificationUnverified:
		return SpendSpent
	}
	return SpendNone
}

// doubtful is how long a modification that was accepted or may have been, and is
// not visible, blocks others of the instance.
const doubtful = 24 * time.Hour

// Permit returns an error if a modification may not be sent because of another
// one, or of a live renewal, of the same instance:
//
//   - at most one modification or renewal of an instance is live;
//   - one that was accepted, or may have been, and does not show blocks others
//     for a day, as long as the cloud shows the setup before it;
//   - the read that permits a payment began after the last known change.
func (m Modification) Permit(others []Modification, renewals []Prior) error {
	for _, r := range renewals {
		if r.State.Live() {
			return &ConflictError{ErrInstanceBusy, r}
		}
	}
	for _, o := range others {
		if o.ID == m.ID {
			continue
		}
		prior := Prior{ID: o.ID, RequestID: o.RequestID, Modification: true}
		switch {
		case o.State.Live():
			return &ConflictError{ErrInstanceBusy, prior}
		case o.State == ModificationUnverified || o.State == ModificationNeedsAttention:
			if o.Before.Same(m.Before) && m.ReadTime.Before(o.UpdateTime.Add(doubtful)) {
				return &ConflictError{ErrInstanceBusy, prior}
			}
		case o.State == ModificationSucceeded && m.ReadTime.Before(o.UpdateTime):
			return &ConflictError{ErrInstanceBusy, prior}
		}
	}
	return nil
}
