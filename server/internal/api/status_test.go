package api

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// detail finds a detail of a status by its type.
func detail[T any](t *testing.T, err error) T {
	t.Helper()
	for _, d := range status.Convert(err).Details() {
		if found, ok := d.(T); ok {
			return found
		}
	}
	var none T
	t.Errorf("%v has no %T", err, none)
	return none
}

func TestStatus_CarriesDetails(t *testing.T) {
	refusal := &ecs.Error{
		Reason: ecs.ReasonThrottled, Message: "the cloud throttles DescribeInstances",
		Retry: ecs.RetryWait, RetryAfter: 42 * time.Second,
		Cloud: ecs.CloudError{Code: "Throttling.User", RequestID: "R1", Action: "DescribeInstances"},
	}
	err := StatusError(fmt.Errorf("list: %w", refusal.On("cn-hangzhou", "")))
	if got := status.Code(err); got != codes.ResourceExhausted {
		t.Errorf("code %s", got)
	}
	info := detail[*errdetails.ErrorInfo](t, err)
	if info.GetReason() != "THROTTLED" || info.GetDomain() != "ecsd" {
		t.Errorf("ErrorInfo %v", info)
	}
	for key, want := range map[string]string{"ecs_code": "Throttling.User", "ecs_request_id": "R1", "action": "DescribeInstances", "region_id": "cn-hangzhou"} {
		if got := info.GetMetadata()[key]; got != want {
			t.Errorf("metadata %s: got %q, want %q", key, got, want)
		}
	}
	if got := detail[*errdetails.RetryInfo](t, err).GetRetryDelay().AsDuration(); got != 42*time.Second {
		t.Errorf("retry after %s", got)
	}
	if !errors.Is(err, refusal.Cause) && !ecs.HasReason(err, ecs.ReasonThrottled) {
		t.Error("the cause is lost")
	}
}

func TestStatus_OtherErrors(t *testing.T) {
	for name, c := range map[string]struct {
		err    error
		code   codes.Code
		reason string
		text   string
	}{
		"a deadline":         {fmt.Errorf("the renewal goes on: %w", context.DeadlineExceeded), codes.DeadlineExceeded, "DEADLINE_EXCEEDED", "goes on"},
		"a cancel":           {context.Canceled, codes.Canceled, "CANCELLED", "cancelled"},
		"what nobody named":  {errors.New("disk full at /var/lib/secret"), codes.Internal, "INTERNAL", "x-request-id"},
		"a wrong state":      {ecs.Errorf(ecs.ReasonNotSubscription, "pay-as-you-go").On("r", "i-1"), codes.FailedPrecondition, "NOT_SUBSCRIPTION", "pay-as-you-go"},
		"an unlisted reason": {ecs.Errorf("SOMETHING", "odd"), codes.Internal, "SOMETHING", "odd"},
	} {
		t.Run(name, func(t *testing.T) {
			err := StatusError(c.err)
			if status.Code(err) != c.code || detail[*errdetails.ErrorInfo](t, err).GetReason() != c.reason {
				t.Errorf("got %v", err)
			}
			if text := status.Convert(err).Message(); !strings.Contains(text, c.text) || strings.Contains(text, "/var/lib") {
				t.Errorf("message %q", text)
			}
		})
	}
	ready := status.Error(codes.Unimplemented, "no such method")
	if got := StatusError(ready); !errors.Is(got, ready) {
		t.Errorf("a ready status was changed: %v", got)
	}
	if StatusError(nil) != nil {
		t.Error("nil became an error")
	}
	wrong := StatusError(ecs.Errorf(ecs.ReasonNotSubscription, "pay-as-you-go").On("r", "i-1"))
	if got := detail[*errdetails.PreconditionFailure](t, wrong).GetViolations()[0]; got.GetType() != "NOT_SUBSCRIPTION" || got.GetSubject() != "instance:i-1" {
		t.Errorf("precondition %v", got)
	}
}
