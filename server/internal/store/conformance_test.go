package store_test

import (
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/ecsd-io/ecsd/server/internal/store"
	"github.com/ecsd-io/ecsd/test/postgres"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(postgres.Main(m)) }

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

func open(t testing.TB, address string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}
