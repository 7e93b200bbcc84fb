package store_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/ecsd-io/ecsd/server/internal/store"
	"github.com/ecsd-io/ecsd/test/lib/postgres"
)

// TestMain runs the tests, or, in a process that a test started, a writer.
func TestMain(m *testing.M) {
	if address := os.Getenv(writesTo); address != "" {
		os.Exit(writeUntilKilled(address))
	}
	goleak.VerifyTestMain(postgres.Main(m))
}

// lasting are databases that outlive the process, each new and empty.
var lasting = map[string]func(testing.TB) string{
	"sqlite":   func(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "ecsd.db") },
	"postgres": postgres.Database,
}

// engines are the databases on which every promise must hold.
var engines = map[string]func(testing.TB) string{
	"memory":   func(testing.TB) string { return "sqlite::memory:" },
	"sqlite":   lasting["sqlite"],
	"postgres": lasting["postgres"],
}

// onEach runs one test of the suite on a new store of each engine.
func onEach(t *testing.T, test func(*testing.T, *store.Store)) {
	t.Helper()
	for name, address := range engines {
		t.Run(name, func(t *testing.T) { test(t, open(t, address(t))) })
	}
}

// fewerChecks bounds the checks of rapid by default: fewest if each step goes
// to a disk, since the statements are the same and those in memory show most.
// -rapid.checks=N tries N on each engine.
func fewerChecks(t *testing.T) {
	t.Helper()
	checks := flag.Lookup("rapid.checks")
	if checks.Value.String() != checks.DefValue {
		return
	}
	set := func(value string) {
		if err := checks.Value.Set(value); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { set(checks.DefValue) })
	if strings.HasSuffix(t.Name(), "/memory") {
		set("30")
	} else {
		set("10")
	}
}

func open(t testing.TB, address string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}
