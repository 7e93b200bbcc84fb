// Package visibility distinguishes an instance that the cloud does not show yet
// from one that does not exist. The cloud may omit a new instance from its reads
// for some seconds, and another of its fronts may not know it at all.
//
// What comes in is a call by instance ID and its results. What goes out is the
// same results, in which INSTANCE_NOT_FOUND of an instance that a replica of
// this ecsd launched within Window, and did not release, has been waited for and
// else became INSTANCE_NOT_VISIBLE_YET, which is retryable. The launches are read
// from the store, only for IDs that the cloud did not find.
//
// The package must never report NOT_FOUND if the store cannot be read.
package visibility
