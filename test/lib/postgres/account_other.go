//go:build !linux

package postgres

import "syscall"

// account returns the account that PostgreSQL runs under: the user of the tests, which must not be root.
func account(string) (*syscall.SysProcAttr, error) { return nil, nil }

// reachable returns bin: the account is that of the tests.
func reachable(bin, _ string) (string, error) { return bin, nil }
