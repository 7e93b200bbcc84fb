package store

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/changelog"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

func TestSQLite_WALResetFixed(t *testing.T) {
	for version, want := range map[string]bool{
		"3.44.5": false, "3.44.6": true, "3.45.0": false, "3.50.6": false, "3.50.7": true,
		"3.51.2": false, "3.51.3": true, "3.53.4": true, "4.0.0": true, "2.8.17": false, "": false,
	} {
		if got := walResetFixed(version); got != want {
			t.Errorf("walResetFixed(%q) = %t, want %t", version, got, want)
		}
	}
}

func TestSQLite_MustBeDurable(t *testing.T) {
	durable := sqlitePragmas + "&_pragma=journal_mode(WAL)"
	for name, c := range map[string]struct{ pragmas, want string }{
		"durable":           {durable, ""},
		"no log":            {sqlitePragmas, "journal_mode is delete"},
		"a sync less":       {strings.Replace(durable, "FULL", "NORMAL", 1), "synchronous is 1, must be 2"},
		"a sync to a cache": {strings.Replace(durable, "=fullfsync(1)", "=fullfsync(0)", 1), "fullfsync is 0, must be 1"},
	} {
		t.Run(name, func(t *testing.T) {
			db, err := sqlitePool("file:"+filepath.Join(t.TempDir(), "x.db")+"?"+c.pragmas, 1)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			err = sqliteDurable(t.Context(), db.DB)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), "is not durable: "+c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func openFile(t *testing.T) *Store {
	t.Helper()
	s, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "ecsd.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// A commit is soon in the file, without a commit that waits for it.
func TestCheckpoints(t *testing.T) {
	s := openFile(t)
	lease, err := s.AcquireLease(t.Context(), "poll", "p1", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	const size = 1 << 20
	if _, err := s.Append(t.Context(), lease, changelog.Position{}, "cn-a", []changelog.Change{{InstanceID: "i-1", After: make([]byte, size)}}); err != nil {
		t.Fatal(err)
	}
	var file string
	if err := s.db.QueryRowContext(t.Context(), "SELECT file FROM pragma_database_list WHERE name = 'main'").Scan(&file); err != nil {
		t.Fatal(err)
	}
	inFile := func() int64 {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	if inFile() > size {
		t.Error("the commit copied what it wrote")
	}
	for giveUp := time.Now().Add(30 * checkpointInterval); inFile() < size; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(giveUp) {
			t.Fatal("what was committed is not copied")
		}
	}
}

// Each connection, of writers and readers, has the settings that were checked
// once.
func TestConnection_EveryOneDurable(t *testing.T) {
	s := openFile(t)
	for range readers {
		conn, err := s.reader.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		var synchronous, readOnly int
		_ = conn.QueryRowContext(t.Context(), "PRAGMA synchronous").Scan(&synchronous)
		_ = conn.QueryRowContext(t.Context(), "PRAGMA query_only").Scan(&readOnly)
		if synchronous != 2 || readOnly != 1 {
			t.Errorf("a reader has synchronous %d and query_only %d", synchronous, readOnly)
		}
	}
}

// A read returns the last commit while a write is in progress.
func TestRead_DoesNotWaitForWrites(t *testing.T) {
	s := openFile(t)
	if err := s.CreateRenewalJob(t.Context(), ledger.Job{ID: "1"}, []ledger.Renewal{{ID: "1", State: ledger.Planned}}); err != nil {
		t.Fatal(err)
	}
	tx, err := s.db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.Exec("DELETE FROM renewal_jobs"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if there, err := s.ListRenewalJobs(ctx, ledger.JobFilter{}, ledger.Cursor{}, 10); err != nil || len(there) != 1 {
		t.Errorf("beside a write: read %d jobs, %v; want the one that is committed", len(there), err)
	}
}

// A full disk is reported as such, nothing is half written, and earlier writes
// can be read.
func TestFullDisk(t *testing.T) {
	s := openFile(t)
	var pages int
	if err := s.db.QueryRow("PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	if _, err := s.db.Exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages+8)); err != nil {
		t.Fatal(err)
	}
	written := 0
	for ; ; written++ {
		id := fmt.Sprint(written)
		err := s.CreateRenewalJob(t.Context(), ledger.Job{ID: id, RequestID: id, Caller: strings.Repeat("x", 1000)}, []ledger.Renewal{{ID: id, State: ledger.Planned}})
		if err == nil {
			continue
		}
		if !strings.Contains(err.Error(), "the disk is full") {
			t.Errorf("got %v, want it to say that the disk is full", err)
		}
		break
	}
	there, err := s.ListRenewalJobs(t.Context(), ledger.JobFilter{}, ledger.Cursor{}, written+10)
	if err != nil || len(there) != written {
		t.Errorf("after it: read %d jobs of %d, %v", len(there), written, err)
	}
}

// Leases are found by their names' prefix without a look at all the others.
func TestLeases_ByIndex(t *testing.T) {
	s := openFile(t)
	lines, err := query(t.Context(), s.reader, func(line row) (detail string, err error) {
		var id, parent, unused int
		return detail, line.Scan(&id, &parent, &unused, &detail)
	}, "EXPLAIN QUERY PLAN SELECT name, holder, epoch, expires, note FROM leases "+withPrefix, "poll/", "poll/"+lastRune)
	if plan := strings.Join(lines, "; "); err != nil || !strings.Contains(plan, "SEARCH leases USING INDEX") {
		t.Errorf("leases are read by %s (%v), want the index of names", plan, err)
	}
}
