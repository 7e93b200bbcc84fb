package store

import (
	"context"
	"crypto/tls"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// fault is an error of the database after explain. Its text names no user, host,
// port, database, password or value.
type fault struct {
	text string
	// cause is the driver's error, or the context's if the caller gave up; nil if
	// the driver's error would pass for one of the caller's context.
	cause error
	// reported is the error for the caller; nil if the database is not at fault.
	reported *ecs.Error
}

func (f *fault) Error() string { return f.text }

func (f *fault) Unwrap() []error {
	var all []error
	if f.cause != nil {
		all = append(all, f.cause)
	}
	if f.reported != nil {
		all = append(all, f.reported)
	}
	return all
}

// explain translates an error of a driver. If the database is at fault, and not
// a statement or the caller, it is STORE_UNAVAILABLE; if a value cannot be
// stored, INVALID_FIELD. The text for the log keeps the text of wrappers and
// adds advice. Other errors, and explained ones, stay as they are.
func explain(err error) error {
	var done *fault
	if err == nil || errors.As(err, &done) {
		return err
	}
	switch text, is := scrub(err); {
	case isUnavailable(err):
		reported := ecs.Errorf(ecs.ReasonStoreUnavailable, "the server's database cannot be used now; retry, with the same request_id if there is one")
		reported.Retry = ecs.RetryBackoff
		return &fault{text: text, cause: unlessOfContext(err), reported: reported}
	case hasClass(err, "22"):
		return &fault{text: text, cause: err, reported: ecs.Errorf(ecs.ReasonInvalidField,
			"a value of the request cannot be stored: text must be UTF-8 without zero bytes, and numbers must fit their type")}
	case errors.Is(err, context.Canceled):
		return scrubbed(is, err, text, context.Canceled)
	case errors.Is(err, context.DeadlineExceeded):
		return scrubbed(is, err, text, context.DeadlineExceeded)
	default:
		return scrubbed(is, err, text, err)
	}
}

// explainIn explains an error of a call. If the caller has given up, that is
// the reason, and no fault of the database.
func explainIn(ctx context.Context, err error) error {
	text, is := "", false
	if err != nil {
		text, is = scrub(err)
	}
	var done *fault
	if !is || ctx.Err() == nil || errors.As(err, &done) {
		return explain(err)
	}
	return &fault{text: text, cause: ctx.Err()}
}

// scrubbed returns err unless its text had to be changed.
func scrubbed(is bool, err error, text string, cause error) error {
	if !is {
		return err
	}
	return &fault{text: text, cause: cause}
}

// unlessOfContext hides a driver's own timeout, which a caller would take for
// the end of the caller's context.
func unlessOfContext(err error) error {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// liteWords holds the advice for a code of SQLite.
var liteWords = map[int]string{
	sqlite3.SQLITE_BUSY:     "is locked by another program, such as a shell with an open transaction",
	sqlite3.SQLITE_FULL:     "the disk is full",
	sqlite3.SQLITE_READONLY: "cannot be written: check the rights of the file and of its folder",
	sqlite3.SQLITE_CANTOPEN: "cannot be opened: check the file, and the rights of the file and of its folder",
	sqlite3.SQLITE_IOERR:    "the disk failed",
	sqlite3.SQLITE_NOTADB:   "is not a SQLite database",
	sqlite3.SQLITE_CORRUPT:  "is damaged: restore a copy",
}

// pgFaults are the classes and codes of PostgreSQL for which the server is at
// fault, with words for its own, which may name users, hosts and databases. The
// first prefix that fits counts.
var pgFaults = []struct{ code, words string }{
	{"08", "lost the connection"},
	{"25006", "takes no writes: it is read-only or a standby"},
	{"25P03", "ended a session that was idle in a transaction"},
	{"25P04", "ended a transaction that took too long"},
	{"28", "refused the login: check user, password and pg_hba.conf"},
	{"3D", "has no such database"},
	{"40001", "could not serialize two transactions"},
	{"40P01", "found a deadlock"},
	{"42501", "refused a right: check the grants of the user"},
	{"53100", "has a full disk"},
	{"53200", "is out of memory"},
	{"53300", "has too many connections"},
	{"53", "is out of resources"},
	{"55006", "is using the object elsewhere"},
	{"55P03", "waited too long for a lock"},
	{"57014", "cut a statement that took too long"},
	{"57P01", "ended the session: it is shutting down, or an administrator did"},
	{"57P02", "crashed and is recovering"},
	{"57P03", "is starting up or shutting down"},
	{"57", "stopped the statement"},
	{"58", "failed to use its disk or its system"},
	{"XX", "failed internally"},
}

// gone are the errors of drivers for a connection that is dead or unused too
// long.
var gone = []error{
	driver.ErrBadConn, sql.ErrConnDone, pgconn.ErrConnClosed, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, os.ErrDeadlineExceeded,
	syscall.EPIPE, syscall.ECONNRESET, errSilent, errNoConnection, errSchemaChanges, errFileGone,
}

// isUnavailable reports that the database did not respond, or could not do its work.
func isUnavailable(err error) bool {
	var connect *pgconn.ConnectError
	var schema *SchemaError
	var durable durabilityError
	if errors.As(err, &connect) && !errors.Is(err, context.Canceled) || errors.As(err, &schema) || errors.As(err, &durable) {
		return true
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return liteWords[lite.Code()&0xff] != ""
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pgWords(pg.Code) != ""
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	var network *net.OpError
	return errors.As(err, &network) || slices.ContainsFunc(gone, func(one error) bool { return errors.Is(err, one) })
}

func hasClass(err error, class string) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && strings.HasPrefix(pg.Code, class)
}

func pgWords(code string) string {
	for _, f := range pgFaults {
		if strings.HasPrefix(code, f.code) {
			return f.words
		}
	}
	return ""
}

// scrub returns the text of an error with the texts of drivers replaced, and
// whether there is one of a driver in it.
func scrub(err error) (text string, is bool) {
	text = err.Error()
	var walk func(error)
	walk = func(node error) {
		if node == nil {
			return
		}
		if better, of := describe(node); of {
			text, is = strings.ReplaceAll(text, node.Error(), better), true
			return
		}
		switch inner := node.(type) { //nolint:errorlint // it walks the tree of wrapped errors node by node
		case interface{ Unwrap() error }:
			walk(inner.Unwrap())
		case interface{ Unwrap() []error }:
			for _, one := range inner.Unwrap() {
				walk(one)
			}
		}
	}
	walk(err)
	return text, is
}

// describe returns words for an error of a driver.
func describe(node error) (words string, is bool) {
	switch e := node.(type) { //nolint:errorlint // its caller walks the tree of wrapped errors
	case *sqlite.Error:
		if words := liteWords[e.Code()&0xff]; words != "" {
			return fmt.Sprintf("%s: %v", words, e), true
		}
		return e.Error(), true
	case *pgconn.PgError:
		switch words := pgWords(e.Code); {
		case words != "":
			return fmt.Sprintf("PostgreSQL %s (SQLSTATE %s)", words, e.Code), true
		case strings.HasPrefix(e.Code, "22"):
			return fmt.Sprintf("PostgreSQL refused a value (SQLSTATE %s)", e.Code), true
		}
		return e.Error(), true
	case *pgconn.ConnectError:
		return "cannot connect to PostgreSQL: " + whyNotConnected(e), true
	case *net.OpError, *net.DNSError, syscall.Errno:
		return "connection failed: " + networkWords(node), true
	}
	return node.Error(), slices.Contains(gone, node)
}

// whyNotConnected returns the reason of a connect error without its text, which
// names the user, the database and every address tried.
func whyNotConnected(err *pgconn.ConnectError) string {
	var pg *pgconn.PgError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &pg):
		words, _ := describe(pg)
		return words
	case errors.As(err, &certificate):
		return "the server's certificate is not trusted: check sslmode and sslrootcert"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), errors.Is(err, errSilent):
		return "no response in time"
	}
	return networkWords(err)
}

// networkWords are the reason of a network error without its addresses.
func networkWords(err error) string {
	var name *net.DNSError
	var number syscall.Errno
	var network net.Error
	switch {
	case errors.As(err, &name):
		return "the host name cannot be resolved"
	case errors.As(err, &number):
		return number.Error()
	case errors.As(err, &network) && network.Timeout():
		return "no response in time"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return "the connection was closed"
	}
	return "check the address, and sslmode and target_session_attrs in it"
}

// isUnique reports that a unique constraint was violated.
func isUnique(err error) bool {
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return lite.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || lite.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
	}
	return hasClass(err, "23505")
}
