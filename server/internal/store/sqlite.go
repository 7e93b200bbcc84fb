package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the engine; pure Go, so that nothing needs to be installed
)

// readers bounds the connections that read a SQLite file beside the writer and
// the checkpointer.
const readers = 4

// sqliteFile is the address of a SQLite database.
type sqliteFile struct{ path string }

// open opens the file for this process alone. The lock is on a file beside it:
// SQLite's own locking_mode = EXCLUSIVE also keeps out a second connection of
// this process, so that every read would wait for the writes.
func (f sqliteFile) open(ctx context.Context, migrations []migration) (*engine, error) {
	e := &engine{
		dialect: goose.DialectSQLite3,
		// A mark without a number is found faster.
		mark: func(int) string { return "?" }, valuesAtOnce: 80,
		now:           func() string { return strconv.FormatInt(time.Now().UnixMilli(), 10) },
		lockInstances: func(context.Context, *sql.Tx, []instance) error { return nil },
		lockCaller:    func(context.Context, *sql.Tx, string, bool) error { return nil },
		lockFreeze:    func(context.Context, *sql.Tx) error { return nil },
		migrations:    migrations,
		countTables:   "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = $1",
	}
	// The file belongs to this process.
	e.onSchema = func(_ context.Context, use func(schemaAccess) error) error {
		return use(schemaAccess{db: e.db.DB, unused: func(context.Context) (bool, error) { return true, nil }})
	}
	if f.path == memory {
		// A database in memory is its connection.
		db, err := sqlitePool("file::memory:?"+sqlitePragmas, 1)
		e.db, e.reader, e.leasing = db, db, db
		return e, err
	}
	var err error
	if e.file, err = lockFile(f.path); err != nil {
		return nil, err
	}
	// A URL, because a plain path would lose everything after a "?". SQLite does
	// not create the file: a connection opened after the file was removed would
	// begin with an empty one.
	file := "file:" + (&url.URL{Path: e.file.path}).EscapedPath() + "?mode=rw&" + sqlitePragmas
	if e.db, err = sqlitePool(file+"&_pragma=journal_mode(WAL)&_pragma=wal_autocheckpoint("+longLog+")&_txlock=immediate", 1); err != nil {
		return nil, errors.Join(err, e.file.close())
	}
	if e.reader, err = sqlitePool(file+"&_pragma=query_only(1)", readers+1); err != nil {
		return nil, errors.Join(err, e.db.Close(), e.file.close())
	}
	e.leasing, e.db.guard = e.db, e.file.check
	if err := sqliteDurable(ctx, e.db.DB); err != nil {
		return nil, errors.Join(err, e.close())
	}
	conn, err := e.reader.Conn(ctx)
	if err != nil {
		return nil, errors.Join(explain(err), e.close())
	}
	e.checkpoints = startCheckpointer(conn)
	return e, nil
}

// sqlitePatience bounds the wait for a connection, which is the wait for the
// writes before it.
const sqlitePatience = 10 * time.Second

// sqlitePragmas are the settings of each connection. fullfsync matters on macOS:
// a plain fsync there leaves the data in the drive's cache.
const sqlitePragmas = "_pragma=busy_timeout(2000)&_pragma=synchronous(FULL)&_pragma=fullfsync(1)&_pragma=checkpoint_fullfsync(1)&_pragma=foreign_keys(1)"

func sqlitePool(dsn string, connections int) (*pool, error) {
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	db.SetConnMaxIdleTime(0)
	db.SetConnMaxLifetime(0)
	return &pool{DB: db, patience: sqlitePatience}, nil
}

// sqliteDurable reads the effective settings, because SQLite ignores a pragma that
// it cannot apply without an error.
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

// walResetFixed reports whether a version of SQLite keeps its commits when a
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
