package ecs

// RenewalTally is how many renewals stand, or ended, in one way.
type RenewalTally struct {
	State  RenewalState
	Reason Reason
	Count  int64
}
