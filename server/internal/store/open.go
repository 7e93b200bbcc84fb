package store

import (
	"context"
	"errors"
	"time"
)

// openTimeout bounds what is done before the first answer.
const openTimeout = 30 * time.Second

// Store is an open database. It is safe for concurrent use.
type Store struct {
	*engine
	id string
}

// Open opens, and where it is new makes, the database that the address names:
// "sqlite:PATH" for a file, "sqlite::memory:" for one that ends with the
// process, "postgres://..." for one that several processes share. It refuses a
// file that another process has open, a database that would not keep what it
// was told, and a schema of another version, which Migrate mends. Its errors
// say what is wrong with the database and leave it to the caller to name it,
// by Redact.
func Open(ctx context.Context, address string) (*Store, error) {
	return openWith(ctx, address, known)
}

// openWith opens the database as a program with these migrations does.
func openWith(ctx context.Context, address string, migrations []migration) (*Store, error) {
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	s, err := connect(ctx, address, migrations)
	if err != nil {
		return nil, err
	}
	for _, step := range []func(context.Context) error{s.prepareSchema, s.watchFiles, s.identify, s.freeLeases} {
		if err := step(ctx); err != nil {
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

// connect opens the database as it is.
func connect(ctx context.Context, address string, migrations []migration) (*Store, error) {
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

// Shared says whether other processes may have the database open: always on
// PostgreSQL, never on SQLite.
func (s *Store) Shared() bool { return s.shared }

// Ping reports whether the database can be written, which it does: a disk that
// is full or a file that is gone still serves reads.
func (s *Store) Ping(ctx context.Context) error {
	changed, err := affected(s.db.ExecContext(ctx, "UPDATE schema_compatibility SET only_row = only_row"))
	if err == nil && changed != 1 {
		err = errors.New("the table schema_compatibility has lost its row: restore a copy")
	}
	return err
}

// Close closes the database. What was answered before is on disk.
func (s *Store) Close() error { return s.close() }
