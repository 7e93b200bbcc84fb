package main

import (
	"fmt"
	"strings"

	"github.com/ecsd-io/ecsd/server"
)

// passwordElsewhere are the flags with a value that may hold a password, and
// where it may be instead.
var passwordElsewhere = map[string]string{
	"--database":      "give the address in ECSD_DATABASE or in the file of --config, or leave the password to PGPASSWORD or a password file",
	"--otlp-endpoint": "give the URL in ECSD_OTLP_ENDPOINT or in the file of --config",
}

// refusePasswords refuses a password on the command line: every user of the
// host can read the arguments of a process. The error does not show it.
func refusePasswords(args []string) error {
	for i, arg := range args {
		if arg == "--" {
			return nil
		}
		name, value, joined := strings.Cut(arg, "=")
		elsewhere, checked := passwordElsewhere[name]
		if !checked {
			continue
		}
		if !joined && i+1 < len(args) {
			value = args[i+1]
		}
		if server.HoldsPassword(value) {
			return fmt.Errorf("%s: must not hold a password, which every user of this machine can read on the command line: %s", name, elsewhere)
		}
	}
	return nil
}
