package client

import (
	"context"
	"errors"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// domain is ErrorInfo.domain of every error of ecsd.
const domain = "ecsd"

// reasonPrefix starts the name of a reason in its enum only.
const reasonPrefix = "ERROR_REASON_"

// Error holds all the details of a failed call, or of one failed item of a call.
type Error struct {
	// Code is the canonical gRPC code.
	Code codes.Code
	// Reason is the cause, as one value to branch on. It is UNSPECIFIED if the error is not from ecsd (but from the
	// network or a proxy), or if a newer ecsd sent a reason that this client does not know.
	Reason ecsdv1.ErrorReason
	// ReasonName is Reason's name without its prefix, such as "INSTANCE_NOT_FOUND". It also holds a reason that this
	// client does not know. It is empty if the error is not from ecsd.
	ReasonName string
	// Message is an English text for people.
	Message string
	// Metadata describes the source: action, region_id, instance_id, ecs_code, ecs_request_id, and the keys that
	// ErrorReason lists for the reason.
	Metadata map[string]string
	// Retryable reports whether a retry of the same request, with the same request_id if it has one, may succeed.
	Retryable bool
	// RetryDelay is the time to wait before a retry; 0 if Retryable is false.
	RetryDelay time.Duration
	// Fields are the invalid fields of the request, each with the rule that it breaks.
	Fields []*errdetails.BadRequest_FieldViolation
	// Preconditions are the unmet preconditions.
	Preconditions []*errdetails.PreconditionFailure_Violation
	// RequestID is the request_id of the failed request, also if the client made it: send the same request with it to
	// learn the outcome. It is empty if the request had none, and for an item.
	RequestID string
	// Quotas are the exhausted budgets and quotas.
	Quotas []*errdetails.QuotaFailure_Violation

	cause      error
	connecting connecting
}

// Error returns the code, the reason and the message.
func (e *Error) Error() string {
	text := e.Code.String()
	if e.ReasonName != "" {
		text += " " + e.ReasonName
	}
	return text + ": " + e.Message
}

// GRPCStatus returns the original status, for package status.
func (e *Error) GRPCStatus() *status.Status {
	var of interface{ GRPCStatus() *status.Status }
	if errors.As(e.cause, &of) {
		return of.GRPCStatus()
	}
	return status.New(e.Code, e.Message)
}

// Unwrap returns the original error.
func (e *Error) Unwrap() error { return e.cause }

// Reason returns the cause of a failed call. It is UNSPECIFIED if err is nil or not an error of ecsd.
func Reason(err error) ecsdv1.ErrorReason {
	if e := ErrorOf(err); e != nil {
		return e.Reason
	}
	return ecsdv1.ErrorReason_ERROR_REASON_UNSPECIFIED
}

// ErrorOf returns the details of a call's error, wrapped or not. It returns nil if err is nil. An error that is not
// from a call has the code UNKNOWN; a context's error has CANCELLED or DEADLINE_EXCEEDED.
func ErrorOf(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	st, ok := status.FromError(err)
	if !ok {
		st = status.FromContextError(contextError(err))
	}
	e = &Error{Code: st.Code(), Message: st.Message(), cause: err}
	for _, detail := range st.Details() {
		switch d := detail.(type) {
		case *errdetails.ErrorInfo:
			if d.GetDomain() == domain {
				e.named(d.GetReason())
				e.Metadata = d.GetMetadata()
			}
		case *errdetails.RetryInfo:
			e.Retryable, e.RetryDelay = true, d.GetRetryDelay().AsDuration()
		case *errdetails.BadRequest:
			e.Fields = d.GetFieldViolations()
		case *errdetails.PreconditionFailure:
			e.Preconditions = d.GetViolations()
		case *errdetails.QuotaFailure:
			e.Quotas = d.GetViolations()
		}
	}
	return e
}

// ItemError returns the details of one item's error; nil if the item succeeded.
func ItemError(item *ecsdv1.ItemError) *Error {
	if item == nil {
		return nil
	}
	e := &Error{
		Code: codes.Code(item.GetCode()), Message: item.GetMessage(), //nolint:gosec // a gRPC code
		Retryable: item.GetRetryAfter() != nil, RetryDelay: item.GetRetryAfter().AsDuration(), Metadata: item.GetMetadata(),
	}
	e.named(item.GetReason())
	for _, p := range item.GetPreconditions() {
		e.Preconditions = append(e.Preconditions, &errdetails.PreconditionFailure_Violation{
			Type: item.GetReason(), Description: p.GetField() + " " + p.GetDescription(),
		})
	}
	return e
}

func (e *Error) named(reason string) {
	e.ReasonName = reason
	e.Reason = ecsdv1.ErrorReason(ecsdv1.ErrorReason_value[reasonPrefix+reason])
}

// contextError returns the context's error in err, or err if there is none.
func contextError(err error) error {
	for _, of := range []error{context.DeadlineExceeded, context.Canceled} {
		if errors.Is(err, of) {
			return of
		}
	}
	return err
}
