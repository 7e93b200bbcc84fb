package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// SchemaError is a version of the schema that a program cannot serve.
type SchemaError struct {
	// Database is the version that the database has, Program the one that this
	// program was written for.
	Database, Program int64
}

// Error says what to do.
func (e *SchemaError) Error() string {
	if e.Database > e.Program {
		return fmt.Sprintf("has schema %d, made by a newer ecsd; this one knows schema %d: start the newer one", e.Database, e.Program)
	}
	return fmt.Sprintf("has schema %d, this ecsd needs schema %d: stop every ecsd that uses it, make a copy, and run ecsd migrate", e.Database, e.Program)
}

// checkSchema makes the schema of a new database, and refuses one of another
// version: serving must not change what an older ecsd may still be using.
func (s *Store) checkSchema(ctx context.Context) error {
	return s.alone(ctx, func() error {
		schema, err := s.schema()
		if err != nil {
			return err
		}
		database, program, err := schema.GetVersions(ctx)
		switch {
		case err != nil:
			return fmt.Errorf("read the version of the schema: %w", explain(err))
		case database == 0:
			return up(ctx, schema)
		case database != program:
			return &SchemaError{Database: database, Program: program}
		}
		return nil
	})
}

// Migrate brings the schema of the database up to this program's version, and
// makes it where the database is new. It returns the versions before and after.
func Migrate(ctx context.Context, address string) (before, after int64, err error) {
	s, err := connect(ctx, address)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	err = s.alone(ctx, func() error {
		schema, err := s.schema()
		if err != nil {
			return err
		}
		before, after, err = schema.GetVersions(ctx)
		if err != nil {
			return fmt.Errorf("read the version of the schema: %w", explain(err))
		}
		if before > after {
			return &SchemaError{Database: before, Program: after}
		}
		return up(ctx, schema)
	})
	return before, after, err
}

// schema are the migrations on this database, each of them a transaction.
func (s *Store) schema() (*goose.Provider, error) {
	scripts, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(s.dialect, s.db, scripts)
}

func up(ctx context.Context, schema *goose.Provider) error {
	if _, err := schema.Up(ctx); err != nil {
		return fmt.Errorf("bring the schema up to date: %w", explain(err))
	}
	return nil
}
