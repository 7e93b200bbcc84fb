package renewal

import (
	"encoding/json"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// spec is what was asked of a job, as the ledger keeps it.
type spec struct {
	// Single says that RenewInstance asked, for one instance.
	Single bool `json:"single,omitempty"`
	// Period is what each renewal buys.
	Period ecs.Period `json:"period"`
	// MaxPrice is the most that one renewal may cost, zero for any price.
	MaxPrice ecs.Money `json:"max_price,omitzero"`
	// OnlyBefore leaves out what expires at this time or later.
	OnlyBefore time.Time `json:"only_if_expiring_before,omitzero"`
	// Window is the window of expiry that was asked for, zero where ids were.
	Window ecs.Window `json:"window,omitzero"`
}

func (s spec) encode() []byte {
	encoded, err := json.Marshal(s)
	if err != nil {
		panic(err) // it is numbers, words and times in range
	}
	return encoded
}

// decodeSpec reads a spec. A job without one is of a time when only single
// renewals were asked for.
func decodeSpec(encoded []byte) spec {
	var s spec
	if err := json.Unmarshal(encoded, &s); err != nil {
		return spec{Single: true}
	}
	return s
}
