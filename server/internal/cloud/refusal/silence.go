package refusal

import "github.com/ecsd-io/ecsd/server/internal/ecs"

// Silence is a kind of missing response of the cloud.
type Silence string

// The ways, as docs/cloud-errors.md names them.
const (
	// NotSent: no byte of the request left, so that nothing can have happened.
	NotSent Silence = "the connection could not be made"
	// ProxyRefused: the proxy did not connect to the endpoint, so that no byte of
	// the request left.
	ProxyRefused Silence = "the proxy refused to connect to the endpoint"
	// NoAnswer: the request may have arrived, and the connection broke.
	NoAnswer Silence = "the connection broke before the response"
	// TimedOut: the request may have arrived, and no response came in time.
	TimedOut Silence = "no response within the action's time"
	// BrokenAnswer: a response came that cannot be read to its end.
	BrokenAnswer Silence = "a response that breaks off, is too large or is not JSON"
	// Foreign: the response came from another party than the cloud, such as a
	// proxy.
	Foreign Silence = "a response that is not the cloud's, such as a proxy's page"
	// DeadlinePassed and CallerLeft: the caller's own context ended.
	DeadlinePassed Silence = "the caller's deadline passed"
	CallerLeft     Silence = "the caller cancelled"
	// NoCredentials: there was nothing to sign with.
	NoCredentials Silence = "no source returned credentials"
	// OtherAccount: the keys belong to another account than the state of the
	// server, so that no call is signed with them.
	OtherAccount Silence = "the credentials belong to another account than the database"
	// NoBudget: the rate budget would not let the call out in time.
	NoBudget Silence = "the rate budget has no room for the call before the deadline"
	// TooLate: the caller would be gone before the response.
	TooLate Silence = "the deadline leaves less time than the cloud takes now"
	// Unsettled: a call that changes something, after all tries.
	Unsettled Silence = "a changing call with an unknown outcome after all tries"
)

// Silences returns the second half of the table: the meaning of missing
// responses.
func Silences() []Silence {
	return []Silence{NotSent, ProxyRefused, NoAnswer, TimedOut, BrokenAnswer, Foreign, DeadlinePassed, CallerLeft, NoCredentials, OtherAccount, NoBudget, TooLate, Unsettled}
}

var silences = map[Silence]Class{
	NotSent: {ecs.ReasonCloudUnreachable, ecs.RetryBackoff, ecs.EffectNone, Always,
		"The endpoint could not be reached; check the network, the proxy and the endpoint."},
	ProxyRefused: {ecs.ReasonCloudUnreachable, ecs.RetryBackoff, ecs.EffectNone, Always,
		"The server's operator must allow the endpoint at the proxy, or check the proxy's password."},
	NoAnswer: {ecs.ReasonCloudUnreachable, ecs.RetryBackoff, ecs.EffectUnknown, WhenSafe,
		"The connection to the cloud broke."},
	TimedOut: {ecs.ReasonCloudUnreachable, ecs.RetryBackoff, ecs.EffectUnknown, WhenSafe,
		"The cloud took too long."},
	BrokenAnswer: {ecs.ReasonCloudUnreachable, ecs.RetryBackoff, ecs.EffectUnknown, WhenSafe,
		"The response cannot be read."},
	Foreign: {ecs.ReasonCloudUnreachable, ecs.RetryBackoff, ecs.EffectUnknown, WhenSafe,
		"Something between ecsd and the cloud responded; check the proxy and the endpoint."},
	DeadlinePassed: {ecs.ReasonDeadlineExceeded, ecs.RetryBackoff, ecs.EffectUnknown, Never,
		"Retry with a later deadline."},
	CallerLeft: {ecs.ReasonCancelled, ecs.RetryNever, ecs.EffectUnknown, Never,
		"The caller cancelled the call."},
	NoCredentials: {ecs.ReasonCredentialsUnavailable, ecs.RetryBackoff, ecs.EffectNone, Never,
		"The server's operator must check its source of credentials."},
	OtherAccount: {ecs.ReasonCredentialsUnavailable, ecs.RetryBackoff, ecs.EffectNone, Never,
		"The server's operator must restore the keys of the account, or give the other account a database."},
	NoBudget: {ecs.ReasonRateBudgetExhausted, ecs.RetryWait, ecs.EffectNone, Never,
		"Retry after the delay, or with a later deadline."},
	TooLate: {ecs.ReasonCloudUnavailable, ecs.RetryWait, ecs.EffectNone, Never,
		"The cloud is slow; retry after the delay, or with a later deadline."},
	Unsettled: {ecs.ReasonOutcomeUnknown, ecs.RetryBackoff, ecs.EffectUnknown, Never,
		"Retry with the same request ID: it settles the outcome, without a double charge."},
}

// OfSilence returns the class of a missing response.
func OfSilence(s Silence) Class { return silences[s] }
