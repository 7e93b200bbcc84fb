package client

import (
	"context"
	"errors"
	"maps"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// domain is what ErrorInfo.domain says on every error of ecsd.
const domain = "ecsd"

// reasonPrefix is before the name of a reason in its enum alone.
const reasonPrefix = "ERROR_REASON_"

// Error is everything that a failed call, or one failed item of a call, says.
type Error struct {
	// Code is the canonical gRPC code.
	Code codes.Code
	// Reason says why, in one value to branch on. It is UNSPECIFIED where the
	// error is not of ecsd (of the network, of a proxy), and where it is of one
	// that is newer than this client and names a reason it does not know.
	Reason ecsdv1.ErrorReason
	// ReasonName is Reason's name without its prefix, such as
	// "INSTANCE_NOT_FOUND"; it also holds one that this client does not know.
	// Empty where the error is not of ecsd.
	ReasonName string
	// Message is for people, in English.
	Message string
	// Metadata is what is known of where it came from: action, region_id,
	// instance_id, ecs_code, ecs_request_id, and what ErrorReason names for the
	// reason.
	Metadata map[string]string
	// Retryable: asking again, unchanged and with the same request_id where
	// there is one, may work.
	Retryable bool
	// RetryDelay is how long to wait before, 0 where Retryable is false.
	RetryDelay time.Duration
	// Fields are the fields of the request that break a rule, each with its rule.
	Fields []*errdetails.BadRequest_FieldViolation
	// Preconditions are what is not as it must be.
	Preconditions []*errdetails.PreconditionFailure_Violation
	// Quotas are the budgets and quotas that are used up.
	Quotas []*errdetails.QuotaFailure_Violation

	cause error
}

// Error is the code, the reason and the message.
func (e *Error) Error() string {
	text := e.Code.String()
	if e.ReasonName != "" {
		text += " " + e.ReasonName
	}
	return text + ": " + e.Message
}

// GRPCStatus is the status that it was read from, for package status.
func (e *Error) GRPCStatus() *status.Status {
	var of interface{ GRPCStatus() *status.Status }
	if errors.As(e.cause, &of) {
		return of.GRPCStatus()
	}
	return status.New(e.Code, e.Message)
}

// Unwrap is the error that it was read from.
func (e *Error) Unwrap() error { return e.cause }

// Reason is why a call failed: UNSPECIFIED where err is nil or not an error of
// ecsd.
func Reason(err error) ecsdv1.ErrorReason {
	if e := ErrorOf(err); e != nil {
		return e.Reason
	}
	return ecsdv1.ErrorReason_ERROR_REASON_UNSPECIFIED
}

// ErrorOf reads what an error of a call says, also where it was wrapped. It is
// nil where err is nil; an error that is not of a call has the code UNKNOWN,
// one of a context CANCELLED or DEADLINE_EXCEEDED.
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

// ItemError reads what the error of one item says; nil where the item worked.
func ItemError(item *ecsdv1.ItemError) *Error {
	if item == nil {
		return nil
	}
	e := &Error{
		Code: codes.Code(item.GetCode()), Message: item.GetMessage(), //nolint:gosec // a gRPC code
		Retryable: item.GetRetryable(), RetryDelay: item.GetRetryAfter().AsDuration(), Metadata: map[string]string{},
	}
	e.named(item.GetReason())
	maps.Copy(e.Metadata, map[string]string{"ecs_code": item.GetEcsCode(), "ecs_request_id": item.GetEcsRequestId()})
	maps.DeleteFunc(e.Metadata, func(_, value string) bool { return value == "" })
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

// contextError is the context's error in err, or err.
func contextError(err error) error {
	for _, of := range []error{context.DeadlineExceeded, context.Canceled} {
		if errors.Is(err, of) {
			return of
		}
	}
	return err
}
