package telemetry

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"time"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.37.0"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// exporterEnvironment are the standard variables that name a collector; one of
// them being set turns traces on as --otlp-endpoint does.
var exporterEnvironment = []string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"}

// flushTimeout bounds the last export when the server stops.
const flushTimeout = 5 * time.Second

// Tracing exports spans.
type Tracing struct {
	// Provider creates the spans; it creates none if tracing is off.
	Provider trace.TracerProvider
	// Enabled reports whether spans are made at all.
	Enabled bool

	shutdown func(context.Context) error
}

// NewTracing exports spans by OTLP over HTTP to endpoint, a URL such as
// http://127.0.0.1:4318, or, if that is "", to the collector of the standard
// OTEL_EXPORTER_OTLP_ variables. With neither, tracing is off and costs
// nothing. The sampler is set by OTEL_TRACES_SAMPLER; by default every trace is
// sampled that has a sampled parent or none. A failed export is logged as a
// warning and affects no RPC.
func NewTracing(ctx context.Context, endpoint string, build Build, logger *slog.Logger) (*Tracing, error) {
	if endpoint == "" && !exporterInEnvironment() {
		return &Tracing{Provider: noop.NewTracerProvider()}, nil
	}
	options, err := exportTo(endpoint)
	if err != nil {
		return nil, err
	}
	exporter, err := otlptracehttp.New(ctx, options...)
	if err != nil {
		return nil, fmt.Errorf("trace exporter: %w", err)
	}
	return NewTracingTo(ctx, exporter, build, logger)
}

// tracesPath is the standard path of collectors, used unless the endpoint has a
// path.
const tracesPath = "/v1/traces"

// exportTo returns how to reach a collector: its path, and user and password of
// its URL, which the exporter itself would drop.
func exportTo(endpoint string) ([]otlptracehttp.Option, error) {
	if endpoint == "" {
		return nil, nil // the exporter reads the environment
	}
	u, err := url.Parse(endpoint)
	if err != nil {
		return nil, errors.New("trace exporter: the endpoint must be a URL such as http://127.0.0.1:4318") // err holds the password
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = tracesPath
	}
	var options []otlptracehttp.Option
	if u.User != nil {
		password, _ := u.User.Password() // "" if there is none
		credentials := base64.StdEncoding.EncodeToString([]byte(u.User.Username() + ":" + password))
		options = append(options, otlptracehttp.WithHeaders(map[string]string{"Authorization": "Basic " + credentials}))
		u.User = nil
	}
	return append(options, otlptracehttp.WithEndpointURL(u.String())), nil
}

// NewTracingTo sends spans to an exporter of the caller's.
func NewTracingTo(ctx context.Context, exporter sdktrace.SpanExporter, build Build, logger *slog.Logger) (*Tracing, error) {
	described, err := resource.New(ctx,
		resource.WithAttributes(semconv.ServiceName("ecsd"), semconv.ServiceVersion(build.Version)),
		resource.WithTelemetrySDK(),
		resource.WithHost(),
		resource.WithFromEnv(),
	)
	if err != nil && !errors.Is(err, resource.ErrPartialResource) {
		return nil, fmt.Errorf("trace resource: %w", err)
	}
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(&loggingExporter{SpanExporter: exporter, logger: logger}),
		sdktrace.WithResource(described),
	)
	return &Tracing{Provider: provider, Enabled: true, shutdown: provider.Shutdown}, nil
}

// Close sends the remaining spans, for at most five seconds, and stops
// exporting.
func (t *Tracing) Close() error {
	if t.shutdown == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), flushTimeout)
	defer cancel()
	if err := t.shutdown(ctx); err != nil {
		return fmt.Errorf("stop the trace exporter: %w", err)
	}
	return nil
}

func exporterInEnvironment() bool {
	for _, name := range exporterEnvironment {
		if os.Getenv(name) != "" {
			return true
		}
	}
	return false
}

// loggingExporter logs a failed export to ecsd's log. Without it the failure would
// go to OpenTelemetry's process-wide handler, which prints.
type loggingExporter struct {
	sdktrace.SpanExporter

	logger *slog.Logger
}

// ExportSpans exports, logs a failure and drops it: the spans are lost, and the
// caller could do no more.
func (e *loggingExporter) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	if err := e.SpanExporter.ExportSpans(ctx, spans); err != nil {
		e.logger.LogAttrs(ctx, slog.LevelWarn, "traces could not be exported",
			slog.Int("spans", len(spans)), slog.String("error", err.Error()))
	}
	return nil
}
