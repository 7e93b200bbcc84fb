package cloud_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/cloud"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/simulator"
)

// The tests of this file check the edge against known faults of the SDK's own
// sending.

// TestEdge_ConcurrentCallers is for the race detector: the SDK writes its
// client's timeout, dialer and TLS settings on every call.
func TestEdge_ConcurrentCallers(t *testing.T) {
	sim, edge := simulated(t, simulator.Config{}, cloud.Config{})
	ids := seed(t, sim, simulator.Seed{Count: 20})
	ctx := soon(t)
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			for range 5 {
				_, failed := edge.InstancePage(ctx, hangzhou, ecs.Query{Name: fmt.Sprint(i)}, "", 10)
				_, priced := edge.RenewalPrice(ctx, hangzhou, ids[i], ecs.Period{Count: 1, Unit: ecs.Month})
				if err := errors.Join(failed, priced, edge.Ping(ctx), edge.Instances(ctx, hangzhou, ids[i:i+1])[0].Err); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

// TestTimeout_NotSticky: in the SDK the first call's timeout becomes
// everyone's.
func TestTimeout_NotSticky(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		takes := map[string]time.Duration{"DescribeRenewalPrice": 2 * time.Second}
		server := &stub{answer: func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-time.After(takes[r.URL.Query().Get("Action")]):
				_, _ = io.WriteString(w, `{"RequestId":"R1","PriceInfo":{"Price":{"TradePrice":1,"Currency":"CNY"}}}`)
			case <-r.Context().Done():
			}
		}}
		edge, _ := overPipes(t, server, cloud.Config{Timeouts: map[string]time.Duration{
			"DescribeRegions": time.Second, "DescribeRenewalPrice": 3 * time.Second,
		}})
		month := ecs.Period{Count: 1, Unit: ecs.Month}
		if err := edge.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := edge.RenewalPrice(t.Context(), hangzhou, "i-1", month); err != nil {
			t.Errorf("a price that takes 2 s of its 3 s, after a call that has 1 s: %v", err)
		}
		takes["DescribeRegions"] = time.Hour
		began := time.Now()
		err := edge.Ping(t.Context())
		// Four tries of a second, with pauses of at most 0.2, 0.4 and 0.8 s.
		if took := time.Since(began); reasonOf(t, err) != ecs.ReasonCloudUnreachable || took < 4*time.Second || took > 5500*time.Millisecond {
			t.Errorf("got %v after %s, want CLOUD_UNREACHABLE after four tries of a second", err, took)
		}
	})
}

// TestCall_EndsWithContext: the SDK takes no context.
func TestCall_EndsWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan time.Time, 2)
		edge, _ := overPipes(t, &stub{answer: func(_ http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			ended <- time.Now()
		}}, cloud.Config{})
		for _, c := range []struct {
			name   string
			with   func(context.Context) (context.Context, context.CancelFunc)
			reason ecs.Reason
			is     error
		}{
			{"cancelled", func(ctx context.Context) (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancel(ctx)
				time.AfterFunc(time.Second, cancel)
				return ctx, cancel
			}, ecs.ReasonCancelled, context.Canceled},
			{"late", func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeout(ctx, time.Second)
			}, ecs.ReasonDeadlineExceeded, context.DeadlineExceeded},
		} {
			ctx, cancel := c.with(t.Context())
			began := time.Now()
			_, err := edge.Regions(ctx)
			if took := time.Since(began); reasonOf(t, err) != c.reason || !errors.Is(err, c.is) || took != time.Second {
				t.Errorf("%s: got %v after %s, want %s after a second", c.name, err, took, c.reason)
			}
			if at := <-ended; at.Sub(began) != time.Second {
				t.Errorf("%s: the cloud saw the end of the call after %s", c.name, at.Sub(began))
			}
			cancel()
		}
	})
}

// TestAnswers_NonePanics: the SDK panics on an error body with a numeric code.
func TestAnswers_NonePanics(t *testing.T) {
	for _, body := range []string{
		`{"Code":500,"Message":"upstream failure"}`, `{"Code":null}`, `{"Code":{"a":1}}`, `{"Code":["x"]}`, `{"Code":"InternalError","Message":7,"RequestId":[8],"HostId":9,"Recommend":[]}`,
		`{"Code":"InternalError","Message":{"a":[1]},"RequestId":null}`, `[]`, `null`, `7`, `"x"`, ``, `<html>`, "\x00\xff", `{"Code":"InternalError"`,
	} {
		for _, status := range []int{200, 302, 400, 500} {
			edge := edgeTo(t, &stub{answer: func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(status)
				_, _ = io.WriteString(w, body)
			}}, cloud.Config{})
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
			_, err := edge.InstancePage(ctx, hangzhou, ecs.Query{}, "", 10)
			cancel()
			if reasonOf(t, err) == "" {
				t.Errorf("status %d with %q is no error", status, body)
			}
		}
	}
}

// TestConfig_HTTPSDefault: the SDK's default is plain HTTP.
func TestConfig_HTTPSDefault(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	first := make(chan []byte, 16)
	var accepting sync.WaitGroup
	accepting.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			begin := make([]byte, 4)
			_, _ = io.ReadFull(conn, begin)
			first <- begin
			_ = conn.Close()
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		accepting.Wait()
	})
	const handshake = 0x16
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_ = newEdge(t, cloud.Config{Endpoint: listener.Addr().String()}).Ping(ctx)
	if begin := <-first; begin[0] != handshake {
		t.Errorf("the first bytes are %q, want a TLS handshake", begin)
	}

	var reached atomic.Bool
	untrusted := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Store(true) }))
	untrusted.Config.ErrorLog = discardLog
	untrusted.StartTLS()
	t.Cleanup(untrusted.Close)
	ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := newEdge(t, cloud.Config{Endpoint: strings.TrimPrefix(untrusted.URL, "https://")}).Ping(ctx); err == nil || reached.Load() {
		t.Errorf("a server whose certificate nobody vouches for was asked: %v", err)
	}
	if _, err := cloud.New(cloud.Config{Regions: []string{hangzhou}, EndpointScheme: "http"}); err == nil {
		t.Error("the cloud's own endpoints may be asked over plain http")
	}
}

// TestTransport_FailedTriesLeakNoConnection: the SDK never closes the body of a response
// that it retries.
func TestTransport_FailedTriesLeakNoConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &stub{answer: refuses(http.StatusInternalServerError, "InternalError", strings.Repeat("long ", 2000))}
		edge, network := overPipes(t, server, cloud.Config{})
		for range 5 {
			if err := edge.Ping(t.Context()); reasonOf(t, err) != ecs.ReasonCloudInternalError {
				t.Fatal(err)
			}
		}
		if tries, dials := len(server.asked()), network.dials.Load(); tries != 20 || dials != 1 {
			t.Errorf("%d tries over %d connections, want 20 over 1", tries, dials)
		}
	})
}

// TestTransport_ConnectionsKept: the SDK keeps two connections and opens and closes
// one for nearly every call beyond that.
func TestTransport_ConnectionsKept(t *testing.T) {
	var opened atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(fine))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	edge := newEdge(t, cloud.Config{Endpoint: strings.TrimPrefix(server.URL, "http://"), EndpointScheme: "http"})
	ctx := soon(t)
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			for range 10 {
				if err := edge.Ping(ctx); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if n := opened.Load(); n > 64 {
		t.Errorf("32 callers opened %d connections for 320 calls", n)
	}
}

// TestRequest_CarriesNothingOfPrevious: the SDK sends even a cleared field,
// and the next token of the previous page.
func TestRequest_CarriesNothingOfPrevious(t *testing.T) {
	server := &stub{answer: fine}
	edge := edgeTo(t, server, cloud.Config{})
	full := ecs.Query{
		Name: "web*", Statuses: []ecs.Status{ecs.StatusRunning}, ZoneIDs: []string{"cn-hangzhou-h"},
		Expiry: ecs.Window{After: begin, Before: begin.Add(time.Hour)},
	}
	if _, err := edge.InstancePage(soon(t), hangzhou, full, "cursor", 50); err != nil {
		t.Fatal(err)
	}
	if _, err := edge.InstancePage(soon(t), shanghai, ecs.Query{Statuses: []ecs.Status{ecs.StatusStopped}}, "next", 10); err != nil {
		t.Fatal(err)
	}
	asked := slices.DeleteFunc(server.asked(), func(q url.Values) bool { return q.Get("DryRun") != "" })
	first, second := asked[0], asked[1]
	for name, want := range map[string]string{
		"RegionId": hangzhou, "InstanceName": "web*", "Status": "Running", "ZoneId": "cn-hangzhou-h", "NextToken": "cursor", "MaxResults": "50",
		"Filter.3.Key": "ExpiredStartTime", "Filter.4.Key": "ExpiredEndTime",
	} {
		if got := first.Get(name); got != want {
			t.Errorf("the first request has %s=%q, want %q", name, got, want)
		}
	}
	for name := range second {
		switch name {
		case "Action", "Version", "Format", "Timestamp", "RegionId", "MaxResults", "NextToken", "Status",
			"AccessKeyId", "Signature", "SignatureMethod", "SignatureNonce", "SignatureType", "SignatureVersion":
		default:
			t.Errorf("the second request has %s=%q of the first", name, second.Get(name))
		}
	}
	if second.Get("RegionId") != shanghai || second.Get("NextToken") != "next" || second.Get("MaxResults") != "10" {
		t.Errorf("the second request is %v", second)
	}
}

// TestProxyVariables_AreStandard: the SDK sends even calls to
// localhost to a proxy, and fails every call if NO_PROXY is no regular
// expression.
func TestProxyVariables_AreStandard(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("http_proxy", "http://127.0.0.1:1")
	t.Setenv("NO_PROXY", "*.[internal")
	t.Setenv("no_proxy", "*.[internal")
	if err := edgeTo(t, http.HandlerFunc(fine), cloud.Config{}).Ping(soon(t)); err != nil {
		t.Errorf("a call to 127.0.0.1 with HTTP_PROXY set: %v", err)
	}

	var asked atomic.Value
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Store(r.URL.Host)
		fine(w, r)
	}))
	t.Cleanup(proxy.Close)
	t.Setenv("HTTP_PROXY", proxy.URL)
	t.Setenv("http_proxy", proxy.URL)
	edge := newEdge(t, cloud.Config{Endpoint: "ecs.example.test", EndpointScheme: "http"})
	if err := edge.Ping(soon(t)); err != nil || asked.Load() != "ecs.example.test" {
		t.Errorf("the proxy was asked for %v: %v", asked.Load(), err)
	}
}

// TestEdge_PrintsNothing: under DEBUG=sdk the SDK prints requests with their
// keys and signatures. It reads the variable when a program starts.
func TestEdge_PrintsNothing(t *testing.T) {
	if os.Getenv("DEBUG") == "sdk" {
		_, edge := simulated(t, simulator.Config{}, cloud.Config{})
		if err := edge.Ping(soon(t)); err != nil {
			t.Fatal(err)
		}
		return
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestEdge_PrintsNothing$")
	child.Env = append(os.Environ(), "DEBUG=sdk", "GORACE=atexit_sleep_ms=0")
	output, err := child.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	if text := string(bytes.TrimSpace(output)); strings.Contains(text, "Signature") || strings.Contains(text, simulator.DefaultAccessKeyID) {
		t.Errorf("under DEBUG=sdk this is printed: %s", text)
	}
}
