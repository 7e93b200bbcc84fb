package suite

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// Suite is tests with one set of tools.
type Suite struct {
	Name string
	// Tools are arguments of tools/doctor.
	Tools []string
	Run   func(ctx context.Context, out io.Writer) error
}

// Run runs the suites in order, all of them if names is empty, and records their results under prefix + name. It continues
// after a failure. It must be called at the root of the repository.
func Run(ctx context.Context, out io.Writer, prefix string, suites []Suite, names ...string) error {
	var known []string
	for _, s := range suites {
		known = append(known, s.Name)
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return fmt.Errorf("unknown suite %q: want one of %s", name, strings.Join(known, ", "))
		}
	}
	var failed []error
	for _, s := range suites {
		if len(names) > 0 && !slices.Contains(names, s.Name) {
			continue
		}
		if err := s.run(ctx, out, prefix+s.Name); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", s.Name, err))
		}
	}
	return errors.Join(failed...)
}

func (s Suite) run(ctx context.Context, out io.Writer, name string) error {
	if lacks := missing(ctx, s.Tools); lacks != "" {
		fmt.Fprintf(out, "== %s: skipped, missing: %s\n", name, lacks)
		if os.Getenv("CI") != "" {
			return errors.Join(errors.New("a tool is missing, and CI is set"), Record(Result{name, Failed, ""}))
		}
		return Record(Result{name, Skipped, lacks})
	}
	fmt.Fprintf(out, "== %s\n", name)
	started := time.Now()
	err := s.Run(ctx, out)
	outcome := Passed
	if err != nil {
		outcome = Failed
		fmt.Fprintf(out, "== %s failed: %v\n", name, err)
	}
	fmt.Fprintf(out, "== %s took %.0f s\n", name, time.Since(started).Seconds())
	return errors.Join(err, Record(Result{name, outcome, ""}))
}

// missing returns which tools are missing and how to install them, "" if none is.
func missing(ctx context.Context, tools []string) string {
	if len(tools) == 0 {
		return ""
	}
	output, err := exec.CommandContext(ctx, "tools/doctor", tools...).Output()
	if err == nil {
		return ""
	}
	var lines []string
	for line := range strings.Lines(string(output)) {
		lines = append(lines, strings.TrimPrefix(strings.TrimSpace(line), "missing: "))
	}
	return cmp.Or(strings.Join(lines, ", "), err.Error())
}

// Shell runs a command in Bash, with more variables in its environment.
func Shell(ctx context.Context, out io.Writer, command string, environment ...string) error {
	c := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", command)
	c.Stdout, c.Stderr = out, out
	c.Env = append(os.Environ(), environment...)
	return c.Run()
}
