package cloud

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	sdkerrors "github.com/aliyun/alibaba-cloud-sdk-go/sdk/errors"

	"github.com/ecsd-io/ecsd/server/internal/cloud/answer"
	"github.com/ecsd-io/ecsd/server/internal/cloud/refusal"
	"github.com/ecsd-io/ecsd/server/internal/cloud/scrub"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// answered reads a response.
func (e *Edge) answered(op operation, r reply) outcome {
	if r.status >= 200 && r.status < 300 {
		if op.refusal != nil {
			if refused, ok := op.refusal(r.body.Bytes()); ok {
				return e.refused(op, r, refused)
			}
		}
		requestID, err := op.read(r.body.Bytes())
		if err == nil {
			e.lastAnswer.Store(time.Now().UnixNano())
			return outcome{requestID: requestID, answered: true}
		}
		kind := refusal.BrokenAnswer
		if errors.Is(err, answer.ErrForeign) {
			kind = refusal.Foreign
		}
		return e.quiet(op, kind, r.status, err)
	}
	refused, ok := answer.ReadRefused(r.body.Bytes())
	if !ok {
		return e.quiet(op, refusal.Foreign, r.status, fmt.Errorf("HTTP status %d with a body that is not the cloud's", r.status))
	}
	return e.refused(op, r, refused)
}

// refused is the outcome of a response that is an error of the cloud.
func (e *Edge) refused(op operation, r reply, refused answer.Refused) outcome {
	e.lastAnswer.Store(time.Now().UnixNano())
	if op.dryRun && passedDryRun(refused.Code) {
		return outcome{requestID: refused.RequestID, answered: true}
	}
	class := refusal.OfMessage(op.action, refused.Code, refused.Message, r.status)
	message := refusedMessage(op, e.clean(op, refused.Message))
	if class.Reason == ecs.ReasonClockSkewed {
		message += skew(r.header, time.Now())
	}
	failure := e.failure(op, class, message, ecs.CloudError{
		Code: e.clean(op, refused.Code), RequestID: e.clean(op, refused.RequestID), Action: op.action, HTTPStatus: r.status,
	})
	failure.NameField()
	return outcome{
		class:      class,
		answered:   true,
		requestID:  refused.RequestID,
		retryAfter: retryAfter(r.header),
		failure:    failure,
	}
}

// silent returns the outcome of a call without a response. The end of the
// caller's own context is distinguished from that of a try.
func (e *Edge) silent(ctx context.Context, op operation, s silence) outcome {
	if cause := ctx.Err(); cause != nil {
		kind := refusal.CallerLeft
		if errors.Is(cause, context.DeadlineExceeded) {
			kind = refusal.DeadlinePassed
		}
		out := e.quiet(op, kind, 0, cause)
		if s.kind == refusal.NotSent || s.kind == refusal.ProxyRefused || unsignable(s.kind) {
			out.class.Effect, out.failure.Effect = ecs.EffectNone, ecs.EffectNone
		}
		return out
	}
	if unsignable(s.kind) {
		out := e.quiet(op, s.kind, 0, s.cause)
		out.failure.Message += ": " + s.cause.Error() // scrubbed by the keyring
		return out
	}
	// A network error may quote the URL with its signature: the retained text is
	// scrubbed, and is not shown.
	return e.quiet(op, s.kind, 0, errors.New(e.clean(op, s.cause.Error())))
}

// unsignable reports a call for which there was no key.
func unsignable(kind refusal.Silence) bool {
	return kind == refusal.NoCredentials || kind == refusal.OtherAccount
}

// quiet returns the outcome of a try without a response of the cloud.
func (e *Edge) quiet(op operation, kind refusal.Silence, status int, cause error) outcome {
	class := refusal.OfSilence(kind)
	failure := e.failure(op, class, fmt.Sprintf("%s in %s: %s", op.action, op.region, kind),
		ecs.CloudError{Action: op.action, HTTPStatus: status})
	failure.Cause = cause
	return outcome{class: class, failure: failure}
}

// unsigned is the outcome if the SDK could not write the request.
func (e *Edge) unsigned(op operation, err error) outcome {
	code := "SDK.Unknown"
	var sdk sdkerrors.Error
	if errors.As(err, &sdk) && sdk.ErrorCode() != "" {
		code = sdk.ErrorCode()
	}
	class, _ := refusal.Of(op.action, code, 0)
	failure := e.failure(op, class, fmt.Sprintf("%s in %s could not be written: %s", op.action, op.region, e.clean(op, err.Error())),
		ecs.CloudError{Action: op.action})
	return outcome{class: class, failure: failure}
}

// passedDryRun reports whether a code is the cloud's word that it would have
// carried the call out: an error in form, DRYRUN.SUCCESS of the calls for many.
func passedDryRun(code string) bool { return code == "DryRunOperation" || code == "DRYRUN.SUCCESS" }

func refusedMessage(op operation, text string) string {
	return fmt.Sprintf("%s in %s was refused by the cloud: %s", op.action, op.region, text)
}

// clean makes text of the cloud or the network fit to be shown.
func (e *Edge) clean(op operation, text string) string {
	return e.scrub.Text(scrub.Without(text, op.secrets...))
}

func (e *Edge) failure(op operation, class refusal.Class, message string, cloud ecs.CloudError) *ecs.Error {
	failure := &ecs.Error{
		Reason: class.Reason, Message: message, Retry: class.Retry, Cloud: cloud,
		RegionID: op.region, InstanceID: op.instance,
	}
	if op.changes {
		failure.Effect = class.Effect
	}
	return failure
}

// skew describes how far the local clock is from the cloud's, by the Date of a
// response; "" if that is not known or under a minute.
func skew(header http.Header, now time.Time) string {
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return ""
	}
	ahead := now.Sub(date).Round(time.Second)
	switch {
	case ahead >= time.Minute:
		return fmt.Sprintf("; the server's clock is %s ahead of the cloud's", ahead)
	case ahead <= -time.Minute:
		return fmt.Sprintf("; the server's clock is %s behind the cloud's", -ahead)
	}
	return ""
}

// maxRetryAfter is two windows of the cloud's rate limits: a throttle ends with
// its minute, and one response must not stop an action for longer.
const maxRetryAfter = 2 * time.Minute

// retryAfter reads the retry delay requested by the cloud, in milliseconds.
// Source: aliyun-cli openapi/throttling_retry.go.
func retryAfter(header http.Header) time.Duration {
	ms, err := strconv.ParseInt(header.Get("X-Acs-Retry-After"), 10, 64)
	if err != nil || ms <= 0 {
		return 0
	}
	return time.Duration(min(ms, maxRetryAfter.Milliseconds())) * time.Millisecond
}
