package store

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// In a database with the collation of a language, lists have byte order all the
// same, as on SQLite and in this program; also if an earlier release created
// the schema.
func TestPostgres_ListsHaveByteOrder(t *testing.T) {
	d := newDistinct(t, "TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'en-US'")
	created := time.UnixMilli(1_000_000).UTC()
	ids := []string{"b-2", "A", "a", "B", "b_1", "b", "_", "Z", "z"}
	sorted := slices.Sorted(slices.Values(ids))
	s := openAt(t, d.address)
	for _, id := range ids {
		if err := s.CreateRenewalJob(t.Context(), ledger.Job{ID: id, RequestID: id, State: ledger.JobPending, CreateTime: created}, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := s.AcquireLease(t.Context(), "x/"+id, "h", time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	check := func(when string, s *Store) {
		t.Helper()
		var got []string
		for after := (ledger.Cursor{}); ; {
			page, err := s.ListRenewalJobs(t.Context(), ledger.JobFilter{}, after, 2)
			if err != nil {
				t.Fatal(err)
			}
			for _, j := range page {
				got = append(got, j.ID)
				after = ledger.Cursor{Time: j.CreateTime, ID: j.ID}
			}
			if len(page) < 2 {
				break
			}
		}
		slices.Reverse(got) // newest first
		if !slices.Equal(got, sorted) {
			t.Errorf("%s: jobs are listed as %v, want %v", when, got, sorted)
		}
		leases, err := s.Leases(t.Context(), "x/")
		if err != nil {
			t.Fatal(err)
		}
		got = nil
		for _, l := range leases {
			got = append(got, strings.TrimPrefix(l.Name, "x/"))
		}
		if !slices.Equal(got, sorted) {
			t.Errorf("%s: leases are listed as %v, want %v", when, got, sorted)
		}
		var other int
		err = s.reader.QueryRow(`SELECT count(*) FROM information_schema.columns WHERE table_schema = current_schema()
			AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'`).Scan(&other)
		if err != nil || other != 0 {
			t.Errorf("%s: %d columns have another order, %v", when, other, err)
		}
	}
	check("new", s)
	for _, text := range []string{
		`ALTER TABLE renewal_jobs ALTER COLUMN job_id TYPE TEXT COLLATE "default"`,
		`ALTER TABLE renewals ALTER COLUMN renewal_id TYPE TEXT COLLATE "default", ALTER COLUMN state TYPE TEXT COLLATE "default"`,
		`ALTER TABLE leases ALTER COLUMN name TYPE TEXT COLLATE "default"`,
	} {
		if _, err := s.db.Exec(text); err != nil {
			t.Fatal(err)
		}
	}
	_ = s.Close()
	check("of an earlier release", openAt(t, d.address))
}
