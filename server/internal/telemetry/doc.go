// Package telemetry makes what ecsd tells about itself: the logger, the
// Prometheus registry with the metrics of the edge, the exporter of traces,
// and the build's own description.
//
// What comes in is configuration and what happened; what goes out are slog
// lines, metrics and spans. It must never carry a key, a signature, a password
// or an address of the cloud: it is given names, codes and durations only.
// Nothing here is global; two servers in one process do not see each other.
package telemetry
