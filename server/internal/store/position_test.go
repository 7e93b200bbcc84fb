package store_test

import (
	"database/sql"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/changelog"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

// loseRevisions removes the revisions after one, as a restored backup or a
// failover that lost commits does. The store may be open or closed.
func loseRevisions(t *testing.T, address string, after int64) {
	t.Helper()
	driver, path := "pgx", address
	if file, ok := strings.CutPrefix(address, "sqlite:"); ok {
		driver, path = "sqlite", file
	}
	db, err := sql.Open(driver, path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range []string{
		"DELETE FROM changes WHERE revision > $1",
		"DELETE FROM revisions WHERE revision > $1",
		"UPDATE change_log SET newest = $1, folded = CASE WHEN folded > $1 THEN $1 ELSE folded END",
	} {
		if _, err := db.ExecContext(t.Context(), statement, after); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// A log can be read after a position if it contains that very revision: not
// one of the same number that was written after commits were lost, and also
// after a restart, by another process and after trimming.
func TestPosition_LostRevisions(t *testing.T) {
	for name, newAddress := range lasting {
		t.Run(name, func(t *testing.T) {
			address := newAddress(t)
			s := open(t, address)
			lease := acquire(t, s, "poll", "p1")
			write := func(known changelog.Position) changelog.Position {
				t.Helper()
				r, err := s.Append(t.Context(), lease, known, "cn-a", []changelog.Change{change("i-1", "a", "b")})
				if err != nil {
					t.Fatal(err)
				}
				if r.ID <= 0 {
					t.Errorf("revision %d has ID %d", r.Number, r.ID)
				}
				return r.Position()
			}
			check := func(s *store.Store, at changelog.Position, want error) {
				t.Helper()
				if err := s.Resumable(t.Context(), at); !errors.Is(err, want) {
					t.Errorf("continue after %d: %v, want %v", at.Revision, err, want)
				}
				if _, err := s.Log(t.Context(), at, nil, 1); !errors.Is(err, want) {
					t.Errorf("read after %d: %v, want %v", at.Revision, err, want)
				}
			}
			first := write(changelog.Position{})
			kept := write(first)
			lost := []changelog.Position{write(kept)}
			lost = append(lost, write(lost[0]))
			for _, at := range append(lost, changelog.Position{}, first, kept) {
				check(s, at, nil)
			}

			loseRevisions(t, address, kept.Revision)
			for _, at := range lost {
				check(s, at, changelog.ErrLost)
				if _, err := s.Append(t.Context(), lease, at, "cn-a", []changelog.Change{change("i-1", "b", "c")}); !errors.Is(err, changelog.ErrLost) {
					t.Errorf("append what was found at the lost revision %d: %v, want changelog.ErrLost", at.Revision, err)
				}
			}
			newest := kept
			for range 4 {
				newest = write(newest)
			}
			for _, at := range lost {
				check(s, at, changelog.ErrLost)
				if _, err := s.Append(t.Context(), lease, at, "cn-a", []changelog.Change{change("i-1", "b", "c")}); !errors.Is(err, changelog.ErrLost) {
					t.Errorf("append what was found at the replaced revision %d: %v, want changelog.ErrLost", at.Revision, err)
				}
			}

			if s.Shared() {
				check(open(t, address), kept, nil)
				check(open(t, address), lost[1], changelog.ErrLost)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = open(t, address)
			check(s, kept, nil)
			check(s, newest, nil)
			check(s, lost[1], changelog.ErrLost)

			if err := s.TrimHistory(t.Context(), changelog.History{Age: time.Hour, MaxChanges: 4}); err != nil {
				t.Fatal(err)
			}
			check(s, first, changelog.ErrTrimmed)
			check(s, kept, nil) // the oldest that can be continued after
			check(s, changelog.Position{Revision: kept.Revision, ID: lost[0].ID}, changelog.ErrLost)
			if err := s.TrimHistory(t.Context(), changelog.History{}); err != nil {
				t.Fatal(err)
			}
			check(s, kept, changelog.ErrTrimmed)
			check(s, newest, nil)
			check(s, changelog.Position{Revision: newest.Revision, ID: lost[0].ID}, changelog.ErrLost)
			if bounds, err := s.LogBounds(t.Context()); err != nil || bounds.End() != newest {
				t.Errorf("a trimmed log ends at %+v, %v, want %+v", bounds.End(), err, newest)
			}
		})
	}
}
