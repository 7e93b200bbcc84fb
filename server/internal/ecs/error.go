package ecs

import (
	"errors"
	"fmt"
	"time"
)

// Error is what every room reports upward. Its text and fields never hold a
// key, a signature, a password, user data or an address of the cloud; what is
// in Cause stays inside the process and is never shown.
type Error struct {
	Reason Reason
	// Message is one sentence for a person: what happened to what.
	Message string
	// Retry says what a caller may do about it.
	Retry Retry
	// RetryAfter is how long to wait first, 0 where nobody knows.
	RetryAfter time.Duration
	// Effect says whether a call that changes something may have done so.
	Effect Effect
	// Cloud is what the cloud said, zero where it was not asked.
	Cloud CloudError
	// RegionID and InstanceID name what it happened to, "" where not known.
	RegionID   string
	InstanceID string
	// Facts are further values for a program, such as the price that was over
	// the limit, by snake_case name.
	Facts map[string]string
	// Violations name the fields of the request that break a rule; where a guard
	// refused, those that would allow what was asked.
	Violations []Violation
	// Cause is the error below, for errors.Is; its text is not shown.
	Cause error
}

// CloudError is the cloud's own account of a failure.
type CloudError struct {
	// Code is the cloud's error code, such as IncorrectInstanceStatus.
	Code string
	// RequestID is what the vendor's support asks for.
	RequestID string
	// Action is the call that failed, such as RenewInstance.
	Action string
	// HTTPStatus is 0 where no answer came.
	HTTPStatus int
}

// Violation is one rule broken by one field of a request.
type Violation struct {
	// Field is the proto path, such as period.count or instance_ids[3].
	Field string
	// Rule says what is allowed, in words; for a guard what the field must say.
	Rule string
}

// Retry is what a caller may do about an error.
type Retry int

// RetryNever is the zero value: asking again changes nothing.
const (
	RetryNever Retry = iota
	// RetryBackoff: the same call may succeed later; wait longer each time.
	RetryBackoff
	// RetryWait: the same call will be let through after RetryAfter.
	RetryWait
)

// Effect is what is known of a changing call after it failed.
type Effect int

const (
	// EffectNone: the cloud refused, nothing was changed or paid.
	EffectNone Effect = iota
	// EffectUnknown: the cloud may or may not have acted; only a read of the
	// state, or the same call with the same token, can tell.
	EffectUnknown
)

// Error gives the message with the cloud's code, for logs and wrapping.
func (e *Error) Error() string {
	if e.Cloud.Code != "" {
		return fmt.Sprintf("%s (%s, cloud code %s)", e.Message, e.Reason, e.Cloud.Code)
	}
	return fmt.Sprintf("%s (%s)", e.Message, e.Reason)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Errorf makes an error of a reason that is final.
func Errorf(reason Reason, format string, args ...any) *Error {
	return &Error{Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// On returns a copy that names what the error happened to, where it is not
// named yet. It is a copy because one failed batch gives its error to many ids.
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

// AsError finds the Error in err's chain, nil where there is none.
func AsError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// HasReason reports whether err is an Error of this reason.
func HasReason(err error, reason Reason) bool {
	e := AsError(err)
	return e != nil && e.Reason == reason
}
