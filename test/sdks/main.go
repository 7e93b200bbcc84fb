// Command sdks runs the clients of others, with their defaults, against the simulator: the vendor's current SDKs of
// Python, Go, Node.js and Java, and the ECS driver of apache-libcloud. The billing ledger must agree with their calls.
// Run it at the root of the repository: make test-sdks.
//
// Arguments select clients by name. A client with missing tools is skipped, and fails if CI is set.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/ecsd-io/ecsd/test/lib/suite"
)

// client is the client of another project.
type client struct {
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

var clients = []client{
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
	var all []suite.Suite
	for _, c := range clients {
		all = append(all, suite.Suite{Name: c.name, Tools: []string{c.tool}, Run: c.test})
	}
	return suite.Run(ctx, os.Stdout, "sdks/", all, wanted...)
}

// test installs the client, runs its tests against a new simulator, and checks the simulator's state.
func (c client) test(ctx context.Context, out io.Writer) (err error) {
	if c.stamp != "" {
		if err := suite.Shell(ctx, out, "make --silent "+c.stamp); err != nil {
			return fmt.Errorf("install: %w", err)
		}
	}
	cloud, err := startCloud(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cloud.stop()) }()
	if err := suite.Shell(ctx, out, c.command, "ECSD_SIMULATOR="+cloud.address); err != nil {
		return err
	}
	return cloud.check(c.renewals)
}
