package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

const (
	// A session that stops in the middle of a transaction, because its process
	// is paused or the network is cut, holds locks that a new poller waits for.
	idleInTransaction = "3s"
	connectTimeout    = 5 * time.Second
)

// postgresPool are the limits of one purpose.
type postgresPool struct {
	connections int
	// patience bounds the wait for a connection, silence the wait for a response,
	// and statement the work of the server on one statement, the wait for locks
	// included. A streamed result may take longer than silence.
	patience, silence, statement time.Duration
}

// The pools of one ecsd, which opens 16 connections at most. Reads cannot hold
// up the writes of the ledger and of the change log, and neither can hold up a
// lease, which is lost if it is not renewed within seconds.
var (
	postgresReads  = postgresPool{connections: 8, patience: 3 * time.Second, silence: 5 * time.Second, statement: 15 * time.Second}
	postgresWrites = postgresPool{connections: 6, patience: 5 * time.Second, silence: 10 * time.Second, statement: 9 * time.Second}
	postgresLeases = postgresPool{connections: 2, patience: 3 * time.Second, silence: 5 * time.Second, statement: 4 * time.Second}
)

// lifetime ends connections to a server that has since lost its role.
const lifetime = 10 * time.Minute

// postgresServer is the address of a PostgreSQL database.
type postgresServer struct{ config *pgx.ConnConfig }

func parsePostgres(address string) (opener, error) {
	if u, err := url.Parse(address); err != nil || strings.Contains(u.Path, "@") {
		// The text of the error holds the address, password and all.
		return nil, fmt.Errorf("cannot be read as a URL (special characters of a password are written as %%XX): %w", errAddress)
	}
	config, err := pgx.ParseConfig(address)
	if err != nil {
		var parse interface{ Unwrap() error }
		if errors.As(err, &parse) && parse.Unwrap() != nil {
			err = parse.Unwrap() // without the address that the outer text repeats
		}
		return nil, withoutPassword(address, err)
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTimeout
	}
	for name, value := range map[string]string{
		"application_name": "ecsd", "idle_in_transaction_session_timeout": idleInTransaction,
	} {
		if config.RuntimeParams[name] == "" {
			config.RuntimeParams[name] = value
		}
	}
	return postgresServer{config}, nil
}

// withoutPassword drops an error that repeats the address's password.
func withoutPassword(address string, err error) error {
	u, parsed := url.Parse(address)
	if parsed != nil {
		return errAddress
	}
	secrets := []string{u.Query().Get("password"), u.Query().Get("sslpassword")}
	if password, ok := u.User.Password(); ok {
		secrets = append(secrets, password, url.QueryEscape(password), url.PathEscape(password))
	}
	for _, secret := range secrets {
		if secret != "" && strings.Contains(err.Error(), secret) {
			return errAddress
		}
	}
	return err
}

// open returns the engine; its connections are made when they are needed. Each
// new connection checks that its commits are durable and that it may use the
// schema: both can change while ecsd runs.
func (p postgresServer) open(_ context.Context, migrations []migration) (*engine, error) {
	e := &engine{
		dialect: goose.DialectPostgres, shared: true, migrations: migrations,
		mark: func(n int) string { return "$" + strconv.Itoa(n) }, valuesAtOnce: 1000,
		writing:       &sql.TxOptions{Isolation: sql.LevelReadCommitted},
		snapshot:      &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true},
		skipLocked:    " FOR UPDATE SKIP LOCKED",
		lockInstances: lockInstances,
		lockCaller:    lockCaller,
		lockFreeze:    lockFreeze,
		now:           func() string { return "(extract(epoch FROM clock_timestamp()) * 1000)::bigint" },
		countTables:   "SELECT count(*) FROM pg_class WHERE oid = to_regclass($1)",
		onSchema:      p.onSchema,
	}
	e.db, e.reader, e.leasing = p.pool(postgresWrites, e.program()), p.pool(postgresReads, e.program()), p.pool(postgresLeases, e.program())
	return e, nil
}

func (p postgresServer) pool(limits postgresPool, program int64) *pool {
	config := p.config.Copy()
	config.DialFunc = dialer(limits.silence)
	config.RuntimeParams["statement_timeout"] = strconv.FormatInt(limits.statement.Milliseconds(), 10)
	db := stdlib.OpenDB(*config, stdlib.OptionAfterConnect(func(ctx context.Context, conn *pgx.Conn) error {
		if err := prepare(ctx, conn); err != nil {
			return err
		}
		return joinSchema(ctx, conn, program)
	}))
	db.SetMaxOpenConns(limits.connections)
	db.SetMaxIdleConns(limits.connections)
	db.SetConnMaxIdleTime(lifetime / 2)
	db.SetConnMaxLifetime(lifetime)
	return &pool{DB: db, patience: limits.patience}
}

// prepare makes a new connection ready, and refuses a server that may lose commits.
func prepare(ctx context.Context, conn *pgx.Conn) error {
	// The query modes exec and simple_protocol, which an address may set, need the
	// type of each parameter. The builds of ecsd leave out the driver's table of all
	// types, of 1.4 MB.
	for name, parameters := range map[string][]any{
		"bool": {false}, "bytea": {[]byte(nil)}, "int4": {int32(0)}, "_int4": {[]int32(nil)}, "int8": {0, int64(0)},
		"text": {""}, "_text": {[]string(nil)},
	} {
		for _, p := range parameters {
			conn.TypeMap().RegisterDefaultPgType(p, name)
		}
	}
	return postgresDurable(ctx, conn)
}

// durabilityError reports a server that may lose commits, or that cannot be
// written.
type durabilityError string

func (e durabilityError) Error() string { return string(e) }

// postgresDurable refuses a server that may lose commits, and one that cannot
// be written.
func postgresDurable(ctx context.Context, conn *pgx.Conn) error {
	var fsync, pages, commit string
	var standby bool
	err := conn.QueryRow(ctx, `SELECT current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'), pg_is_in_recovery()`).
		Scan(&fsync, &pages, &commit, &standby)
	if err != nil {
		return fmt.Errorf("check that the server is durable: %w", err)
	}
	if standby {
		return durabilityError("is a standby that cannot be written; give the primary's address, or target_session_attrs=read-write")
	}
	for _, rule := range []struct {
		setting, value string
		allowed        []string
	}{
		{"fsync", fsync, []string{"on"}},
		{"full_page_writes", pages, []string{"on"}},
		{"synchronous_commit", commit, []string{"on", "remote_apply"}},
	} {
		if !slices.Contains(rule.allowed, rule.value) {
			return durabilityError(fmt.Sprintf("is not durable: the server's setting %s is %s, must be %s: a renewal must be on disk before it is paid",
				rule.setting, rule.value, strings.Join(rule.allowed, " or ")))
		}
	}
	return nil
}
