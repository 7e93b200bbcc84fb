package admin_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ecsd-io/ecsd/server/internal/admin"
	"github.com/ecsd-io/ecsd/server/internal/readiness"
)

// handler is a handler with or without profiles, reachable as ecsd.monitoring.
func handler(profiles bool) http.Handler {
	return admin.Handler(admin.Config{
		Registry: prometheus.NewRegistry(), Report: func() readiness.Report { return readiness.Report{Ready: true} },
		Logger: slog.New(slog.DiscardHandler), Profiles: profiles, Hosts: []string{"ecsd.monitoring"},
	})
}

// get sends a request with a Host and headers.
func get(h http.Handler, path, host string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Host = host
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// A web page reaches the port through the browser of the operator: under its
// own name, which it binds to this address, or across sites. Programs use an
// address, localhost or a configured name.
func TestGuard_WebPages(t *testing.T) {
	for _, c := range []struct {
		host    string
		headers []string
		code    int
	}{
		{"127.0.0.1:9090", nil, 200},
		{"[::1]:9090", nil, 200},
		{"10.244.1.7:9090", nil, 200}, // a pod, as the probes of Kubernetes call it
		{"localhost:9090", nil, 200},
		{"LOCALHOST", nil, 200},
		{"ecsd.monitoring:9090", nil, 200},
		{"ECSD.monitoring.:9090", nil, 200},
		{"", nil, 200},
		{"localhost:9090", []string{"Sec-Fetch-Site", "none"}, 200}, // typed into the browser
		{"localhost:9090", []string{"Sec-Fetch-Site", "same-origin"}, 200},
		{"evil.example:9090", nil, 403},
		{"localhost.evil.example", nil, 403},
		{"127.0.0.1.evil.example:9090", nil, 403},
		{"monitoring", nil, 403},
		{"127.0.0.1:9090", []string{"Origin", "https://evil.example"}, 403},
		{"127.0.0.1:9090", []string{"Origin", "null"}, 403},
		{"127.0.0.1:9090", []string{"Origin", "http://127.0.0.1:9090"}, 403},
		{"127.0.0.1:9090", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"127.0.0.1:9090", []string{"Sec-Fetch-Site", "same-site"}, 403},
	} {
		for _, path := range []string{"/metrics", "/healthz", "/readyz", "/debug/pprof/"} {
			if got := get(handler(true), path, c.host, c.headers...); got.Code != c.code {
				t.Errorf("GET %s with host %q and %v: %d, want %d: %s", path, c.host, c.headers, got.Code, c.code, got.Body)
			}
		}
	}
	if text := get(handler(false), "/metrics", "evil.example").Body.String(); !strings.Contains(text, "--admin-host") {
		t.Errorf("the refusal is %q, want the setting that permits a name", text)
	}
}

// Profiles are off by default, and never show the command line.
func TestProfiles_Off(t *testing.T) {
	for _, path := range []string{"/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/profile", "/debug/pprof/trace", "/debug/pprof/symbol", "/debug/pprof/cmdline"} {
		if got := get(handler(false), path, "localhost"); got.Code != http.StatusNotFound {
			t.Errorf("GET %s without --pprof: %d, want 404", path, got.Code)
		}
	}
	for _, path := range []string{"/debug/pprof/cmdline", "/debug/pprof/cmdline?debug=1", "/debug/pprof/./cmdline", "/debug/pprof//cmdline"} {
		got := get(handler(true), path, "localhost")
		if got.Code == http.StatusOK || strings.Contains(got.Body.String(), os.Args[0]) {
			t.Errorf("GET %s shows the command line: %d %s", path, got.Code, got.Body)
		}
	}
}

// A profile lasts a minute at most.
func TestProfiles_Seconds(t *testing.T) {
	for _, name := range []string{"profile", "trace", "heap"} {
		for _, seconds := range []string{"61", "3600", "1e9", "NaN", "Inf", "x"} {
			if got := get(handler(true), "/debug/pprof/"+name+"?seconds="+seconds, "localhost"); got.Code != http.StatusBadRequest {
				t.Errorf("%s for %s seconds: %d, want 400", name, seconds, got.Code)
			}
		}
	}
	if got := get(handler(true), "/debug/pprof/trace?seconds=0.01", "localhost"); got.Code != http.StatusOK {
		t.Errorf("a trace of 10 ms: %d %s", got.Code, got.Body)
	}
}
