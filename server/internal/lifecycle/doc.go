// Package lifecycle creates, starts, stops and releases instances, and changes
// the settings of a running one: its auto-release time, its public address, its
// protection, its tags.
//
// A request is for one region; the result is one per instance, with the
// instance as the cloud then shows it. A launch or release has its effect once
// for its request ID: the intent, with the token that makes the call idempotent
// in the cloud, is on disk before a byte leaves. A call of unknown outcome is
// settled by the state of the cloud and by the same token, never by a second
// order. A refusal without an effect is not stored: the same request tries
// again. The guards of a release evaluate a read that is no older than the
// call, and a guard gives way only to the field that names it.
//
// Transient states are waited for within the caller's deadline: an instance in
// transition, and a launched one that the cloud does not show yet. A change of
// several steps stores the state to restore before its first step, so that any
// replica finishes or undoes it if the process dies.
//
// A release job saves disks in snapshots and releases their instances. It is
// stored before it begins, and carried out by the process that holds its lease.
//
// The package must store no password and no user data, and must not import
// gRPC. A launch continues after its caller left, because it may have been
// paid. A release that its caller waits for, and that is not
// being sent yet, ends with its caller.
package lifecycle
