package postgres

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"github.com/ecsd-io/ecsd/test/lib/postgres/binaries"
)

// server is a running PostgreSQL.
type server struct {
	folder  string
	command *exec.Cmd
	// ended is closed when the process has ended, with exit as its error.
	ended chan struct{}
	exit  error
	log   *bytes.Buffer
}

// start creates a cluster and starts a server on it.
func start(ctx context.Context) (*server, error) {
	bin, err := binaries.Find(ctx, os.Getenv(binaries.Variable), func(line string) { fmt.Fprintln(os.Stderr, line) })
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "ecsd-postgres-")
	if err != nil {
		return nil, err
	}
	s := &server{folder: folder, ended: make(chan struct{}), log: &bytes.Buffer{}}
	if err := s.begin(bin); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

func (s *server) begin(bin string) error {
	account, err := account(s.folder)
	if err != nil {
		return err
	}
	if bin, err = reachable(bin, s.folder); err != nil {
		return err
	}
	data := filepath.Join(s.folder, "data")
	// Before the server runs, nothing on disk needs a sync.
	initdb := exec.Command(filepath.Join(bin, "initdb"), "--pgdata="+data, "--username=ecsd", "--auth=trust",
		"--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions")
	initdb.Dir, initdb.SysProcAttr = s.folder, account
	if output, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, output)
	}
	s.command = exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-k", s.folder,
		"-c", "listen_addresses=", "-c", "max_connections=200", "-c", "shared_buffers=64MB")
	s.command.Dir, s.command.SysProcAttr = s.folder, account
	s.command.Stdout, s.command.Stderr = s.log, s.log
	if err := s.command.Start(); err != nil {
		s.command = nil
		return err
	}
	go func() {
		s.exit = s.command.Wait()
		close(s.ended)
	}()
	return s.answer()
}

// answer waits until the server accepts connections.
func (s *server) answer() error {
	db, err := sql.Open("pgx", s.url("public"))
	if err != nil {
		return err
	}
	defer db.Close()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	late := time.After(2 * time.Minute)
	for {
		if err = db.Ping(); err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-s.ended:
			return fmt.Errorf("postgres ended: %w\n%s", s.exit, s.log)
		case <-late:
			return fmt.Errorf("postgres does not accept connections after two minutes: %w", err)
		}
	}
}

// create creates an empty schema and returns a URL for it. It replaces a database, which would take a hundred times as
// long to create.
func (s *server) create(name string) (string, error) {
	return s.url(name), s.exec("CREATE SCHEMA " + name)
}

// drop removes a schema. A remaining lock in it means that a test did not close its connection.
func (s *server) drop(name string) error {
	return s.exec("SET lock_timeout = '10s'; DROP SCHEMA " + name + " CASCADE")
}

func (s *server) exec(command string) error {
	db, err := sql.Open("pgx", s.url("public"))
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Exec(command)
	return err
}

// set changes a setting, "" for its default, and waits until new connections have it: the server reloads its settings
// asynchronously.
func (s *server) set(setting, value string) error {
	db, err := sql.Open("pgx", s.url("public"))
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxIdleConns(0)
	change := "ALTER SYSTEM RESET " + setting
	if value != "" {
		change = "ALTER SYSTEM SET " + setting + " = " + value
	}
	var before, loaded time.Time
	if err := db.QueryRow("SELECT pg_conf_load_time()").Scan(&before); err != nil {
		return err
	}
	for _, command := range []string{change, "SELECT pg_reload_conf()"} {
		if _, err := db.Exec(command); err != nil {
			return err
		}
	}
	for deadline := time.Now().Add(time.Minute); !loaded.After(before); {
		if err := db.QueryRow("SELECT pg_conf_load_time()").Scan(&loaded); err != nil {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s is not read anew", setting)
		}
	}
	return nil
}

func (s *server) url(schema string) string {
	return "postgres:///postgres?" + url.Values{"host": {s.folder}, "user": {"ecsd"}, "options": {"-csearch_path=" + schema}}.Encode()
}

// stop ends the server at once and removes its folder. A clean shutdown would save nothing of value.
func (s *server) stop() {
	if s.command != nil {
		_ = s.command.Process.Signal(syscall.SIGQUIT)
		<-s.ended
	}
	_ = os.RemoveAll(s.folder)
}

// safe returns a schema name for a test's name.
func safe(name string) string {
	name = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToLower(name))
	return name[:min(len(name), 40)]
}
