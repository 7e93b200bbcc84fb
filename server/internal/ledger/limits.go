package ledger

import "time"

// The limits that packages payment and modification share; lifecycle has MaxPermitAge too.
const (
	// MaxReadAge is how old the read that permits a payment may be when the call leaves.
	MaxReadAge = 5 * time.Second
	// MaxPriceAge is how old the price that permits a payment may be.
	MaxPriceAge = 60 * time.Second
	// MaxPermitAge is how old the write of an intent may be when the call leaves.
	// Past it the freeze is read again, so that no payment starts a second after a
	// freeze.
	MaxPermitAge = 500 * time.Millisecond
	// MaxReplacements is how many rejected tokens of one order are replaced.
	MaxReplacements = 3
)
