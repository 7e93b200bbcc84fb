package e2e_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	reflection "google.golang.org/grpc/reflection/grpc_reflection_v1"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// services are the services of the gRPC port.
var services = []string{"ecsd.v1.AccessService", "ecsd.v1.CatalogService", "ecsd.v1.DiskService", "ecsd.v1.InstanceService", "ecsd.v1.RenewalService", "ecsd.v1.SpotService"}

// One log line per call has the caller, the request, the outcome and the count of calls to the cloud. No secret is in
// the log, whatever fails.
func TestLog(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, nil)
	id := w.seed(simulator.Seed{RegionID: shanghai})[0]
	ctx := metadata.AppendToOutgoingContext(within(t, 30*time.Second), "x-request-id", "req-1", "ecsd-caller", "billing")
	var header metadata.MD
	if _, err := w.instances.GetInstance(ctx, &ecsdv1.GetInstanceRequest{RegionId: shanghai, InstanceId: id}, grpc.Header(&header)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"req-1"}, header.Get("x-request-id")); diff != "" {
		t.Errorf("x-request-id of the answer (-want +got):\n%s", diff)
	}
	for _, kind := range []control.Kind{control.Reset, control.HTML, control.Failed, control.Throttled, control.Denied, control.NumericCode, control.Cut} {
		w.sim.ClearFaults()
		w.fault(simulator.Fault{Kind: kind, HTTPStatus: 0})
		_, _ = w.instances.GetInstance(within(t, 2*time.Second), &ecsdv1.GetInstanceRequest{InstanceId: "i-bp1nobody"})
		_, _ = w.instances.ListInstances(within(t, 2*time.Second), &ecsdv1.ListInstancesRequest{})
	}
	lines := w.log.lines(t, "call")
	if len(lines) != 15 {
		t.Errorf("15 calls wrote %d lines", len(lines))
	}
	for key, want := range map[string]any{
		"method": "ecsd.v1.InstanceService/GetInstance", "code": "OK", "caller": "billing", "request_id": "req-1",
		"region": shanghai, "cloud_calls": 1.0, "level": "INFO",
	} {
		if got := lines[0][key]; got != want {
			t.Errorf("%s = %v, want %v", key, got, want)
		}
	}
	for _, line := range lines[1:] {
		if line["method"] == "ecsd.v1.InstanceService/GetInstance" && line["reason"] == nil {
			t.Errorf("a failed call without a reason: %v", line)
		}
	}
	for _, secret := range []string{simulator.DefaultAccessKeySecret, "Signature", "AccessKeyId=", "http://" + w.sim.endpoint} {
		if strings.Contains(w.log.String(), secret) {
			t.Errorf("%q is in the log:\n%s", secret, w.log)
		}
	}
}

// A trace that a caller starts reaches the call to the cloud.
func TestSpans(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, nil)
	w.seed(simulator.Seed{})
	const trace = "4bf92f3577b34da6a3ce929d0e0e4736"
	ctx := metadata.AppendToOutgoingContext(within(t, 30*time.Second), "traceparent", "00-"+trace+"-00f067aa0ba902b7-01")
	if _, err := w.instances.ListInstances(ctx, &ecsdv1.ListInstancesRequest{RegionIds: []string{hangzhou}}); err != nil {
		t.Fatal(err)
	}
	if err := w.finish(); err != nil {
		t.Fatal(err)
	}
	rpc := w.spans.named("ecsd.v1.InstanceService/ListInstances")
	cloud := slices.DeleteFunc(w.spans.named("ecs.DescribeInstances"), func(span tracetest.SpanStub) bool {
		return !span.Parent.IsValid() // span of a poll
	})
	if len(rpc) != 1 || len(cloud) == 0 {
		t.Fatalf("%d spans of the RPC and %d of the call to the cloud", len(rpc), len(cloud))
	}
	if got := rpc[0].SpanContext.TraceID().String(); got != trace {
		t.Errorf("the RPC's trace is %s, the caller's %s", got, trace)
	}
	if cloud[0].Parent.SpanID() != rpc[0].SpanContext.SpanID() || cloud[0].SpanContext.TraceID().String() != trace {
		t.Errorf("the call to the cloud is not below the RPC: %v", cloud[0].Parent)
	}
	for _, span := range w.spans.GetSpans() {
		for _, attribute := range span.Attributes {
			if value := attribute.Value.String(); strings.Contains(value, simulator.DefaultAccessKeySecret) || strings.Contains(value, "Signature") {
				t.Errorf("span %s has %s = %s", span.Name, attribute.Key, value)
			}
		}
	}
	for _, line := range w.log.lines(t, "call") {
		if line["method"] == "ecsd.v1.InstanceService/ListInstances" && line["trace_id"] != trace {
			t.Errorf("the log line's trace_id is %v", line["trace_id"])
		}
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, nil)
	id := w.seed(simulator.Seed{})[0]
	ctx := within(t, 2*time.Minute)
	if _, err := w.instances.GetInstance(ctx, &ecsdv1.GetInstanceRequest{InstanceId: id}); err != nil {
		t.Fatal(err)
	}
	w.fault(simulator.Fault{Action: "DescribeInstances", Kind: control.Throttled, RetryAfter: control.Duration(40 * time.Second), Count: 1})
	_, _ = w.instances.GetInstance(within(t, 20*time.Second), &ecsdv1.GetInstanceRequest{InstanceId: id})
	_, body := w.get("/metrics")
	for _, want := range []string{
		`grpc_server_handled_total{grpc_code="OK",grpc_method="GetInstance",grpc_service="ecsd.v1.InstanceService",grpc_type="unary"} 1`,
		`grpc_server_handled_total{grpc_code="OK",grpc_method="RenewInstance",grpc_service="ecsd.v1.RenewalService",grpc_type="unary"} 0`,
		`grpc_server_handling_seconds_count{grpc_method="GetInstance"`,
		`ecsd_cloud_calls_total{action="DescribeInstances",code="OK",lane="read",region="cn-hangzhou"} 1`,
		`ecsd_cloud_calls_total{action="DescribeInstances",code="Throttling",lane="read",region="cn-hangzhou"} 1`,
		`ecsd_cloud_throttled_total{action="DescribeInstances",region="cn-hangzhou"} 1`,
		`lane="poll",region="cn-hangzhou"}`,
		`ecsd_cloud_call_seconds_count{action="DescribeInstances",region="cn-hangzhou"} 4`,
		`ecsd_cloud_wait_seconds_count{action="DescribeInstances",lane="read",region="cn-hangzhou"} 2`,
		"ecsd_build_info{", "go_goroutines ", "process_resident_memory_bytes ",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("/metrics lacks %s", want)
		}
	}
}

// Health is available for the server and for each service, over gRPC and HTTP.
func TestHealth(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, nil)
	for _, service := range append([]string{""}, services...) {
		answer, err := w.health.Check(t.Context(), &grpc_health_v1.HealthCheckRequest{Service: service})
		if err != nil || answer.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVING {
			t.Errorf("health of %q: %v (%v)", service, answer, err)
		}
	}
	if code, body := w.get("/readyz"); code != 200 || !strings.Contains(body, `"store"`) || !strings.Contains(body, `"cloud"`) {
		t.Errorf("/readyz: %d %s", code, body)
	}
	if code, _ := w.get("/healthz"); code != 200 {
		t.Errorf("/healthz: %d", code)
	}
}

// If the cloud does not respond at the start, the server is NOT_SERVING and reports why. It runs nevertheless.
func TestHealth_CloudUnreachable(t *testing.T) {
	t.Parallel()
	sim := newCloud(t, simulator.Config{})
	if _, err := sim.AddFault(simulator.Fault{Kind: control.Reset}); err != nil {
		t.Fatal(err)
	}
	w := newService(t, sim, nil)
	answer, err := w.health.Check(within(t, 30*time.Second), &grpc_health_v1.HealthCheckRequest{})
	if err != nil || answer.GetStatus() != grpc_health_v1.HealthCheckResponse_NOT_SERVING {
		t.Errorf("health without the cloud: %v (%v)", answer, err)
	}
	if code, body := w.get("/readyz"); code != 503 || !strings.Contains(body, `"error"`) {
		t.Errorf("/readyz: %d %s", code, body)
	}
}

// Both versions of reflection work, for every grpcurl. Their messages are the same on the wire.
func TestReflection(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simulator.Config{}, nil)
	for _, version := range []string{"v1", "v1alpha"} {
		stream, err := w.conn.NewStream(within(t, 30*time.Second), &reflection.ServerReflection_ServiceDesc.Streams[0],
			"/grpc.reflection."+version+".ServerReflection/ServerReflectionInfo")
		if err != nil {
			t.Fatal(err)
		}
		if err := stream.SendMsg(&reflection.ServerReflectionRequest{MessageRequest: &reflection.ServerReflectionRequest_ListServices{}}); err != nil {
			t.Fatal(err)
		}
		var answer reflection.ServerReflectionResponse
		if err := stream.RecvMsg(&answer); err != nil {
			t.Fatalf("reflection %s: %v", version, err)
		}
		var ours []string
		for _, service := range answer.GetListServicesResponse().GetService() {
			if strings.HasPrefix(service.GetName(), "ecsd.") {
				ours = append(ours, service.GetName())
			}
		}
		slices.Sort(ours)
		if diff := cmp.Diff(services, ours); diff != "" {
			t.Errorf("services by reflection %s (-want +got):\n%s", version, diff)
		}
	}
}
