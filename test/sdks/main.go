// Command sdks runs the clients of others, with their defaults, against the simulator: the vendor's current SDKs of
// Python, Go, Node.js and Java, and the ECS driver of apache-libcloud. The billing ledger must agree with their calls.
// Run it at the root of the repository: make test-sdks.
//
// Arguments select suites by name. A suite with missing tools is skipped, and fails if CI is set.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"time"
)

// suite is one client.
type suite struct {
	name string
	// tool is the argument of tools/doctor.
	tool string
	// stamp is the target of make that installs the client, if any.
	stamp string
	// command runs the client's tests, in a shell at the root of the repository.
	command string
	// renewals is the count of renewals that the tests pay for.
	renewals int
}

var suites = []suite{
	{"python", "python", ".cache/venv/sdks.stamp", `.cache/venv/sdks/bin/pytest -q -p no:cacheprovider test/sdks/python/test_{current,products}.py`, 2},
	{"go", "go", "", `cd test/sdks/go && go test -count=1 ./...`, 1},
	{"node", "node", ".cache/npm/sdks.stamp", `cp test/sdks/node/*.mjs .cache/npm/sdks/ && cd .cache/npm/sdks && node --test sdk.test.mjs`, 1},
	{"java", "java", "", `mvn --batch-mode --no-transfer-progress --quiet --file test/sdks/java/pom.xml -Dmaven.repo.local="$PWD/.cache/m2" \
		-Dsurefire.printSummary=true -Dorg.slf4j.simpleLogger.log.org.apache.maven.plugin.surefire=info test`, 1},
	{"libcloud", "python", ".cache/venv/sdks.stamp", `.cache/venv/sdks/bin/pytest -q -p no:cacheprovider test/sdks/python/test_libcloud.py`, 0},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "test/sdks:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, wanted []string) error {
	var failed []error
	known := func(name string) bool {
		return slices.ContainsFunc(suites, func(s suite) bool { return s.name == name })
	}
	for _, name := range wanted {
		if !known(name) {
			return fmt.Errorf("unknown suite %q", name)
		}
	}
	for _, s := range suites {
		if len(wanted) > 0 && !slices.Contains(wanted, s.name) {
			continue
		}
		if missing, err := exec.CommandContext(ctx, "tools/doctor", s.tool).Output(); err != nil {
			fmt.Fprintf(os.Stdout, "== %s: skipped: %s\n", s.name, strings.Join(strings.Fields(string(missing)), " "))
			if os.Getenv("CI") != "" {
				failed = append(failed, fmt.Errorf("%s: skipped, and CI is set", s.name))
			}
			continue
		}
		started := time.Now()
		fmt.Fprintln(os.Stdout, "==", s.name)
		if err := s.run(ctx); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", s.name, err))
		}
		fmt.Fprintf(os.Stdout, "== %s took %.0f s\n", s.name, time.Since(started).Seconds())
	}
	return errors.Join(failed...)
}

// run installs the client, runs its tests against a new simulator, and checks the simulator's state.
func (s suite) run(ctx context.Context) (err error) {
	if s.stamp != "" {
		if err := shell(ctx, "make --silent "+s.stamp); err != nil {
			return fmt.Errorf("install: %w", err)
		}
	}
	cloud, err := startCloud(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cloud.stop()) }()
	if err := shell(ctx, s.command, "ECSD_SIMULATOR="+cloud.address); err != nil {
		return err
	}
	return cloud.check(s.renewals)
}

// shell runs a command at the root of the repository.
func shell(ctx context.Context, command string, environment ...string) error {
	c := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", command)
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	c.Env = append(os.Environ(), environment...)
	return c.Run()
}
