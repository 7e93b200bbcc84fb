package control

// Stats counts API calls since the start or the last reset. A call counts if it is signed, for a known action and in a
// served region.
type Stats struct {
	Counts
	// Actions and Regions split the count; each sums up to it.
	Actions map[string]Counts `json:"actions"`
	Regions map[string]Counts `json:"regions"`
}

// Counts counts calls by outcome.
type Counts struct {
	// Calls is all of them.
	Calls int64 `json:"calls"`
	// Throttled counts the calls that a rate or a fault throttled.
	Throttled int64 `json:"throttled"`
	// Failed counts the calls that got any other error, or were cut off by a fault.
	Failed int64 `json:"failed"`
}
