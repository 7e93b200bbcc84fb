// Package intercept holds the interceptors of every RPC: the request ID and the
// verified caller, the access log, the metrics, the check of scopes, the limit
// of calls in progress, the default deadline, and the recovery from a panic.
//
// It reads the RPC's context and metadata, and produces a context that carries
// a call.Call, one log line, one set of metrics, and an error that always has a
// reason. It must never depend on a business rule, read a request message, or
// write metadata other than the request ID and the caller's name to a log.
package intercept
