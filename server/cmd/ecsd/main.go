package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/ecsd-io/ecsd/operator"
	"github.com/ecsd-io/ecsd/server"
	"github.com/ecsd-io/ecsd/simulator/command"
)

// Exit codes; see the package's description.
const (
	exitFailed = 1
	exitUsage  = 2
)

// commandLine is the grammar of the command line.
type commandLine struct {
	Serve serveCommand `cmd:"" help:"Start the service."`
	Dev   devCommand   `cmd:"" help:"Start the service with a demo fleet and a token, and print commands to try."`

	operator.Commands `embed:""`

	Token     tokenCommand    `cmd:"" help:"Make tokens of callers."`
	Access    accessCommand   `cmd:"" help:"Check an access file, and explain its decisions."`
	Notify    notifyCommand   `cmd:"" help:"Test the receivers of notifications."`
	Migrate   migrateCommand  `cmd:"" help:"Upgrade the schema of the database. Make a copy first. Rejected if a running ecsd could not use the new schema."`
	Simulator command.Command `cmd:"" help:"Run the ECS simulator alone, for demos and tests."`
	Version   versionCommand  `cmd:"" help:"Print the version."`
	Help      helpCommand     `cmd:"" help:"Show help for a command."`

	PrintVersion versionFlag `name:"version" help:"Print the version."`
}

func main() {
	ctx, stop := untilSignal()
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// untilSignal returns a context that ends at SIGTERM or Ctrl-C. The default
// handling of the signals is restored first, so a second signal ends the
// process at once.
func untilSignal() (ctx context.Context, stop func()) {
	ctx, stop = context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, os.Interrupt)
	go func() {
		select {
		case <-signals:
		case <-ctx.Done():
		}
		signal.Stop(signals)
		stop()
	}()
	return ctx, stop
}

// run executes the command of the arguments and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (code int) {
	defer func() {
		// Kong's help ends the program from inside the parser.
		switch ended := recover().(type) {
		case nil:
		case exit:
			code = int(ended)
		default:
			panic(ended)
		}
	}()
	line := &commandLine{Simulator: command.Command{Out: stdout}}
	parser, err := newParser(line, stdout, stderr)
	if err != nil {
		fmt.Fprintln(stderr, "ecsd:", err)
		return exitFailed
	}
	if err := refusePasswords(args); err != nil {
		return complain(stderr, err)
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return complain(stderr, err)
	}
	if readsEnvironment(parsed.Selected()) {
		if err := checkEnvironment(parser.Model, os.Environ()); err != nil {
			return complain(stderr, err)
		}
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	parsed.Bind(output{stdout: stdout, stderr: stderr}, operator.Streams{In: os.Stdin, Out: stdout, Err: stderr})
	if err := parsed.Run(); err != nil {
		fmt.Fprintln(stderr, "ecsd:", err)
		var failure *operator.Error
		if errors.As(err, &failure) {
			return failure.ExitCode()
		}
		var setting *server.ConfigError
		if errors.As(err, &setting) {
			return exitUsage
		}
		return exitFailed
	}
	return 0
}

// complain prints the errors of the settings and the help command to run.
func complain(w io.Writer, err error) int {
	help := "ecsd help"
	var failed *kong.ParseError
	if errors.As(err, &failed) && failed.Context.Selected() != nil {
		help += " " + failed.Context.Selected().Path()
	}
	fmt.Fprintf(w, "ecsd: %v\nSee: %s\n", err, help)
	return exitUsage
}

// exit carries an exit code out of the parser.
type exit int

// output holds the streams that commands write to.
type output struct{ stdout, stderr io.Writer }

func newParser(into *commandLine, stdout, stderr io.Writer) (*kong.Kong, error) {
	return kong.New(into,
		kong.Name("ecsd"),
		kong.Description("Manages the lifecycle and the renewal of Alibaba Cloud ECS instances through a gRPC API."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { panic(exit(code)) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Help(operator.Help),
		kong.Resolvers(operator.Contexts()),
		kong.ExplicitGroups([]kong.Group{
			{Key: "service", Title: "Service:"},
			{Key: "cloud", Title: "Cloud:"},
			{Key: "access", Title: "Access:"},
			{Key: "operation", Title: "Operation:"},
			{Key: "limits", Title: "Limits:"},
			operator.Group(),
		}),
		environment(map[string]string{"serve": "ECSD_", "migrate": "ECSD_", "simulator": "ECSD_SIMULATOR_"}),
	)
}
