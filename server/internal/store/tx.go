package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"
	"strings"
)

// inTx runs the writes as one transaction. It is on disk when it returns.
func (s *Store) inTx(ctx context.Context, writes func(*sql.Tx) error) error {
	return transact(ctx, s.db, s.writing, writes)
}

// inSnapshot runs reads that all see one state.
func (s *Store) inSnapshot(ctx context.Context, reads func(*sql.Tx) error) error {
	return transact(ctx, s.reader, s.snapshot, reads)
}

func transact(ctx context.Context, db *sql.DB, options *sql.TxOptions, do func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, options)
	if err != nil {
		return explain(err)
	}
	if err := do(tx); err != nil {
		return errors.Join(explain(err), ignoreDone(tx.Rollback()))
	}
	return explain(tx.Commit())
}

// ignoreDone forgives a rollback of what a cancelled context already undid.
func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

// row is a line of an answer.
type row interface{ Scan(...any) error }

// execer is a database or a transaction that writes.
type execer interface {
	ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error)
}

// queryer is a database or a transaction.
type queryer interface {
	QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error)
}

// query reads every line of an answer.
func query[T any](ctx context.Context, db queryer, scan func(row) (T, error), text string, args ...any) ([]T, error) {
	rows, err := db.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, explain(err)
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
	return all, explain(rows.Err())
}

// blob is bytes as the database keeps them, NULL for none.
func blob(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}

// chunked is one statement for many rows: a round trip a row would cost a
// database behind a network more than the rows themselves.
type chunked[T any] struct {
	rows    []T
	before  string
	columns int
	after   string
	// valuesOfARow are as many as there are columns.
	valuesOfARow func(T) []any
	// numbers are the columns, from 1 on, that are told to be numbers, in the
	// first row for all: PostgreSQL takes the values of a list that is not
	// inserted anywhere for text.
	numbers []int
}

// rowsAtOnce is how many rows are asked for by their ids in one statement, far
// below the marks that an engine takes.
const rowsAtOnce = 100

// exec writes all rows, with about so many values in a statement, or twice as
// many where that is all.
func (c chunked[T]) exec(ctx context.Context, tx *sql.Tx, valuesAtOnce int) error {
	_, err := c.count(ctx, tx, valuesAtOnce)
	return err
}

// count writes as exec does, and returns how many rows of the table changed.
func (c chunked[T]) count(ctx context.Context, tx *sql.Tx, valuesAtOnce int) (changed int64, err error) {
	size := max(1, valuesAtOnce/c.columns)
	whole := 0
	if len(c.rows) >= 2*size {
		whole = len(c.rows) - len(c.rows)%size
		if changed, err = c.repeat(ctx, tx, c.rows[:whole], size); err != nil {
			return changed, err
		}
	}
	rest := c.rows[whole:]
	if len(rest) == 0 {
		return changed, nil
	}
	n, err := affected(tx.ExecContext(ctx, c.text(len(rest)), c.values(rest)...))
	return changed + n, err
}

// repeat reads the statement once for all of the rows.
func (c chunked[T]) repeat(ctx context.Context, tx *sql.Tx, rows []T, size int) (changed int64, err error) {
	statement, err := tx.PrepareContext(ctx, c.text(size))
	if err != nil {
		return 0, err
	}
	defer func() { _ = statement.Close() }()
	for some := range slices.Chunk(rows, size) {
		n, err := affected(statement.ExecContext(ctx, c.values(some)...))
		if err != nil {
			return changed, err
		}
		changed += n
	}
	return changed, nil
}

func affected(result sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (c chunked[T]) text(rows int) string {
	values := make([]string, rows)
	for i := range values {
		values[i] = marks(1+i*c.columns, c.columns)
	}
	for _, n := range c.numbers {
		mark := "$" + strconv.Itoa(n)
		values[0] = strings.Replace(values[0], mark, "CAST("+mark+" AS BIGINT)", 1)
	}
	return c.before + strings.Join(values, ",") + c.after
}

func (c chunked[T]) values(rows []T) []any {
	values := make([]any, 0, len(rows)*c.columns)
	for _, r := range rows {
		values = append(values, c.valuesOfARow(r)...)
	}
	return values
}

// marks are n placeholders from number first on, as ($1,$2,$3): a notation
// that both engines take, so that a statement is written once.
func marks(first, n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = "$" + strconv.Itoa(first+i)
	}
	return "(" + strings.Join(list, ",") + ")"
}
