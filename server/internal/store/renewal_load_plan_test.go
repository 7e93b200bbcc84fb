package store

import (
	"strings"
	"testing"
)

// What has ended costs a look at the load nothing, however much it is: each
// statement finds its rows by a partial index.
func TestRenewalLoadReadsByIndex(t *testing.T) {
	s, err := Open(t.Context(), "sqlite::memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, c := range []struct{ text, index string }{
		{tallyOf + unfinished + byState, "open_renewals"},
		{oldestOf + unfinished, "open_renewals"},
		{tallyOf + forAPerson + byState, "renewals_for_a_person"},
		{oldestOf + forAPerson, "renewals_for_a_person"},
	} {
		lines, err := query(t.Context(), s.reader, func(line row) (detail string, err error) {
			var id, parent, unused int
			return detail, line.Scan(&id, &parent, &unused, &detail)
		}, "EXPLAIN QUERY PLAN "+c.text)
		plan := strings.Join(lines, "; ")
		if err != nil || !strings.Contains(plan, c.index) || strings.Contains(plan, "SCAN renewal_attempts") {
			t.Errorf("%s\nis answered by %s (%v), want the index %s", c.text, plan, err, c.index)
		}
	}
}
