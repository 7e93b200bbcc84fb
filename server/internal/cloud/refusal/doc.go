// Package refusal is the table of the meaning of failed calls to the cloud.
//
// It maps the cloud's error code and the action, or the kind of a missing
// response, to the reason in terms of ecs, whether the caller and the edge may
// retry, whether the call may have had an effect, and a sentence of advice.
// docs/cloud-errors.md is written from the same table by the test of this package
// (-update).
//
// It decides by code, never by HTTP status alone: the cloud sends the same code
// under several statuses (InternalError under 400 and 500). The cloud's message
// counts only for a code that no row names, and only if it asks for a later
// retry. The package holds no state and does no I/O.
package refusal

//go:generate go test -run ^TestDocument$ -update
