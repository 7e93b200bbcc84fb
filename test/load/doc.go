// Package load measures what watches cost under load, against a bare gRPC
// server that streams the same messages to the same clients in the same run.
//
// Each server is a process of its own, so that its memory, its allocations and
// its processor time can be told from those of the clients; the clients and the
// simulator are in the process of the test. A server's process is the test's
// program itself, started again.
package load
