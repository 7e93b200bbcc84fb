package ecs

import "errors"

// Errors of the store. They are values of this package because the store and
// the packages that use it do not import each other.
var (
	// ErrNoRecord reports that the store has no such row.
	ErrNoRecord = errors.New("no such record")
	// ErrRequestIDTaken reports that another row already has this request ID.
	ErrRequestIDTaken = errors.New("request ID is taken")
	// ErrStateMoved reports that the row is no longer in the state it was read in.
	ErrStateMoved = errors.New("the record has changed since it was read")
)

// Failure is the part of an Error that the store keeps.
type Failure struct {
	Reason         Reason
	Message        string
	CloudCode      string
	CloudRequestID string
}

// Failure returns the part of the error that the store keeps.
func (e *Error) Failure() Failure {
	return Failure{Reason: e.Reason, Message: e.Message, CloudCode: e.Cloud.Code, CloudRequestID: e.Cloud.RequestID}
}
