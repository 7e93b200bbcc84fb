package cloud_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/cloud"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/simulator"
)

const hangzhou, shanghai = "cn-hangzhou", "cn-shanghai"

// begin is the simulated time at which tests begin.
var begin = time.Date(2026, 11, 20, 4, 0, 0, 0, time.UTC)

// discardLog is for servers that must fail.
var discardLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)

// simulated starts a simulator, its clock moved by hand, with an edge to it.
func simulated(t testing.TB, sim simulator.Config, config cloud.Config) (*simulator.Simulator, *cloud.Edge) {
	t.Helper()
	sim.ByHand, sim.Start = true, begin
	s, err := simulator.New(sim)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, edgeTo(t, s, config)
}

// edgeTo starts an edge to a handler.
func edgeTo(t testing.TB, handler http.Handler, config cloud.Config) *cloud.Edge {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	config.Endpoint, config.EndpointScheme = strings.TrimPrefix(server.URL, "http://"), "http"
	return newEdge(t, config)
}

func newEdge(t testing.TB, config cloud.Config) *cloud.Edge {
	t.Helper()
	edge, err := cloud.New(defaults(config))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = edge.Close() })
	return edge
}

// defaults fills in the regions and the simulator's key.
func defaults(config cloud.Config) cloud.Config {
	if config.Regions == nil {
		config.Regions = []string{hangzhou, shanghai}
	}
	if config.Credentials == nil {
		config.Credentials = cloud.StaticKeys(simulator.DefaultAccessKeyID, simulator.DefaultAccessKeySecret, "")
	}
	return config
}

// stub is a cloud of the test's own; it keeps the parameters of every request.
type stub struct {
	answer func(w http.ResponseWriter, r *http.Request)

	mu   sync.Mutex
	seen []url.Values
}

func (s *stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm() // the query alone, unless the product takes a form
	s.mu.Lock()
	s.seen = append(s.seen, r.Form)
	s.mu.Unlock()
	s.answer(w, r)
}

// asked returns the parameters of the requests so far.
func (s *stub) asked() []url.Values {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.seen)
}

// fine responds to any read with an empty result.
func fine(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"RequestId":"R1"}`) }

// refuses responds with an error of the cloud.
func refuses(status int, code, message string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(map[string]string{"RequestId": "R1", "HostId": "ecs.test", "Code": code, "Message": message})
	}
}

// seed makes instances and returns their ids.
func seed(t testing.TB, s *simulator.Simulator, wanted simulator.Seed) []string {
	t.Helper()
	if wanted.RegionID == "" {
		wanted.RegionID = hangzhou
	}
	ids, err := s.Seed(wanted)
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func fault(t testing.TB, s *simulator.Simulator, f simulator.Fault) {
	t.Helper()
	if _, err := s.AddFault(f); err != nil {
		t.Fatal(err)
	}
}

// calls is how many calls of an action reached the simulator.
func calls(s *simulator.Simulator, action string) int { return int(s.Stats().Actions[action].Calls) }

// reasonOf returns the reason of an error, "" if there is none.
func reasonOf(t testing.TB, err error) ecs.Reason {
	t.Helper()
	if err == nil {
		return ""
	}
	failure := ecs.AsError(err)
	if failure == nil {
		t.Fatalf("%v is not an *ecs.Error", err)
	}
	return failure.Reason
}

func soon(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	return ctx
}
