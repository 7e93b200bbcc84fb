package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// subjects are the clients in other languages, by the names that the conformance runner has for them.
var subjects = map[string]string{"python": "Python", "typescript": "TypeScript", "java": "Java"}

// soundCases builds the conformance runner and the subjects, and runs the cases of the mutants on the clients as they are.
func soundCases(ctx context.Context, root, work string, all []mutant, prebuilt bool) error {
	cases := map[string][]string{}
	for _, m := range all {
		if m.subject == "" {
			continue
		}
		if subjects[m.subject] == "" {
			return fmt.Errorf("%s: unknown subject %q", m.id, m.subject)
		}
		cases[m.subject] = append(cases[m.subject], m.tests)
	}
	if len(cases) == 0 {
		return nil
	}
	if out, err := command(ctx, root, "go", "build", "-o", filepath.Join(work, "conformance"), "./client/conformance"); err != nil {
		return fmt.Errorf("build the conformance runner: %w\n%s", err, out)
	}
	for subject, patterns := range cases {
		out, err := conformance(ctx, root, work, strings.Join(patterns, "|"), "-subject", "^"+subjects[subject]+"$", fmt.Sprintf("-prebuilt=%t", prebuilt))
		if err != nil {
			return fmt.Errorf("the cases do not pass without a mutant: %w\n%s", err, out)
		}
	}
	return nil
}

// runCases runs the cases of a mutant with a copy of the installed client. It returns why the mutant fails, "" if a case
// killed it.
func (m mutant) runCases(ctx context.Context, root, work, text string) string {
	folder := filepath.Join(work, m.id)
	changed := filepath.Join(folder, "source", filepath.Base(m.file))
	if err := os.MkdirAll(filepath.Dir(changed), 0o700); err != nil {
		return err.Error()
	}
	if err := os.WriteFile(changed, []byte(text), 0o600); err != nil {
		return err.Error()
	}
	subject, err := command(ctx, root, filepath.Join("client", m.subject, "conformance", "mutant"), changed, folder)
	if err != nil {
		return fmt.Sprintf("does not build: %v\n%s", err, subject)
	}
	out, err := conformance(ctx, root, work, m.tests, "-command", strings.TrimSpace(subject))
	switch {
	case err == nil:
		return "survived the cases " + m.tests
	case strings.Contains(out, "CRASHED") || strings.Contains(out, "the subject ended") || !strings.Contains(out, " failures, "):
		return "does not run:\n" + out
	}
	return ""
}

func conformance(ctx context.Context, root, work, cases string, arguments ...string) (string, error) {
	return command(ctx, root, filepath.Join(work, "conformance"), append(arguments, "-run", "^("+cases+")$")...)
}

// command runs a program at the root of the product, and returns what it printed.
func command(ctx context.Context, root, name string, arguments ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, buildTimeout)
	defer cancel()
	c := exec.CommandContext(ctx, name, arguments...)
	c.Dir = root
	out, err := c.CombinedOutput()
	return string(out), err
}
