package ecs

import (
	"errors"
	"fmt"
	"time"
)

// Error is the error type of every package of the server. Its text and fields
// never hold a key, a signature, a password, user data or an address of the
// cloud; Cause stays inside the process and is never shown.
type Error struct {
	Reason Reason
	// Message is one sentence for a person: the event and its object.
	Message string
	// Retry is the retry advice to the caller.
	Retry Retry
	// RetryAfter is the delay before a retry, 0 if unknown.
	RetryAfter time.Duration
	// Effect reports whether a call that changes something may have done so.
	Effect Effect
	// Cloud is the error of the cloud, zero if it was not called.
	Cloud CloudError
	// RegionID and InstanceID name the affected instance, "" if unknown.
	RegionID   string
	InstanceID string
	// Facts are further values for a program, such as the price that was over
	// the limit, by snake_case name.
	Facts map[string]string
	// Violations name the fields of the request that break a rule; if a guard
	// refused, those that would allow the request.
	Violations []Violation
	// Cause is the error below, for errors.Is; its text is not shown.
	Cause error
}

// CloudError is the cloud's own account of a failure.
type CloudError struct {
	// Code is the cloud's error code, such as IncorrectInstanceStatus.
	Code string
	// RequestID is the cloud's request ID, needed by the vendor's support.
	RequestID string
	// Action is the call that failed, such as RenewInstance.
	Action string
	// HTTPStatus is 0 if there was no response.
	HTTPStatus int
}

// Violation is one rule broken by one field of a request.
type Violation struct {
	// Field is the proto path, such as period.count or instance_ids[3].
	Field string
	// Rule names the allowed values, in words; for a guard the required value of
	// the field.
	Rule string
}

// Retry is the retry advice to a caller.
type Retry int

// RetryNever is the zero value: a retry changes nothing.
const (
	RetryNever Retry = iota
	// RetryBackoff: the same call may succeed later; wait longer each time.
	RetryBackoff
	// RetryWait: the same call will be let through after RetryAfter.
	RetryWait
)

// Effect is the known effect of a changing call after it failed.
type Effect int

const (
	// EffectNone: the cloud refused, nothing was changed or paid.
	EffectNone Effect = iota
	// EffectUnknown: the cloud may or may not have acted; only a read of the
	// state, or the same call with the same token, settles it.
	EffectUnknown
)

// Error returns the message with the cloud's code, for logs and wrapping.
func (e *Error) Error() string {
	if e.Cloud.Code != "" {
		return fmt.Sprintf("%s (%s, cloud code %s)", e.Message, e.Reason, e.Cloud.Code)
	}
	return fmt.Sprintf("%s (%s)", e.Message, e.Reason)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Errorf makes an error of a reason that is final.
func Errorf(reason Reason, format string, args ...any) *Error {
	return &Error{Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// On returns a copy that names the affected instance, if none is named yet. It
// is a copy because one failed batch returns its error for many IDs.
func (e *Error) On(regionID, instanceID string) *Error {
	named := *e
	if named.RegionID == "" {
		named.RegionID = regionID
	}
	if named.InstanceID == "" {
		named.InstanceID = instanceID
	}
	return &named
}

// AsError finds the Error in err's chain, nil if there is none.
func AsError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// AsRefusal is AsError for the error of a call that may have had an effect: any
// other error leaves the effect unknown.
func AsRefusal(err error) *Error {
	if refusal := AsError(err); refusal != nil {
		return refusal
	}
	return &Error{
		Reason: ReasonOutcomeUnknown, Message: "the call ended without a response", Retry: RetryBackoff,
		Effect: EffectUnknown, Cause: err,
	}
}

// HasReason reports whether err is an Error of this reason.
func HasReason(err error, reason Reason) bool {
	e := AsError(err)
	return e != nil && e.Reason == reason
}
