package server

import "github.com/ecsd-io/ecsd/server/internal/telemetry"

// Version says in one line which build this is, as the Go toolchain stamped it.
func Version() string { return telemetry.ReadBuild().String() }
