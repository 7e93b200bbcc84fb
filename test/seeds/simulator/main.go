// Simulator runs the simulated ECS endpoint alone, with the flags of `ecsd simulator`. The tests in this folder start
// it.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/ecsd-io/ecsd/simulator/command"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c command.Command
	kong.Parse(&c, kong.Name("simulator"), kong.Description("Runs a simulated ECS endpoint."))
	if err := c.Run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
