//go:build !linux

package postgres

import "syscall"

// account is under whom PostgreSQL runs: whoever runs the tests, who must not
// be root.
func account(string) (*syscall.SysProcAttr, error) { return nil, nil }
