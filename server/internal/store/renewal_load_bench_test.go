package store

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// BenchmarkRenewalLoad reads 1,000 unknown renewals and the one that all
// are copies of, beside a million finished ones.
func BenchmarkRenewalLoad(b *testing.B) {
	s, err := Open(b.Context(), "sqlite:"+filepath.Join(b.TempDir(), "ecsd.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	one := ledger.Renewal{
		ID: "r0", JobID: "j0", RequestID: "q", Caller: "c", RegionID: "cn-hangzhou", InstanceID: "i-0", Period: ecs.Period{Count: 1, Unit: ecs.Month},
		State: ledger.Planned, Price: ecs.Money{CurrencyCode: "CNY", Units: 260, Nanos: 400_000_000}, OrderID: "o",
	}
	if err := s.CreateRenewalJob(b.Context(), ledger.Job{ID: "j0", RequestID: "q"}, []ledger.Renewal{one}); err != nil {
		b.Fatal(err)
	}
	copied := map[string]string{
		"renewal_id": "'r' || i", "job_id": "'j' || (i / 1000)", "revision": "i", "instance_id": "'i-' || i",
		"state": "CASE WHEN i <= 1000 THEN 'UNKNOWN' ELSE 'RENEWED' END", "create_time": "i", "update_time": "i",
	}
	columns := strings.Split(renewalColumns+", priority, claimed_by, claim_epoch", ",")
	values := make([]string, len(columns))
	for i, column := range columns {
		column = strings.TrimSpace(column)
		if values[i] = copied[column]; values[i] == "" {
			values[i] = column
		}
	}
	if _, err := s.db.ExecContext(b.Context(), `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1001000)
		INSERT INTO renewals (`+strings.Join(columns, ",")+`) SELECT `+strings.Join(values, ",")+` FROM renewals, n WHERE renewal_id = 'r0'`); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		load, err := s.RenewalLoad(b.Context())
		open := int64(0)
		for _, c := range load.Counts {
			open += c.Count
		}
		if err != nil || open != 1001 {
			b.Fatalf("%+v, %v", load, err)
		}
	}
}
