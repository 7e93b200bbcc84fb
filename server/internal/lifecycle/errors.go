package lifecycle

import (
	"errors"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/flight"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

var (
	errDraining  = flight.ErrClosed
	errReused    = flight.ErrOther
	errUnsettled = errors.New("nothing shows of the launch")
)

// toCaller turns the outcome of a flight into the error of the caller.
func (l *Lifecycle) toCaller(err error, regionID, requestID string) error {
	switch {
	case errors.Is(err, errReused):
		return reused(regionID, requestID)
	case errors.Is(err, errDraining):
		e := ecs.Errorf(ecs.ReasonServerDraining, "the server is stopping; retry with the same request_id")
		e.Retry = ecs.RetryBackoff
		return e.On(regionID, "")
	case errors.Is(err, ecs.ErrStateMoved):
		e := ecs.Errorf(ecs.ReasonOperationInProgress, "another server works on request_id %s; retry with it", requestID)
		e.Retry, e.Effect = ecs.RetryBackoff, ecs.EffectUnknown
		return e.On(regionID, "")
	}
	if refused := ledger.SpendRefusal(err); refused != nil {
		return refused.On(regionID, "")
	}
	return err
}

// ended distinguishes a flight that Close ended from one that its callers left.
func (l *Lifecycle) ended(err error) error {
	if err != nil && l.ctx.Err() != nil {
		return errDraining
	}
	return err
}

// reused is the error of a request ID that belongs to another request.
func reused(regionID, requestID string) *ecs.Error {
	return ecs.Errorf(ecs.ReasonRequestIDReused,
		"request_id %s was used for another request; take a new one for a new request", requestID).On(regionID, "")
}

// beyondSettling reports that there is no evidence of the outcome of a launch,
// and that its token is too old, or was refused for good, so that it cannot be
// sent again.
func beyondSettling(r ecs.RequestRecord) *ecs.Error {
	e := ecs.Errorf(ecs.ReasonOutcomeUnknown,
		"no instance of request %s shows, and its token can no longer be trusted to make nothing twice; check in the cloud's console, then take a new request_id", r.RequestID)
	e.Effect = ecs.EffectUnknown
	return e.On(r.RegionID, "")
}

// failedBefore returns the stored failure. It reports that it is of an earlier
// call, and its time.
func failedBefore(r ecs.RequestRecord) *ecs.Error {
	e := ecs.Errorf(r.Failure.Reason, "%s", r.Failure.Message)
	if r.Failure.CloudCode != "" {
		e.Cloud = ecs.CloudError{Code: r.Failure.CloudCode, RequestID: r.Failure.CloudRequestID, Action: r.Action}
		e.NameField()
	}
	if r.Failure.Reason == ecs.ReasonOutcomeUnknown {
		e.Effect = ecs.EffectUnknown
	}
	e.Facts = map[string]string{"replayed": "true", "original_time": r.UpdateTime.UTC().Format(time.RFC3339)}
	return e.On(r.RegionID, "")
}
