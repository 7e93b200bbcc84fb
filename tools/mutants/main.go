// Command mutants breaks the product on purpose, one decision at a time, and checks
// that the test of each decision fails.
//
// It reads the files *.txt of this folder. Each mutant replaces a text of a
// file, which must be there exactly once, and names the tests of which one must fail. The
// change is an overlay of the build: no file of the tree is written. For the clients in
// other languages it is a copy of the installed client, and conformance cases are the tests. A mutant
// fails if its text is stale, if it does not build, or if the tests pass. With -n
// it checks only that no text is stale.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"
)

// testTimeout bounds the tests of one mutant, buildTimeout its build as well.
const (
	testTimeout  = 90 * time.Second
	buildTimeout = 10 * time.Minute
)

func main() {
	root := flag.String("root", "..", "the `folder` of the product")
	run := flag.String("run", "", "run the mutants whose ID or promise matches this `pattern`")
	jobs := flag.Int("j", 2, "run this `number` of mutants at a time")
	dry := flag.Bool("n", false, "check only that the text of each mutant is in its file once; run no test")
	prebuilt := flag.Bool("prebuilt", false, "use the clients in other languages as make test-conformance built them")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	failed, err := check(ctx, *root, *run, *jobs, *dry, *prebuilt)
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(2)
	}
	if failed > 0 {
		os.Exit(1)
	}
}

// check runs the mutants that match, and returns how many failed.
func check(ctx context.Context, root, run string, jobs int, dry, prebuilt bool) (failed int, err error) {
	pattern, err := regexp.Compile(run)
	if err != nil {
		return 0, fmt.Errorf("invalid -run: %w", err)
	}
	root, err = filepath.Abs(root)
	if err != nil {
		return 0, err
	}
	lists, err := filepath.Glob(filepath.Join(root, "tools", "mutants", "*.txt"))
	if err != nil {
		return 0, err
	}
	var all []mutant
	for _, list := range lists {
		found, err := read(list)
		if err != nil {
			return 0, err
		}
		for _, m := range found {
			if pattern.MatchString(m.id) || pattern.MatchString(m.promise) {
				all = append(all, m)
			}
		}
	}
	if len(all) == 0 {
		return 0, fmt.Errorf("no mutant matches %q", run)
	}
	if dry {
		for _, m := range all {
			if _, err := m.apply(root); err != nil {
				failed++
				fmt.Printf("%-5s %v\n", m.id, err)
			}
		}
		return failed, nil
	}
	work, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(work) }()
	if err := sound(ctx, root, work, all, prebuilt); err != nil {
		return 0, err
	}
	var mu sync.Mutex
	var passed int
	each(jobs, all, func(m mutant) {
		began := time.Now()
		problem := m.run(ctx, root, work)
		mu.Lock()
		defer mu.Unlock()
		if problem == "" {
			passed++
			problem = "killed by " + m.tests
		} else {
			failed++
			problem = "FAILED: " + problem
		}
		fmt.Printf("%-5s %-12s %5.1fs  %s\n", m.id, m.promise, time.Since(began).Seconds(), problem)
	})
	fmt.Printf("%d passed, %d failed\n", passed, failed)
	return failed, ctx.Err()
}

// each calls do for each item, so many at a time.
func each[T any](jobs int, items []T, do func(T)) {
	queue := make(chan T)
	var workers sync.WaitGroup
	for range max(jobs, 1) {
		workers.Go(func() {
			for item := range queue {
				do(item)
			}
		})
	}
	for _, item := range items {
		queue <- item
	}
	close(queue)
	workers.Wait()
}

// sound runs the tests of all mutants on the product as it is: a test that fails
// without a mutant proves nothing.
func sound(ctx context.Context, root, work string, all []mutant, prebuilt bool) error {
	if err := soundCases(ctx, root, work, all, prebuilt); err != nil {
		return err
	}
	tests := map[string][]string{}
	var order []string
	for _, m := range all {
		if m.subject != "" {
			continue
		}
		if tests[m.folder] == nil {
			order = append(order, m.folder)
		}
		tests[m.folder] = append(tests[m.folder], m.tests)
	}
	for _, folder := range order {
		out, err := test(ctx, root, folder, strings.Join(tests[folder], "|"), "")
		if err != nil || bytes.Contains(out, []byte("no tests to run")) {
			return fmt.Errorf("the tests of %s do not pass without a mutant: %v\n%s", folder, err, out)
		}
	}
	return nil
}

// apply returns the text of its file with the mutant.
func (m mutant) apply(root string) (string, error) {
	source, err := os.ReadFile(filepath.Join(root, m.file))
	if err != nil {
		return "", fmt.Errorf("stale: %w", err)
	}
	if n := strings.Count(string(source), m.old); n != 1 {
		return "", fmt.Errorf("stale: its text is %d times in %s", n, m.file)
	}
	return strings.Replace(string(source), m.old, m.new, 1), nil
}

// run applies the mutant and runs its tests. It returns why the mutant fails, ""
// if a test killed it.
func (m mutant) run(ctx context.Context, root, work string) string {
	text, err := m.apply(root)
	if err != nil {
		return err.Error()
	}
	if m.subject != "" {
		return m.runCases(ctx, root, work, text)
	}
	changed := filepath.Join(work, m.id+".go")
	if err := os.WriteFile(changed, []byte(text), 0o600); err != nil {
		return err.Error()
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {filepath.Join(root, m.file): changed}})
	if err != nil {
		return err.Error()
	}
	list := filepath.Join(work, m.id+".json")
	if err := os.WriteFile(list, overlay, 0o600); err != nil {
		return err.Error()
	}
	out, err := test(ctx, root, m.folder, m.tests, list)
	has := func(text string) bool { return bytes.Contains(out, []byte(text)) }
	switch {
	case err == nil && has("no tests to run"):
		return "no test matches " + m.tests
	case err == nil:
		return "survived " + m.tests + " of " + m.folder
	case has("[build failed]") || has("[setup failed]"):
		return "does not build:\n" + string(out)
	case has("panic: test timed out"):
		return fmt.Sprintf("its tests took more than %s", testTimeout)
	case has("--- FAIL") || has("panic: ") || has("fatal error: "):
		return ""
	}
	return fmt.Sprintf("%v:\n%s", err, out)
}

// test runs tests of a folder with an overlay, if there is one.
func test(ctx context.Context, root, folder, tests, overlay string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, buildTimeout)
	defer cancel()
	args := []string{"test", "-vet=off", "-timeout", testTimeout.String(), "-run", "^(" + tests + ")$"}
	if overlay != "" {
		args = append(args, "-count=1", "-failfast", "-overlay", overlay)
	}
	command := exec.CommandContext(ctx, "go", append(args, "./"+folder)...)
	command.Dir = root
	// Random tests neither shrink what they find nor write it into the tree.
	command.Env = append(os.Environ(), "RAPID_NOFAILFILE=true", "RAPID_SHRINKTIME=0s")
	return command.CombinedOutput()
}
