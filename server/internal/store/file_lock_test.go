//go:build unix

package store

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// No other user of the host can read the database, even one that an earlier
// release left readable.
func TestFile_IsPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ecsd.db")
	private := func(when string) {
		t.Helper()
		s := openAt(t, "sqlite:"+path)
		work(t, s, when)
		for _, suffix := range []string{"", "-wal", "-shm", ".lock"} {
			info, err := os.Stat(path + suffix)
			if err != nil {
				t.Fatal(err)
			}
			if mode := info.Mode().Perm(); mode&0o007 != 0 || suffix == "" && when == "new" && mode != 0o600 {
				t.Errorf("%s: the mode of *%s is %o", when, suffix, mode)
			}
		}
		_ = s.Close()
	}
	private("new")
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	private("old")
}

// Without its file, or one of those beside it, a database serves no write: it
// would be lost. It creates no new file, and reports that it is not ready.
func TestFile_RemovedWhileOpen(t *testing.T) {
	for _, suffix := range []string{"", "-wal", "-shm"} {
		for what, harm := range map[string]func(path string) error{
			"removed":  os.Remove,
			"replaced": func(path string) error { _ = os.Remove(path); return os.WriteFile(path, nil, 0o600) },
		} {
			path := filepath.Join(t.TempDir(), "ecsd.db")
			s := openAt(t, "sqlite:"+path)
			work(t, s, "before")
			if err := s.Ping(t.Context()); err != nil {
				t.Errorf("ping before: %v", err)
			}
			// New connections report it too, not only the open ones.
			s.db.SetMaxIdleConns(0)
			s.reader.SetMaxIdleConns(0)
			if err := harm(path + suffix); err != nil {
				t.Fatal(err)
			}
			gone := func(call string, err error) {
				t.Helper()
				if !ecs.HasReason(err, ecs.ReasonStoreUnavailable) || !strings.Contains(err.Error(), "was removed or replaced") {
					t.Errorf("*%s is %s: %s: got %v, want STORE_UNAVAILABLE with the reason", suffix, what, call, err)
				}
			}
			gone("ping", s.Ping(t.Context()))
			gone("write", s.CreateRenewalJob(t.Context(), ledger.Job{ID: "after", RequestID: "after", State: ledger.JobPending}, nil))
			_, err := s.RenewalJob(t.Context(), "before")
			if suffix == "" && what == "removed" {
				if _, stat := os.Stat(path); stat == nil {
					t.Errorf("a read (%v) made a new file", err)
				}
			}
			_ = s.Close()
		}
	}
}

// A commit to a file that was removed during the transaction is reported as lost.
func TestFile_RemovedDuringWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ecsd.db")
	s := openAt(t, "sqlite:"+path)
	err := s.db.transact(t.Context(), nil, func(tx *sql.Tx) error {
		if _, err := tx.Exec("UPDATE leases SET expires = 0"); err != nil {
			return err
		}
		return os.Remove(path)
	})
	if !ecs.HasReason(err, ecs.ReasonStoreUnavailable) {
		t.Errorf("got %v, want STORE_UNAVAILABLE", err)
	}
}

// A file with two names would get two logs.
func TestFile_HardLink(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "ecsd.db"), filepath.Join(dir, "hard.db")
	s := openAt(t, "sqlite:"+path)
	work(t, s, "1")
	if err := os.Link(path, link); err != nil {
		t.Fatal(err)
	}
	refuse := func(path, want string) {
		t.Helper()
		second, err := Open(t.Context(), "sqlite:"+path)
		if err == nil {
			_ = second.Close()
			t.Fatalf("opened %s", path)
		}
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %q, want %q", path, err, want)
		}
	}
	refuse(link, "has 2 names (hard links)")
	_ = s.Close()
	refuse(path, "has 2 names (hard links)")
	if err := os.Remove(link); err != nil {
		t.Fatal(err)
	}
	work(t, openAt(t, "sqlite:"+path), "2")
}

// The lock holds although its file is removed.
func TestFile_LockRemoved(t *testing.T) {
	if !locksDatabase {
		t.Skip("the writes of the first process fail instead")
	}
	path := filepath.Join(t.TempDir(), "ecsd.db")
	s := openAt(t, "sqlite:"+path)
	if err := os.Remove(path + ".lock"); err != nil {
		t.Fatal(err)
	}
	if second, err := Open(t.Context(), "sqlite:"+path); err == nil {
		_ = second.Close()
		t.Error("opened twice")
	} else if !strings.Contains(err.Error(), "is open in another process") {
		t.Errorf("got %q, want that it is open elsewhere", err)
	}
	work(t, s, "1")
}
