package store

import (
	"database/sql"
	"regexp"
	"strings"
	"testing"

	"github.com/ecsd-io/ecsd/server/internal/changelog"
	"github.com/ecsd-io/ecsd/test/lib/postgres"
)

// Every read of ListChanges finds its rows by an index. Those of the whole log
// are read in the order of the log.
func TestChanges_ReadByIndex(t *testing.T) {
	s, err := Open(t.Context(), "sqlite::memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	after := changelog.Query{Limit: 10, After: changelog.Cursor{Position: changelog.Position{Revision: 5}, InstanceID: "i-1"}}
	regional := after
	regional.RegionIDs = []string{"cn-a", "cn-b"}
	ids := []string{"i-1", "i-2"}
	text := func(text string, _ []any) string { return text }
	for name, c := range map[string]struct {
		text   string
		index  string
		sorted bool
	}{
		"the log":                 {text(entriesOf(allChanges, after, nil, 1, 9)), "sqlite_autoindex_changes_1 (revision", true},
		"the log of some regions": {text(entriesOf(allChanges, regional, nil, 1, 9)), "sqlite_autoindex_changes_1 (revision", true},
		"instances":               {text(entriesOf(indexedChanges, regional, ids, 1, 9)), "sqlite_autoindex_changes_by_instance_1 (instance_id=? AND revision>", false},
		"instances, not indexed":  {text(entriesOf(allChanges, after, ids, 1, 9)), "sqlite_autoindex_changes_1 (revision>", false},
		"states":                  {text(statesOf(make([]changelog.Entry, 2))), "sqlite_autoindex_changes_1 (revision=? AND instance_id=?)", false},
		"first revision":          {selectFirstSince, "revisions_by_time (commit_time>?)", true},
		"last revision":           {selectLastUntil, "revisions_by_time (commit_time<?)", true},
		"causes":                  {selectCauses + "('i-1', 'i-2')", "change_causes_by_instance (instance_id=? AND call_time>? AND call_time<?)", false},
		"launches":                {selectLaunchCauses + "('i-1', 'i-2')", "request_items_by_instance (instance_id=?)", false},
		"modifications":           {selectModifications + "('i-1', 'i-2')", "modifications_by_instance (instance_id=?", false},
		"renewals":                {selectRenewalCauses + "('i-1', 'i-2')", "renewals_of_an_instance (instance_id=?)", false},
	} {
		plan := explained(t, s, "EXPLAIN QUERY PLAN "+literal(c.text))
		if !strings.Contains(plan, c.index) || strings.Contains(plan, "SCAN") {
			t.Errorf("%s: %s is answered by %s, want the index %s", name, c.text, plan, c.index)
		}
		if c.sorted && strings.Contains(plan, "USE TEMP B-TREE") {
			t.Errorf("%s: sorts its rows: %s", name, plan)
		}
	}
}

// PostgreSQL has an index for each of these reads, too; it scans small tables
// unless told not to.
func TestChangesByIndex_Postgres(t *testing.T) {
	s, err := Open(t.Context(), postgres.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	after := changelog.Query{Limit: 10, RegionIDs: []string{"cn-a"}, After: changelog.Cursor{Position: changelog.Position{Revision: 5}, InstanceID: "i-1"}}
	ids := []string{"i-1", "i-2"}
	all, _ := entriesOf(allChanges, after, nil, 1, 9)
	indexed, _ := entriesOf(indexedChanges, after, ids, 1, 9)
	states, _ := statesOf(make([]changelog.Entry, 2))
	for _, text := range []string{
		all, indexed, states, selectFirstSince, selectLastUntil,
		selectCauses + "('i-1')", selectLaunchCauses + "('i-1')", selectRenewalCauses + "('i-1')", selectModifications + "('i-1')",
	} {
		err := s.inSnapshot(t.Context(), func(tx *sql.Tx) error {
			if _, err := tx.ExecContext(t.Context(), "SET LOCAL enable_seqscan = off"); err != nil {
				return err
			}
			lines, err := query(t.Context(), tx, func(line row) (detail string, err error) { return detail, line.Scan(&detail) }, "EXPLAIN "+literal(text))
			if plan := strings.Join(lines, "\n"); strings.Contains(plan, "Seq Scan") {
				t.Errorf("%s scans a table:\n%s", text, plan)
			}
			return err
		})
		if err != nil {
			t.Errorf("explain %s: %v", text, err)
		}
	}
}

// literal replaces the placeholders by a value that is a text and a number.
func literal(text string) string { return regexp.MustCompile(`\$\d+`).ReplaceAllString(text, "'1'") }

func explained(t *testing.T, s *Store, text string) string {
	t.Helper()
	lines, err := query(t.Context(), s.reader, func(line row) (detail string, err error) {
		var id, parent, unused int
		return detail, line.Scan(&id, &parent, &unused, &detail)
	}, text)
	if err != nil {
		t.Errorf("%s: %v", text, err)
	}
	return strings.Join(lines, "; ")
}
