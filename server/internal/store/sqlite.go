package store

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the engine; pure Go, so that nothing needs to be installed
)

// readers bounds the connections that read a SQLite file beside the writer.
const readers = 4

// sqliteFile is the address of a SQLite database.
type sqliteFile struct{ path string }

// open opens the file for this process alone. The lock is on a file beside it:
// SQLite's own locking_mode = EXCLUSIVE keeps out a second connection of this
// process too, so that every read would wait for the writes.
func (f sqliteFile) open(ctx context.Context, migrations []migration) (*engine, error) {
	e := &engine{
		dialect: goose.DialectSQLite3,
		// A mark without a number is found faster.
		mark: func(int) string { return "?" }, valuesAtOnce: 80,
		now:         func() string { return strconv.FormatInt(time.Now().UnixMilli(), 10) },
		migrations:  migrations,
		countTables: "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = $1",
	}
	// The file belongs to this process.
	e.onSchema = func(_ context.Context, use func(schemaAccess) error) error {
		return use(schemaAccess{db: e.db, unused: func(context.Context) (bool, error) { return true, nil }})
	}
	if f.path == memory {
		// A database in memory is its connection.
		db, err := sqlitePool("file::memory:?"+sqlitePragmas, 1)
		e.db, e.reader = db, db
		return e, err
	}
	path, release, err := lockFile(f.path)
	if err != nil {
		return nil, err
	}
	e.release = release
	// A URL, because a plain path would lose what stands behind a "?".
	file := "file:" + (&url.URL{Path: path}).EscapedPath() + "?"
	if e.db, err = sqlitePool(file+sqlitePragmas+"&_pragma=journal_mode(WAL)&_pragma=wal_autocheckpoint("+longLog+")&_txlock=immediate", 1); err != nil {
		_ = release()
		return nil, err
	}
	if e.reader, err = sqlitePool(file+sqlitePragmas+"&_pragma=query_only(1)", readers); err != nil {
		_ = e.db.Close()
		_ = release()
		return nil, err
	}
	if err := sqliteDurable(ctx, e.db); err != nil {
		_ = e.close()
		return nil, err
	}
	e.checkpoints = startCheckpointer(e.reader)
	return e, nil
}

// sqlitePragmas is what each connection is told. fullfsync matters on macOS,
// where a plain fsync leaves the data in the drive's cache.
const sqlitePragmas = "_pragma=busy_timeout(2000)&_pragma=synchronous(FULL)&_pragma=fullfsync(1)&_pragma=checkpoint_fullfsync(1)&_pragma=foreign_keys(1)"

func sqlitePool(dsn string, connections int) (*sql.DB, error) {
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	db.SetConnMaxIdleTime(0)
	db.SetConnMaxLifetime(0)
	return db, nil
}

// sqliteDurable asks the database what it really does, because a pragma that
// is not obeyed is not an error.
func sqliteDurable(ctx context.Context, db *sql.DB) error {
	var version, journal string
	if err := db.QueryRowContext(ctx, "SELECT sqlite_version()").Scan(&version); err != nil {
		return explain(err)
	}
	if !walResetFixed(version) {
		return fmt.Errorf("is not durable: SQLite %s can lose a commit when it resets its log (fixed in 3.51.3, 3.50.7 and 3.44.6)", version)
	}
	if err := db.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&journal); err != nil {
		return explain(err)
	}
	if journal != "wal" {
		return fmt.Errorf("is not durable: journal_mode is %s and cannot be made WAL; put the file on a local disk", journal)
	}
	for pragma, want := range map[string]int{"synchronous": 2, "fullfsync": 1, "checkpoint_fullfsync": 1} {
		var got int
		if err := db.QueryRowContext(ctx, "PRAGMA "+pragma).Scan(&got); err != nil {
			return explain(err)
		}
		if got != want {
			return fmt.Errorf("is not durable: %s is %d, must be %d", pragma, got, want)
		}
	}
	return nil
}

// walResetFixed says whether a version of SQLite keeps its commits when a
// checkpoint and a write meet at the reset of the log
// (https://sqlite.org/wal.html#walresetbug).
func walResetFixed(version string) bool {
	var number [3]int
	for i, part := range strings.SplitN(version, ".", 3) {
		number[i], _ = strconv.Atoi(part)
	}
	minor, patch := number[1], number[2]
	switch {
	case number[0] != 3:
		return number[0] > 3
	case minor == 44:
		return patch >= 6
	case minor == 50:
		return patch >= 7
	case minor == 51:
		return patch >= 3
	}
	return minor > 51
}
