package main

import (
	"context"

	"github.com/ecsd-io/ecsd/server"
)

// notifyCommand is `ecsd notify`.
type notifyCommand struct {
	Test notifyTestCommand `cmd:"" help:"Send a test message to each receiver, and print the outcomes. The exit code is 1 if one failed, and 2 if the file is invalid."`
}

type notifyTestCommand struct {
	File string `name:"notify" required:"" env:"ECSD_NOTIFY" placeholder:"FILE" help:"The file of receivers, as in serve --notify."`
}

// Run sends the test messages.
func (c *notifyTestCommand) Run(ctx context.Context, out output) error {
	return server.TestNotifications(ctx, out.stdout, c.File)
}
