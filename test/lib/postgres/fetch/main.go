// Command fetch downloads the PostgreSQL of the tests, before they run in parallel, and reports a fallback in
// one line. Run it at the root of the repository: make test-go does.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/ecsd-io/ecsd/test/lib/postgres/binaries"
)

func main() {
	value := os.Getenv(binaries.Variable)
	if value == binaries.Skip {
		fmt.Fprintf(os.Stdout, "PostgreSQL: none, %s=%s\n", binaries.Variable, value)
		return
	}
	if _, err := binaries.Find(context.Background(), value, func(line string) { fmt.Fprintln(os.Stdout, line) }); err != nil {
		fmt.Fprintln(os.Stderr, "PostgreSQL:", err)
		os.Exit(1)
	}
}
