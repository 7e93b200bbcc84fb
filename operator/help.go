package operator

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// An exampler is a command with examples: lines of Bash under comments. A test runs them, each line with the exit code
// 0, in the order of the help against a server with the demo fleet. It sets the variables that an example uses in place
// of IDs ($JOB, $RENEWAL, $INSTANCE; newDemo of the test has all), and types yes at each prompt.
type exampler interface{ Examples() string }

// exitCodes lists the exit codes of the commands of a running server, and of nothing else.
const exitCodes = `0    done, or nothing to do
1    the server or the connection failed, or the request was rejected
2    an invalid command line, variable or context
3    the effect is not complete: a job did not succeed, some instances failed,
     the chain of the audit is broken, or status --check found something
4    not confirmed; nothing was done
5    no instance to act on: none that expires can be renewed, or none matches
130  Ctrl-C`

// Help prints the help of a command: kong's, with the command's own flags before those of its parents, then the exit
// codes and the examples. It is a kong.HelpPrinter.
func Help(options kong.HelpOptions, ctx *kong.Context) error {
	node := ctx.Selected()
	if node == nil {
		return kong.DefaultHelpPrinter(options, ctx)
	}
	remote := contextFlag(ctx) != nil
	if remote {
		ownFlagsFirst(node)
	}
	if err := kong.DefaultHelpPrinter(options, ctx); err != nil {
		return err
	}
	if command, ok := ExamplesOf(node); ok {
		section(ctx, "Examples:", command)
	}
	if remote {
		section(ctx, "Exit codes:", exitCodes)
	}
	return nil
}

// ExamplesOf returns the examples of a command.
func ExamplesOf(node *kong.Node) (text string, ok bool) {
	if !node.Target.CanAddr() {
		return "", false
	}
	command, ok := node.Target.Addr().Interface().(exampler)
	if !ok {
		return "", false
	}
	return command.Examples(), true
}

func section(ctx *kong.Context, title, text string) {
	fmt.Fprintf(ctx.Stdout, "\n%s\n", title)
	for line := range strings.Lines(strings.TrimSpace(text)) {
		fmt.Fprintf(ctx.Stdout, "  %s\n", strings.TrimRight(line, "\n"))
	}
}

// ownFlagsFirst moves the flags that all commands share behind those of the command. The process ends after its help, so
// the changed grammar is not used again.
func ownFlagsFirst(node *kong.Node) {
	var own, common []*kong.Flag
	for at := node; at != nil; at = at.Parent {
		for _, flag := range at.Flags {
			if flag.Group != nil && flag.Group.Key == commonGroup {
				common = append(common, flag)
			} else {
				own = append(own, flag)
			}
		}
		at.Flags = nil
	}
	node.Flags = append(own, common...)
}

// commonGroup is the group of the flags of a [Connection]; see [Group].
const commonGroup = "common"

// Group returns the group of the flags that all commands of a running server share, for kong.ExplicitGroups.
func Group() kong.Group { return kong.Group{Key: commonGroup, Title: "Server and output:"} }
