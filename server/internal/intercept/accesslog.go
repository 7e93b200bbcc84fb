package intercept

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// accessLog writes one line for each RPC when it ends. It is a reporter in the
// middleware's frame: the frame's own logging interceptor copies its fields at
// every step and costs more than the rest of the chain together.
type accessLog struct {
	logger *slog.Logger
	// refused receives calls that were refused for want of a right or of money; nil
	// for none.
	refused func(ctx context.Context, r Refusal)
}

// Refusal is the refusal of a call, as its caller got it.
type Refusal struct {
	// RPC is the name of the RPC, such as StopInstances.
	RPC                          string
	Reason, RegionID, InstanceID string
	Code                         codes.Code
}

// refusals are the reasons of calls that are refused for want of a right or of
// money.
var refusals = map[string]bool{
	string(ecs.ReasonUnauthenticated): true, string(ecs.ReasonAuthExpired): true, string(ecs.ReasonPermissionDenied): true,
	string(ecs.ReasonSpendCapExceeded): true, string(ecs.ReasonSpendingFrozen): true,
}

var _ interceptors.ServerReportable = (*accessLog)(nil)

// maxLogText is how long a text from outside may be in a log line.
const maxLogText = 1 << 10

// levels maps codes to log levels. A caller's mistake is information for the
// operator, a lack or an outage a warning, a defect of ecsd an error.
var levels = map[codes.Code]slog.Level{
	codes.Unknown:           slog.LevelWarn, // OUTCOME_UNKNOWN; other unknown errors are INTERNAL
	codes.Internal:          slog.LevelError,
	codes.DataLoss:          slog.LevelError,
	codes.DeadlineExceeded:  slog.LevelWarn,
	codes.ResourceExhausted: slog.LevelWarn,
	codes.Unavailable:       slog.LevelWarn,
	codes.Unauthenticated:   slog.LevelWarn,
	codes.PermissionDenied:  slog.LevelWarn,
}

// ServerReporter begins one RPC's line.
func (l *accessLog) ServerReporter(ctx context.Context, meta interceptors.CallMeta) (interceptors.Reporter, context.Context) {
	return l.begin(ctx, meta), ctx
}

func (l *accessLog) begin(ctx context.Context, meta interceptors.CallMeta) *accessLine {
	return &accessLine{log: l, ctx: ctx, service: meta.Service, method: meta.Method, began: time.Now()}
}

type accessLine struct {
	interceptors.NoopReporter

	log             *accessLog
	ctx             context.Context
	service, method string
	began           time.Time
}

// PostCall writes the line. Probes (health, reflection) are logged at debug.
func (a *accessLine) PostCall(err error, took time.Duration) {
	code := codes.OK
	var failure *status.Status
	if err != nil {
		failure = status.Convert(err)
		code = failure.Code()
		a.audit(failure)
	}
	level := levels[code]
	if isProbe(a.service) && level == slog.LevelInfo {
		level = slog.LevelDebug
	}
	if !a.log.logger.Enabled(a.ctx, level) {
		return
	}
	c := call.From(a.ctx)
	attrs := make([]slog.Attr, 0, 12)
	attrs = append(attrs,
		slog.String("method", a.service+"/"+a.method),
		slog.String("code", code.String()),
		slog.Int64("duration_us", took.Microseconds()),
	)
	if c != nil {
		attrs = append(attrs, slog.String("caller", c.Caller), slog.String("request_id", c.RequestID))
		if region := c.Region(); region != "" {
			attrs = append(attrs, slog.String("region", region))
		}
	}
	attrs = append(attrs, slog.Int64("cloud_calls", c.CloudCalls()))
	if failure != nil {
		attrs = append(attrs, failureAttrs(failure)...)
		if cause := hiddenCause(err, level); cause != nil {
			attrs = append(attrs, slog.String("cause", ecs.Clip(cause.Error(), maxLogText)))
		}
	}
	if span := trace.SpanContextFromContext(a.ctx); span.HasTraceID() {
		attrs = append(attrs, slog.String("trace_id", span.TraceID().String()))
	}
	// Not by the logger, which would look up the line of code that logs.
	record := slog.NewRecord(time.Now(), level, "call", 0)
	record.AddAttrs(attrs...)
	_ = a.log.logger.Handler().Handle(a.ctx, record) // as the logger does
}

// audit reports a refusal.
func (a *accessLine) audit(failure *status.Status) {
	if a.log.refused == nil || isProbe(a.service) {
		return
	}
	for _, detail := range failure.Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok && refusals[info.GetReason()] {
			a.log.refused(a.ctx, Refusal{
				RPC: a.method, Reason: info.GetReason(), Code: failure.Code(),
				RegionID: info.GetMetadata()["region_id"], InstanceID: info.GetMetadata()["instance_id"],
			})
		}
	}
}

// failureAttrs returns the cause of a failed call: the reason, the message sent
// to the caller, which holds no secret, and the IDs that the vendor's support
// asks for.
func failureAttrs(failure *status.Status) []slog.Attr {
	var attrs []slog.Attr
	for _, detail := range failure.Details() {
		info, ok := detail.(*errdetails.ErrorInfo)
		if !ok {
			continue
		}
		attrs = append(attrs, slog.String("reason", info.GetReason()))
		for _, key := range [...]string{"ecs_code", "ecs_request_id"} {
			if value := info.GetMetadata()[key]; value != "" {
				attrs = append(attrs, slog.String(key, ecs.Clip(value, maxLogText)))
			}
		}
		break
	}
	return append(attrs, slog.String("error", ecs.Clip(failure.Message(), maxLogText)))
}

// hiddenCause returns the cause of a server error that the caller does not see,
// nil if the status holds everything. The cause of any other reason may be a
// network error, whose text may hold an address of the cloud.
func hiddenCause(err error, level slog.Level) error {
	switch e := ecs.AsError(err); {
	case e == nil && level == slog.LevelError, e != nil && e.Reason == ecs.ReasonStoreUnavailable:
		return errors.Unwrap(err)
	case e != nil && causeLogged[e.Reason]:
		return e.Cause
	}
	return nil
}

// causeLogged are the reasons whose cause is of ecsd itself, or of a credential
// without its value.
var causeLogged = map[ecs.Reason]bool{
	ecs.ReasonInternal: true, ecs.ReasonUnauthenticated: true, ecs.ReasonAuthExpired: true,
	ecs.ReasonPermissionDenied: true, ecs.ReasonIdentityUnavailable: true,
}

// isProbe reports whether the service is the frame's own: health, reflection.
func isProbe(service string) bool { return strings.HasPrefix(service, "grpc.") }
