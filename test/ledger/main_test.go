package ledger_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/test/lib/postgres"
	"github.com/ecsd-io/ecsd/test/lib/program"
)

const hangzhou = "cn-hangzhou"

var binary string

func TestMain(m *testing.M) {
	if flag.Parse(); testing.Short() {
		return // a suite of the whole system
	}
	path, remove, err := program.Build()
	if err != nil {
		panic(err)
	}
	binary = path
	// The tests mostly wait.
	if err := flag.Set("test.parallel", "30"); err != nil {
		panic(err)
	}
	os.Setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", simulator.DefaultAccessKeyID)
	os.Setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", simulator.DefaultAccessKeySecret)
	goleak.VerifyTestMain(postgres.Main(m), goleak.Cleanup(func(code int) {
		remove()
		os.Exit(code)
	}))
}

// engines are the databases under test, each new and empty.
var engines = map[string]func(testing.TB) string{
	"sqlite":   func(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "ecsd.db") },
	"postgres": postgres.Database,
}

// newServer starts an ecsd that settles unknown outcomes within seconds.
func newServer(t testing.TB, c *cloud, database string, args ...string) *program.Process {
	t.Helper()
	return startServer(t, binary, c, database, args...)
}

// startServer does the same with the program at path.
func startServer(t testing.TB, path string, c *cloud, database string, args ...string) *program.Process {
	t.Helper()
	args = append([]string{"--region", hangzhou, "--poll-interval", "1h", "--log-level", "warn", "--renewal-settle-window", "3s"}, args...)
	return program.Start(t, path, c.endpoint, database, args...)
}
