package postgres

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/ecsd-io/ecsd/test/lib/postgres/binaries"
)

var (
	// The server of this test binary. once guards it and its start error.
	once    sync.Once
	running *server
	failed  error

	// databases counts the created databases, so that each has a unique name.
	databases atomic.Int64
)

// Database creates an empty database for one test and returns its URL. It is dropped when the test ends.
func Database(t testing.TB) string {
	t.Helper()
	if testing.Short() {
		t.Skip("a PostgreSQL server in short mode")
	}
	if os.Getenv(binaries.Variable) == binaries.Skip {
		t.Skip(binaries.Variable + "=" + binaries.Skip)
	}
	once.Do(func() { running, failed = start(t.Context()) })
	if failed != nil {
		t.Fatal(failed)
	}
	name := fmt.Sprintf("%s_%d", safe(t.Name()), databases.Add(1))
	url, err := running.create(name)
	if err != nil {
		t.Fatalf("make database %s: %v", name, err)
	}
	t.Cleanup(func() {
		if err := running.drop(name); err != nil {
			t.Errorf("drop database %s: %v", name, err)
		}
	})
	return url
}

// Main runs the tests and then stops the server, if one was started.
func Main(m interface{ Run() int }) interface{ Run() int } { return suite{m} }

type suite struct{ tests interface{ Run() int } }

func (s suite) Run() int {
	defer func() {
		if running != nil {
			running.stop()
		}
	}()
	return s.tests.Run()
}

// Set changes a setting of the whole server for the rest of the test. New
// connections see it.
func Set(t testing.TB, setting, value string) {
	t.Helper()
	if err := running.set(setting, value); err != nil {
		t.Fatalf("set %s to %s: %v", setting, value, err)
	}
	t.Cleanup(func() {
		if err := running.set(setting, ""); err != nil {
			t.Errorf("set %s back: %v", setting, err)
		}
	})
}
