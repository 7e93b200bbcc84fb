package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the engine; pure Go, so that nothing needs to be installed
)

//go:embed migrations/*.sql
var migrations embed.FS

// Store is an open database. It is safe for concurrent use.
type Store struct {
	db *sql.DB
}

// Open opens, and where it is new makes, the database that the address names:
// "sqlite:PATH" for a file, "sqlite::memory:" for one that ends with the
// process. It refuses a file that another process has open, and a database
// that would not keep what it was told.
func Open(ctx context.Context, address string) (*Store, error) {
	path, ok := strings.CutPrefix(address, "sqlite:")
	if !ok || path == "" {
		return nil, fmt.Errorf("database %q: must be sqlite:PATH or sqlite::memory:", address)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return nil, fmt.Errorf("database %s: %w", path, err)
	}
	// One connection: SQLite has one writer, the exclusive lock below is a
	// connection's own, and a database in memory is its connection.
	db.SetMaxOpenConns(1)
	db.SetConnMaxIdleTime(0)
	db.SetConnMaxLifetime(0)
	s := &Store{db: db}
	if err := s.prepare(ctx, path); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("database %s: %w", path, err)
	}
	return s, nil
}

// prepare locks the file for this process, asks for durability, and brings the
// schema up to date.
func (s *Store) prepare(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for _, pragma := range []string{
		"PRAGMA busy_timeout = 2000",
		"PRAGMA locking_mode = EXCLUSIVE",
		"PRAGMA synchronous = FULL",
	} {
		if _, err := s.db.ExecContext(ctx, pragma); err != nil {
			return inUse(err)
		}
	}
	if err := s.checkDurable(ctx, path); err != nil {
		return inUse(err)
	}
	scripts, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, s.db, scripts)
	if err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("bring the schema up to date: %w", inUse(err))
	}
	return nil
}

// checkDurable asks the database what it really does, because a pragma that is
// not obeyed is not an error.
func (s *Store) checkDurable(ctx context.Context, path string) error {
	var journal string
	if err := s.db.QueryRowContext(ctx, "PRAGMA journal_mode = WAL").Scan(&journal); err != nil {
		return err
	}
	var synchronous int
	if err := s.db.QueryRowContext(ctx, "PRAGMA synchronous").Scan(&synchronous); err != nil {
		return err
	}
	const full = 2
	if path != ":memory:" && (journal != "wal" || synchronous < full) {
		return fmt.Errorf("is not durable (journal_mode %s, synchronous %d): a renewal must be on disk before it is paid", journal, synchronous)
	}
	return nil
}

// inUse says in words what SQLite says in a code.
func inUse(err error) error {
	if text := err.Error(); strings.Contains(text, "SQLITE_BUSY") || strings.Contains(text, "database is locked") {
		return fmt.Errorf("is open in another process; give each ecsd a database of its own: %w", err)
	}
	return err
}

// Ping asks the database for a sign of life.
func (s *Store) Ping(ctx context.Context) error {
	var one int
	return s.db.QueryRowContext(ctx, "SELECT 1").Scan(&one)
}

// Close closes the database. What was answered before is on disk.
func (s *Store) Close() error { return s.db.Close() }
