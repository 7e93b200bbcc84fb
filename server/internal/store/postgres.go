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
	// connections bounds what one ecsd opens.
	connections = 16
	// A session that stops in the middle of a transaction, because its process
	// is paused or the network is cut, holds locks that a new poller waits for.
	idleInTransaction = "3s"
	connectTimeout    = 5 * time.Second
	// schemaLock is the key of the advisory lock under which the schema is made.
	schemaLock = 0x65637364 // "ecsd"
)

// postgresServer is the address of a PostgreSQL database.
type postgresServer struct{ config *pgx.ConnConfig }

func parsePostgres(address string) (opener, error) {
	if _, err := url.Parse(address); err != nil {
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

// withoutPassword drops an error whose text repeats the address's password.
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

// open connects and asks each connection, when it is made, whether what it
// commits is durable: a setting can change while ecsd runs.
func (p postgresServer) open(ctx context.Context) (*engine, error) {
	db := stdlib.OpenDB(*p.config, stdlib.OptionAfterConnect(postgresDurable))
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	db.SetConnMaxIdleTime(5 * time.Minute)
	if err := db.PingContext(ctx); err != nil {
		_ = db.Close()
		return nil, err
	}
	return &engine{
		dialect: goose.DialectPostgres, db: db, reader: db, shared: true,
		mark: func(n int) string { return "$" + strconv.Itoa(n) }, valuesAtOnce: 1000,
		writing:    &sql.TxOptions{Isolation: sql.LevelReadCommitted},
		snapshot:   &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true},
		skipLocked: " FOR UPDATE SKIP LOCKED",
		now:        func() string { return "(extract(epoch FROM clock_timestamp()) * 1000)::bigint" },
		alone:      func(ctx context.Context, change func() error) error { return underSchemaLock(ctx, db, change) },
	}, nil
}

// postgresDurable refuses a server that may lose what it has committed, and one
// that cannot be written.
func postgresDurable(ctx context.Context, conn *pgx.Conn) error {
	var fsync, pages, commit string
	var standby bool
	err := conn.QueryRow(ctx, `SELECT current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'), pg_is_in_recovery()`).
		Scan(&fsync, &pages, &commit, &standby)
	if err != nil {
		return fmt.Errorf("ask whether the server is durable: %w", err)
	}
	if standby {
		return errors.New("is a standby that cannot be written; give the primary's address, or target_session_attrs=read-write")
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
			return fmt.Errorf("is not durable: the server's setting %s is %s, must be %s: a renewal must be on disk before it is paid",
				rule.setting, rule.value, strings.Join(rule.allowed, " or "))
		}
	}
	return nil
}

// underSchemaLock lets one process at a time look at the schema and change it.
func underSchemaLock(ctx context.Context, db *sql.DB, change func() error) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock($1)", int64(schemaLock)); err != nil {
		return fmt.Errorf("wait for another ecsd that prepares the schema: %w", err)
	}
	err = change()
	if _, unlock := conn.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", int64(schemaLock)); unlock != nil {
		return errors.Join(err, unlock)
	}
	return err
}
