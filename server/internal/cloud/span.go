package cloud

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// lanes are the names of the lanes in spans.
var lanes = map[call.Lane]string{call.Poll: "poll", call.Read: "read", call.Write: "write"}

// startSpan opens the span of an operation: all its tries and waits.
func (e *Edge) startSpan(ctx context.Context, op operation, links ...trace.Link) (context.Context, trace.Span) {
	return e.tracer.Start(ctx, "ecs."+op.action, trace.WithSpanKind(trace.SpanKindClient), trace.WithLinks(links...),
		trace.WithAttributes(
			attribute.String("cloud.account", e.config.Account),
			attribute.String("region", op.region),
			attribute.String("action", op.action),
			attribute.String("lane", lanes[call.LaneOf(ctx)]),
		))
}

// endSpan records the outcome, in words that hold no secret.
func (e *Edge) endSpan(span trace.Span, t *tries, err *ecs.Error) {
	if span.IsRecording() {
		span.SetAttributes(attribute.Int("retries", max(0, t.sent-1)))
		if t.last.requestID != "" {
			span.SetAttributes(attribute.String("ecs_request_id", e.clean(t.op, t.last.requestID)))
		}
		if err != nil {
			span.SetAttributes(attribute.String("ecs_code", err.Cloud.Code), attribute.String("reason", string(err.Reason)))
			span.SetStatus(codes.Error, string(err.Reason))
		}
	}
	span.End()
}
