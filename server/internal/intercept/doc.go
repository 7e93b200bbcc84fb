// Package intercept is what every RPC passes before and after its handler:
// the request id and the caller's name, the access log, the metrics, the limit
// of calls in progress, the default deadline, and the recovery from a panic.
//
// In come the RPC's context and metadata; out go a context that carries a
// call.Call, one log line, one set of metrics, and an error that always has a
// reason. It must never know a business rule, read a request message, or write
// metadata other than the request id and the caller's name to a log.
package intercept
