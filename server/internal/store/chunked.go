package store

import (
	"context"
	"database/sql"
	"iter"
	"slices"
	"strings"
)

// chunked is one statement for many rows: a round trip a row would cost a
// database behind a network more than the rows themselves.
type chunked[T any] struct {
	rows []T
	// before and after contain no placeholders.
	before  string
	columns int
	after   string
	// valuesOfARow are as many as there are columns.
	valuesOfARow func(T) []any
	// numbers are the columns, from 1 on, that are cast to numbers in the first
	// row: PostgreSQL types the values of a list that is not inserted anywhere as
	// text.
	numbers []int
}

// exec writes all rows, with about the engine's valuesAtOnce per statement, or
// up to twice as many if that covers all.
func (c chunked[T]) exec(ctx context.Context, tx *sql.Tx, e *engine) error {
	_, err := c.count(ctx, tx, e)
	return err
}

// count writes as exec does, and returns how many rows of the table changed.
func (c chunked[T]) count(ctx context.Context, tx *sql.Tx, e *engine) (changed int64, err error) {
	size := max(1, e.valuesAtOnce/c.columns)
	whole := 0
	if len(c.rows) >= 2*size {
		whole = len(c.rows) - len(c.rows)%size
		if changed, err = c.repeat(ctx, tx, c.text(size, e), slices.Chunk(c.rows[:whole], size)); err != nil {
			return changed, err
		}
	}
	rest := c.rows[whole:]
	if len(rest) == 0 {
		return changed, nil
	}
	n, err := affected(tx.ExecContext(ctx, c.text(len(rest), e), c.values(rest)...))
	return changed + n, err
}

// repeat reads the statement once for all of the rows.
func (c chunked[T]) repeat(ctx context.Context, tx *sql.Tx, text string, parts iter.Seq[[]T]) (changed int64, err error) {
	statement, err := tx.PrepareContext(ctx, text)
	if err != nil {
		return 0, err
	}
	defer func() { _ = statement.Close() }()
	for some := range parts {
		n, err := affected(statement.ExecContext(ctx, c.values(some)...))
		if err != nil {
			return changed, err
		}
		changed += n
	}
	return changed, nil
}

func (c chunked[T]) text(rows int, e *engine) string {
	var text strings.Builder
	text.WriteString(c.before)
	for n := range rows * c.columns {
		column := n % c.columns
		switch {
		case n == 0:
			text.WriteString("(")
		case column == 0:
			text.WriteString("),(")
		default:
			text.WriteString(",")
		}
		if n == column && slices.Contains(c.numbers, 1+column) {
			text.WriteString("CAST(" + e.mark(1+n) + " AS BIGINT)")
		} else {
			text.WriteString(e.mark(1 + n))
		}
	}
	return text.String() + ")" + c.after
}

func (c chunked[T]) values(rows []T) []any {
	values := make([]any, 0, len(rows)*c.columns)
	for _, r := range rows {
		values = append(values, c.valuesOfARow(r)...)
	}
	return values
}
