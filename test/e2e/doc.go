// Package e2e tests the whole of ecsd: callers through gRPC on one end, the
// simulator over real HTTP on the other, and all of the service between them.
//
// It knows the service by its public face alone: the contract, the settings,
// the admin port, the log and the spans.
package e2e
