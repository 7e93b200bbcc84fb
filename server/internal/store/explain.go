package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
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

// explain puts words before an error of SQLite that has none for an operator;
// PostgreSQL's speak for themselves. Where the fault lies with the database, and
// not with a statement or with who asked, the error is STORE_UNAVAILABLE to a
// caller, and keeps its text for the log.
func explain(err error) error {
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		if text, ok := words[lite.Code()&0xff]; ok {
			return unavailable{fmt.Errorf("%s: %w", text, err)}
		}
		return err
	}
	if isOutOfReach(err) {
		return unavailable{err}
	}
	return err
}

// unavailable is an error of the database itself.
type unavailable struct{ error }

// Unwrap gives the cause, and what a caller is told: no word of the cause,
// which may name hosts and users.
func (u unavailable) Unwrap() []error {
	told := ecs.Errorf(ecs.ReasonStoreUnavailable, "the server's database cannot be used now; ask again, with the same request_id where there is one")
	told.Retry, told.Cause = ecs.RetryBackoff, u.error
	return []error{u.error, told}
}

// outOfReach are the classes of PostgreSQL's codes in which the server, and not
// the statement, is at fault: connection, resources, shutdown, system; and the
// codes of a server that takes no writes, has cut a session or lets others go
// first.
var outOfReach = []string{"08", "53", "57P", "58", "25006", "25P03", "40001", "40P01", "55P03"}

// cuts are what the drivers say of a connection that is gone.
var cuts = []error{driver.ErrBadConn, sql.ErrConnDone, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed}

// isOutOfReach says that PostgreSQL did not answer, or could not do its work.
func isOutOfReach(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return slices.ContainsFunc(outOfReach, func(class string) bool { return strings.HasPrefix(pg.Code, class) })
	}
	var schema *SchemaError
	if errors.As(err, &schema) || errors.Is(err, errSchemaChanges) {
		return true
	}
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) {
		return true
	}
	var network *net.OpError
	return errors.As(err, &network) || slices.ContainsFunc(cuts, func(cut error) bool { return errors.Is(err, cut) })
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
