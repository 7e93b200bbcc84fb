// Package lifecycle makes, starts, stops and releases instances, and sets what
// a running one carries: its auto-release time, its public address, its
// protection, its tags.
//
// A request for one region comes in. The instances as the cloud then shows them
// go out, one result per instance. A launch or release has its effect once for
// its request ID: the intent, with the token that makes the call idempotent in
// the cloud, is on disk before a byte leaves. A call of unknown outcome is settled
// by what the cloud shows and by the same token, never by a second order. A
// refusal under which nothing was made is no response to keep: the same request
// tries again. The guards of a release evaluate a read that is no older than the
// call, and a guard gives way only to the field that names it.
//
// What ends by itself is waited for within the caller's deadline: an instance on
// the way from one status to another, and one that was launched and that the
// cloud does not show yet. A change of several steps stores what it must restore
// before its first step, so that any replica finishes or undoes it if the process
// dies.
//
// The package must store no password and no user data, and must not know gRPC. A
// launch continues after its caller left, because it may have been paid. A release
// that is not being sent yet ends with its caller.
package lifecycle
