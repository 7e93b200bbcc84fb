package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/pressly/goose/v3"
)

// opener opens the database of one address. Each engine has its own.
type opener interface {
	open(ctx context.Context, migrations []migration) (*engine, error)
}

// engine holds the differences between SQLite and PostgreSQL. The statements
// are the same: both take $1 as a mark, ON CONFLICT and RETURNING, keep times
// as integers, and take one set of migrations.
type engine struct {
	dialect goose.Dialect
	// db writes. On SQLite it has one connection, since SQLite has one writer.
	db *pool
	// reader reads, and on a SQLite file it does not wait for a write.
	reader *pool
	// leasing acquires and renews leases, which must not wait for other work. On
	// SQLite it is db: no other process competes for a lease.
	leasing *pool
	// writing begins a transaction that writes, whatever the server's default.
	writing *sql.TxOptions
	// snapshot begins a transaction in which all reads see one state.
	snapshot *sql.TxOptions
	// now is an SQL expression of the time by which leases end and history
	// ages, in milliseconds.
	now func() string
	// mark is the placeholder of the n-th value in a long list, in the form that the
	// engine parses fastest.
	mark func(n int) string
	// valuesAtOnce is how many values one of many statements carries. A statement
	// is a round trip to PostgreSQL; SQLite looks for each value in a list of
	// them all, so that twice as many cost four times as much.
	valuesAtOnce int
	// skipLocked ends a subquery that locks rows, so that concurrent writers do not
	// wait for each other; "" if there is one writer.
	skipLocked string
	// lockInstances locks instances until the transaction ends. If the engine has
	// one writer, they are locked already.
	lockInstances func(context.Context, *sql.Tx, []instance) error
	// lockCaller locks the spending of a caller until the transaction ends, and
	// lockFreeze the freeze of all spending. If the engine has one writer, they are
	// locked already.
	lockCaller func(ctx context.Context, tx *sql.Tx, caller string, intends bool) error
	lockFreeze func(context.Context, *sql.Tx) error
	// shared reports that other processes may have the database open.
	shared bool
	// migrations are the program's, in order.
	migrations []migration
	// onSchema runs a function that reads and changes the schema while no other
	// process changes it.
	onSchema func(context.Context, func(schemaAccess) error) error
	// countTables counts the tables of the name $1.
	countTables string
	// checkpoints run until the engine is closed; nil if there are none.
	checkpoints *checkpointer
	// file is the locked file of a SQLite database; nil if there is none.
	file *lockedFile
}

// close closes the connections, and then the lock that guards them.
func (e *engine) close() error {
	var err error
	if e.checkpoints != nil {
		err = e.checkpoints.close()
	}
	err = errors.Join(err, e.db.Close())
	for _, other := range []*pool{e.reader, e.leasing} {
		if other != e.db {
			err = errors.Join(err, other.Close())
		}
	}
	if e.file != nil {
		err = errors.Join(err, e.file.close())
	}
	return err
}
