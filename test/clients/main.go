// Command clients starts ecsd with its demo fleet and runs the smoke test of each generated client against it, each
// with its language's own test runner. Run it at the root of the repository: make test-clients.
//
// If ECSD_ADDRESS names a running server, it uses that one and starts none.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
)

// clients are the smoke tests, each a shell command at the root of the repository. The TypeScript client is installed
// first, as another team's program would install it.
var clients = []struct{ language, command string }{
	{"Go", `go test -count=1 -v ./test/clients/go`},
	{"Python", `PYTHONPATH=gen/python .cache/venv/clients/bin/pytest -q -p no:cacheprovider test/clients/python`},
	{"Python package", `.cache/venv/client-python/bin/python client/python/check_examples.py`},
	{"TypeScript package", `client/typescript/conformance/build && node client/typescript/examples/check.mjs .cache/conformance/typescript .cache/client-typescript/package`},
	{"TypeScript", `
		cp test/clients/ts/{tsconfig.json,*.ts} .cache/npm/clients/
		cd .cache/npm/clients
		rm -rf node_modules/@ecsd-io && mkdir node_modules/@ecsd-io && cp -R ../../../gen/ts node_modules/@ecsd-io/ecsd
		node_modules/.bin/tsc
		node --test build/`},
	{"Java", `mvn --batch-mode --no-transfer-progress --quiet --file test/clients/java/pom.xml -Dmaven.repo.local="$PWD/.cache/m2" \
		-Dsurefire.printSummary=true -Dorg.slf4j.simpleLogger.log.org.apache.maven.plugin.surefire=info test`},
	{"Java examples", `mvn --batch-mode --no-transfer-progress --quiet --file client/java/examples/pom.xml -Dmaven.repo.local="$PWD/.cache/m2" \
		-Dsurefire.printSummary=true -Dorg.slf4j.simpleLogger.log.org.apache.maven.plugin.surefire=info test`},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "test/clients:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) (err error) {
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

	var failed []error
	for _, client := range clients {
		fmt.Fprintln(os.Stdout, "==", client.language)
		command := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", client.command)
		command.Stdout, command.Stderr = os.Stdout, os.Stderr
		command.Env = append(os.Environ(), "ECSD_ADDRESS="+address)
		if err := command.Run(); err != nil {
			failed = append(failed, fmt.Errorf("the %s client: %w", client.language, err))
		}
	}
	return errors.Join(failed...)
}
