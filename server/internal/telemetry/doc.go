// Package telemetry provides the observability of ecsd: the logger, the
// Prometheus registry with the metrics of the edge, the exporter of traces, and
// the description of the build.
//
// It writes slog lines, metrics and spans. It must never emit a key, a
// signature, a password or an address of the cloud: its callers pass names,
// codes and durations only. It has no global state; two servers in one process
// do not see each other.
package telemetry
