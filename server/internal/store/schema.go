package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
)

//go:embed migrations/*.sql
var scripts embed.FS

const (
	// versionTable records the migrations that the database has, as goose keeps them.
	versionTable = "goose_db_version"
	// firstTracked is the migration from which the database records the oldest
	// program that can use it, and from which every session is visible to a
	// contracting migration. Earlier migrations count as contracting.
	firstTracked = 13
	// lastUntracked is the last migration that was released before that.
	lastUntracked = 10
	// contractMark is the line that declares a contracting migration.
	contractMark = "\n-- contract\n"
)

// migration is one step of the schema, applied in one transaction.
type migration struct {
	version int64
	text    string
	// contracts reports that programs which do not know this migration cannot use
	// the database after it. Any other migration expands: they can.
	contracts bool
}

// known are the migrations of this program, in order.
var known = mustReadMigrations(scripts)

// mustReadMigrations reads the embedded scripts, which a test checks.
func mustReadMigrations(scripts fs.FS) []migration {
	names, err := fs.Glob(scripts, "migrations/*.sql")
	if err != nil {
		panic(err)
	}
	all := make([]migration, len(names))
	for i, name := range names {
		text, err := fs.ReadFile(scripts, name)
		if err != nil {
			panic(err)
		}
		number, _, _ := strings.Cut(path.Base(name), "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			panic(err)
		}
		up, _, _ := strings.Cut(string(text), "-- +goose Down")
		all[i] = migration{version: version, text: up, contracts: version <= lastUntracked || strings.Contains(up, contractMark)}
	}
	return all
}

// SchemaError is a version of the schema that a program cannot serve.
type SchemaError struct {
	// Database is the version of the database, Program the version that this
	// program was written for.
	Database, Program int64
	// Oldest is the version that a program must know at least to use the
	// database; 0 if the database is the older one.
	Oldest int64
}

// Error names the versions and the remedy.
func (e *SchemaError) Error() string {
	if e.Oldest > 0 {
		return fmt.Sprintf("has schema %d of a newer ecsd, for programs that know schema %d; this ecsd knows schema %d: start the newer ecsd", e.Database, e.Oldest, e.Program)
	}
	return fmt.Sprintf("has schema %d, this ecsd needs schema %d, which a running older ecsd cannot use: stop every ecsd that uses the database, make a copy, and run ecsd migrate", e.Database, e.Program)
}

// schemaAccess is access to the schema while no other process can change it.
type schemaAccess struct {
	db *sql.DB
	// unused reports that no other process uses the database, and keeps it so
	// until the access ends.
	unused func(context.Context) (bool, error)
}

// schemaState is the schema of a database, compared with the program's.
type schemaState struct {
	database int64
	oldest   int64
	pending  []migration
}

func (s schemaState) contracts() bool {
	return slices.ContainsFunc(s.pending, func(m migration) bool { return m.contracts })
}

// program is the version of the schema that this program was written for.
func (e *engine) program() int64 { return e.migrations[len(e.migrations)-1].version }

// prepareSchema creates the schema of a new database in one transaction, and
// brings an older one up to date, unless that would break another process that
// may be using it. A newer schema is accepted if it declares this program
// compatible.
func (e *engine) prepareSchema(ctx context.Context) error {
	return e.onSchema(ctx, func(at schemaAccess) error {
		state, err := e.readSchema(ctx, at.db)
		if err != nil {
			return err
		}
		// Sessions of an ecsd before firstTracked are not visible here.
		if state.contracts() && e.shared && state.database > 0 && state.database < firstTracked {
			return &SchemaError{Database: state.database, Program: e.program()}
		}
		return e.finish(ctx, at, state)
	})
}

// Migrate brings the schema of the database up to this program's version, and
// creates it if the database is new. It refuses a contracting migration while
// another ecsd uses the database. It returns the versions before and after.
func Migrate(ctx context.Context, address string) (before, after int64, err error) {
	return migrate(ctx, address, known)
}

func migrate(ctx context.Context, address string, migrations []migration) (before, after int64, err error) {
	s, err := connect(ctx, address, migrations)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	err = s.onSchema(ctx, func(at schemaAccess) error {
		state, err := s.readSchema(ctx, at.db)
		if err != nil {
			return err
		}
		before, after = state.database, max(state.database, s.program())
		return s.finish(ctx, at, state)
	})
	return before, after, err
}

// readSchema compares the schema of the database with the program's.
func (e *engine) readSchema(ctx context.Context, db *sql.DB) (schemaState, error) {
	state, err := e.queryState(ctx, db)
	if err != nil {
		return state, fmt.Errorf("read the version of the schema: %w", explain(err))
	}
	if state.oldest > e.program() {
		return state, &SchemaError{Database: state.database, Program: e.program(), Oldest: state.oldest}
	}
	return state, nil
}

func (e *engine) queryState(ctx context.Context, db *sql.DB) (state schemaState, err error) {
	var created int
	if err := db.QueryRowContext(ctx, e.countTables, versionTable).Scan(&created); err != nil {
		return state, err
	}
	if created == 0 {
		state.pending = e.migrations
		return state, nil
	}
	versions, err := database.NewStore(e.dialect, versionTable)
	if err != nil {
		return state, err
	}
	rows, err := versions.ListMigrations(ctx, db)
	if err != nil {
		return state, err
	}
	applied := make(map[int64]bool, len(rows))
	for _, row := range rows {
		applied[row.Version] = row.IsApplied
		if row.IsApplied {
			state.database = max(state.database, row.Version)
		}
	}
	for _, m := range e.migrations {
		if !applied[m.version] {
			state.pending = append(state.pending, m)
		}
	}
	if applied[firstTracked] {
		err = db.QueryRowContext(ctx, selectOldest).Scan(&state.oldest)
	}
	return state, err
}

// selectOldest reads the version that a program must know at least.
const selectOldest = `SELECT oldest_program FROM schema_compatibility`

// finish brings the schema to the version of the program.
func (e *engine) finish(ctx context.Context, at schemaAccess, state schemaState) error {
	if err := e.applyPending(ctx, at, state); err != nil {
		return err
	}
	if e.dialect == goose.DialectPostgres {
		return orderByBytes(ctx, at.db, e.migrations)
	}
	return nil
}

// applyPending applies the missing migrations: the whole schema of a new
// database in one transaction, so that a killed process leaves nothing behind;
// otherwise one transaction per migration.
func (e *engine) applyPending(ctx context.Context, at schemaAccess, state schemaState) error {
	if len(state.pending) == 0 {
		return nil
	}
	if state.database == 0 {
		return e.apply(ctx, at.db, state.pending...)
	}
	if state.contracts() {
		unused, err := at.unused(ctx)
		if err != nil {
			return fmt.Errorf("check for other users of the database: %w", explain(err))
		}
		if !unused {
			return &SchemaError{Database: state.database, Program: e.program()}
		}
	}
	for _, m := range state.pending {
		if err := e.apply(ctx, at.db, m); err != nil {
			return err
		}
	}
	return nil
}

// apply applies migrations in one transaction.
func (e *engine) apply(ctx context.Context, db *sql.DB, all ...migration) error {
	versions, err := database.NewStore(e.dialect, versionTable)
	if err != nil {
		return err
	}
	err = transact(ctx, db, e.writing, func(tx *sql.Tx) error {
		var created int
		if err := tx.QueryRowContext(ctx, e.countTables, versionTable).Scan(&created); err != nil {
			return err
		}
		if created == 0 {
			if err := versions.CreateVersionTable(ctx, tx); err != nil {
				return err
			}
		}
		for _, m := range all {
			if err := e.applyOne(ctx, tx, versions, m); err != nil {
				return fmt.Errorf("migration %d: %w", m.version, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("bring the schema up to date: %w", explainIn(ctx, err))
	}
	return nil
}

func (e *engine) applyOne(ctx context.Context, tx *sql.Tx, versions database.Store, m migration) error {
	var mode []any
	if e.dialect == goose.DialectPostgres {
		// Only the simple protocol takes a script of several statements.
		mode = []any{pgx.QueryExecModeSimpleProtocol}
		if _, err := tx.ExecContext(ctx, limitLockWait); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, m.text, mode...); err != nil {
		return err
	}
	if m.contracts && m.version > firstTracked {
		if _, err := tx.ExecContext(ctx, "UPDATE schema_compatibility SET oldest_program = $1", m.version); err != nil {
			return err
		}
	}
	return versions.Insert(ctx, tx, database.InsertRequest{Version: m.version})
}
