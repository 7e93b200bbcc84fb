// Command conformance proves that the clients of all languages behave the same.
//
// It builds each subject, a small program around the installed client of its language, runs the cases of cases/ with it,
// and prints what failed. With -report it also writes the table of docs/clients.md. README.md describes the protocol of
// the subjects and the cases. Run it at the root of the repository: make test-conformance.
package main

import (
	"context"
	"embed"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/ecsd-io/ecsd/client/conformance/runner"
	"github.com/ecsd-io/ecsd/client/conformance/subject"
)

//go:embed cases/*.yaml
var cases embed.FS

//go:embed subjects.yaml
var subjects []byte

func main() {
	o := options{}
	flag.StringVar(&o.subjects, "subject", "", "run the subjects whose name matches this `pattern`")
	flag.StringVar(&o.run, "run", "", "run the cases whose name matches this `pattern`")
	flag.IntVar(&o.parallel, "parallel", 8, "run this `number` of cases at a time")
	flag.StringVar(&o.report, "report", "", "write the table of results into this Markdown `file`")
	flag.BoolVar(&o.prebuilt, "prebuilt", false, "use the subjects as they were built before")
	flag.BoolVar(&o.verbose, "v", false, "print each case and its duration")
	flag.BoolVar(&o.long, "long", false, "run the cases that take minutes too")
	flag.StringVar(&o.command, "command", "", "run this `command` as the only subject, for a mutant of a client")
	serve := flag.Bool("go-subject", false, "be the subject of the Go client")
	flag.Parse()
	if *serve {
		if err := subject.Serve(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "subject:", err)
			os.Exit(1)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1)
	}
}

type options struct {
	subjects, run, report, command string
	parallel                       int
	prebuilt, verbose, long        bool
}

func run(ctx context.Context, o options) error {
	folder, err := fs.Sub(cases, "cases")
	if err != nil {
		return err
	}
	all, err := runner.Load(folder)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(c *runner.Case) bool { return c.Long && !o.long })
	selected, err := matching(all, o.run, func(c *runner.Case) string { return c.Name })
	if err != nil {
		return err
	}
	programs, err := programs(o)
	if err != nil {
		return err
	}
	temporary, err := os.MkdirTemp("", "ecsd-conformance-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temporary)
	binary := filepath.Join(temporary, "ecsd")
	if err := shell(ctx, "go build -o "+binary+" ./server/cmd/ecsd"); err != nil {
		return fmt.Errorf("build ecsd: %w", err)
	}
	r := runner.Runner{Folder: ".", Binary: binary, Parallel: o.parallel}
	table := runner.NewTable(selected)
	var failed []string
	for _, program := range programs {
		if program.Build != "" && !o.prebuilt {
			if err := shell(ctx, program.Build); err != nil {
				return fmt.Errorf("build the subject %s: %w", program.Name, err)
			}
		}
		began := time.Now()
		results, err := r.Run(ctx, program, selected)
		if err != nil {
			failed = append(failed, fmt.Sprintf("%s: %s", program.Name, err))
		}
		problems := table.Add(program, results)
		for _, problem := range problems {
			failed = append(failed, program.Name+": "+problem)
		}
		if o.verbose {
			for _, result := range results {
				fmt.Fprintf(os.Stdout, "%s: %6.2f s  %s\n", program.Name, result.Took.Seconds(), result.Case.Name)
			}
		}
		fmt.Fprintf(os.Stdout, "%s: %d cases, %d failures, %.1f s\n", program.Name, len(selected), len(problems), time.Since(began).Seconds())
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if o.report != "" {
		if err := table.Write(o.report); err != nil {
			return err
		}
	}
	if len(failed) > 0 {
		return errors.New("\n" + strings.Join(failed, "\n"))
	}
	return nil
}

func programs(o options) ([]*runner.Subject, error) {
	if o.command != "" {
		return []*runner.Subject{{Name: "command", Run: o.command}}, nil
	}
	var all []*runner.Subject
	if err := yaml.Unmarshal(subjects, &all); err != nil {
		return nil, fmt.Errorf("subjects.yaml: %w", err)
	}
	return matching(all, o.subjects, func(s *runner.Subject) string { return s.Name })
}

func matching[T any](all []T, pattern string, name func(T) string) (selected []T, _ error) {
	expression, err := regexp.Compile(pattern)
	if err != nil {
		return nil, err
	}
	for _, one := range all {
		if expression.MatchString(name(one)) {
			selected = append(selected, one)
		}
	}
	if len(selected) == 0 {
		return nil, fmt.Errorf("nothing matches %q", pattern)
	}
	return selected, nil
}

func shell(ctx context.Context, command string) error {
	c := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", command)
	c.Stdout, c.Stderr = os.Stderr, os.Stderr
	return c.Run()
}
