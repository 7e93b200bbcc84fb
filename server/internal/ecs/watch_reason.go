package ecs

// Why a watch is refused or ends.
const (
	ReasonInvalidResumeToken Reason = "INVALID_RESUME_TOKEN"
	ReasonResumeTokenExpired Reason = "RESUME_TOKEN_EXPIRED"
	ReasonSlowReader         Reason = "SLOW_READER"
	// The limits of watches: of the server, of a caller, of ids in a watch.
	ReasonTooManyWatches         Reason = "TOO_MANY_WATCHES"
	ReasonTooManyWatchesOfCaller Reason = "TOO_MANY_WATCHES_OF_CALLER"
	ReasonTooManyWatchedIDs      Reason = "TOO_MANY_WATCHED_IDS"
	ReasonStoreUnavailable       Reason = "STORE_UNAVAILABLE"
)
