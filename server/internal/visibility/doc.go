// Package visibility distinguishes an instance that the cloud does not show yet
// from one that does not exist. The cloud may omit a new instance from its
// reads for some seconds, and another of its front ends may not know it at all.
//
// It takes a call by instance ID and its results, and returns the same results
// with one change: if a replica of this ecsd launched an instance within
// Window, and did not release it, INSTANCE_NOT_FOUND is retried and finally
// becomes INSTANCE_NOT_VISIBLE_YET, which is retryable. The launches are read
// from the store, only for IDs that the cloud did not find.
//
// The package must never report NOT_FOUND if the store cannot be read.
package visibility
