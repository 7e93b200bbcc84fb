package cloud

import (
	"github.com/ecsd-io/ecsd/server/internal/cloud/refusal"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// maxSplits bounds the calls that look for bad ids in one refused call of up to
// 100: two bad ones are found in at most 2 x 2 x log2(100) calls.
const maxSplits = 28

// isolate makes one call for many ids. Where the cloud refuses all of them
// because of what some are, it halves them until those are alone, so that they
// harm no other. Whatever else fails (a throttle, a 5xx, a time-out, a wrong
// parameter) is everybody's, and is not asked again. What is still together
// when the bound is reached shares the refusal.
func (e *Edge) isolate(ids []string, ask func(ids []string) error, failed func(ids []string, err error)) {
	splits := maxSplits
	halve(ids, &splits, ask, failed)
}

// halve is isolate with what is left of the bound.
func halve(ids []string, splits *int, ask func(ids []string) error, failed func(ids []string, err error)) {
	err := ask(ids)
	switch {
	case err == nil:
	case len(ids) == 1 || *splits < 2 || !refusal.OfOne(ecs.AsError(err)):
		failed(ids, err)
	default:
		*splits -= 2
		halve(ids[:len(ids)/2], splits, ask, failed)
		halve(ids[len(ids)/2:], splits, ask, failed)
	}
}
