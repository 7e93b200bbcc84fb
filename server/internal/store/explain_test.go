package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// A fault of the database is worth a retry, one of a statement or of the caller
// is not. The text keeps the text of wrappers, and no name from a driver.
func TestExplain(t *testing.T) {
	const secret = "secret-host"
	pg := func(code string) error { return &pgconn.PgError{Code: code, Message: secret + ": something"} }
	network := func(err error) error {
		return &net.OpError{Op: "write", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(10, 11, 12, 13), Port: 4711}, Err: err}
	}
	for _, c := range []struct {
		err  error
		want ecs.Reason
		// is reports that errors.Is still finds err.
		is bool
	}{
		{pg("08006"), ecs.ReasonStoreUnavailable, true},
		{pg("25006"), ecs.ReasonStoreUnavailable, true},
		{pg("25P03"), ecs.ReasonStoreUnavailable, true},
		{pg("28P01"), ecs.ReasonStoreUnavailable, true},
		{pg("3D000"), ecs.ReasonStoreUnavailable, true},
		{pg("40001"), ecs.ReasonStoreUnavailable, true},
		{pg("40P01"), ecs.ReasonStoreUnavailable, true},
		{pg("42501"), ecs.ReasonStoreUnavailable, true},
		{pg("53100"), ecs.ReasonStoreUnavailable, true},
		{pg("53300"), ecs.ReasonStoreUnavailable, true},
		{pg("55P03"), ecs.ReasonStoreUnavailable, true},
		{pg("57014"), ecs.ReasonStoreUnavailable, true}, // the statement's limit: a call that was given up is recognized by its context
		{pg("57P01"), ecs.ReasonStoreUnavailable, true},
		{pg("57P03"), ecs.ReasonStoreUnavailable, true},
		{pg("58030"), ecs.ReasonStoreUnavailable, true},
		{pg("XX000"), ecs.ReasonStoreUnavailable, true},
		{pg("22021"), ecs.ReasonInvalidField, true},
		{pg("22P02"), ecs.ReasonInvalidField, true},
		{&pgconn.PgError{Code: "23505", Message: "duplicate key"}, "", true},
		{&pgconn.PgError{Code: "42601", Message: "syntax error"}, "", true},
		{pgconn.ErrConnClosed, ecs.ReasonStoreUnavailable, true},
		{driver.ErrBadConn, ecs.ReasonStoreUnavailable, true},
		{io.ErrUnexpectedEOF, ecs.ReasonStoreUnavailable, true},
		{network(syscall.EPIPE), ecs.ReasonStoreUnavailable, true},
		{network(syscall.ECONNRESET), ecs.ReasonStoreUnavailable, true},
		{network(errSilent), ecs.ReasonStoreUnavailable, true},
		{&net.DNSError{Err: "no such host", Name: secret}, "", true},
		{&SchemaError{Database: 2, Program: 1, Oldest: 2}, ecs.ReasonStoreUnavailable, true},
		{durabilityError("is not durable"), ecs.ReasonStoreUnavailable, true},
		{context.Canceled, "", true},
		{context.DeadlineExceeded, "", true},
		{ecs.ErrStateMoved, "", true},
	} {
		err := explain(fmt.Errorf("write request r: %w", c.err))
		reported := ecs.AsError(err)
		if reported == nil {
			reported = &ecs.Error{}
		}
		if reported.Reason != c.want {
			t.Errorf("%v: got reason %q, want %q", c.err, reported.Reason, c.want)
		}
		if c.want == ecs.ReasonStoreUnavailable && reported.Retry != ecs.RetryBackoff {
			t.Errorf("%v: got retry %v, want RetryBackoff", c.err, reported.Retry)
		}
		for _, text := range []string{err.Error(), reported.Message} {
			if strings.Contains(text, secret) || strings.Contains(text, "10.11.12.13") || strings.Contains(text, "4711") {
				t.Errorf("%v: %q names what must not be shown", c.err, text)
			}
		}
		if !strings.HasPrefix(err.Error(), "write request r: ") || len(err.Error()) <= len("write request r: ") {
			t.Errorf("%v: the text is %q, want what happened and why", c.err, err)
		}
		if errors.Is(err, c.err) != c.is {
			t.Errorf("%v: is in %v: %t, want %t", c.err, err, !c.is, c.is)
		}
		if again := explain(err); again != err { //nolint:errorlint // it must be the same value
			t.Errorf("%v: explained twice it is %v", c.err, again)
		}
	}
	if explain(nil) != nil {
		t.Error("no error became one")
	}
}

// If the caller gave up, that is the reason, whatever the driver reports.
func TestExplainIn_CallerGaveUp(t *testing.T) {
	for name, c := range map[string]struct {
		ctx  func() (context.Context, context.CancelFunc)
		want error
	}{
		"cancelled": {func() (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			return ctx, cancel
		}, context.Canceled},
		"late": {func() (context.Context, context.CancelFunc) { return context.WithTimeout(context.Background(), 0) }, context.DeadlineExceeded},
	} {
		ctx, cancel := c.ctx()
		err := explainIn(ctx, fmt.Errorf("read job j: %w", &net.OpError{Op: "read", Net: "secret-host", Err: syscall.ECONNRESET}))
		if !errors.Is(err, c.want) || ecs.AsError(err) != nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v, want %v without a reason or an address", name, err, c.want)
		}
		cancel()
	}
}
