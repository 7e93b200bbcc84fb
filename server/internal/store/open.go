package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

const (
	// openTimeout bounds the start without the schema.
	openTimeout = 30 * time.Second
	// schemaTimeout bounds the migrations of a start, or the wait for those of
	// another process. On a ledger of millions of rows they take minutes.
	schemaTimeout = 10 * time.Minute
)

// Store is an open database. It is safe for concurrent use.
type Store struct {
	*engine
	id string
	// caps are the spending limits of callers, nil if none has any.
	caps ledger.Caps
}

// Open opens the database of the address, and creates it if it is new:
// "sqlite:PATH" for a file, "sqlite::memory:" for one that ends with the
// process, "postgres://..." for one that several processes share. It refuses a
// file that another process has open, a database that may lose commits, and a
// schema that it cannot use (see SchemaError). Its errors do not name the
// database; the caller does, with Redact.
func Open(ctx context.Context, address string) (*Store, error) {
	return openWith(ctx, address, known)
}

// openWith opens the database as a program with these migrations does.
func openWith(ctx context.Context, address string, migrations []migration) (*Store, error) {
	s, err := connect(ctx, address, migrations)
	if err != nil {
		return nil, err
	}
	for _, step := range []struct {
		limit time.Duration
		do    func(context.Context) error
	}{
		{schemaTimeout, s.prepareSchema}, {openTimeout, s.watchFiles}, {openTimeout, s.identify}, {openTimeout, s.freeLeases},
	} {
		ctx, cancel := context.WithTimeout(ctx, step.limit)
		err := step.do(ctx)
		cancel()
		if err != nil {
			_ = s.Close()
			return nil, err
		}
	}
	return s, nil
}

// watchFiles makes writes fail if the files of the database are removed.
func (s *Store) watchFiles(context.Context) error {
	if s.file == nil {
		return nil
	}
	return s.file.remember()
}

// connect opens the database and does not look at its schema.
func connect(ctx context.Context, address string, migrations []migration) (*Store, error) {
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	at, err := parseAddress(address)
	if err != nil {
		return nil, err
	}
	e, err := at.open(ctx, migrations)
	if err != nil {
		return nil, err
	}
	return &Store{engine: e}, nil
}

// Shared reports whether other processes may have the database open: always on
// PostgreSQL, never on SQLite.
func (s *Store) Shared() bool { return s.shared }

// Ping reports whether the database can be written, which it does: a disk that
// is full or a file that is gone still serves reads.
func (s *Store) Ping(ctx context.Context) error {
	changed, err := affected(s.db.ExecContext(ctx, "UPDATE schema_compatibility SET only_row = only_row"))
	switch {
	case err == nil && changed != 1:
		return errors.New("the table schema_compatibility has lost its row: restore a copy")
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("the database did not respond in time: %w", err)
	}
	return err
}

// Close closes the database. Every write that has returned is on disk.
func (s *Store) Close() error { return s.close() }
