package cloud

import (
	"context"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/ecsd-io/ecsd/server/internal/cloud/refusal"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

const (
	// maxTries is how often one operation is sent at most, throttled tries not
	// counted.
	maxTries = 4
	// The waits between tries grow from firstPause by the factor 2 to
	// lastPause, each drawn evenly from nothing to twice that ("full jitter").
	firstPause = 100 * time.Millisecond
	lastPause  = 5 * time.Second
)

// tries is the story of one operation.
type tries struct {
	op       operation
	sent     int
	resigned bool
	// uncertain: a try of a changing call went without an answer. From then
	// on only a success is certain: a later refusal may be of the later try alone.
	uncertain bool
	last      outcome
}

// repeat sends an operation until it succeeds, is refused for good, or may not
// be sent again.
func (e *Edge) repeat(ctx context.Context, op operation, t *tries) *ecs.Error {
	pauses := newPauses()
	for {
		t.last = e.try(ctx, op, 0)
		t.sent++
		if t.last.failure == nil {
			return nil
		}
		if op.changes && t.last.class.Effect == ecs.EffectUnknown {
			t.uncertain = true
		}
		if !t.mayRepeat() {
			return t.verdict()
		}
		if !pause(ctx, pauses.NextBackOff()) {
			return t.verdict()
		}
	}
}

// mayRepeat reports whether the class of the last failure allows another try.
func (t *tries) mayRepeat() bool {
	switch t.last.class.Again {
	case refusal.Always, refusal.WhenSafe, refusal.Budgeted:
		return t.sent < maxTries
	case refusal.Resigned:
		again := !t.resigned
		t.resigned = true
		return again
	}
	return false
}

// verdict is the error of the whole operation.
func (t *tries) verdict() *ecs.Error {
	failure := t.last.failure
	if !t.uncertain {
		return failure
	}
	class := refusal.OfSilence(refusal.Unsettled)
	unsettled := *failure
	unsettled.Effect = ecs.EffectUnknown
	switch failure.Reason {
	case ecs.ReasonClientTokenRejected, ecs.ReasonOperationInProgress, ecs.ReasonDeadlineExceeded, ecs.ReasonCancelled:
		return &unsettled
	}
	unsettled.Reason, unsettled.Retry = class.Reason, class.Retry
	unsettled.Message = t.op.action + " in " + t.op.region + " was sent, and what came of it is not known; last: " + failure.Message
	return &unsettled
}

func newPauses() *backoff.ExponentialBackOff {
	return &backoff.ExponentialBackOff{
		InitialInterval: firstPause, Multiplier: 2, MaxInterval: lastPause, RandomizationFactor: 1,
	}
}

// pause waits; it reports false at once where the context would end before.
func pause(ctx context.Context, d time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= d {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
