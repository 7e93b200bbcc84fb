package server

import "github.com/ecsd-io/ecsd/server/internal/telemetry"

// Version returns the build in one line, as the Go toolchain stamped it.
func Version() string { return telemetry.ReadBuild().String() }
