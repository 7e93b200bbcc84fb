package lifecycle

import (
	"errors"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

var (
	errDraining = errors.New("the room is closing")
	errReused   = errors.New("the request id stands for another request")
)

// refusalOf reads an error of the edge. One that is not the domain's own says
// nothing of the effect, so the effect is unknown.
func refusalOf(err error) *ecs.Error {
	if refusal := ecs.AsError(err); refusal != nil {
		return refusal
	}
	return &ecs.Error{
		Reason: ecs.ReasonOutcomeUnknown, Message: "the call ended without an answer",
		Retry: ecs.RetryBackoff, Effect: ecs.EffectUnknown, Cause: err,
	}
}
