package refusal

import "github.com/ecsd-io/ecsd/server/internal/ecs"

// Again reports whether the edge itself may send a refused call once more.
type Again int

const (
	// Never: the same call would be refused again.
	Never Again = iota
	// WhenSafe: the call may have been carried out or is being carried out.
	// Only reads, settings, and paid calls under the same token are repeated.
	WhenSafe
	// Always: nothing was done, so that any call may be repeated.
	Always
	// Resigned: the request was refused for its time or its temporary
	// credentials. It is repeated once, with fresh ones, if WhenSafe allows it.
	Resigned
	// Budgeted: throttled. It waits for the rate budget and is not a try.
	Budgeted
)

// Row is one line of the table.
type Row struct {
	// Code is the cloud's error code. A code that ends in * matches all codes with
	// that prefix.
	Code string
	// Action limits the row to one action, "" means any.
	Action string
	Class
}

// Class is the common part of codes of one meaning.
type Class struct {
	Reason ecs.Reason
	// Retry is the retry advice for the caller.
	Retry ecs.Retry
	// Effect is whether a call that changes something may have done so.
	Effect ecs.Effect
	// Again is the retry policy of the edge.
	Again Again
	// Advice is one sentence of advice for the reader of the error.
	Advice string
}
