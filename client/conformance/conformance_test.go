package main

import (
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/ecsd-io/ecsd/client/conformance/runner"
	"github.com/ecsd-io/ecsd/client/conformance/subject"
	"github.com/ecsd-io/ecsd/test/lib/program"
)

// subjectKey is set in the environment of the subject: it is this program, so that it is built as the test is.
const subjectKey = "ECSD_CONFORMANCE_SUBJECT"

func TestMain(m *testing.M) {
	if os.Getenv(subjectKey) == "" {
		os.Exit(m.Run())
	}
	if err := subject.Serve(os.Stdin, os.Stdout); err != nil {
		panic(err)
	}
}

// These tests hold the Go client to every case. make test-conformance does the same for all languages.

func TestGo_Calls(t *testing.T)    { hold(t, "calls") }
func TestGo_Errors(t *testing.T)   { hold(t, "errors") }
func TestGo_Jobs(t *testing.T)     { hold(t, "jobs") }
func TestGo_Lists(t *testing.T)    { hold(t, "lists") }
func TestGo_Real(t *testing.T)     { hold(t, "real") }
func TestGo_Reclaims(t *testing.T) { hold(t, "reclaims") }
func TestGo_Values(t *testing.T)   { hold(t, "values") }
func TestGo_Watch(t *testing.T)    { hold(t, "watch") }

// hold runs the cases of an area.
func hold(t *testing.T, area string) {
	if testing.Short() {
		t.Skip("a suite of the whole system")
	}
	folder, err := fs.Sub(cases, "cases")
	if err != nil {
		t.Fatal(err)
	}
	all, err := runner.Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	binary := ""
	if area == "real" {
		built, remove, err := program.Build()
		if err != nil {
			t.Fatal(err)
		}
		defer remove()
		binary = built
	}
	all = slices.DeleteFunc(all, func(c *runner.Case) bool { return c.Long || !strings.HasPrefix(c.Name, area+"/") })
	r := runner.Runner{Folder: ".", Binary: binary, Parallel: 8}
	results, err := r.Run(t.Context(), &runner.Subject{Name: "Go", Run: "env " + subjectKey + "=1 " + path}, all)
	if err != nil {
		t.Error(err)
	}
	for _, result := range results {
		t.Run(result.Case.Name, func(t *testing.T) {
			if result.Err != nil {
				t.Errorf("%s\n%s", result.Case.About, result.Err)
			}
		})
	}
}
