// Command test runs all suites, as make test does: the Go tests, and beside them the release, the seeds, the SDKs, the
// clients of all languages and their conformance. It prints their outputs one after the other, and at the end the failed
// Go tests, which suites ran and which were skipped because of a missing tool. Run it at the root of the repository.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/ecsd-io/ecsd/test/lib/suite"
)

// part is a target of the Makefile.
type part struct {
	target string
	// tools are arguments of tools/doctor. A part without any runs suites that check their own and record their results.
	tools []string
}

// lanes run at the same time, because most suites wait more than they compute. The parts of a lane run in order: those of the
// last one share what they install.
var lanes = [][]part{
	{{"test-go", []string{"go"}}}, // fails without a C compiler
	{{"test-release", []string{"go"}}, {"test-seeds", []string{"python"}}, {"test-languages", nil}},
	{{"test-sdks", nil}, {"test-clients", nil}, {"test-conformance", nil}},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "test:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	folder, err := os.MkdirTemp("", "ecsd-test-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	results := filepath.Join(folder, "results")
	if err := os.Setenv(suite.ResultsVariable, results); err != nil {
		return err
	}
	printed := &sections{out: os.Stdout}
	var running sync.WaitGroup
	var failed []*failures
	for _, lane := range lanes {
		var outs []*section
		var passing []*failures
		for range lane {
			out := printed.add()
			outs, passing = append(outs, out), append(passing, &failures{out: out})
		}
		failed = append(failed, passing...)
		running.Go(func() {
			for i, p := range lane {
				p.run(ctx, passing[i], results)
				outs[i].end()
			}
		})
	}
	running.Wait()
	all, err := suite.Results(results)
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stdout)
	for _, f := range failed {
		_, _ = f.kept.WriteTo(os.Stdout)
	}
	suite.Summarize(os.Stdout, all)
	if slices.ContainsFunc(all, func(r suite.Result) bool { return r.Outcome == suite.Failed }) {
		return errors.New("a suite failed")
	}
	return ctx.Err()
}

// run runs a part and makes sure that a failure has a result.
func (p part) run(ctx context.Context, out io.Writer, results string) {
	name := strings.TrimPrefix(p.target, "test-")
	target := func(ctx context.Context, out io.Writer) error {
		return suite.Shell(ctx, out, "make --no-print-directory "+p.target)
	}
	if p.tools != nil {
		// Run records the error.
		_ = suite.Run(ctx, out, "", []suite.Suite{{Name: name, Tools: p.tools, Run: target}})
		return
	}
	if err := target(ctx, out); err != nil {
		all, _ := suite.Results(results)
		if !slices.ContainsFunc(all, func(r suite.Result) bool { return r.Outcome == suite.Failed && strings.HasPrefix(r.Suite, name+"/") }) {
			_ = suite.Record(suite.Result{Suite: name, Outcome: suite.Failed})
		}
	}
}
