// Package e2e tests ecsd as a whole: callers through gRPC at one end, the simulator over real HTTP at the other, and
// the whole service between them.
//
// It uses only the public interface of the service: the contract, the settings, the admin port, the log and the spans.
package e2e
