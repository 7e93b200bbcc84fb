package suite_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ecsd-io/ecsd/test/lib/suite"
)

// doctor is a tools/doctor that knows the tool "good" only.
const doctor = `#!/bin/sh
for tool in "$@"; do [ $tool = good ] || { echo "missing: $tool: apt-get install $tool"; exit 1; }; done
`

// newRoot moves the test to a repository with that doctor, and returns the file of results.
func newRoot(t *testing.T, ci string) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.Mkdir(filepath.Join(folder, "tools"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "tools", "doctor"), []byte(doctor), 0o700); err != nil { //nolint:gosec // a program
		t.Fatal(err)
	}
	t.Chdir(folder)
	t.Setenv("CI", ci)
	results := filepath.Join(folder, "results")
	t.Setenv(suite.ResultsVariable, results)
	return results
}

func ends(err error) func(context.Context, io.Writer) error {
	return func(context.Context, io.Writer) error { return err }
}

func TestRun_MissingTool(t *testing.T) {
	results := newRoot(t, "")
	var out bytes.Buffer
	suites := []suite.Suite{
		{Name: "one", Tools: []string{"good"}, Run: ends(nil)},
		{Name: "two", Tools: []string{"good", "bad"}, Run: ends(nil)},
		{Name: "three", Run: ends(errors.New("broken"))},
		{Name: "four", Tools: []string{"bad"}, Run: ends(nil)},
	}
	err := suite.Run(t.Context(), &out, "all/", suites)
	if err == nil || !strings.Contains(err.Error(), "three: broken") || strings.Contains(err.Error(), "two") {
		t.Errorf("error %v, want that of the failed suite only", err)
	}
	if want := "== all/two: skipped, missing: bad: apt-get install bad\n"; !strings.Contains(out.String(), want) {
		t.Errorf("output lacks %q:\n%s", want, out.String())
	}
	all, err := suite.Results(results)
	if err != nil {
		t.Fatal(err)
	}
	var summary bytes.Buffer
	suite.Summarize(&summary, all)
	const want = `passed: all/one
failed: all/three
skipped: all/two, all/four, missing: bad: apt-get install bad
1 passed, 1 failed, 2 skipped
`
	if summary.String() != want {
		t.Errorf("summary:\n%s\nwant:\n%s", summary.String(), want)
	}
}

func TestRun_MissingToolInCI(t *testing.T) {
	results := newRoot(t, "true")
	err := suite.Run(t.Context(), io.Discard, "", []suite.Suite{{Name: "one", Tools: []string{"bad"}, Run: ends(nil)}})
	if err == nil || !strings.Contains(err.Error(), "CI") {
		t.Errorf("a missing tool in CI: %v", err)
	}
	all, err := suite.Results(results)
	if want := []suite.Result{{Suite: "one", Outcome: suite.Failed}}; err != nil || !slices.Equal(all, want) {
		t.Errorf("results %+v, %v, want %+v", all, err, want)
	}
}

func TestRun_Names(t *testing.T) {
	newRoot(t, "")
	var ran []string
	var suites []suite.Suite
	for _, name := range []string{"one", "two"} {
		suites = append(suites, suite.Suite{Name: name, Run: func(context.Context, io.Writer) error {
			ran = append(ran, name)
			return nil
		}})
	}
	if err := suite.Run(t.Context(), io.Discard, "", suites, "two"); err != nil || !slices.Equal(ran, []string{"two"}) {
		t.Errorf("ran %q, %v, want two", ran, err)
	}
	if err := suite.Run(t.Context(), io.Discard, "", suites, "three"); err == nil || !strings.Contains(err.Error(), "want one of one, two") {
		t.Errorf("an unknown name: %v", err)
	}
}
