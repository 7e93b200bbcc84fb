package cloud

import (
	"github.com/ecsd-io/ecsd/server/internal/cloud/refusal"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// maxSplits bounds the calls that search for bad IDs in one refused call of up
// to 100: two bad ones are found in at most 2 x 2 x log2(100) calls.
const maxSplits = 28

// bisect makes one call for many IDs. If the cloud refuses all of them because
// of some, it bisects until the bad IDs are found, so that they do not affect
// the others. Any other failure (a throttle, a 5xx, a time-out, a wrong
// parameter) applies to all IDs, and is not retried. IDs that are still
// together when the bound is reached share the refusal.
func (e *Edge) bisect(ids []string, ask func(ids []string) error, failed func(ids []string, err error)) {
	splits := maxSplits
	bisectWithin(ids, &splits, ask, failed)
}

// bisectWithin is bisect with the remaining bound.
func bisectWithin(ids []string, splits *int, ask func(ids []string) error, failed func(ids []string, err error)) {
	err := ask(ids)
	switch {
	case err == nil:
	case len(ids) == 1 || *splits < 2 || !refusal.OfOne(ecs.AsError(err)):
		failed(ids, err)
	default:
		*splits -= 2
		bisectWithin(ids[:len(ids)/2], splits, ask, failed)
		bisectWithin(ids[len(ids)/2:], splits, ask, failed)
	}
}
