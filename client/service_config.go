package client

import (
	"context"
	"encoding/json"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// serviceConfig is the gRPC service config: calls go to all addresses in turn, and safe calls are retried.
var serviceConfig = sync.OnceValue(func() string {
	config, err := json.Marshal(map[string]any{
		"loadBalancingConfig": []any{map[string]any{"round_robin": map[string]any{}}},
		"methodConfig": []any{map[string]any{
			"name": retried(),
			"retryPolicy": map[string]any{
				"maxAttempts": 4, "initialBackoff": "0.2s", "maxBackoff": "2s", "backoffMultiplier": 2,
				// UNKNOWN is an unknown outcome, which the same request_id settles.
				"retryableStatusCodes": []string{"UNAVAILABLE", "UNKNOWN"},
			},
		}},
		// If one call in ten fails, retries would only add load.
		"retryThrottling": map[string]any{"maxTokens": 100, "tokenRatio": 0.1},
	})
	if err != nil {
		panic(err) // it holds only strings and numbers
	}
	return string(config)
})

type methodName struct {
	Service string `json:"service"`
	Method  string `json:"method"`
}

// retried returns the methods that are safe to retry. It is derived from the contract, so that the rule covers new
// methods.
func retried() []methodName {
	var names []methodName
	for _, file := range []protoreflect.FileDescriptor{
		ecsdv1.File_ecsd_v1_catalog_service_proto, ecsdv1.File_ecsd_v1_disk_service_proto, ecsdv1.File_ecsd_v1_instance_service_proto,
		ecsdv1.File_ecsd_v1_renewal_service_proto, ecsdv1.File_ecsd_v1_spot_service_proto,
	} {
		for i := range file.Services().Len() {
			service := file.Services().Get(i)
			for j := range service.Methods().Len() {
				if method := service.Methods().Get(j); safe(method) {
					names = append(names, methodName{string(service.FullName()), string(method.Name())})
				}
			}
		}
	}
	return names
}

// safe reports whether a method changes nothing, or has a request_id that makes it take effect once. Streams are
// resumed, not retried.
func safe(method protoreflect.MethodDescriptor) bool {
	if method.IsStreamingServer() || method.IsStreamingClient() {
		return false
	}
	options, _ := method.Options().(*descriptorpb.MethodOptions)
	return options.GetIdempotencyLevel() == descriptorpb.MethodOptions_NO_SIDE_EFFECTS || method.Input().Fields().ByName("request_id") != nil
}

// onceWithoutRequestID prevents retries of calls that may carry a request_id but do not. With no buffer to repeat the
// call from, it is final once it is sent.
func onceWithoutRequestID(ctx context.Context, method string, req, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
	if r, ok := req.(interface{ GetRequestId() string }); ok && r.GetRequestId() == "" {
		options = append(options, grpc.MaxRetryRPCBufferSize(0))
	}
	return invoke(ctx, method, req, reply, conn, options...)
}
