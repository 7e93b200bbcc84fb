package store

import (
	"path/filepath"
	"testing"
)

// BenchmarkRenewalLoad reads 1,000 open renewals, beside a million finished
// ones.
func BenchmarkRenewalLoad(b *testing.B) {
	s, err := Open(b.Context(), "sqlite:"+filepath.Join(b.TempDir(), "ecsd.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	if _, err := s.db.ExecContext(b.Context(), `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1001000)
		INSERT INTO renewals SELECT 'r' || i, 'j' || (i / 1000), i, 'q', 'h', 'c', 'cn-hangzhou', 'i-' || i, 1, 2,
		CASE WHEN i <= 1000 THEN 'UNKNOWN' ELSE 'RENEWED' END, 'CNY', 260, 400000000, 't', 1, 'o', i, i, i, '', '', '', '', i, i, '', 0, i, i, 0, i FROM n`); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		load, err := s.RenewalLoad(b.Context())
		if err != nil || len(load.Counts) != 1 || load.Counts[0].Count != 1000 {
			b.Fatalf("%+v, %v", load, err)
		}
	}
}
