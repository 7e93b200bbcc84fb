package store

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"
)

// inTx runs the writes as one transaction. It is on disk when it returns.
func (s *Store) inTx(ctx context.Context, writes func(*sql.Tx) error) error {
	return s.db.transact(ctx, s.writing, writes)
}

// inSnapshot runs reads that all see one state.
func (s *Store) inSnapshot(ctx context.Context, reads func(*sql.Tx) error) error {
	return s.reader.transact(ctx, s.snapshot, reads)
}

// beginner is a connection or a pool.
type beginner interface {
	BeginTx(context.Context, *sql.TxOptions) (*sql.Tx, error)
}

func transact(ctx context.Context, conn beginner, options *sql.TxOptions, do func(*sql.Tx) error) error {
	tx, err := conn.BeginTx(ctx, options)
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		return errors.Join(explainIn(ctx, err), explainIn(ctx, ignoreDone(tx.Rollback())))
	}
	return explainIn(ctx, tx.Commit())
}

// ignoreDone ignores the error of a rollback after a cancelled context.
func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

// row is one row of a result.
type row interface{ Scan(...any) error }

// execer is a database or a transaction that writes.
type execer interface {
	ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error)
}

// queryer is a database or a transaction.
type queryer interface {
	QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error)
}

// query reads every row of a result. The error is explained.
func query[T any](ctx context.Context, db queryer, scan func(row) (T, error), text string, args ...any) ([]T, error) {
	p, pooled := db.(*pool)
	if !pooled {
		all, err := queryOn(ctx, db, scan, text, args...)
		return all, explainIn(ctx, err)
	}
	var all []T
	err := p.use(ctx, func(conn *sql.Conn) (err error) {
		all, err = queryOn(ctx, conn, scan, text, args...)
		return err
	})
	return all, err
}

func queryOn[T any](ctx context.Context, db queryer, scan func(row) (T, error), text string, args ...any) ([]T, error) {
	rows, err := db.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// affected is how many rows a statement changed.
func affected(result sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// blob is bytes as the database keeps them, NULL for none.
func blob(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}

// rowsAtOnce is the number of rows read by ID in one statement, far below the
// limits of placeholders.
const rowsAtOnce = 100

// marks are n placeholders from number first on, as ($1,$2,$3): a notation
// that both engines take, so that a statement is written once.
func marks(first, n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = "$" + strconv.Itoa(first+i)
	}
	return "(" + strings.Join(list, ",") + ")"
}

// marked are words as the values of marks.
func marked(words []string) []any {
	values := make([]any, len(words))
	for i, word := range words {
		values[i] = word
	}
	return values
}
