package main

import (
	"errors"
	"time"

	"github.com/ecsd-io/ecsd/server"
)

// tokenCommand is `ecsd token`.
type tokenCommand struct {
	Create tokenCreateCommand `cmd:"" help:"Make a static token. It is shown once; the access file has its hash."`
}

type tokenCreateCommand struct {
	Name string    `arg:"" help:"Name of the caller."`
	End  time.Time `name:"not-after" placeholder:"TIME" help:"End of the token, such as 2027-06-01T00:00:00Z. Default: it has none."`
}

// Run prints a token and its entry of the access file.
func (c *tokenCreateCommand) Run(out output) error {
	return server.NewToken(out.stdout, c.Name, c.End)
}

// accessCommand is `ecsd access`.
type accessCommand struct {
	Check accessCheckCommand `cmd:"" help:"Explain whether a caller may call an RPC. The exit code is 1 if it may not."`
	Lint  accessLintCommand  `cmd:"" help:"Check an access file. The exit code is 2 if it is invalid."`
}

type accessCheckCommand struct {
	File   string `name:"access-file" required:"" env:"ECSD_ACCESS_FILE" placeholder:"FILE" help:"The access file, as in serve --access-file."`
	As     string `required:"" placeholder:"NAME" help:"Name of the caller."`
	RPC    string `name:"rpc" required:"" placeholder:"RPC" help:"Name of the RPC, such as RenewInstance."`
	Region string `placeholder:"REGION" help:"Region of the call."`
}

// errNotPermitted ends the command after its explanation.
var errNotPermitted = errors.New("the caller may not")

// Run explains a decision.
func (c *accessCheckCommand) Run(out output) error {
	allowed, err := server.ExplainAccess(out.stdout, c.File, server.Decision{As: c.As, RPC: c.RPC, Region: c.Region})
	if err == nil && !allowed {
		return errNotPermitted
	}
	return err
}

type accessLintCommand struct {
	File string `arg:"" placeholder:"FILE" help:"The access file."`
}

// Run checks a file.
func (c *accessLintCommand) Run(out output) error { return server.LintAccess(out.stdout, c.File) }
