// Package readiness knows whether this server can do its work, and says so
// over gRPC health and as a report for /readyz.
//
// In come parts, each with a check (the store answers a ping, the cloud has
// answered lately), and the parts that each service needs. One loop checks
// them; out go SERVING and NOT_SERVING for the whole server ("") and for each
// service by name. It must never do the work of a part itself, and a check
// that hangs must not hold up the others' answers past its time limit.
package readiness
