package cloud

import (
	"context"
	"errors"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/cloud/answer"
	"github.com/ecsd-io/ecsd/server/internal/cloud/budget"
	"github.com/ecsd-io/ecsd/server/internal/cloud/refusal"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// operation is one call to the cloud, in as many tries as it takes.
type operation struct {
	action string
	region string
	// host is the endpoint, "" for that of ECS in the region.
	host string
	// instance is named in errors, "" if the call is on many or none.
	instance string
	// instances are the IDs of a call that changes several.
	instances []string
	// refused returns the instances that a response with a result for each shows
	// as unchanged; nil if there is one result.
	refused func() []string
	// changes: the call may change something or pay, so that a try without a
	// response leaves its outcome unknown.
	changes bool
	// once: a second try could act a second time (a reboot), so that a try
	// without a response is the last.
	once bool
	// many: the call is for several IDs. A refusal that may be because of one of
	// them is not repeated; the others are sent again without it.
	many bool
	// dryRun: the cloud's refusal with DryRunOperation is the expected success.
	dryRun bool
	// secrets are values in the request that no text may quote.
	secrets []string
	// write creates the request. It is called for every try: the SDK cannot remove
	// a parameter from a request, nor sign it twice.
	write func() requests.AcsRequest
	// read decodes a response and returns its request ID. The body must not be
	// used afterwards.
	read func(body []byte) (requestID string, err error)
	// refusal finds an error in a response with a status of success; nil if the
	// action has none such.
	refusal func(body []byte) (answer.Refused, bool)
	// shared holds the callers of a batched call, zero for a call of one caller.
	shared shared
}

// do carries an operation out. The error is an *ecs.Error or nil.
func (e *Edge) do(ctx context.Context, op operation) error {
	_, err := e.settle(ctx, op)
	return err
}

// settle is do for a call that returns an outcome for each of many IDs:
// uncertain reports that a try before the last one may have been carried out,
// so that a refusal of the last may be an effect of the earlier one.
func (e *Edge) settle(ctx context.Context, op operation) (uncertain bool, err error) {
	if !e.served[op.region] {
		return false, unknownRegion(op.region).On("", op.instance)
	}
	ctx, span := e.startSpan(ctx, op, op.shared.links...)
	tries := tries{op: op}
	refused := e.changing(ctx, op)
	failure := e.repeat(ctx, &tries)
	e.endSpan(span, &tries, failure)
	if failure != nil {
		if failure.Effect == ecs.EffectNone {
			refused(op.changed())
		}
		return tries.uncertain, failure
	}
	if op.refused != nil && !tries.uncertain {
		if ids := op.refused(); len(ids) > 0 {
			refused(ids)
		}
	}
	return tries.uncertain, nil
}

// changing reports a call that may change instances before it leaves.
func (e *Edge) changing(ctx context.Context, op operation) (refused func(instanceIDs []string)) {
	if ids := op.changed(); len(ids) > 0 && e.config.Changing != nil {
		return e.config.Changing(ctx, op.region, op.action, ids)
	}
	return func([]string) {}
}

// changed returns the instances that the call may change.
func (op *operation) changed() []string {
	switch {
	case !op.changes:
		return nil
	case op.instance != "":
		return []string{op.instance}
	}
	return op.instances
}

// outcome is the outcome of one try; failure is nil if it succeeded.
type outcome struct {
	failure    *ecs.Error
	class      refusal.Class
	requestID  string
	retryAfter time.Duration
	// sent: the request was handed to the network; answered: the cloud responded.
	sent, answered bool
	// timedOut: no response came within the action's time. proxyRefused: the proxy
	// did not connect to the endpoint.
	timedOut, proxyRefused bool
}

// try makes one HTTP call.
func (e *Edge) try(ctx context.Context, op operation, waited time.Duration) outcome {
	signer, err := e.keys.get(ctx)
	if err != nil {
		return e.unsignable(ctx, op, err)
	}
	return e.send(ctx, op, signer, waited)
}

// unsignable is the outcome of a try without credentials.
func (e *Edge) unsignable(ctx context.Context, op operation, err error) outcome {
	if ctx.Err() != nil {
		return e.silent(ctx, op, silence{refusal.NotSent, err})
	}
	var other *OtherAccountError
	if errors.As(err, &other) {
		return e.silent(ctx, op, silence{refusal.OtherAccount, err})
	}
	return e.silent(ctx, op, silence{refusal.NoCredentials, err})
}

// send is try with keys that are there.
func (e *Edge) send(ctx context.Context, op operation, signer *signer, waited time.Duration) outcome {
	request := op.write()
	host := e.hostOf(op)
	request.SetDomain(host)
	request.SetScheme(e.config.scheme(host))
	sendContext, cancel := context.WithTimeout(ctx, e.config.timeout(op.action))
	defer cancel()
	signed, err := signer.sign(sendContext, request)
	if err != nil {
		return e.unsigned(op, err)
	}

	start := CallStart{Account: e.config.Account, Region: op.region, Action: op.action, Lane: call.LaneOf(ctx)}
	e.config.Observer.started(start)
	op.shared.count(ctx, op.region)
	began := time.Now()
	answer, quiet := e.exchange(signed, mostBytes(op.action))
	took := time.Since(began)
	if key := (budget.Key{Region: op.region, Action: op.action}); quiet == nil || quiet.kind == refusal.TimedOut {
		// A caller that left early shows only that the call takes longer.
		if ctx.Err() == nil || took > e.latencies.median(key) {
			e.latencies.note(key, took)
		}
	}
	var out outcome
	if quiet != nil {
		out = e.silent(ctx, op, *quiet)
		out.timedOut, out.proxyRefused = quiet.kind == refusal.TimedOut, quiet.kind == refusal.ProxyRefused
	} else {
		out = e.answered(op, answer)
		answer.release()
	}
	if out.class.Again == refusal.Resigned || out.class.Reason == ecs.ReasonCredentialsInvalid {
		e.keys.refused(signer)
	}
	e.logUnreachable(ctx, signed, out)
	out.sent = true
	end := CallEnd{CallStart: start, Duration: took, Waited: waited}
	if out.failure != nil {
		end.Code, end.Reason = refusal.Label(op.action, out.failure.Cloud.Code), out.failure.Reason
		end.Throttled = out.class.Again == refusal.Budgeted
	}
	e.config.Observer.ended(end)
	return out
}
