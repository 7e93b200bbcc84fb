// Command clients starts ecsd with its demo fleet and runs the smoke test of each generated client against it, each
// with its language's own test runner. A client with missing tools is skipped, and fails if CI is set. Run it at the root of
// the repository: make test-clients.
//
// With -languages it compiles and runs the clients of the languages without a package instead: make test-languages.
//
// If ECSD_ADDRESS names a running server, it uses that one and starts none.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/ecsd-io/ecsd/test/lib/suite"
)

// client is a smoke test. The clients are installed first, as another program would install them.
type client struct {
	name string
	// tools are arguments of tools/doctor.
	tools []string
	// stamp is the target of make that installs what the test needs, if any.
	stamp string
	// command runs the test, in a shell at the root of the repository.
	command string
}

var clients = []client{
	{"Go", []string{"go"}, "", `go test -count=1 -v ./test/clients/go`},
	{"Python", []string{"python", "node"}, "client-python",
		`.cache/venv/client-python/bin/python client/python/check_examples.py`},
	{"TypeScript", []string{"node", "python"}, "client-typescript",
		`client/typescript/conformance/build && node client/typescript/examples/check.mjs .cache/conformance/typescript .cache/client-typescript/package`},
	{"Java", []string{"java"}, "client-java",
		`mvn --batch-mode --no-transfer-progress --quiet --file test/clients/java/pom.xml -Dmaven.repo.local="$PWD/.cache/m2" \
		-Dsurefire.printSummary=true -Dorg.slf4j.simpleLogger.log.org.apache.maven.plugin.surefire=info test`},
	{"Java examples", []string{"java"}, "client-java",
		`mvn --batch-mode --no-transfer-progress --quiet --file client/java/examples/pom.xml -Dmaven.repo.local="$PWD/.cache/m2" \
		-Dsurefire.printSummary=true -Dorg.slf4j.simpleLogger.log.org.apache.maven.plugin.surefire=info test`},
}

// languages are the clients of languages without a package, as docs/clients.md shows them.
var languages = []client{
	{"Rust", []string{"rust"}, "", `
		CARGO_TARGET_DIR=.cache/rust cargo build --quiet --locked --manifest-path test/clients/rust/Cargo.toml
		.cache/rust/debug/ecsd-list | grep '^i-.* INSTANCE_STATUS_RUNNING$'`},
	{"C++", []string{"cpp"}, "", `test/clients/cpp/build && .cache/cpp/list | grep '^i-.* INSTANCE_STATUS_RUNNING$'`},
}

func main() {
	others := flag.Bool("languages", false, "compile and run the clients of the languages without a package")
	flag.Parse()
	chosen := clients
	if *others {
		chosen = languages
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, chosen); err != nil {
		fmt.Fprintln(os.Stderr, "test/clients:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, clients []client) (err error) {
	address := os.Getenv("ECSD_ADDRESS")
	if address == "" {
		dir, err := os.MkdirTemp("", "ecsd-clients-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		server, err := startServer(ctx, dir)
		if err != nil {
			return err
		}
		defer func() { err = cmp.Or(err, server.stop()) }()
		address = server.address
	}
	var all []suite.Suite
	for _, c := range clients {
		all = append(all, suite.Suite{Name: c.name, Tools: c.tools, Run: func(ctx context.Context, out io.Writer) error {
			if c.stamp != "" {
				if err := suite.Shell(ctx, out, "make --silent "+c.stamp); err != nil {
					return fmt.Errorf("install: %w", err)
				}
			}
			return suite.Shell(ctx, out, c.command, "ECSD_ADDRESS="+address)
		}})
	}
	return suite.Run(ctx, os.Stdout, "clients/", all)
}
