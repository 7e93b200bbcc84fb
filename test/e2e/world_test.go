package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.uber.org/goleak"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server"
	"github.com/ecsd-io/ecsd/simulator"
)

const (
	hangzhou = "cn-hangzhou"
	shanghai = "cn-shanghai"
)

// The service reads the simulator's key from the environment, like a real one. The test of the log searches for the
// secret.
func TestMain(m *testing.M) {
	// The tests wait more than they compute. A flag of the command line wins.
	_ = flag.Set("test.parallel", "4")
	if flag.Parse(); testing.Short() {
		return // a suite of the whole system
	}
	os.Setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", simulator.DefaultAccessKeyID)
	os.Setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", simulator.DefaultAccessKeySecret)
	goleak.VerifyTestMain(documentedMain{m})
}

// world is one simulator, one service connected to it, and one caller.
type world struct {
	t         testing.TB
	sim       cloud
	at        server.Addresses
	conn      *grpc.ClientConn
	instances ecsdv1.InstanceServiceClient
	renewals  ecsdv1.RenewalServiceClient
	spot      ecsdv1.SpotServiceClient
	disks     ecsdv1.DiskServiceClient
	catalog   ecsdv1.CatalogServiceClient
	health    grpc_health_v1.HealthClient
	log       *logBuffer
	spans     *spanStore

	stop  context.CancelFunc
	ended chan error
}

// newWorld starts a simulator and a service. change, if not nil, edits the service's settings.
func newWorld(t testing.TB, sim simulator.Config, change func(*server.Config)) *world {
	t.Helper()
	return newService(t, newCloud(t, sim), change)
}

// cloud is a served simulator.
type cloud struct {
	*simulator.Simulator
	endpoint string
}

// newCloud starts a simulator. A renewal is visible at once unless its settings differ.
func newCloud(t testing.TB, sim simulator.Config) cloud {
	t.Helper()
	sim.Regions = []string{hangzhou, shanghai}
	if sim.RenewLag == 0 {
		sim.RenewLag = -1
	}
	served, err := simulator.New(sim)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- served.Serve(ctx, listener) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("simulator: %v", err)
		}
	})
	return cloud{served, listener.Addr().String()}
}

// newService starts a service connected to a simulator, and a caller.
func newService(t testing.TB, sim cloud, change func(*server.Config)) *world {
	t.Helper()
	w := &world{t: t, sim: sim, log: &logBuffer{}, spans: &spanStore{}, ended: make(chan error, 1)}
	cfg := server.DefaultConfig()
	cfg.Listen, cfg.Admin, cfg.Database = "127.0.0.1:0", "127.0.0.1:0", "sqlite::memory:"
	cfg.Regions = []string{hangzhou, shanghai}
	cfg.Endpoints, cfg.Scheme = []server.Endpoint{{Host: sim.endpoint}}, "http"
	// The tests count calls: there is one poll per region, before the test starts, and no other.
	cfg.PollInterval = time.Hour
	cfg.LogOutput, cfg.LogLevel, cfg.TraceExporter = w.log, "debug", w.spans
	if change != nil {
		change(&cfg)
	}
	service, err := server.New(context.Background(), cfg)
	if err != nil {
		t.Fatalf("start the service: %v", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	w.stop = stop
	go func() { w.ended <- service.Serve(ctx) }()
	w.at = service.Addresses()
	w.conn = w.dial()
	w.instances, w.renewals = ecsdv1.NewInstanceServiceClient(w.conn), ecsdv1.NewRenewalServiceClient(w.conn)
	w.spot, w.disks = ecsdv1.NewSpotServiceClient(w.conn), ecsdv1.NewDiskServiceClient(w.conn)
	w.catalog, w.health = ecsdv1.NewCatalogServiceClient(w.conn), grpc_health_v1.NewHealthClient(w.conn)
	for _, region := range cfg.Regions {
		w.wait("region "+region+" is polled", func() bool {
			_, metrics := w.get("/metrics")
			return strings.Contains(metrics, `ecsd_watch_polls_total{reason="`) && strings.Contains(metrics, `",region="`+region+`"`)
		})
	}
	t.Cleanup(func() {
		w.conn.Close()
		w.stop()
		if err := <-w.ended; err != nil {
			t.Errorf("service: %v", err)
		}
	})
	return w
}

// dial opens a separate connection.
func (w *world) dial() *grpc.ClientConn {
	w.t.Helper()
	conn, err := grpc.NewClient(w.at.GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithChainUnaryInterceptor(observeCall), grpc.WithChainStreamInterceptor(observeStream))
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { conn.Close() })
	return conn
}

// finish ends the service as SIGTERM does, and returns the result of Serve.
func (w *world) finish() error {
	w.stop()
	err := <-w.ended
	w.ended <- nil // for the cleanup
	return err
}

// seed creates instances and returns their IDs.
func (w *world) seed(s simulator.Seed) []string {
	w.t.Helper()
	ids, err := w.sim.Seed(s)
	if err != nil {
		w.t.Fatal(err)
	}
	return ids
}

// fault adds a fault to the simulator.
func (w *world) fault(f simulator.Fault) {
	w.t.Helper()
	if _, err := w.sim.AddFault(f); err != nil {
		w.t.Fatal(err)
	}
}

// get reads a path of the admin port.
func (w *world) get(path string) (int, string) {
	w.t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}
	answer, err := client.Get("http://" + w.at.Admin + path)
	if err != nil {
		w.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

// wantError checks an error's code and reason, and the details that every error has. It returns the ErrorInfo.
func wantError(t *testing.T, err error, code codes.Code, reason string) *errdetails.ErrorInfo {
	t.Helper()
	info, found := detail[*errdetails.ErrorInfo](err)
	if status.Code(err) != code || !found || info.GetReason() != reason || info.GetDomain() != "ecsd" {
		t.Errorf("got %v with %v, want %s with reason %s", err, info, code, reason)
	}
	return info
}

// sameAnswer compares responses. Times are stored in milliseconds, and the first response may hold more.
var sameAnswer = cmp.Options{protocmp.Transform(), protocmp.FilterMessage(&timestamppb.Timestamp{},
	cmp.Comparer(func(a, b protocmp.Message) bool {
		return a["seconds"] == b["seconds"] && milli(a) == milli(b)
	}))}

func milli(timestamp protocmp.Message) int32 {
	nanos, _ := timestamp["nanos"].(int32)
	return nanos / 1e6
}

// detail returns the detail of type D of an error.
func detail[D any](err error) (D, bool) {
	for _, any := range status.Convert(err).Details() {
		if d, ok := any.(D); ok {
			return d, true
		}
	}
	var none D
	return none, false
}

// logBuffer is a log that is safe for concurrent use.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// lines returns the log records with a message.
func (l *logBuffer) lines(t *testing.T, message string) []map[string]any {
	t.Helper()
	var found []map[string]any
	for line := range strings.Lines(l.String()) {
		var record map[string]any
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Errorf("the log line %q is not JSON: %v", line, err)
		}
		if record["msg"] == message {
			found = append(found, record)
		}
	}
	return found
}

// spanStore retains spans after the exporter's shutdown, which flushes the last ones.
type spanStore struct {
	tracetest.InMemoryExporter
}

// Shutdown does not discard the exported spans.
func (*spanStore) Shutdown(context.Context) error { return nil }

// named returns the spans with a name.
func (s *spanStore) named(name string) tracetest.SpanStubs {
	return slices.DeleteFunc(s.GetSpans(), func(span tracetest.SpanStub) bool { return span.Name != name })
}

// within returns a context for a call, with a deadline.
func within(t testing.TB, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeoutCause(t.Context(), d, errors.New("the test's patience is over"))
	t.Cleanup(cancel)
	return ctx
}

// wait polls until a condition holds that only the simulator can report.
func (w *world) wait(what string, so func() bool) {
	w.t.Helper()
	giveUp := time.Now().Add(time.Minute)
	// Many tests wait side by side, and most of what they read is not cheap.
	for pause := 5 * time.Millisecond; !so(); pause = min(2*pause, 40*time.Millisecond) {
		if time.Now().After(giveUp) {
			w.t.Fatalf("timeout: %s", what)
		}
		time.Sleep(pause)
	}
}

// waitForFault waits until the only fault has occurred.
func (w *world) waitForFault() {
	w.t.Helper()
	w.wait("the fault strikes", func() bool { return w.sim.Faults()[0].Struck > 0 })
}

// databaseText returns everything that a SQLite database has on disk.
func databaseText(t *testing.T, path string) string {
	t.Helper()
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no database at %s: %v", path, err)
	}
	var text strings.Builder
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text.Write(content)
	}
	return text.String()
}
