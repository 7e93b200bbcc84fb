package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/test/lib/postgres"
)

// distinct is a database behind a proxy, of which every name can be recognised.
type distinct struct {
	proxy *proxy
	admin *sql.DB
	// address leads through the proxy.
	address              string
	user, password, name string
}

var distinctNames sync.Mutex

// newDistinct makes a role and a database. Options follow CREATE DATABASE.
func newDistinct(t *testing.T, options string) *distinct {
	t.Helper()
	distinctNames.Lock()
	unique := time.Now().UnixNano()
	distinctNames.Unlock()
	d := &distinct{user: fmt.Sprintf("usr%d", unique), password: fmt.Sprintf("pwd%d", unique), name: fmt.Sprintf("dbs%d", unique)}
	at, err := url.Parse(postgres.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	if d.admin, err = sql.Open("pgx", at.String()); err != nil {
		t.Fatal(err)
	}
	d.exec(t, "CREATE ROLE "+d.user+" LOGIN PASSWORD '"+d.password+"'")
	d.exec(t, "CREATE DATABASE "+d.name+" OWNER "+d.user+" "+options)
	d.proxy = newProxy(t, filepath.Join(at.Query().Get("host"), ".s.PGSQL.5432"))
	d.address = fmt.Sprintf("postgres://%s:%s@%s/%s?sslmode=disable", d.user, d.password, d.proxy.listener.Addr(), d.name)
	t.Cleanup(func() {
		d.proxy.close()
		d.exec(t, "DROP DATABASE IF EXISTS "+d.name+" WITH (FORCE)")
		d.exec(t, "DROP ROLE "+d.user)
		_ = d.admin.Close()
	})
	return d
}

func (d *distinct) exec(t *testing.T, text string) {
	t.Helper()
	if _, err := d.admin.Exec(text); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

// postmaster is the process that takes connections.
func (d *distinct) postmaster(t *testing.T) (pid int) {
	t.Helper()
	lock, err := os.ReadFile(d.proxy.socket + ".lock")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscan(string(lock), &pid); err != nil {
		t.Fatal(err)
	}
	return pid
}

// cut ends every session of the database.
func (d *distinct) cut(t *testing.T) {
	t.Helper()
	d.exec(t, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '"+d.name+"'")
}

// scrubs requires that an error names nothing of the database.
func (d *distinct) scrubs(t *testing.T, when string, err error) {
	t.Helper()
	if err == nil {
		return
	}
	texts := []string{err.Error()}
	if e := ecs.AsError(err); e != nil {
		texts = append(texts, e.Error(), fmt.Sprint(e.Cause))
	}
	host, port, _ := net.SplitHostPort(d.proxy.listener.Addr().String())
	for _, text := range texts {
		for _, secret := range []string{d.user, d.password, d.name, host, port} {
			if strings.Contains(text, secret) {
				t.Errorf("%s: %q names %s", when, text, secret)
			}
		}
	}
}

// unavailable requires STORE_UNAVAILABLE with a retry hint, and no names.
func (d *distinct) unavailable(t *testing.T, when string, err error) {
	t.Helper()
	d.scrubs(t, when, err)
	if e := ecs.AsError(err); e == nil || e.Reason != ecs.ReasonStoreUnavailable || e.Retry != ecs.RetryBackoff {
		t.Errorf("%s: got %v, want STORE_UNAVAILABLE with a retry hint", when, err)
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		t.Errorf("%s: %v passes for the end of the caller's context", when, err)
	}
}

// proxy forwards to a server until it is cut.
type proxy struct {
	listener net.Listener
	socket   string
	running  sync.WaitGroup

	mu    sync.Mutex
	mode  string // "" forwards, "hang" takes connections and does nothing, "drop" ends them
	conns map[net.Conn]bool
}

func newProxy(t *testing.T, socket string) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.77:0")
	if err != nil {
		listener, err = net.Listen("tcp", "127.0.0.1:0") // not every system has more than one
	}
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: listener, socket: socket, conns: map[net.Conn]bool{}}
	p.running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			p.running.Go(func() { p.serve(conn) })
		}
	})
	return p
}

// set changes the handling of new connections, and ends the open ones.
func (p *proxy) set(mode string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mode = mode
	for conn := range p.conns {
		_ = conn.Close()
	}
	clear(p.conns)
}

func (p *proxy) keep(conn net.Conn) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns[conn] = true
	return p.mode
}

func (p *proxy) serve(conn net.Conn) {
	defer conn.Close()
	switch p.keep(conn) {
	case "hang":
		_, _ = io.Copy(io.Discard, conn)
	case "drop":
	default:
		server, err := net.Dial("unix", p.socket)
		if err != nil {
			return
		}
		p.keep(server)
		p.running.Go(func() {
			_, _ = io.Copy(conn, server)
			_ = conn.Close()
		})
		_, _ = io.Copy(server, conn)
		_ = server.Close()
	}
}

func (p *proxy) close() {
	_ = p.listener.Close()
	p.set("drop")
	p.running.Wait()
}

// everyCall calls every method of the store that takes a context and returns an
// error, with zero values.
func everyCall(ctx context.Context, s *Store, report func(name string, err error)) {
	value := reflect.ValueOf(s)
	for i := range value.NumMethod() {
		method := value.Type().Method(i)
		of := method.Type
		if method.Name == "Close" || of.NumIn() < 2 || of.In(1) != reflect.TypeFor[context.Context]() ||
			of.NumOut() == 0 || of.Out(of.NumOut()-1) != reflect.TypeFor[error]() {
			continue
		}
		in := []reflect.Value{value, reflect.ValueOf(ctx)}
		for k := 2; k < of.NumIn() && (!of.IsVariadic() || k < of.NumIn()-1); k++ {
			in = append(in, reflect.Zero(of.In(k)))
		}
		out := method.Func.Call(in)
		err, _ := out[len(out)-1].Interface().(error)
		report(method.Name, err)
	}
}

// In every fault of PostgreSQL, every call returns STORE_UNAVAILABLE, and
// neither its text nor that of a start names the user, the password, the host,
// the port or the database.
func TestPostgres_FaultsNameNothing(t *testing.T) {
	for name, c := range map[string]struct {
		breaks func(*testing.T, *distinct)
		// slow cases are tried on some calls only; reads work in some cases.
		slow, reads bool
	}{
		"refused":  {breaks: func(_ *testing.T, d *distinct) { d.proxy.close() }},
		"dropped":  {breaks: func(_ *testing.T, d *distinct) { d.proxy.set("drop") }},
		"no login": {breaks: func(t *testing.T, d *distinct) { d.exec(t, "ALTER ROLE "+d.user+" NOLOGIN"); d.cut(t) }},
		"no right": {breaks: func(t *testing.T, d *distinct) {
			d.exec(t, "REVOKE CONNECT ON DATABASE "+d.name+" FROM PUBLIC, "+d.user)
			d.cut(t)
		}},
		"too many":    {breaks: func(t *testing.T, d *distinct) { d.exec(t, "ALTER DATABASE "+d.name+" CONNECTION LIMIT 0"); d.cut(t) }},
		"no database": {breaks: func(t *testing.T, d *distinct) { d.exec(t, "DROP DATABASE "+d.name+" WITH (FORCE)") }},
		"read-only": {breaks: func(t *testing.T, d *distinct) {
			d.exec(t, "ALTER DATABASE "+d.name+" SET default_transaction_read_only = on")
			d.cut(t)
		}, reads: true},
		"hangs": {breaks: func(_ *testing.T, d *distinct) { d.proxy.set("hang") }, slow: true},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDistinct(t, "")
			s := openAt(t, d.address)
			c.breaks(t, d)
			var calls errgroup.Group
			if c.slow {
				calls.Go(func() error { d.unavailable(t, "Ping", s.Ping(t.Context())); return nil })
				calls.Go(func() error { _, err := s.RenewalJob(t.Context(), "j"); d.unavailable(t, "read", err); return nil })
				calls.Go(func() error {
					_, err := s.AcquireLease(t.Context(), "l", "h", time.Second)
					d.unavailable(t, "lease", err)
					return nil
				})
				calls.Go(func() error {
					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					defer cancel()
					_, err := s.RenewalJob(ctx, "j")
					d.scrubs(t, "read with a deadline", err)
					if !errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("read with a deadline: got %v, want the deadline", err)
					}
					return nil
				})
			} else {
				failed := 0
				everyCall(t.Context(), s, func(name string, err error) {
					d.scrubs(t, name, err)
					if ecs.HasReason(err, ecs.ReasonStoreUnavailable) {
						failed++
					} else if err != nil && !c.reads && name != "AcquireLease" { // which needs a name
						t.Errorf("%s: got %v, want STORE_UNAVAILABLE", name, err)
					}
				})
				if failed < 5 {
					t.Errorf("%d calls failed, want every one that writes at least", failed)
				}
				d.unavailable(t, "Ping", s.Ping(t.Context()))
			}
			calls.Go(func() error {
				ctx, cancel := context.WithTimeout(t.Context(), 6*time.Second)
				defer cancel()
				again, err := Open(ctx, d.address)
				if err == nil {
					_ = again.Close()
				}
				if err == nil && !c.reads {
					t.Error("opened")
				}
				d.scrubs(t, "Open", err)
				return nil
			})
			_ = calls.Wait()
		})
	}
}

// A value that PostgreSQL cannot store is the caller's error. SQLite can.
func TestPostgres_BadValue(t *testing.T) {
	s := openAt(t, postgres.Database(t))
	_, err := s.RenewalJob(t.Context(), "a\x00b")
	if !ecs.HasReason(err, ecs.ReasonInvalidField) {
		t.Errorf("a zero byte: got %v, want INVALID_FIELD", err)
	}
}

// A server with stopped processes accepts connections and does not respond:
// reads, writes and leases end within seconds, and work again when it
// continues.
func TestPostgres_StoppedBackends(t *testing.T) {
	d := newDistinct(t, "")
	s := openAt(t, d.address)
	work(t, s, "1")
	if _, err := s.AcquireLease(t.Context(), "l", "h", time.Second); err != nil {
		t.Fatal(err)
	}
	var pids []int
	rows, err := d.admin.Query("SELECT pid FROM pg_stat_activity WHERE datname = $1", d.name)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var pid int
		if err := rows.Scan(&pid); err != nil {
			t.Fatal(err)
		}
		pids = append(pids, pid)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	pids = append(pids, d.postmaster(t))
	signal := func(signal syscall.Signal) {
		for _, pid := range pids {
			if err := syscall.Kill(pid, signal); err != nil {
				t.Fatal(err)
			}
		}
	}
	signal(syscall.SIGSTOP)
	resume := sync.OnceFunc(func() { signal(syscall.SIGCONT) })
	defer resume()
	var calls sync.WaitGroup
	for name, c := range map[string]struct {
		limits postgresPool
		call   func(context.Context) error
	}{
		"read":  {postgresReads, func(ctx context.Context) error { _, err := s.RenewalJob(ctx, "1"); return err }},
		"write": {postgresWrites, s.Ping},
		"lease": {postgresLeases, func(ctx context.Context) error {
			_, err := s.RenewLease(ctx, ecs.Lease{Name: "l", Holder: "h", Epoch: 1}, time.Second, nil)
			return err
		}},
	} {
		calls.Go(func() {
			start := time.Now()
			err := c.call(context.Background())
			d.unavailable(t, name, err)
			if took, want := time.Since(start), c.limits.patience+c.limits.silence; took > want {
				t.Errorf("%s: ended after %v, want %v at most", name, took, want)
			}
		})
	}
	calls.Wait()
	resume()
	work(t, s, "2")
}

// Reads and writes that hold all their connections do not delay a lease, and a
// read that finds none ends.
func TestPostgres_PoolsAreApart(t *testing.T) {
	s := openAt(t, postgres.Database(t))
	lease, err := s.AcquireLease(t.Context(), "l", "h", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	for p, connections := range map[*pool]int{s.reader: postgresReads.connections, s.db: postgresWrites.connections} {
		for range connections {
			conn, err := p.Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := s.RenewLease(ctx, lease, time.Minute, nil); err != nil {
		t.Errorf("renew a lease beside full pools: %v", err)
	}
	if _, err := s.Leases(ctx, "l"); err != nil {
		t.Errorf("read leases beside full pools: %v", err)
	}
	start := time.Now()
	_, err = s.RenewalJob(t.Context(), "j")
	if took := time.Since(start); !ecs.HasReason(err, ecs.ReasonStoreUnavailable) || took > postgresReads.patience+time.Second {
		t.Errorf("a read without a connection: got %v after %v, want STORE_UNAVAILABLE after %v", err, took, postgresReads.patience)
	}
}
