//go:build !linux

package store

import "syscall"

// limitUnacknowledged does nothing: only Linux has the option.
func limitUnacknowledged(string, string, syscall.RawConn) error { return nil }
