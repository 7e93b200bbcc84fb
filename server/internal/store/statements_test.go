package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/ecsd-io/ecsd/test/lib/postgres"
)

// recorder records the statements of a store.
type recorder struct {
	mu  sync.Mutex
	all []statement
}

// statement is one execution of a statement.
type statement struct {
	text string
	args []driver.NamedValue
}

func (r *recorder) add(text string, args []driver.NamedValue) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, statement{text, args})
}

// during returns the statements of a function, except the limits of transactions.
func (r *recorder) during(do func()) []statement {
	r.mu.Lock()
	r.all = nil
	r.mu.Unlock()
	do()
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.all
}

// onRecorded runs a test on a new store of each engine, whose statements are
// recorded.
func onRecorded(t *testing.T, test func(t *testing.T, s *Store, r *recorder)) {
	t.Helper()
	for name, open := range map[string]func(*testing.T) (*Store, *recorder){"sqlite": recordedSQLite, "postgres": recordedPostgres} {
		t.Run(name, func(t *testing.T) {
			s, r := open(t)
			test(t, s, r)
		})
	}
}

func recordedSQLite(t *testing.T) (*Store, *recorder) {
	path, r := filepath.Join(t.TempDir(), "ecsd.db"), &recorder{}
	s := openWithT(t, "sqlite:"+path, known)
	file := "file:" + (&url.URL{Path: path}).EscapedPath() + "?mode=rw&" + sqlitePragmas
	r.record(t, s.db, file+"&_txlock=immediate")
	r.record(t, s.reader, file)
	return s, r
}

func recordedPostgres(t *testing.T) (*Store, *recorder) {
	address, r := postgres.Database(t), &recorder{}
	s := openWithT(t, address, known)
	r.record(t, s.db, address)
	r.record(t, s.reader, address)
	return s, r
}

// record replaces the connections of a pool by one that is recorded.
func (r *recorder) record(t *testing.T, p *pool, dsn string) {
	was := p.DB
	p.DB = sql.OpenDB(recordingConnector{was.Driver(), dsn, r})
	p.SetMaxOpenConns(1)
	if err := was.Close(); err != nil {
		t.Fatal(err)
	}
}

type recordingConnector struct {
	of  driver.Driver
	dsn string
	*recorder
}

func (c recordingConnector) Driver() driver.Driver { return c.of }

func (c recordingConnector) Connect(context.Context) (driver.Conn, error) {
	conn, err := c.of.Open(c.dsn)
	if err != nil {
		return nil, err
	}
	return recordingConn{conn.(engineConn), c.recorder}, nil
}

// engineConn is the part that the connections of both engines have.
type engineConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
}

type recordingConn struct {
	engineConn
	*recorder
}

func (c recordingConn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	c.add(text, args)
	return c.engineConn.ExecContext(ctx, text, args)
}

func (c recordingConn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	c.add(text, args)
	return c.engineConn.QueryContext(ctx, text, args)
}

// CheckNamedValue passes lists of numbers, which only PostgreSQL takes.
func (c recordingConn) CheckNamedValue(v *driver.NamedValue) error {
	if checker, is := c.engineConn.(driver.NamedValueChecker); is {
		return checker.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

func (c recordingConn) PrepareContext(ctx context.Context, text string) (driver.Stmt, error) {
	prepared, err := c.engineConn.PrepareContext(ctx, text)
	return recordingStmt{prepared, text, c}, err
}

type recordingStmt struct {
	driver.Stmt
	text string
	on   recordingConn
}

func (s recordingStmt) CheckNamedValue(v *driver.NamedValue) error { return s.on.CheckNamedValue(v) }

func (s recordingStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	s.on.add(s.text, args)
	return s.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
}

func (s recordingStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	s.on.add(s.text, args)
	return s.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
}

// plan returns the plan of a recorded SELECT, one line per node. On PostgreSQL the
// statement is run, so that the plan has the numbers of its rows.
func (s *Store) plan(t *testing.T, st statement) string {
	t.Helper()
	args := make([]any, len(st.args))
	for i, a := range st.args {
		args[i] = a.Value
	}
	explain, columns := "EXPLAIN QUERY PLAN ", 4
	if s.shared {
		explain, columns = "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) ", 1
	}
	lines, err := query(t.Context(), s.reader, func(line row) (text string, err error) {
		values := make([]any, columns)
		for i := range values {
			values[i] = new(any)
		}
		values[columns-1] = &text
		return text, line.Scan(values...)
	}, explain+st.text, args...)
	if err != nil {
		t.Fatalf("%s: %v", st.text, err)
	}
	return strings.Join(lines, "\n")
}
