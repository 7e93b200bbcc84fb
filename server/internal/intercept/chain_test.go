package intercept_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/intercept"
	"github.com/ecsd-io/ecsd/server/internal/telemetry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// handler is a service with one RPC that the test defines.
type handler struct {
	ecsdv1.UnimplementedCatalogServiceServer

	serve func(context.Context) error
}

func (h *handler) ListRegions(ctx context.Context, _ *ecsdv1.ListRegionsRequest) (*ecsdv1.ListRegionsResponse, error) {
	return &ecsdv1.ListRegionsResponse{}, h.serve(ctx)
}

// stream is a service with one server-streaming RPC that does the same.
var stream = grpc.ServiceDesc{
	ServiceName: "test.Stream", HandlerType: (*any)(nil),
	Streams: []grpc.StreamDesc{{StreamName: "Open", ServerStreams: true, Handler: func(srv any, s grpc.ServerStream) error {
		return srv.(*handler).serve(s.Context())
	}}},
}

// frame is a server with the chain around the handler, and a client of it.
type frame struct {
	chain  *intercept.Chain
	conn   *grpc.ClientConn
	health *health.Server
	log    *lines
}

func (f *frame) unary(ctx context.Context, options ...grpc.CallOption) error {
	_, err := ecsdv1.NewCatalogServiceClient(f.conn).ListRegions(ctx, &ecsdv1.ListRegionsRequest{}, options...)
	return err
}

func (f *frame) stream(ctx context.Context, options ...grpc.CallOption) error {
	s, err := f.conn.NewStream(ctx, &stream.Streams[0], "/test.Stream/Open", options...)
	if err != nil {
		return err
	}
	if err := s.CloseSend(); err != nil {
		return err
	}
	return s.RecvMsg(&ecsdv1.ListRegionsResponse{})
}

func newFrame(t *testing.T, cfg intercept.Config, serve func(context.Context) error) *frame {
	t.Helper()
	f := &frame{log: &lines{}, health: health.NewServer()}
	cfg.Logger = slog.New(slog.NewJSONHandler(f.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	cfg.Metrics = telemetry.NewMetrics(telemetry.Build{}).GRPC
	statusError := func(err error) error {
		e := ecs.AsError(err)
		if e == nil {
			return err
		}
		code := codes.Internal
		if e.Retry != ecs.RetryNever {
			code = codes.Unavailable
		}
		s, _ := status.New(code, e.Message).WithDetails(&errdetails.ErrorInfo{Reason: string(e.Reason), Domain: "ecsd"})
		return s.Err()
	}
	cfg.UnaryErrors = func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
		answer, err := next(ctx, req)
		return answer, statusError(err)
	}
	cfg.StreamErrors = func(srv any, s grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) error {
		return statusError(next(srv, s))
	}
	if cfg.MaxCalls == 0 {
		cfg.MaxCalls = 10
	}
	cfg.MaxMessage = 256 << 10
	if cfg.CallTimeout == 0 {
		cfg.CallTimeout = time.Minute
	}
	if cfg.Class == nil {
		cfg.Class = func(string, any) intercept.Class { return intercept.ClassCloud }
	}
	f.chain = intercept.New(cfg)
	server := grpc.NewServer(append(f.chain.ServerOptions(), grpc.WaitForHandlers(true))...)
	ecsdv1.RegisterCatalogServiceServer(server, &handler{serve: serve})
	server.RegisterService(&stream, &handler{serve: serve})
	grpc_health_v1.RegisterHealthServer(server, f.health)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var served sync.WaitGroup
	served.Go(func() {
		if err := server.Serve(listener); err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	f.conn, err = grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		f.conn.Close()
		server.Stop()
		served.Wait()
	})
	return f
}

// lines collects the log. Its lines are read after the RPC has ended; the line
// of a stream may come a moment after its client saw the end, so wait waits.
type lines struct {
	mu      sync.Mutex
	text    bytes.Buffer
	written chan struct{}
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.written != nil {
		close(l.written)
		l.written = nil
	}
	return l.text.Write(p)
}

// wait returns the first line that has the message, as a map.
func (l *lines) wait(t *testing.T, message string) map[string]any {
	t.Helper()
	for {
		l.mu.Lock()
		for line := range strings.Lines(l.text.String()) {
			var record map[string]any
			if err := json.Unmarshal([]byte(line), &record); err != nil {
				t.Errorf("the log line %q is not JSON: %v", line, err)
			}
			if record["msg"] == message {
				l.mu.Unlock()
				return record
			}
		}
		if l.written == nil {
			l.written = make(chan struct{})
		}
		written := l.written
		l.mu.Unlock()
		select {
		case <-written:
		case <-t.Context().Done():
			t.Fatalf("no line %q in the log", message)
		}
	}
}

func TestIdentity(t *testing.T) {
	for _, c := range []struct {
		name, id, caller        string
		keepsID, keepsTheCaller bool
	}{
		{name: "none given"},
		{name: "both given", id: "req-1", caller: "billing", keepsID: true, keepsTheCaller: true},
		{name: "no valid id", id: "a b", caller: "billing", keepsTheCaller: true},
		{name: "too long an id", id: strings.Repeat("a", 65), caller: "billing", keepsTheCaller: true},
		{name: "empty", id: "", caller: ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var seen *call.Call
			f := newFrame(t, intercept.Config{}, func(ctx context.Context) error { seen = call.From(ctx); return nil })
			for kind, do := range map[string]func(context.Context, ...grpc.CallOption) error{"unary": f.unary, "stream": f.stream} {
				ctx := t.Context()
				if c.name != "none given" {
					ctx = metadata.AppendToOutgoingContext(ctx, intercept.RequestIDKey, c.id, intercept.CallerKey, c.caller)
				}
				var header metadata.MD
				_ = do(ctx, grpc.Header(&header))
				id := strings.Join(header.Get(intercept.RequestIDKey), ",")
				if id != seen.RequestID {
					t.Errorf("%s: the header says %q, the context %q", kind, id, seen.RequestID)
				}
				if _, err := uuid.Parse(id); (err != nil) != c.keepsID || c.keepsID && id != c.id {
					t.Errorf("%s: request id is %q, given %q", kind, id, c.id)
				}
				want := "127.0.0.1"
				if c.keepsTheCaller {
					want = c.caller
				}
				if seen.Caller != want {
					t.Errorf("%s: caller is %q, want %q", kind, seen.Caller, want)
				}
			}
		})
	}
}

// A caller with an invalid name is refused, and its call is in the log.
func TestIdentity_BadCaller(t *testing.T) {
	f := newFrame(t, intercept.Config{}, func(context.Context) error { t.Error("the handler was called"); return nil })
	for name, caller := range map[string]string{"a space": "finance team", "65 characters": strings.Repeat("a", 65), "a quote": "x\"y"} {
		for kind, do := range map[string]func(context.Context, ...grpc.CallOption) error{"unary": f.unary, "stream": f.stream} {
			err := do(metadata.AppendToOutgoingContext(t.Context(), intercept.CallerKey, caller))
			details := status.Convert(err).Details()
			if len(details) == 0 || details[0].(*errdetails.ErrorInfo).GetReason() != "INVALID_FIELD" || !strings.Contains(err.Error(), "1 to 64 letters") {
				t.Errorf("%s, %s: %v, want INVALID_FIELD with the rule", kind, name, err)
			}
		}
	}
	f.log.wait(t, "call")
	ctx := metadata.AppendToOutgoingContext(t.Context(), intercept.CallerKey, "finance team")
	if _, err := grpc_health_v1.NewHealthClient(f.conn).Check(ctx, &grpc_health_v1.HealthCheckRequest{}); err != nil {
		t.Errorf("a probe: %v", err)
	}
}

// While another caller calls, one has at most half of the calls; a call that
// does not wait for the cloud is counted apart, and a wait not at all.
func TestOverload_Shares(t *testing.T) {
	entered, leave := make(chan struct{}, 10), make(chan struct{})
	var class atomic.Int64
	f := newFrame(t, intercept.Config{MaxCalls: 4, Class: func(string, any) intercept.Class { return intercept.Class(class.Load()) }},
		func(context.Context) error { entered <- struct{}{}; <-leave; return nil })
	var calls sync.WaitGroup
	begin := func(caller string) {
		t.Helper()
		calls.Go(func() {
			if err := f.unary(metadata.AppendToOutgoingContext(t.Context(), intercept.CallerKey, caller)); err != nil {
				t.Errorf("a call of %s within its share: %v", caller, err)
			}
		})
		<-entered
	}
	refused := func(caller, why string) {
		t.Helper()
		ctx, cancel := context.WithTimeout(metadata.AppendToOutgoingContext(t.Context(), intercept.CallerKey, caller), 5*time.Second)
		defer cancel()
		err := f.unary(ctx)
		details := status.Convert(err).Details()
		if len(details) == 0 || details[0].(*errdetails.ErrorInfo).GetReason() != "SERVER_OVERLOADED" || !strings.Contains(err.Error(), why) {
			t.Errorf("a call of %s: %v, want SERVER_OVERLOADED for %q", caller, err, why)
		}
	}
	begin("a")
	begin("a")
	begin("a") // alone, it may have more than half
	begin("b")
	refused("a", "caller a has half")
	refused("b", "this server's limit")
	leave <- struct{}{}
	leave <- struct{}{}
	leave <- struct{}{}
	leave <- struct{}{}
	calls.Wait()
	begin("a")
	begin("a")
	refused("a", "caller a has half")
	begin("b")
	begin("b")
	refused("c", "this server's limit")
	class.Store(int64(intercept.ClassLocal))
	begin("d")
	begin("c")
	begin("c")
	refused("c", "caller c has half")
	class.Store(int64(intercept.ClassWait))
	for range 6 {
		begin("c")
	}
	close(leave)
	calls.Wait()
}

// A log line stays short with any error or panic.
func TestAccessLog_Short(t *testing.T) {
	long := strings.Repeat("x", 100_000)
	f := newFrame(t, intercept.Config{}, func(ctx context.Context) error {
		if call.Caller(ctx) == "panics" {
			panic(long)
		}
		e := ecs.Errorf(ecs.ReasonInternal, "%s", long)
		e.Cause = errors.New(long)
		return e
	})
	_ = f.unary(t.Context(), grpc.MaxCallRecvMsgSize(1<<20))
	if line := f.log.wait(t, "call"); len(fmt.Sprint(line)) > 4<<10 {
		t.Errorf("the line of a call has %d bytes", len(fmt.Sprint(line)))
	}
	_ = f.unary(metadata.AppendToOutgoingContext(t.Context(), intercept.CallerKey, "panics"))
	if line := f.log.wait(t, "panic in a handler"); len(fmt.Sprint(line["panic"])) > 2<<10 {
		t.Errorf("the panic has %d bytes in the log", len(fmt.Sprint(line["panic"])))
	}
}

func TestAccessLog(t *testing.T) {
	f := newFrame(t, intercept.Config{}, func(ctx context.Context) error {
		call.From(ctx).CountCloudCall("cn-hangzhou")
		call.From(ctx).CountCloudCall("cn-shanghai")
		s, _ := status.New(codes.NotFound, "no such instance").WithDetails(
			&errdetails.ErrorInfo{Reason: "INSTANCE_NOT_FOUND", Domain: "ecsd", Metadata: map[string]string{"ecs_request_id": "ABC"}})
		return s.Err()
	})
	ctx := metadata.AppendToOutgoingContext(t.Context(), intercept.RequestIDKey, "req-7", intercept.CallerKey, "billing",
		"authorization", "Bearer very-secret")
	if err := f.unary(ctx); status.Code(err) != codes.NotFound {
		t.Fatalf("the handler's error arrives as %v", err)
	}
	line := f.log.wait(t, "call")
	for key, want := range map[string]any{
		"level": "INFO", "method": "ecsd.v1.CatalogService/ListRegions", "code": "NotFound", "reason": "INSTANCE_NOT_FOUND",
		"caller": "billing", "request_id": "req-7", "region": "cn-hangzhou", "cloud_calls": 2.0,
		"ecs_request_id": "ABC", "error": "no such instance",
	} {
		if line[key] != want {
			t.Errorf("%s = %v, want %v", key, line[key], want)
		}
	}
	if took, ok := line["duration_us"].(float64); !ok || took < 0 || took > 10e6 {
		t.Errorf("duration_us = %v", line["duration_us"])
	}
	if _, err := grpc_health_v1.NewHealthClient(f.conn).Check(t.Context(), &grpc_health_v1.HealthCheckRequest{}); err != nil {
		t.Fatal(err)
	}
	text := f.log.text.String()
	if strings.Contains(text, "very-secret") {
		t.Errorf("a secret of the metadata is in the log: %s", text)
	}
	if got := strings.Count(text, "\n"); got != 2 {
		t.Errorf("two calls wrote %d lines: %s", got, text)
	}
	if !strings.Contains(text, `"level":"DEBUG","msg":"call","method":"grpc.health.v1.Health/Check"`) {
		t.Errorf("a health check is not told at debug: %s", text)
	}
}

func TestPanic_Internal(t *testing.T) {
	f := newFrame(t, intercept.Config{}, func(context.Context) error { panic(errors.New("the secret inside")) })
	for kind, do := range map[string]func(context.Context, ...grpc.CallOption) error{"unary": f.unary, "stream": f.stream} {
		err := do(metadata.AppendToOutgoingContext(t.Context(), intercept.RequestIDKey, "req-9"))
		if status.Code(err) != codes.Internal || !strings.Contains(err.Error(), "req-9") {
			t.Errorf("%s: a panic arrives as %v, want INTERNAL with the request id", kind, err)
		}
		if strings.Contains(err.Error(), "the secret inside") {
			t.Errorf("%s: the panic's text reached the caller: %v", kind, err)
		}
	}
	line := f.log.wait(t, "panic in a handler")
	if stack, _ := line["stack"].(string); !strings.Contains(stack, "TestPanic_Internal") || line["request_id"] != "req-9" {
		t.Errorf("the log line of the panic is %v", line)
	}
	if call := f.log.wait(t, "call"); call["code"] != "Internal" || call["reason"] != "INTERNAL" || call["level"] != "ERROR" {
		t.Errorf("the access line of the panic is %v", call)
	}
}

func TestOverload(t *testing.T) {
	entered, leave := make(chan struct{}), make(chan struct{})
	f := newFrame(t, intercept.Config{MaxCalls: 1}, func(context.Context) error { entered <- struct{}{}; <-leave; return nil })
	first := make(chan error, 1)
	go func() { first <- f.unary(t.Context()) }()
	<-entered
	err := f.unary(t.Context())
	details := status.Convert(err).Details()
	if len(details) == 0 || details[0].(*errdetails.ErrorInfo).GetReason() != "SERVER_OVERLOADED" {
		t.Errorf("one call over the limit gets %v, want SERVER_OVERLOADED", err)
	}
	if _, err := grpc_health_v1.NewHealthClient(f.conn).Check(t.Context(), &grpc_health_v1.HealthCheckRequest{}); err != nil {
		t.Errorf("a full server refuses a health check: %v", err)
	}
	leave <- struct{}{}
	if err := <-first; err != nil {
		t.Errorf("the call within the limit got %v", err)
	}
	go func() { first <- f.unary(t.Context()) }()
	<-entered
	leave <- struct{}{}
	if err := <-first; err != nil {
		t.Errorf("the place was not given back: %v", err)
	}
}

func TestDefaultDeadline(t *testing.T) {
	var left time.Duration
	f := newFrame(t, intercept.Config{CallTimeout: time.Minute}, func(ctx context.Context) error {
		deadline, ok := ctx.Deadline()
		if left = time.Until(deadline); !ok {
			left = -1
		}
		return nil
	})
	if err := f.unary(t.Context()); err != nil || left <= 50*time.Second || left > time.Minute {
		t.Errorf("without a deadline the handler has %v left (%v), want the minute", left, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	if err := f.unary(ctx); err != nil || left <= 9*time.Minute {
		t.Errorf("with ten minutes the handler has %v left (%v)", left, err)
	}
	_ = f.stream(t.Context())
	if left != -1 {
		t.Errorf("a stream was given a deadline of %v", left)
	}
}

// A watch of the health ends at drain with a reason; it would hold up a
// graceful stop for as long as its client likes.
func TestDrain_EndsHealthWatches(t *testing.T) {
	f := newFrame(t, intercept.Config{}, func(context.Context) error { return nil })
	watch, err := grpc_health_v1.NewHealthClient(f.conn).Watch(t.Context(), &grpc_health_v1.HealthCheckRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := watch.Recv(); err != nil {
		t.Fatal(err)
	}
	f.chain.Drain()
	_, err = watch.Recv()
	details := status.Convert(err).Details()
	if len(details) == 0 || details[0].(*errdetails.ErrorInfo).GetReason() != "SERVER_DRAINING" {
		t.Errorf("the watch ended with %v, want SERVER_DRAINING", err)
	}
}
