package api

import (
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// A call with an unknown outcome may be retried only under its request_id:
// without one a retry may have the effect twice. This file enforces that for
// every call, whatever advice a component gives.

// hasRequestID reports whether a request carries a request_id.
func hasRequestID(request proto.Message) bool {
	r, ok := request.(interface{ GetRequestId() string })
	return ok && r.GetRequestId() != ""
}

// finalOutcome returns the error of a call without a request_id. An unknown
// outcome is not retryable.
func finalOutcome(err error) error {
	e := ecs.AsError(err)
	if e == nil || e.Reason != ecs.ReasonOutcomeUnknown || e.Retry == ecs.RetryNever {
		return err
	}
	final := *e
	final.Retry, final.RetryAfter = ecs.RetryNever, 0
	return &final
}

// finalItems does the same for the items of a response.
func finalItems(response proto.Message) {
	response.ProtoReflect().Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		if !f.IsList() || f.Message() == nil {
			return true
		}
		for i := range v.List().Len() {
			item, ok := v.List().Get(i).Message().Interface().(interface{ GetError() *ecsdv1.ItemError })
			if !ok {
				break
			}
			if e := item.GetError(); e.GetReason() == string(ecs.ReasonOutcomeUnknown) {
				e.RetryAfter = nil
			}
		}
		return true
	})
}

// changes reports whether a method may have an effect: if it has not the option
// NO_SIDE_EFFECTS.
func changes(service *grpc.ServiceDesc, method string) bool {
	d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(service.ServiceName + "." + method))
	if err != nil {
		return true // not of the contract
	}
	options, _ := d.Options().(*descriptorpb.MethodOptions)
	return options.GetIdempotencyLevel() != descriptorpb.MethodOptions_NO_SIDE_EFFECTS
}
