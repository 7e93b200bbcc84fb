package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"
)

// pool are the connections of one purpose. Its methods bound the wait for a
// connection, and their errors are explained: callers need not.
type pool struct {
	*sql.DB
	// patience bounds the wait for a usable connection.
	patience time.Duration
	// guard returns an error if the database must not be written; nil if the pool
	// does not write or there is nothing to guard.
	guard func() error
}

// errNoConnection reports that the wait for a connection was too long.
var errNoConnection = errors.New("no usable connection to the database in time")

// attempts bounds how often a statement is sent that a dead connection did not take.
const attempts = 3

// use runs a function with a connection, and again with another if the
// connection was dead before anything was sent.
func (p *pool) use(ctx context.Context, do func(*sql.Conn) error) error {
	wait, cancel := context.WithTimeout(ctx, p.patience)
	defer cancel()
	for attempt := 1; ; attempt++ {
		err := p.once(ctx, wait, do)
		if errors.Is(err, driver.ErrBadConn) && attempt < attempts {
			continue
		}
		return explainIn(ctx, err)
	}
}

func (p *pool) once(ctx, wait context.Context, do func(*sql.Conn) error) error {
	if p.guard != nil {
		if err := p.guard(); err != nil {
			return err
		}
	}
	conn, err := p.Conn(wait)
	if err != nil {
		if ctx.Err() == nil && wait.Err() != nil {
			return fmt.Errorf("%w (%v)", errNoConnection, p.patience)
		}
		return err
	}
	defer conn.Close()
	return do(conn)
}

// ExecContext runs a statement that writes.
func (p *pool) ExecContext(ctx context.Context, text string, args ...any) (result sql.Result, err error) {
	err = p.use(ctx, func(conn *sql.Conn) (err error) {
		result, err = conn.ExecContext(ctx, text, args...)
		return err
	})
	return result, err
}

// QueryRowContext returns the first row of a result, which Scan reads.
func (p *pool) QueryRowContext(ctx context.Context, text string, args ...any) row {
	return lazyRow(func(values ...any) error {
		return p.use(ctx, func(conn *sql.Conn) error { return conn.QueryRowContext(ctx, text, args...).Scan(values...) })
	})
}

// lazyRow runs its query when it is scanned.
type lazyRow func(...any) error

func (r lazyRow) Scan(values ...any) error { return r(values...) }

// transact runs a transaction.
func (p *pool) transact(ctx context.Context, options *sql.TxOptions, do func(*sql.Tx) error) error {
	err := p.use(ctx, func(conn *sql.Conn) error { return transact(ctx, conn, options, do) })
	if err == nil && p.guard != nil {
		// Commits to a file that is gone are lost.
		err = explain(p.guard())
	}
	return err
}
