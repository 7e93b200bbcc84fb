package admin_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"github.com/ecsd-io/ecsd/server/internal/admin"
	"github.com/ecsd-io/ecsd/server/internal/readiness"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestServe(t *testing.T) {
	report := readiness.Report{Ready: true, Parts: map[string]readiness.PartReport{"store": {Ready: true}}}
	registry := prometheus.NewRegistry()
	gauge := prometheus.NewGauge(prometheus.GaugeOpts{Name: "sign_of_life", Help: "x"})
	registry.MustRegister(gauge)
	logger := slog.New(slog.DiscardHandler)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() {
		served <- admin.Serve(ctx, listener, admin.Handler(admin.Config{
			Registry: registry, Report: func() readiness.Report { return report }, Logger: logger, Profiles: true,
		}), logger)
	}()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	get := func(path string) (int, string) {
		t.Helper()
		answer, err := client.Get("http://" + listener.Addr().String() + path)
		if err != nil {
			t.Fatalf("GET %s: %v", path, err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatalf("GET %s: %v", path, err)
		}
		return answer.StatusCode, string(body)
	}
	for _, want := range []struct {
		path, has string
	}{
		{"/healthz", "ok"},
		{"/metrics", "sign_of_life 0"},
		{"/debug/pprof/", "goroutine"},
		{"/debug/pprof/goroutine?debug=1", "goroutine profile"},
		{"/readyz", `"store"`},
	} {
		if code, body := get(want.path); code != http.StatusOK || !strings.Contains(body, want.has) {
			t.Errorf("GET %s: %d %.80q, want 200 with %q", want.path, code, body, want.has)
		}
	}
	report.Ready = false
	code, body := get("/readyz")
	var got readiness.Report
	if err := json.Unmarshal([]byte(body), &got); err != nil || code != http.StatusServiceUnavailable || got.Ready {
		t.Errorf("GET /readyz of a server that is not ready: %d %s (%v)", code, body, err)
	}
	cancel()
	if err := <-served; err != nil {
		t.Errorf("Serve ended with %v", err)
	}
}
