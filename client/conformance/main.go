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
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/ecsd-io/ecsd/client/conformance/runner"
	"github.com/ecsd-io/ecsd/client/conformance/subject"
	"github.com/ecsd-io/ecsd/test/lib/suite"
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
	flag.BoolVar(&o.overhead, "overhead", false, "run no case; time a unary call of each client relative to the bare generated stub")
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
	overhead                       bool
}

const (
	// overheadCalls is the number of timed calls, overheadMost the greatest ratio.
	overheadCalls = 3000
	overheadMost  = 1.1
)

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
	r := runner.Runner{Folder: ".", Binary: filepath.Join(temporary, "ecsd"), Parallel: o.parallel}
	if !o.overhead && slices.ContainsFunc(selected, func(c *runner.Case) bool { return c.Server == "real" }) {
		if err := suite.Shell(ctx, os.Stderr, "go build -o "+r.Binary+" ./server/cmd/ecsd"); err != nil {
			return fmt.Errorf("build ecsd: %w", err)
		}
	}
	table := runner.NewTable(selected)
	var suites []suite.Suite
	tested := 0
	for _, program := range programs {
		suites = append(suites, suite.Suite{Name: program.Name, Tools: program.Tools, Run: func(ctx context.Context, out io.Writer) error {
			tested++
			return test(ctx, out, r, program, selected, table, o)
		}})
	}
	failed := suite.Run(ctx, os.Stdout, "conformance/", suites)
	if o.report == "" || ctx.Err() != nil {
		return failed
	}
	if tested < len(programs) {
		return errors.Join(failed, fmt.Errorf("%s is not written, because a subject lacks its tools", o.report))
	}
	return errors.Join(failed, table.Write(o.report))
}

// test runs the cases with one subject and adds their results to the table, or measures its overhead.
func test(ctx context.Context, out io.Writer, r runner.Runner, program *runner.Subject, selected []*runner.Case, table *runner.Table, o options) error {
	if program.Build != "" && !o.prebuilt {
		if err := suite.Shell(ctx, os.Stderr, program.Build); err != nil {
			return fmt.Errorf("build the subject: %w", err)
		}
	}
	if o.overhead {
		bare, client, err := r.Overhead(ctx, program, overheadCalls)
		if err != nil {
			return err
		}
		ratio := float64(client) / float64(bare)
		fmt.Fprintf(out, "%s: %.3f (%s, bare %s)\n", program.Name, ratio, client, bare)
		if ratio > overheadMost {
			return fmt.Errorf("a call takes %.3f of the time of the bare stub, want at most %.1f", ratio, overheadMost)
		}
		return nil
	}
	began := time.Now()
	results, err := r.Run(ctx, program, selected)
	problems := table.Add(program, results)
	if o.verbose {
		for _, result := range results {
			fmt.Fprintf(out, "%s: %6.2f s  %s\n", program.Name, result.Took.Seconds(), result.Case.Name)
		}
	}
	fmt.Fprintf(out, "%s: %d cases, %d failures, %.1f s\n", program.Name, len(selected), len(problems), time.Since(began).Seconds())
	if len(problems) > 0 {
		err = errors.Join(err, errors.New("\n"+strings.Join(problems, "\n")))
	}
	return err
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
