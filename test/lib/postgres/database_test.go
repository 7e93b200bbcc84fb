package postgres_test

import (
	"database/sql"
	"testing"

	"go.uber.org/goleak"

	"github.com/ecsd-io/ecsd/test/lib/postgres"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(postgres.Main(m)) }

// Each test has its own database, on a durable server.
func TestDatabase(t *testing.T) {
	for range 2 {
		db, err := sql.Open("pgx", postgres.Database(t))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.Exec("CREATE TABLE mine (one BIGINT)"); err != nil {
			t.Error(err)
		}
		var fsync string
		if err := db.QueryRow("SHOW fsync").Scan(&fsync); err != nil || fsync != "on" {
			t.Errorf("fsync = %s, %v", fsync, err)
		}
	}
}
