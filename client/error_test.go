package client_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/ecsd-io/ecsd/client"
	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

var sameError = cmp.Options{protocmp.Transform(), cmpopts.IgnoreUnexported(client.Error{})}

func TestErrorOf(t *testing.T) {
	st, err := status.New(codes.ResourceExhausted, "too fast").WithDetails(
		&errdetails.ErrorInfo{Domain: "ecsd", Reason: "THROTTLED", Metadata: map[string]string{"region_id": "cn-hangzhou"}},
		&errdetails.RetryInfo{RetryDelay: durationpb.New(3 * time.Second)},
		&errdetails.QuotaFailure{Violations: []*errdetails.QuotaFailure_Violation{{Subject: "action:DescribeInstances"}}},
		&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: "period", Description: "is required"}}},
		&errdetails.PreconditionFailure{Violations: []*errdetails.PreconditionFailure_Violation{{Type: "DELETION_PROTECTED"}}},
	)
	if err != nil {
		t.Fatal(err)
	}
	got := client.ErrorOf(fmt.Errorf("renew: %w", st.Err()))
	want := &client.Error{
		Code: codes.ResourceExhausted, Reason: ecsdv1.ErrorReason_ERROR_REASON_THROTTLED, ReasonName: "THROTTLED",
		Message: "renew: rpc error: code = ResourceExhausted desc = too fast", Metadata: map[string]string{"region_id": "cn-hangzhou"},
		Retryable: true, RetryDelay: 3 * time.Second,
		Fields:        []*errdetails.BadRequest_FieldViolation{{Field: "period", Description: "is required"}},
		Preconditions: []*errdetails.PreconditionFailure_Violation{{Type: "DELETION_PROTECTED"}},
		Quotas:        []*errdetails.QuotaFailure_Violation{{Subject: "action:DescribeInstances"}},
	}
	if diff := cmp.Diff(want, got, sameError); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if again := client.ErrorOf(fmt.Errorf("again: %w", got)); again != got || status.Code(got) != codes.ResourceExhausted || !errors.Is(got, st.Err()) {
		t.Errorf("an Error is not read as itself: %v", again)
	}
}

func TestErrorOf_OtherErrors(t *testing.T) {
	for _, test := range []struct {
		name   string
		err    error
		code   codes.Code
		reason string
	}{
		{"deadline of a context", fmt.Errorf("call: %w", context.DeadlineExceeded), codes.DeadlineExceeded, ""},
		{"end of a context", context.Canceled, codes.Canceled, ""},
		{"no error of a call", errors.New("file not found"), codes.Unknown, ""},
		{"of the network", status.Error(codes.Unavailable, "refused"), codes.Unavailable, ""},
		{"of a newer server", failure(codes.Aborted, "REASON_OF_NEXT_YEAR", 0), codes.Aborted, "REASON_OF_NEXT_YEAR"},
	} {
		e := client.ErrorOf(test.err)
		if e.Code != test.code || e.ReasonName != test.reason || e.Reason != 0 || client.Reason(test.err) != 0 || e.Retryable {
			t.Errorf("%s: got %+v", test.name, e)
		}
		if status.Code(e) != test.code || !errors.Is(e, test.err) {
			t.Errorf("%s: it lost what it is: %v", test.name, e)
		}
	}
	if e := client.ErrorOf(nil); e != nil || client.Reason(nil) != 0 {
		t.Errorf("nil is %v", e)
	}
}

// Details of another service are not interpreted as those of ecsd.
func TestErrorOf_OtherDomain(t *testing.T) {
	st, err := status.New(codes.PermissionDenied, "no").WithDetails(&errdetails.ErrorInfo{Domain: "proxy", Reason: "PERMISSION_DENIED"})
	if err != nil {
		t.Fatal(err)
	}
	if e := client.ErrorOf(st.Err()); e.Reason != 0 || e.ReasonName != "" {
		t.Errorf("got %v", e)
	}
}

func TestItemError(t *testing.T) {
	got := client.ItemError(&ecsdv1.ItemError{
		Code: int32(codes.FailedPrecondition), Reason: "DELETION_PROTECTED", Message: "protected", RetryAfter: durationpb.New(time.Second),
		EcsCode: "InvalidOperation.DeletionProtection", Metadata: map[string]string{"ecs_code": "InvalidOperation.DeletionProtection"},
		Preconditions: []*ecsdv1.ItemPrecondition{{Field: "override_deletion_protection", Description: "must be true"}},
	})
	want := &client.Error{
		Code: codes.FailedPrecondition, Reason: ecsdv1.ErrorReason_ERROR_REASON_DELETION_PROTECTED, ReasonName: "DELETION_PROTECTED", Message: "protected",
		Metadata: map[string]string{"ecs_code": "InvalidOperation.DeletionProtection"}, Retryable: true, RetryDelay: time.Second,
		Preconditions: []*errdetails.PreconditionFailure_Violation{{Type: "DELETION_PROTECTED", Description: "override_deletion_protection must be true"}},
	}
	if diff := cmp.Diff(want, got, sameError); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if client.ItemError(nil) != nil {
		t.Error("an item that worked has an error")
	}
	if text := got.Error(); text != "FailedPrecondition DELETION_PROTECTED: protected" || status.Code(got) != codes.FailedPrecondition {
		t.Errorf("got %q with %s", text, status.Code(got))
	}
}
