package ledger_test

import (
	"database/sql"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "modernc.org/sqlite" // one of the servers must not store its audit

	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/test/lib/program"
)

// The cost of the audit: RenewInstance at a server with its audit, relative to a server whose database ignores the rows
// of the audit. The two alternate; a call waits for the new expiry, which shows at once.
func BenchmarkAudit(b *testing.B) {
	for engine, database := range engines {
		b.Run(engine, func(b *testing.B) {
			c := newCloud(b, func(config *simulator.Config) { config.RenewLag = time.Nanosecond })
			addresses := []string{database(b), database(b)}
			servers := []*program.Process{newServer(b, c, addresses[0]), newServer(b, c, addresses[1])}
			servers[1].Stop(syscall.SIGTERM)
			ignoreAudit(b, addresses[1])
			servers[1].Start()
			callers := []client{dial(b, servers[0].Address), dial(b, servers[1].Address)}
			var times [2][]time.Duration
			for n := 0; b.Loop(); n++ {
				b.StopTimer()
				ids := c.seed(b, 2)
				b.StartTimer()
				for i := range 2 {
					which := (n + i) % 2
					began := time.Now()
					if _, err := callers[which].renewAlone(ids[i]); err != nil {
						b.Fatal(err)
					}
					times[which] = append(times[which], time.Since(began))
				}
			}
			median := func(all []time.Duration) float64 {
				slices.Sort(all)
				return all[len(all)/2].Seconds()
			}
			b.ReportMetric(median(times[0])/median(times[1]), "audit-ratio")
			b.ReportMetric(median(times[0])*1000, "ms/call")
		})
	}
}

// ignoreAudit has a database drop every row of the audit.
func ignoreAudit(b *testing.B, address string) {
	b.Helper()
	driver, source := "pgx", address
	statements := []string{
		"CREATE FUNCTION ignore_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$",
		"CREATE TRIGGER ignore_row BEFORE INSERT ON audit_records FOR EACH ROW EXECUTE FUNCTION ignore_row()",
	}
	if path, found := strings.CutPrefix(address, "sqlite:"); found {
		driver, source = "sqlite", path
		statements = []string{"CREATE TRIGGER ignore_row BEFORE INSERT ON audit_records BEGIN SELECT RAISE(IGNORE); END"}
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	for _, text := range statements {
		if _, err := db.ExecContext(b.Context(), text); err != nil {
			b.Fatal(err)
		}
	}
}
