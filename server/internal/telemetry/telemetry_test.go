package telemetry_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.uber.org/goleak"

	"github.com/ecsd-io/ecsd/server/internal/telemetry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestNewLogger(t *testing.T) {
	for _, c := range []struct {
		format, level, want string
	}{
		{"json", "info", `"msg":"shown","n":1`},
		{"text", "warn", ""},
		{"text", "debug", "msg=hidden"},
		{"xml", "info", "must be json or text"},
		{"json", "loud", "must be debug, info, warn or error"},
	} {
		var out bytes.Buffer
		logger, err := telemetry.NewLogger(&out, c.format, c.level)
		if err != nil {
			out.WriteString(err.Error())
		} else {
			logger.Debug("hidden")
			logger.Info("shown", "n", 1)
		}
		if !strings.Contains(out.String(), c.want) || c.want == "" && out.Len() > 0 {
			t.Errorf("%s from %s: %q, want %q", c.format, c.level, &out, c.want)
		}
	}
}

// Traces are off unless a flag or the standard environment names a collector.
func TestTracing_OptIn(t *testing.T) {
	for _, c := range []struct {
		endpoint, environment string
		want                  bool
	}{
		{"", "", false},
		{"http://127.0.0.1:1", "", true},
		{"", "http://127.0.0.1:1", true},
	} {
		t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", c.environment)
		tracing, err := telemetry.NewTracing(t.Context(), c.endpoint, telemetry.Build{}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		_, span := tracing.Provider.Tracer("test").Start(t.Context(), "span")
		if tracing.Enabled != c.want || span.IsRecording() != c.want {
			t.Errorf("endpoint %q, environment %q: enabled %v, want %v", c.endpoint, c.environment, tracing.Enabled, c.want)
		}
		// The span has not ended, so nothing is sent to the closed port.
		if err := tracing.Close(); err != nil {
			t.Error(err)
		}
	}
}

// brokenExporter fails every time.
type brokenExporter struct{}

func (brokenExporter) ExportSpans(context.Context, []sdktrace.ReadOnlySpan) error {
	return errors.New("collector is gone")
}
func (brokenExporter) Shutdown(context.Context) error { return nil }

// An export that fails is a warning in the server's own log, and no error.
func TestTracing_FailedExportIsLogged(t *testing.T) {
	var out bytes.Buffer
	logger, err := telemetry.NewLogger(&out, "json", "info")
	if err != nil {
		t.Fatal(err)
	}
	tracing, err := telemetry.NewTracingTo(t.Context(), brokenExporter{}, telemetry.Build{}, logger)
	if err != nil {
		t.Fatal(err)
	}
	_, span := tracing.Provider.Tracer("test").Start(t.Context(), "span")
	span.End()
	if err := tracing.Close(); err != nil {
		t.Error(err)
	}
	if !strings.Contains(out.String(), "collector is gone") || !strings.Contains(out.String(), `"level":"WARN"`) {
		t.Errorf("the log says %q", &out)
	}
}

func TestBuild(t *testing.T) {
	build := telemetry.Build{Version: "v1.2.3", Revision: "abc", Modified: true, GoVersion: "go1.26.0"}
	if got := build.String(); !strings.HasPrefix(got, "ecsd v1.2.3 commit abc (modified) go1.26.0 ") {
		t.Errorf("version line: %q", got)
	}
	if build := telemetry.ReadBuild(); build.Version == "" || build.GoVersion == "" {
		t.Errorf("the running program's build: %+v", build)
	}
}

// Spans arrive at the standard path of collectors, with the credentials of the
// URL.
func TestTracing_PathAndCredentials(t *testing.T) {
	for in, want := range map[string]string{"": "/v1/traces", "/": "/v1/traces", "/otlp/v1/traces": "/otlp/v1/traces"} {
		t.Run("path "+in, func(t *testing.T) {
			type post struct{ path, user, password string }
			posts := make(chan post, 1)
			collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				user, password, _ := r.BasicAuth()
				posts <- post{r.URL.Path, user, password}
			}))
			defer collector.Close()
			endpoint := strings.Replace(collector.URL, "http://", "http://ecsd:a%2Fb@", 1) + in
			tracing, err := telemetry.NewTracing(t.Context(), endpoint, telemetry.Build{}, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			_, span := tracing.Provider.Tracer("test").Start(t.Context(), "span")
			span.End()
			if err := tracing.Close(); err != nil {
				t.Fatal(err)
			}
			if got := <-posts; got != (post{want, "ecsd", "a/b"}) {
				t.Errorf("posted as %+v, want %s", got, want)
			}
		})
	}
}
