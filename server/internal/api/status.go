package api

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// domain is the ErrorInfo.domain of every error of ecsd.
const domain = "ecsd"

// defaultRetryDelay is returned if a retry is worthwhile and its time is
// unknown.
const defaultRetryDelay = time.Second

// pushbackKey is the trailer by which a server delays the retries of a gRPC
// library.
const pushbackKey = "grpc-retry-pushback-ms"

// statusError is a gRPC status with its original error. Only the status is
// sent; the cause is for the log.
type statusError struct {
	status *status.Status
	cause  error
	// trailer mirrors RetryInfo for gRPC libraries; nil without one.
	trailer metadata.MD
}

func (e *statusError) Error() string              { return e.status.Message() }
func (e *statusError) GRPCStatus() *status.Status { return e.status }
func (e *statusError) Unwrap() error              { return e.cause }

// StatusError turns a domain error into a gRPC status. An error that already is
// a status stays as it is; an unknown error becomes INTERNAL, and its text is
// not shown.
func StatusError(err error) error {
	if err == nil {
		return nil
	}
	var ready *statusError
	if errors.As(err, &ready) {
		return ready
	}
	if ecs.AsError(err) == nil {
		if _, ok := status.FromError(err); ok {
			return err
		}
	}
	e := short(named(err))
	failed := &statusError{status: statusOf(e), cause: err}
	if e.Retry != ecs.RetryNever {
		failed.trailer = metadata.MD{pushbackKey: {strconv.FormatInt(retryDelay(e).Milliseconds(), 10)}}
	}
	return failed
}

// statusOf returns the status of an error, without the last of its violations
// and facts if all of them do not fit.
func statusOf(e *ecs.Error) *status.Status {
	for {
		st, err := status.New(grpcCode(e.Reason), e.Message).WithDetails(details(e)...)
		switch {
		case err != nil:
			return status.New(grpcCode(e.Reason), e.Message)
		case proto.Size(st.Proto()) <= maxStatusBytes:
			return st
		case len(e.Violations) > 0:
			e.Violations = e.Violations[:len(e.Violations)-1]
		case len(e.Facts) > 0:
			e.Facts = nil
		default:
			return status.New(grpcCode(e.Reason), e.Message)
		}
	}
}

// Bounds of an error sent to a client. It leaves as HTTP/2 trailers: the
// message percent-encoded, and all of it again in base64; many clients refuse
// trailers over 8 KB and report RESOURCE_EXHAUSTED instead.
const (
	maxStatusBytes  = 4 << 10
	maxMessageBytes = 1 << 10 // as it travels
	maxValueBytes   = 1 << 10
	maxIDBytes      = 128
)

// short returns a copy of an error with shortened texts.
func short(e *ecs.Error) *ecs.Error {
	cut := *e
	cut.Message = message(e.Message + replayNote(e))
	cut.RegionID, cut.InstanceID = ecs.Clip(e.RegionID, maxIDBytes), ecs.Clip(e.InstanceID, maxIDBytes)
	cut.Cloud.Code, cut.Cloud.RequestID = ecs.Clip(e.Cloud.Code, maxIDBytes), ecs.Clip(e.Cloud.RequestID, maxIDBytes)
	cut.Violations = make([]ecs.Violation, min(len(e.Violations), maxViolations))
	for i := range cut.Violations {
		v := e.Violations[i]
		cut.Violations[i] = ecs.Violation{Field: ecs.Clip(v.Field, maxIDBytes), Rule: ecs.Clip(v.Rule, maxValueBytes)}
	}
	cut.Facts = make(map[string]string, len(e.Facts))
	for key, value := range e.Facts {
		cut.Facts[ecs.Clip(key, maxIDBytes)] = ecs.Clip(value, maxValueBytes)
	}
	return &cut
}

// replayNote returns a suffix for the message of an error that is returned from
// the ledger, so that it does not look like a new one.
func replayNote(e *ecs.Error) string {
	if e.Facts["replayed"] != "true" {
		return ""
	}
	advice := "use a new request_id to try again"
	if e.Effect == ecs.EffectUnknown {
		advice = "whether it had an effect is unknown, so that a new request_id may have it a second time"
	}
	return " (replayed: first returned at " + e.Facts["original_time"] + "; " + advice + ")"
}

// message cuts a text so that it has at most maxMessageBytes when it travels,
// in which all but printable ASCII takes three bytes for one.
func message(text string) string {
	size, text := 0, strings.ToValidUTF8(text, "?")
	for i := range len(text) {
		if c := text[i]; c >= ' ' && c <= '~' && c != '%' {
			size++
		} else {
			size += 3
		}
		if size > maxMessageBytes-len("%E2%80%A6") {
			return ecs.Clip(text, i)
		}
	}
	return text
}

// listed joins values for an error's fact, as many as fit.
func listed(values []string) string {
	size := 0
	for i, value := range values {
		if size += len(value) + 1; size > maxValueBytes {
			return strings.Join(values[:i], ",")
		}
	}
	return strings.Join(values, ",")
}

// named returns the domain error in err, or makes one if there is none.
func named(err error) *ecs.Error {
	e := ecs.AsError(err)
	switch {
	case e != nil:
		return e
	case errors.Is(err, context.DeadlineExceeded):
		e = ecs.Errorf(ecs.ReasonDeadlineExceeded, "the deadline passed: %v", err)
		e.Retry = ecs.RetryBackoff
		return e
	case errors.Is(err, context.Canceled):
		return ecs.Errorf(ecs.ReasonCancelled, "the call was cancelled: %v", err)
	}
	return ecs.Errorf(ecs.ReasonInternal, "internal error; the server's log has it under this call's x-request-id")
}

// details returns the machine-readable details. ErrorInfo is always included.
func details(e *ecs.Error) []protoadapt.MessageV1 {
	all := []protoadapt.MessageV1{&errdetails.ErrorInfo{Reason: string(e.Reason), Domain: domain, Metadata: origin(e)}}
	if e.Retry != ecs.RetryNever {
		all = append(all, &errdetails.RetryInfo{RetryDelay: durationpb.New(retryDelay(e))})
	}
	switch grpcCode(e.Reason) {
	case codes.InvalidArgument:
		if len(e.Violations) > 0 {
			all = append(all, badRequest(e))
		}
	case codes.FailedPrecondition:
		all = append(all, preconditionFailure(e))
	}
	if quotas[e.Reason] {
		all = append(all, &errdetails.QuotaFailure{Violations: []*errdetails.QuotaFailure_Violation{{
			Subject: subject(e), Description: e.Message,
		}}})
	}
	return all
}

// badRequest names the fields that break a rule.
func badRequest(e *ecs.Error) *errdetails.BadRequest {
	bad := &errdetails.BadRequest{}
	for _, v := range e.Violations {
		bad.FieldViolations = append(bad.FieldViolations, &errdetails.BadRequest_FieldViolation{
			Field: v.Field, Description: v.Rule, Reason: string(e.Reason),
		})
	}
	return bad
}

// preconditionFailure names the failed precondition and, if a guard of ecsd
// refused, the request field that would allow the call.
func preconditionFailure(e *ecs.Error) *errdetails.PreconditionFailure {
	failure := &errdetails.PreconditionFailure{}
	for _, v := range e.Violations {
		failure.Violations = append(failure.Violations, &errdetails.PreconditionFailure_Violation{
			Type: string(e.Reason), Subject: subject(e), Description: v.Field + " " + v.Rule,
		})
	}
	if len(failure.Violations) == 0 {
		failure.Violations = []*errdetails.PreconditionFailure_Violation{{
			Type: string(e.Reason), Subject: subject(e), Description: e.Message,
		}}
	}
	return failure
}

// origin returns the metadata of the error.
func origin(e *ecs.Error) map[string]string {
	known := map[string]string{}
	for key, value := range e.Facts {
		known[key] = value
	}
	for key, value := range map[string]string{
		"action": e.Cloud.Action, "region_id": e.RegionID, "instance_id": e.InstanceID,
		"ecs_code": e.Cloud.Code, "ecs_request_id": e.Cloud.RequestID,
	} {
		if value != "" {
			known[key] = value
		}
	}
	return known
}

// subject returns the subject of a precondition or a quota failure.
func subject(e *ecs.Error) string {
	switch {
	case e.InstanceID != "":
		return "instance:" + e.InstanceID
	case e.Cloud.Action != "":
		return "action:" + e.RegionID + "/" + e.Cloud.Action
	case e.RegionID != "":
		return "region:" + e.RegionID
	}
	return domain
}

func retryDelay(e *ecs.Error) time.Duration {
	if e.RetryAfter > 0 {
		return e.RetryAfter
	}
	return defaultRetryDelay
}

// UnaryErrors converts every error of a handler to its status.
func UnaryErrors(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	resp, err := handler(ctx, req)
	if err != nil {
		err = StatusError(err)
		if md := trailerOf(err); md != nil {
			_ = grpc.SetTrailer(ctx, md) // fails only outside of a call
		}
		return nil, err
	}
	return resp, nil
}

// StreamErrors converts every error of a streaming handler to its status. The
// stream may be nil: then only the status is wanted.
func StreamErrors(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	err := StatusError(handler(srv, stream))
	if md := trailerOf(err); md != nil && stream != nil {
		stream.SetTrailer(md)
	}
	return err
}

func trailerOf(err error) metadata.MD {
	if failed, ok := err.(*statusError); ok { //nolint:errorlint // StatusError returns it itself
		return failed.trailer
	}
	return nil
}
