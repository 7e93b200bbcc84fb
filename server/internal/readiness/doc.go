// Package readiness checks whether this server can work, and reports it over
// gRPC health and for /readyz.
//
// It takes parts, each with a check (the store answers a ping, the cloud has
// responded recently), and the parts that each service needs. One loop checks
// them and sets SERVING or NOT_SERVING for the whole server ("") and for each
// service by name. It must never do the work of a part, and a check that blocks
// must not delay the others past its time limit.
package readiness
