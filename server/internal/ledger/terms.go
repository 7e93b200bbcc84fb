package ledger

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Terms are the conditions of a request, stored with its job.
type Terms struct {
	// Single marks a job that RenewInstance made, for one instance.
	Single bool `json:"single,omitempty"`
	// Period is the period that each renewal buys.
	Period ecs.Period `json:"period"`
	// MaxPrice is the limit of one renewal, zero for any price.
	MaxPrice ecs.Money `json:"max_price,omitzero"`
	// OnlyBefore skips instances that expire at this time or later.
	OnlyBefore time.Time `json:"only_if_expiring_before,omitzero"`
	// Expected is the expiry that the caller expects the instance to have, zero
	// for any.
	Expected time.Time `json:"expected_expire_time,omitzero"`
	// Window is the requested window of expiry, zero if IDs were named.
	Window ecs.Window `json:"window,omitzero"`
}

// Encode returns the stored form.
func (t Terms) Encode() []byte {
	encoded, err := json.Marshal(t)
	if err != nil {
		panic(err) // numbers, words and times in range always encode
	}
	return encoded
}

// DecodeTerms reads the stored form. It fails on anything it does not know, so
// that a limit written by a newer version is never read as "no limit". Jobs
// without terms were made by versions that had single renewals only.
func DecodeTerms(stored []byte) (Terms, error) {
	if len(stored) == 0 {
		return Terms{Single: true}, nil
	}
	var t Terms
	decoder := json.NewDecoder(bytes.NewReader(stored))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&t); err != nil {
		return Terms{}, fmt.Errorf("decode the stored terms of the job: %w", err)
	}
	return t, nil
}
