package call

import "context"

// Lane is how a call to the cloud ranks when the rate budget is short.
type Lane int

// From the lowest to the highest. A higher lane keeps a share of the budget
// that a lower one cannot take.
const (
	// Poll is ecsd's own watching.
	Poll Lane = iota + 1
	// Read is a call with a waiting caller. It is the default.
	Read
	// Write changes something or pays, or is a read that such a call needs
	// before or after it.
	Write
)

type laneKey struct{}

// InLane returns a context in which calls to the cloud rank as lane.
func InLane(ctx context.Context, lane Lane) context.Context {
	return context.WithValue(ctx, laneKey{}, lane)
}

// LaneOf returns the lane of the context, Read if none was set.
func LaneOf(ctx context.Context) Lane {
	if lane, ok := ctx.Value(laneKey{}).(Lane); ok {
		return lane
	}
	return Read
}
