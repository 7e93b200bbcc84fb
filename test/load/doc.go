// Package load measures the cost of watches under load, against a bare gRPC server that streams the same messages to
// the same clients in the same run.
//
// Each server is a separate process, so that its memory, allocations and CPU time are distinct from those of the
// clients. The clients and the simulator run in the test's process. A server's process is the test binary, started
// again.
package load
