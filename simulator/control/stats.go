package control

// Stats counts calls of the API since the start or the last reset. A call
// counts once it is signed, for a known action and a region that is served.
type Stats struct {
	Tally
	// Actions and Regions split the tally; each sums up to it.
	Actions map[string]Tally `json:"actions"`
	Regions map[string]Tally `json:"regions"`
}

// Tally counts calls.
type Tally struct {
	// Calls is all of them.
	Calls int64 `json:"calls"`
	// Throttled is those that a rate or a fault refused as throttled.
	Throttled int64 `json:"throttled"`
	// Failed is those that were answered with any other error, or were cut
	// off by a fault.
	Failed int64 `json:"failed"`
}
