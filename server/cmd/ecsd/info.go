package main

import (
	"fmt"

	"github.com/alecthomas/kong"

	"github.com/ecsd-io/ecsd/server"
)

// versionCommand is `ecsd version`.
type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(out output) error {
	_, err := fmt.Fprintln(out.stdout, server.Version())
	return err
}

// versionFlag is `ecsd --version`.
type versionFlag bool

// BeforeReset prints the version and ends the program, before the parser looks
// for a command.
func (versionFlag) BeforeReset(app *kong.Kong) error {
	if _, err := fmt.Fprintln(app.Stdout, server.Version()); err != nil {
		return err
	}
	app.Exit(0)
	return nil
}

// helpCommand is `ecsd help [COMMAND]`.
type helpCommand struct {
	Command []string `arg:"" optional:"" help:"The command to show."`
}

// Run prints the help, as --help does.
func (c helpCommand) Run(parser *kong.Kong) error {
	_, err := parser.Parse(append(c.Command, "--help"))
	return err
}
