package ecs

import "time"

// RenewalTally is how many renewals stand, or ended, in one way.
type RenewalTally struct {
	State  RenewalState
	Reason Reason
	Count  int64
}

// RenewalLoad is what of a ledger has not ended.
type RenewalLoad struct {
	// Tallies count what a worker carries on, and what waits for a person.
	Tallies []RenewalTally
	// Reserved is what orders of unknown or open outcome may cost: an amount a
	// currency.
	Reserved []Money
	// Oldest is when the oldest of those orders was first sent, zero where there
	// is none.
	Oldest time.Time
}
