package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/ecsd-io/ecsd/server/internal/sleep"
)

const (
	// schemaLock is the key of the advisory lock under which the schema is changed.
	schemaLock = 0x65637364 // "ecsd"
	// useLock is the key of the advisory lock that every session shares while it
	// uses the schema, and that a contracting migration takes alone. It differs by
	// schema: one PostgreSQL database may hold several of them.
	useLock    = `(SELECT 1701016420::bigint << 32 | oid::bigint FROM pg_namespace WHERE nspname = current_schema())`
	lockUseFor = 2 * time.Second
)

// errSchemaChanges reports that another process is changing the schema in a way
// that no one else can be connected to.
var errSchemaChanges = errors.New("another ecsd is changing the schema; retry when it has ended")

// joinSchema makes a session visible to contracting migrations, for as long as
// the session lives, and refuses a schema that the program cannot use.
func joinSchema(ctx context.Context, conn *pgx.Conn, program int64) error {
	var joined bool
	if err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock_shared("+useLock+")").Scan(&joined); err != nil {
		return fmt.Errorf("join the users of the schema: %w", err)
	}
	if !joined {
		return errSchemaChanges
	}
	refused := SchemaError{Program: program}
	if err := conn.QueryRow(ctx, selectOldest).Scan(&refused.Oldest); err != nil {
		return fmt.Errorf("read the compatibility of the schema: %w", err)
	}
	if refused.Oldest <= program {
		return nil
	}
	if err := conn.QueryRow(ctx, "SELECT max(version_id) FROM "+versionTable).Scan(&refused.Database); err != nil {
		return fmt.Errorf("read the version of the schema: %w", err)
	}
	return &refused
}

// onSchema connects for reading and changing the schema, one process at a time.
func (p postgresServer) onSchema(ctx context.Context, use func(schemaAccess) error) (err error) {
	// Without limits: a migration may take long.
	db := stdlib.OpenDB(*p.config, stdlib.OptionAfterConnect(prepare))
	defer func() { err = errors.Join(err, db.Close()) }()
	// The locks belong to this session. The server ends a closed session a little
	// later than the client, so they are given up by name.
	locks, err := db.Conn(ctx)
	if err != nil {
		return explainIn(ctx, err)
	}
	defer func() {
		_, unlock := locks.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock_all()")
		err = errors.Join(err, explain(unlock), explain(locks.Close()))
	}()
	if _, err := locks.ExecContext(ctx, "SELECT pg_advisory_lock($1)", int64(schemaLock)); err != nil {
		return fmt.Errorf("wait for another ecsd that changes the schema: %w", explainIn(ctx, err))
	}
	return use(schemaAccess{db: db, unused: func(ctx context.Context) (bool, error) { return lockUse(ctx, locks) }})
}

// lockUse takes the lock on the use of the schema. It tries for a moment,
// because the sessions of a process that has just ended may still be there; it
// does not wait in line for the lock, because that would refuse new sessions of
// the processes that are using the schema.
func lockUse(ctx context.Context, locks *sql.Conn) (bool, error) {
	for giveUp := time.Now().Add(lockUseFor); ; {
		var locked bool
		err := locks.QueryRowContext(ctx, "SELECT pg_try_advisory_lock("+useLock+")").Scan(&locked)
		if err != nil || locked || time.Now().After(giveUp) {
			return locked, err
		}
		if err := sleep.For(ctx, lockUseFor/20); err != nil {
			return false, err
		}
	}
}

// createTable finds the tables of the migrations.
var createTable = regexp.MustCompile(`CREATE TABLE (\w+)|RENAME TO (\w+)`)

// orderByBytes sets byte order for every text column of the schema, as in
// SQLite and in this program, if the database has the collation of a language:
// a list would be read in one order and continued in another. It changes the
// indexes of a column, not its rows, and does nothing if all columns have byte
// order.
func orderByBytes(ctx context.Context, db *sql.DB, migrations []migration) error {
	var tables []string
	for _, m := range migrations {
		for _, names := range createTable.FindAllStringSubmatch(m.text, -1) {
			tables = append(tables, names[1]+names[2])
		}
	}
	type column struct{ table, name string }
	found, err := query(ctx, db, func(line row) (c column, err error) { return c, line.Scan(&c.table, &c.name) },
		`SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = current_schema() AND c.relkind = 'r' AND c.relname = ANY ($1) AND a.attnum > 0 AND NOT a.attisdropped
			AND a.atttypid = 'text'::regtype AND a.attcollation = 'pg_catalog."default"'::regcollation AND 'a' < 'B'
		ORDER BY 1, 2`, tables)
	if err != nil {
		return fmt.Errorf("look for columns in the order of a language: %w", err)
	}
	for len(found) > 0 {
		table := found[0].table
		next := slices.IndexFunc(found, func(c column) bool { return c.table != table })
		if next < 0 {
			next = len(found)
		}
		changes := make([]string, next)
		for i, c := range found[:next] {
			changes[i] = `ALTER COLUMN ` + c.name + ` TYPE TEXT COLLATE "C"`
		}
		found = found[next:]
		err := transact(ctx, db, nil, func(tx *sql.Tx) error {
			if _, err := tx.ExecContext(ctx, limitLockWait); err != nil {
				return err
			}
			_, err := tx.ExecContext(ctx, "ALTER TABLE "+table+" "+strings.Join(changes, ", "))
			return err
		})
		if err != nil {
			return fmt.Errorf("order the text of %s by bytes: %w", table, explainIn(ctx, err))
		}
	}
	return nil
}

// limitLockWait bounds the wait of an ALTER TABLE for a long read, because every
// later statement on the table waits behind it.
const limitLockWait = "SET LOCAL lock_timeout = '5s'"
