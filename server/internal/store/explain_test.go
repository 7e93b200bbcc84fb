package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// What lies with the database is worth asking again, what lies with a statement
// or with who asked is not; the text of the driver is for the log alone.
func TestExplain(t *testing.T) {
	for _, c := range []struct {
		err  error
		want bool
	}{
		{&pgconn.PgError{Code: "53100", Message: "secret-host: no space left on device"}, true},
		{&pgconn.PgError{Code: "57P01", Message: "terminating connection"}, true},
		{&pgconn.PgError{Code: "25006", Message: "read-only transaction"}, true},
		{io.ErrUnexpectedEOF, true},
		{&pgconn.PgError{Code: "57014", Message: "canceling statement due to user request"}, false},
		{&pgconn.PgError{Code: "23505", Message: "duplicate key"}, false},
		{&pgconn.PgError{Code: "42601", Message: "syntax error"}, false},
		{context.Canceled, false},
		{ecs.ErrStateMoved, false},
	} {
		err := explain(fmt.Errorf("write request r: %w", c.err))
		told := ecs.AsError(err)
		if got := told != nil && told.Reason == ecs.ReasonStoreUnavailable && told.Retry == ecs.RetryBackoff; got != c.want {
			t.Errorf("%v: unavailable %t, want %t", c.err, got, c.want)
		}
		if told != nil && strings.Contains(told.Message, "secret-host") {
			t.Errorf("a caller is told %q", told.Message)
		}
		if !errors.Is(err, c.err) || !strings.Contains(err.Error(), c.err.Error()) {
			t.Errorf("%v is lost in %v", c.err, err)
		}
	}
	if explain(nil) != nil {
		t.Error("no error became one")
	}
}
