// Package server assembles ecsd: it listens, puts the rooms together behind
// the gRPC services, starts them, drains them and stops.
//
// In comes a Config, out goes a running service and, at the end, an error that
// says what could not start or what broke. It must never know a business rule:
// what a renewal is, or which period is sold, is not written here.
//
// The order of things, which the rest relies on. Start: listeners, telemetry,
// the simulator where it is embedded, the rooms from the store upward, gRPC,
// health. Drain: health says NOT_SERVING, the rooms end their streams, calls in
// progress finish within the grace, the rooms close from the top down, and the
// admin port goes last, so that a drain can be watched.
package server
