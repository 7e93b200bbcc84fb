package ecs

// Why a watch is refused or ends.
const (
	ReasonInvalidResumeToken Reason = "INVALID_RESUME_TOKEN"
	ReasonResumeTokenExpired Reason = "RESUME_TOKEN_EXPIRED"
	ReasonSlowReader         Reason = "SLOW_READER"
	ReasonTooManyWatches     Reason = "TOO_MANY_WATCHES"
	ReasonStoreUnavailable   Reason = "STORE_UNAVAILABLE"
)
