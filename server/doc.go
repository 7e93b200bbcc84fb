// Package server assembles ecsd: it listens, connects the components to the
// gRPC services, starts them, drains them and stops.
//
// It takes a Config and runs a service until it ends or returns an error that
// names what could not start or what broke. It holds no business rule: what a
// renewal means, or which periods are sold, belongs to the components.
//
// The other packages rely on this order. Start: listeners, telemetry, the
// embedded simulator if configured, the components from the store upward, gRPC,
// health. Drain: health reports NOT_SERVING, the components end their streams,
// calls in progress finish within the grace period, the components close from
// the top down, and the admin port closes last, so that a drain can be
// observed.
package server
