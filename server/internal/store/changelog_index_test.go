package store

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/changelog"
)

// A process that dies while it indexes a large revision leaves an index that is
// valid up to the revision before, and the next process indexes the rest.
func TestIndexChanges_Interrupted(t *testing.T) {
	s, err := Open(t.Context(), "sqlite::memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	lease, err := s.AcquireLease(t.Context(), "poll", "p1", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	fleet := make([]changelog.Change, 2*housekeepAtOnce+1)
	for i := range fleet {
		fleet[i] = changelog.Change{InstanceID: fmt.Sprintf("i-%03d", i), After: []byte("a")}
	}
	if _, err := s.Append(t.Context(), lease, changelog.Position{}, "cn-a", fleet); err != nil {
		t.Fatal(err)
	}
	last := fleet[len(fleet)-1].InstanceID
	check := func(when string) {
		t.Helper()
		slice, err := s.Changes(t.Context(), changelog.Query{InstanceIDs: []string{last, "i-000"}, Limit: 10})
		if err != nil || len(slice.Entries) != 2 {
			t.Errorf("%s: %d changes of two instances are found (%v), want 2", when, len(slice.Entries), err)
		}
	}
	var from changelog.Cursor
	if more, err := s.indexSome(t.Context(), &from); err != nil || !more {
		t.Fatalf("the first part: more %v, %v", more, err)
	}
	check("after the first part")
	if err := s.indexChanges(t.Context()); err != nil {
		t.Fatal(err)
	}
	check("after the rest")
	var rows int
	if err := s.reader.QueryRow("SELECT count(*) FROM changes_by_instance").Scan(&rows); err != nil || rows != len(fleet) {
		t.Errorf("the index has %d rows (%v), want %d", rows, err, len(fleet))
	}
	if err := s.TrimHistory(t.Context(), changelog.History{}); err != nil {
		t.Fatal(err)
	}
	if err := s.reader.QueryRow("SELECT count(*) FROM changes_by_instance").Scan(&rows); err != nil || rows != 0 {
		t.Errorf("the index has %d rows (%v) after all changes were trimmed, want none", rows, err)
	}
}

// The times of revisions do not decrease if the clock of the database is set
// back, so that an interval of time is an interval of revisions.
func TestAppend_ClockSetBack(t *testing.T) {
	s, err := Open(t.Context(), "sqlite::memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	lease, err := s.AcquireLease(t.Context(), "poll", "p1", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	for i, now := range []time.Duration{0, -time.Minute, time.Second} {
		s.now = func() string { return strconv.FormatInt(start.Add(now).UnixMilli(), 10) }
		if _, err := s.Append(t.Context(), lease, changelog.Position{}, "cn-a", []changelog.Change{{InstanceID: fmt.Sprint("i-", i), After: []byte("a")}}); err != nil {
			t.Fatal(err)
		}
	}
	slice, err := s.Changes(t.Context(), changelog.Query{Limit: 10})
	if err != nil || len(slice.Entries) != 3 {
		t.Fatalf("%d changes, %v", len(slice.Entries), err)
	}
	for i, want := range []time.Duration{0, 0, time.Second} {
		if got := slice.Entries[i].CommitTime.Sub(slice.Entries[0].CommitTime); got != want {
			t.Errorf("revision %d is %s after the first, want %s", i+1, got, want)
		}
	}
}
