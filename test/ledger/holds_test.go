package ledger_test

import (
	"database/sql"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // holds are ended in the database
	_ "modernc.org/sqlite"             // holds are ended in the database
)

// endHolds ends all holds in a table, so that a test need not wait the half minute for which a dead process holds its work.
// The holds of living processes end too, as if those had been stopped for as long.
func endHolds(t *testing.T, database, table string) {
	t.Helper()
	driver := "pgx"
	if path, found := strings.CutPrefix(database, "sqlite:"); found {
		driver, database = "sqlite", path
	}
	db, err := sql.Open(driver, database)
	if err != nil {
		t.Error(err)
		return
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), "UPDATE "+table+" SET held_until = 0"); err != nil && t.Context().Err() == nil {
		t.Error(err)
	}
}
