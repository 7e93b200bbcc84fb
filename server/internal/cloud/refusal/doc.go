// Package refusal is the table of what a failed call to the cloud means.
//
// What comes in is the cloud's error code with the action that met it, or the
// way in which no answer came; what goes out is the reason in the words of
// ecs, whether the caller and whether the edge may ask again, whether
// something may have been changed, and a sentence of advice. docs/errors.md is
// written from the same table by the test of this package (-update).
//
// It decides by code, never by HTTP status alone: the cloud sends the same
// code under several statuses (InternalError under 400 and 500). The cloud's
// message counts only for a code that no row names, and only if it asks to try
// again later. The package holds no state and does no I/O.
package refusal

//go:generate go test -run ^TestDocument$ -update
