package store

import (
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// words say what to do about what SQLite says in a code.
var words = map[int]string{
	sqlite3.SQLITE_BUSY:     "is locked by another program, such as a shell with an open transaction",
	sqlite3.SQLITE_FULL:     "the disk is full",
	sqlite3.SQLITE_READONLY: "cannot be written: check the rights of the file and of its folder",
	sqlite3.SQLITE_CANTOPEN: "cannot be opened: check the rights of the file and of its folder",
	sqlite3.SQLITE_IOERR:    "the disk failed",
	sqlite3.SQLITE_NOTADB:   "is not a SQLite database",
	sqlite3.SQLITE_CORRUPT:  "is damaged: restore a copy",
}

// explain puts words before an error of SQLite that has none for an operator.
// PostgreSQL's speak for themselves.
func explain(err error) error {
	var e *sqlite.Error
	if errors.As(err, &e) {
		if text, ok := words[e.Code()&0xff]; ok {
			return fmt.Errorf("%s: %w", text, err)
		}
	}
	return err
}

// isUnique says that a unique constraint stood in the way.
func isUnique(err error) bool {
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return lite.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || lite.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
	}
	var pg *pgconn.PgError
	const uniqueViolation = "23505"
	return errors.As(err, &pg) && pg.Code == uniqueViolation
}
