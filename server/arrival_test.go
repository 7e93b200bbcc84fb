package server

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/api"
	"github.com/ecsd-io/ecsd/server/internal/intercept"
	"github.com/ecsd-io/ecsd/server/internal/telemetry"
)

// rawClient writes raw HTTP/2 frames, which no client library allows.
type rawClient struct {
	t      *testing.T
	conn   net.Conn
	framer *http2.Framer
	next   uint32
	// ended are the streams that the server has ended, with grpc-status or the
	// code of RST_STREAM, and details their grpc-status-details-bin.
	mu      sync.Mutex
	ended   map[uint32]string
	details map[uint32]string
	done    chan struct{}
}

// pipeServer serves a server configured by Config, with no component behind it.
func pipeServer(t *testing.T, cfg Config) *bufconn.Listener {
	t.Helper()
	chain := intercept.New(intercept.Config{
		Logger: slog.New(slog.DiscardHandler), Metrics: telemetry.NewMetrics(telemetry.Build{}).GRPC,
		UnaryErrors: api.UnaryErrors, StreamErrors: api.StreamErrors, MaxCalls: cfg.MaxCalls, MaxMessage: cfg.Limits.Message, Class: class, CallTimeout: cfg.Limits.CallTimeout,
	})
	server := newGRPC(cfg, chain, &telemetry.Tracing{})
	api.Register(chain.Registrar(server), api.Components{Regions: []string{"cn-hangzhou"}, Logger: slog.New(slog.DiscardHandler)})
	grpc_health_v1.RegisterHealthServer(chain.Registrar(server), health.NewServer())
	reflection.Register(server)
	pipe := bufconn.Listen(1 << 20)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(pipe) }()
	t.Cleanup(func() {
		server.Stop()
		if err := <-ended; err != nil && err != grpc.ErrServerStopped { //nolint:errorlint // as grpc returns it
			t.Error(err)
		}
	})
	return pipe
}

func dialRaw(t *testing.T, pipe *bufconn.Listener) *rawClient {
	t.Helper()
	conn, err := pipe.Dial()
	if err != nil {
		t.Fatal(err)
	}
	c := &rawClient{t: t, conn: conn, framer: http2.NewFramer(conn, conn), next: 1, ended: map[uint32]string{}, details: map[uint32]string{}, done: make(chan struct{})}
	c.framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	if _, err := io.WriteString(conn, http2.ClientPreface); err != nil {
		t.Fatal(err)
	}
	c.must(c.framer.WriteSettings())
	go c.read()
	t.Cleanup(func() { conn.Close(); <-c.done })
	return c
}

func (c *rawClient) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// end is how a stream has ended, "" if it has not.
func (c *rawClient) end(id uint32) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ended[id]
}

// overloaded reports whether a stream has ended with SERVER_OVERLOADED and the
// time after which the client may retry.
func (c *rawClient) overloaded(id uint32) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	wire, err := base64.RawStdEncoding.DecodeString(c.details[id])
	var p spb.Status
	if err == nil {
		err = proto.Unmarshal(wire, &p)
	}
	c.must(err)
	var info, retry bool
	for _, detail := range status.FromProto(&p).Details() {
		switch d := detail.(type) {
		case *errdetails.ErrorInfo:
			info = d.GetReason() == "SERVER_OVERLOADED"
		case *errdetails.RetryInfo:
			retry = d.GetRetryDelay().AsDuration() > 0
		}
	}
	return c.ended[id] == resourceExhausted && info && retry
}

// whole sends an empty message.
func (c *rawClient) whole(id uint32, end bool) {
	c.t.Helper()
	c.must(c.framer.WriteData(id, end, []byte{0, 0, 0, 0, 0}))
}

// read notes how streams end.
func (c *rawClient) read() {
	defer close(c.done)
	for {
		frame, err := c.framer.ReadFrame()
		if err != nil {
			return
		}
		c.mu.Lock()
		switch f := frame.(type) {
		case *http2.MetaHeadersFrame:
			for _, field := range f.Fields {
				switch field.Name {
				case "grpc-status":
					c.ended[f.StreamID] = field.Value
				case "grpc-status-details-bin":
					c.details[f.StreamID] = field.Value
				}
			}
		case *http2.RSTStreamFrame:
			if c.ended[f.StreamID] == "" {
				c.ended[f.StreamID] = f.ErrCode.String()
			}
		}
		c.mu.Unlock()
	}
}

// begin sends the headers of a call and returns its stream.
func (c *rawClient) begin(method string, more ...hpack.HeaderField) uint32 {
	c.t.Helper()
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	for _, field := range append([]hpack.HeaderField{
		{Name: ":method", Value: "POST"}, {Name: ":scheme", Value: "http"}, {Name: ":path", Value: method}, {Name: ":authority", Value: "ecsd"},
		{Name: "content-type", Value: "application/grpc"}, {Name: "te", Value: "trailers"},
	}, more...) {
		c.must(encoder.WriteField(field))
	}
	id := c.next
	c.next += 2
	rest := block.Bytes()
	first := rest[:min(len(rest), 16<<10)]
	rest = rest[len(first):]
	c.must(c.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: first, EndHeaders: len(rest) == 0}))
	for len(rest) > 0 {
		part := rest[:min(len(rest), 16<<10)]
		rest = rest[len(part):]
		c.must(c.framer.WriteContinuation(id, len(rest) == 0, part))
	}
	return id
}

// half sends the beginning of a message with a larger announced length.
func (c *rawClient) half(id uint32, length int) {
	c.t.Helper()
	prefix := make([]byte, 5, 15)
	binary.BigEndian.PutUint32(prefix[1:], uint32(length)) //nolint:gosec // small
	c.must(c.framer.WriteData(id, false, append(prefix, "0123456789"...)))
}

const invalidArgument, resourceExhausted, unimplemented = "3", "8", "12"

// A request that does not arrive in time ends with SERVER_OVERLOADED, whether
// its call is unary, a watch, reflection or a health check.
func TestArrival_Timeout(t *testing.T) {
	for _, method := range []string{
		ecsdv1.InstanceService_GetInstance_FullMethodName, ecsdv1.InstanceService_WatchInstances_FullMethodName,
		"/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", grpc_health_v1.Health_Check_FullMethodName,
	} {
		t.Run(method, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := dialRaw(t, pipeServer(t, DefaultConfig()))
				id := c.begin(method)
				c.half(id, 1000)
				time.Sleep(9 * time.Second)
				synctest.Wait()
				if got := c.end(id); got != "" {
					t.Errorf("after 9 s the call has ended: %s", got)
				}
				time.Sleep(2 * time.Second)
				synctest.Wait()
				if !c.overloaded(id) {
					t.Errorf("after 11 s the call is %q, want SERVER_OVERLOADED", c.end(id))
				}
			})
		})
	}
}

// A reflection stream also ends if its next request does not arrive within the
// time limit of a call.
func TestArrival_NextRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := DefaultConfig()
		c := dialRaw(t, pipeServer(t, cfg))
		id := c.begin("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo")
		c.must(c.framer.WriteData(id, false, []byte{0, 0, 0, 0, 2, 0x3a, 0})) // list_services
		time.Sleep(cfg.Limits.CallTimeout - time.Second)
		synctest.Wait()
		if got := c.end(id); got != "" {
			t.Errorf("the stream has ended: %s", got)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if !c.overloaded(id) {
			t.Errorf("the stream is %q, want SERVER_OVERLOADED", c.end(id))
		}
	})
}

// Requests that send nearly all of a message, and never the rest, end, and
// others are served all the while.
func TestArrival_Half(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := DefaultConfig()
		pipe := pipeServer(t, cfg)
		attacker := dialRaw(t, pipe)
		var ids []uint32
		for n := range 600 {
			method := ecsdv1.InstanceService_GetInstance_FullMethodName
			if n%2 == 1 {
				method = ecsdv1.InstanceService_WatchInstances_FullMethodName
			}
			id := attacker.begin(method)
			attacker.half(id, cfg.Limits.Message)
			ids = append(ids, id)
		}
		other := dialRaw(t, pipe)
		id := other.begin(grpc_health_v1.Health_Check_FullMethodName)
		other.whole(id, true)
		synctest.Wait()
		if got := other.end(id); got != "0" {
			t.Errorf("a health check is %q, want OK", got)
		}
		time.Sleep(11 * time.Second)
		synctest.Wait()
		for _, id := range ids {
			if !attacker.overloaded(id) {
				t.Fatalf("half a request is %q after 11 s, want SERVER_OVERLOADED", attacker.end(id))
			}
		}
	})
}

// Many requests that arrive late, but in time, are served.
func TestArrival_Crowd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := dialRaw(t, pipeServer(t, DefaultConfig()))
		var ids []uint32
		for range 1000 {
			ids = append(ids, c.begin(ecsdv1.InstanceService_GetInstance_FullMethodName))
		}
		time.Sleep(9 * time.Second)
		for _, id := range ids {
			c.whole(id, true)
		}
		synctest.Wait()
		for _, id := range ids {
			if got := c.end(id); got != invalidArgument { // it has no instance_id
				t.Fatalf("a request that takes 9 s is %q, want INVALID_ARGUMENT", got)
			}
		}
	})
}

// Requests beyond the limit of arriving ones are refused. Streams with an
// arrived request, calls of no method, and calls that are reset are not
// counted.
func TestArrival_Count(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := DefaultConfig()
		cfg.Limits.Message = (256 << 20) / 500 // 500 may arrive
		cfg.Limits.Streams = 5000
		c := dialRaw(t, pipeServer(t, cfg))
		for range 1500 {
			id := c.begin("/ecsd.v1.Nothing/Nothing")
			c.whole(id, true)
			reset := c.begin(ecsdv1.InstanceService_GetInstance_FullMethodName)
			c.must(c.framer.WriteRSTStream(reset, http2.ErrCodeCancel))
			watch := c.begin(grpc_health_v1.Health_Watch_FullMethodName)
			c.whole(watch, true)
			synctest.Wait()
			if got := c.end(id); got != unimplemented {
				t.Fatalf("a call of no method is %q, want UNIMPLEMENTED", got)
			}
			if got := c.end(watch); got != "" {
				t.Fatalf("a health watch has ended: %s", got)
			}
		}
		for range 500 {
			c.begin(ecsdv1.InstanceService_WatchInstances_FullMethodName)
		}
		synctest.Wait()
		for _, method := range []string{ecsdv1.InstanceService_GetInstance_FullMethodName, ecsdv1.InstanceService_WatchInstances_FullMethodName} {
			one := c.begin(method)
			synctest.Wait()
			if !c.overloaded(one) {
				t.Errorf("%s, request 501, is %q, want SERVER_OVERLOADED", method, c.end(one))
			}
		}
		id := c.begin(grpc_health_v1.Health_Check_FullMethodName)
		c.whole(id, true)
		synctest.Wait()
		if got := c.end(id); got != "0" {
			t.Errorf("a health check is %q, want OK", got)
		}
	})
}

// Metadata over 16 KB ends the call before it is decoded, and a message with a
// too large announced length before it is read.
func TestArrival_Size(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pipe := pipeServer(t, DefaultConfig())
		c := dialRaw(t, pipe)
		fields := func(n int) (fields []hpack.HeaderField) {
			for range n {
				fields = append(fields, hpack.HeaderField{Name: "x-some", Value: strings.Repeat("x", 1000)})
			}
			return fields
		}
		small := c.begin(grpc_health_v1.Health_Check_FullMethodName, fields(14)...)
		c.must(c.framer.WriteData(small, true, []byte{0, 0, 0, 0, 0}))
		large := c.begin(grpc_health_v1.Health_Check_FullMethodName, fields(17)...)
		message := c.begin(ecsdv1.InstanceService_GetInstance_FullMethodName)
		c.half(message, 256<<10+1)
		synctest.Wait()
		for id, want := range map[uint32]string{small: "0", large: http2.ErrCodeFrameSize.String(), message: resourceExhausted} {
			if got := c.end(id); got != want {
				t.Errorf("stream %d is %q, want %q", id, got, want)
			}
		}
	})
}

// One connection more than Limits.Connections waits until another ends.
func TestMaxConnections(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Limits.Connections = 2
	cfg.Listen, cfg.Admin, cfg.Simulator = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
	cfg.Simulate, cfg.LogOutput = true, io.Discard
	s, err := New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	// greeted reports whether the server sends its settings within a time.
	greeted := func(conn net.Conn, within time.Duration) bool {
		_ = conn.SetReadDeadline(time.Now().Add(within)) // fails only if it is closed
		_, err := io.ReadFull(conn, make([]byte, 9))
		return err == nil
	}
	var conns []net.Conn
	for range 3 {
		conn, err := net.Dial("tcp", s.Addresses().GRPC)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := io.WriteString(conn, http2.ClientPreface); err != nil {
			t.Fatal(err)
		}
		if err := http2.NewFramer(conn, conn).WriteSettings(); err != nil {
			t.Fatal(err)
		}
		conns = append(conns, conn)
	}
	for _, conn := range conns[:2] {
		if !greeted(conn, 10*time.Second) {
			t.Error("a connection within the limit is not served")
		}
	}
	if greeted(conns[2], 200*time.Millisecond) {
		t.Error("a connection over the limit is served")
	}
	conns[0].Close()
	if !greeted(conns[2], 10*time.Second) {
		t.Error("the third connection is not served after the first has ended")
	}
}

// Waits are not counted, and calls that do not wait for the cloud are apart.
func TestClass(t *testing.T) {
	for name, c := range map[string]struct {
		method  string
		request any
		want    intercept.Class
	}{
		"a wait":             {ecsdv1.InstanceService_WaitInstances_FullMethodName, &ecsdv1.WaitInstancesRequest{}, intercept.ClassWait},
		"regions":            {ecsdv1.CatalogService_ListRegions_FullMethodName, &ecsdv1.ListRegionsRequest{}, intercept.ClassLocal},
		"a job":              {ecsdv1.RenewalService_GetRenewalJob_FullMethodName, &ecsdv1.GetRenewalJobRequest{}, intercept.ClassLocal},
		"an older instance":  {ecsdv1.InstanceService_GetInstance_FullMethodName, &ecsdv1.GetInstanceRequest{MaxStaleness: durationpb.New(time.Second)}, intercept.ClassLocal},
		"an instance of now": {ecsdv1.InstanceService_GetInstance_FullMethodName, &ecsdv1.GetInstanceRequest{}, intercept.ClassCloud},
		"a renewal":          {ecsdv1.RenewalService_RenewInstance_FullMethodName, &ecsdv1.RenewInstanceRequest{}, intercept.ClassCloud},
	} {
		if got := class(c.method, c.request); got != c.want {
			t.Errorf("%s: class %d, want %d", name, got, c.want)
		}
	}
}
