package store

import (
	"context"
	"errors"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/test/lib/postgres"
)

// bothLasting are new databases that outlive a process.
func bothLasting(t *testing.T) map[string]string {
	return map[string]string{"sqlite": "sqlite:" + filepath.Join(t.TempDir(), "ecsd.db"), "postgres": postgres.Database(t)}
}

// upTo are the migrations of a program of an earlier schema.
func upTo(version int64) []migration {
	return slices.DeleteFunc(slices.Clone(known), func(m migration) bool { return m.version > version })
}

// and are the migrations of a later program, which has one more.
func and(version int64, contracts bool, text string) []migration {
	return append(slices.Clone(known), migration{version: version, contracts: contracts, text: text})
}

func newest() int64 { return known[len(known)-1].version }

// openWithT opens the database as a program with these migrations, which must work.
func openWithT(t *testing.T, address string, migrations []migration) *Store {
	t.Helper()
	s, err := openWith(t.Context(), address, migrations)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// refusedSchema requires that the database is refused for its schema.
func refusedSchema(t *testing.T, when string, err error, want SchemaError, advice string) {
	t.Helper()
	var refused *SchemaError
	if !errors.As(err, &refused) {
		t.Errorf("%s: got %v, want %v", when, err, &want)
		return
	}
	if *refused != want {
		t.Errorf("%s: got %+v, want %+v", when, *refused, want)
	}
	if !strings.Contains(err.Error(), advice) {
		t.Errorf("%s: %q does not say %q", when, err, advice)
	}
}

// An old schema is migrated with its rows: by the start if no other process can
// be using it, which is so on SQLite, otherwise by ecsd migrate.
func TestOlderSchema(t *testing.T) {
	for name, address := range bothLasting(t) {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			if before, after, err := migrate(ctx, address, upTo(1)); err != nil || before != 0 || after != 1 {
				t.Fatalf("a new database: from %d to %d, %v", before, after, err)
			}
			old, err := connectRaw(ctx, address)
			if err != nil {
				t.Fatal(err)
			}
			want := ledger.Renewal{ID: "1", RequestID: "1", InstanceID: "i-1", State: ledger.Renewed,
				Attempts: []ledger.Attempt{{Number: 1, ClientToken: "t", SendTime: time.UnixMilli(1000).UTC()}}}
			err = old.onSchema(ctx, func(at schemaAccess) error {
				_, insert := at.db.Exec(`INSERT INTO renewals (renewal_id, request_id, payload_hash, caller, region_id, instance_id,
				period_count, period_unit, state, currency_code, price_units, price_nanos, client_token, token_number, order_id,
				expire_before, expire_expected, expire_after, reason, message, cloud_code, cloud_request_id, create_time, update_time)
				VALUES ('1', '1', '', '', '', 'i-1', 0, 0, 'RENEWED', '', 0, 0, '', 0, '', 0, 0, 0, '', '', '', '', 0, 0)`)
				_, attempt := at.db.Exec(`INSERT INTO renewal_attempts VALUES ('1', 1, 't', 1000, 0, '', '', '', '')`)
				return errors.Join(insert, attempt)
			})
			if err != nil {
				t.Fatal(err)
			}
			_ = old.Close()
			if name == "postgres" {
				_, err := Open(ctx, address)
				refusedSchema(t, "open an older schema", err, SchemaError{Database: 1, Program: newest()}, "run ecsd migrate")
				if before, after, err := Migrate(ctx, address); err != nil || before != 1 || after != newest() {
					t.Errorf("migrate: from %d to %d, %v", before, after, err)
				}
			}
			s := openWithT(t, address, known)
			want.JobID, want.Revision = "1", 1 // the only one of a job now
			got, err := s.ListRenewals(ctx, ledger.Filter{}, ledger.Cursor{}, 10)
			if diff := cmp.Diff([]ledger.Renewal{want}, got); err != nil || diff != "" {
				t.Errorf("after it the renewals differ (-want +got):\n%s%v", diff, err)
			}
			if j, err := s.RenewalJobByRequest(ctx, "1"); err != nil || j.ID != "1" || j.State != ledger.JobSucceeded {
				t.Errorf("its job is %+v, %v", j, err)
			}
			// The rebuilt tables refer to each other as before.
			if _, err := s.db.Exec(`INSERT INTO renewal_attempts VALUES ('never', 1, 't', 1000, 0, '', '', '', '')`); err == nil {
				t.Error("an attempt of no renewal was written")
			}
		})
	}
}

// connectRaw opens a database without a look at its schema.
func connectRaw(ctx context.Context, address string) (*Store, error) {
	return connect(ctx, address, known)
}

// Replicas that start at once on a new database make its schema once.
func TestOpen_ReplicasAtOnce(t *testing.T) {
	address := postgres.Database(t)
	var starts errgroup.Group
	ids := make([]string, 4)
	for i := range ids {
		starts.Go(func() error {
			s, err := Open(t.Context(), address)
			if err != nil {
				return err
			}
			ids[i] = s.ID()
			return s.Close()
		})
	}
	if err := starts.Wait(); err != nil {
		t.Fatal(err)
	}
	if ids[0] == "" || len(slices.Compact(ids)) != 1 {
		t.Errorf("the replicas see stores %v", ids)
	}
}

// work writes and reads with a store, as a replica does.
func work(t *testing.T, s *Store, id string) {
	t.Helper()
	if err := s.CreateRenewalJob(t.Context(), ledger.Job{ID: id, RequestID: id, State: ledger.JobPending}, nil); err != nil {
		t.Errorf("write job %s: %v", id, err)
	}
	if j, err := s.RenewalJob(t.Context(), id); err != nil || j.ID != id {
		t.Errorf("read job %s: %+v, %v", id, j, err)
	}
}

// Replicas of two releases serve concurrently while the newer one expands the
// schema, and the older one can be started again after that.
func TestSchema_ExpandsBesideAnOlderProgram(t *testing.T) {
	address := postgres.Database(t)
	later := and(1001, false, `CREATE TABLE later (one BIGINT); ALTER TABLE renewal_jobs ADD COLUMN later BIGINT NOT NULL DEFAULT 7;`)
	older := openWithT(t, address, known)
	work(t, older, "older-1")
	newer := openWithT(t, address, later)
	work(t, newer, "newer-1")
	work(t, older, "older-2")
	restarted := openWithT(t, address, known)
	work(t, restarted, "older-3")
	var filled int
	if err := newer.db.QueryRow("SELECT count(*) FROM renewal_jobs WHERE later = 7").Scan(&filled); err != nil || filled != 4 {
		t.Errorf("%d rows have the new column's default, %v; want all 4", filled, err)
	}
	if before, after, err := Migrate(t.Context(), address); err != nil || before != 1001 || after != 1001 {
		t.Errorf("migrate by the older program: from %d to %d, %v; want 1001 and no change", before, after, err)
	}
}

// A contracting migration is not applied while another process uses the
// database; once it is applied, programs that do not know it are refused, even
// those that were cut off before it.
func TestSchema_ContractsAlone(t *testing.T) {
	address := postgres.Database(t)
	ctx := t.Context()
	later := and(1001, true, `DROP TABLE auto_renew_sights;`)
	older := openWithT(t, address, known)
	work(t, older, "1")
	want := SchemaError{Database: newest(), Program: 1001}
	_, err := openWith(ctx, address, later)
	refusedSchema(t, "start beside an older program", err, want, "stop every ecsd")
	_, _, err = migrate(ctx, address, later)
	refusedSchema(t, "migrate beside an older program", err, want, "stop every ecsd")
	work(t, older, "2")
	// Its sessions end, as they do if the network is cut; the pools reconnect
	// later.
	for _, p := range []*pool{older.db, older.reader, older.leasing} {
		p.SetMaxIdleConns(0)
	}
	if before, after, err := migrate(ctx, address, later); err != nil || before != newest() || after != 1001 {
		t.Fatalf("migrate alone: from %d to %d, %v", before, after, err)
	}
	gone := SchemaError{Database: 1001, Program: newest(), Oldest: 1001}
	_, err = older.RenewalJob(ctx, "1")
	refusedSchema(t, "a read by the older program", err, gone, "start the newer ecsd")
	if !ecs.HasReason(err, ecs.ReasonStoreUnavailable) {
		t.Errorf("a read by the older program: got %v, want STORE_UNAVAILABLE", err)
	}
	_, err = Open(ctx, address)
	refusedSchema(t, "a start of the older program", err, gone, "start the newer ecsd")
	_, _, err = Migrate(ctx, address)
	refusedSchema(t, "a migration by the older program", err, gone, "start the newer ecsd")
	if s := openWithT(t, address, later); s.ID() != older.ID() {
		t.Error("the newer program sees another store")
	}
}

// On SQLite the process is alone, so its start applies all migrations.
func TestSchema_ContractsAtStartOfSQLite(t *testing.T) {
	address := "sqlite:" + filepath.Join(t.TempDir(), "ecsd.db")
	older := openWithT(t, address, known)
	work(t, older, "1")
	_ = older.Close()
	newer := openWithT(t, address, and(1001, true, `DROP TABLE auto_renew_sights;`))
	work(t, newer, "2")
	_ = newer.Close()
	_, err := Open(t.Context(), address)
	refusedSchema(t, "the older program", err, SchemaError{Database: 1001, Program: newest(), Oldest: 1001}, "start the newer ecsd")
}

// A new schema is created whole or not at all, wherever its creation stops.
func TestSchema_NewIsAllOrNothing(t *testing.T) {
	for n := range known {
		broken := slices.Clone(known)
		broken[n].text += "\nSELECT * FROM no_such_table;"
		for name, address := range bothLasting(t) {
			if _, err := openWith(t.Context(), address, broken); err == nil {
				t.Fatalf("%s: opened with a broken migration %d", name, known[n].version)
			}
			s, err := Open(t.Context(), address)
			if err != nil {
				t.Errorf("%s: after a failure in migration %d: %v", name, known[n].version, err)
				continue
			}
			_ = s.Close()
		}
	}
}

var (
	// expanding are the statements that an expanding migration may contain. Group 1
	// is the table.
	expanding = []*regexp.Regexp{
		regexp.MustCompile(`^CREATE TABLE (\w+) `),
		regexp.MustCompile(`^CREATE INDEX \w+ ON (\w+) `),
		regexp.MustCompile(`^DROP INDEX (\w+)$`),
		regexp.MustCompile(`^ALTER TABLE (\w+) ADD COLUMN \w+ (?:TEXT|BIGINT|BYTEA)(?: NOT NULL DEFAULT \S+| DEFAULT \S+)?(?: CHECK \(.*\))?$`),
		regexp.MustCompile(`^ALTER TABLE (\w+) ADD CONSTRAINT \w+ CHECK \(\w+ IN \([^()]*\)\)$`),
		regexp.MustCompile(`^ALTER TABLE (\w+) DROP CONSTRAINT \w+$`),
		regexp.MustCompile(`^INSERT INTO (\w+) `),
		regexp.MustCompile(`^UPDATE (\w+) `),
	}
	ofNewTable = regexp.MustCompile(`^CREATE UNIQUE INDEX \w+ ON (\w+) `)
	comment    = regexp.MustCompile(`--[^\n]*`)
	space      = regexp.MustCompile(`\s+`)
)

// statements returns the statements of a migration, without comments and line
// breaks.
func statements(text string) []string {
	var all []string
	for s := range strings.SplitSeq(comment.ReplaceAllString(text, ""), ";") {
		if s = strings.TrimSpace(space.ReplaceAllString(s, " ")); s != "" {
			all = append(all, s)
		}
	}
	return all
}

// breaksTheRule returns the first statement of a migration that an older program
// may not get along with, "" for none.
func breaksTheRule(text string) string {
	created := map[string]bool{}
	for _, s := range statements(text) {
		if m := expanding[0].FindStringSubmatch(s); m != nil {
			created[m[1]] = true
		}
		if m := ofNewTable.FindStringSubmatch(s); m != nil && created[m[1]] {
			continue
		}
		if !slices.ContainsFunc(expanding, func(e *regexp.Regexp) bool { return e.MatchString(s) }) {
			return s
		}
	}
	return ""
}

// Every migration since the rule exists expands, or reports that it does not.
func TestMigrations_FollowTheRule(t *testing.T) {
	for i, m := range known {
		if i > 0 && m.version <= known[i-1].version {
			t.Errorf("migration %d comes after %d", m.version, known[i-1].version)
		}
		if bad := breaksTheRule(m.text); bad != "" && !m.contracts {
			t.Errorf("migration %d expands by its name only, see migrations/README.md: %s", m.version, bad)
		}
	}
	for _, text := range []string{
		"DROP TABLE leases", "ALTER TABLE leases RENAME TO x", "ALTER TABLE leases DROP COLUMN note",
		"ALTER TABLE leases ADD COLUMN x TEXT NOT NULL", "CREATE UNIQUE INDEX x ON leases (holder)", "DELETE FROM leases",
	} {
		if breaksTheRule(text) == "" {
			t.Errorf("%s is taken for an expansion", text)
		}
	}
	read := mustReadMigrations(fstest.MapFS{
		"migrations/00097_expand.sql":   {Data: []byte("-- +goose Up\nCREATE TABLE x (one BIGINT);\n-- +goose Down\nDROP TABLE x;\n")},
		"migrations/00098_contract.sql": {Data: []byte("-- +goose Up\n-- contract\nDROP TABLE x;\n")},
	})
	if read[0].version != 97 || read[0].contracts || strings.Contains(read[0].text, "DROP") {
		t.Errorf("read %+v, want 97 as an expansion without its way down", read[0])
	}
	if read[1].version != 98 || !read[1].contracts {
		t.Errorf("read %+v, want 98 as a contraction", read[1])
	}
}

// The database takes every state and outcome that the ledger has, and no other.
func TestSchema_StatesAreKnown(t *testing.T) {
	states := func(all ...string) []string { return all }
	for name, address := range bothLasting(t) {
		s := openAt(t, address)
		work(t, s, "j")
		if err := s.CreateRenewalJob(t.Context(), ledger.Job{ID: "k", RequestID: "k", State: ledger.JobPending}, []ledger.Renewal{
			{ID: "r", JobID: "k", RequestID: "k", RegionID: "cn-a", InstanceID: "i-1", State: ledger.Planned},
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.db.Exec("INSERT INTO renewal_attempts VALUES ('r', 1, 't', 1000, 0, '', '', '', '')"); err != nil {
			t.Fatal(err)
		}
		for update, known := range map[string][]string{
			"UPDATE renewal_jobs SET state = $1": states(string(ledger.JobPending), string(ledger.JobRunning), string(ledger.JobNeedsAttention),
				string(ledger.JobSucceeded), string(ledger.JobPartial), string(ledger.JobFailed), string(ledger.JobCancelled)),
			"UPDATE renewals SET state = $1": states(string(ledger.Planned), string(ledger.Submitting), string(ledger.Unknown), string(ledger.Verifying),
				string(ledger.Renewed), string(ledger.Unverified), string(ledger.Failed), string(ledger.NeedsAttention), string(ledger.Skipped)),
			"UPDATE renewal_attempts SET outcome = $1": states(string(ledger.OutcomeOpen), string(ledger.OutcomeAccepted), string(ledger.OutcomeRefused),
				string(ledger.OutcomeDeferred), string(ledger.OutcomeUnknown)),
		} {
			for _, state := range known {
				if _, err := s.db.Exec(update, state); err != nil {
					t.Errorf("%s: %s to %q: %v", name, update, state, err)
				}
			}
			if _, err := s.db.Exec(update, "DONE?"); err == nil {
				t.Errorf("%s: %s takes any text", name, update)
			}
		}
	}
}

// While a contracting migration runs, no process can begin to use the schema.
func TestSchema_NoSessionsWhileItContracts(t *testing.T) {
	address := postgres.Database(t)
	s := openAt(t, address)
	for _, p := range []*pool{s.db, s.reader, s.leasing} {
		p.SetMaxIdleConns(0)
	}
	err := s.onSchema(t.Context(), func(at schemaAccess) error {
		if unused, err := at.unused(t.Context()); err != nil || !unused {
			t.Fatalf("the schema is unused: %t, %v", unused, err)
		}
		if _, err := s.RenewalJob(t.Context(), "j"); !ecs.HasReason(err, ecs.ReasonStoreUnavailable) {
			t.Errorf("a read meanwhile: got %v, want STORE_UNAVAILABLE", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	work(t, s, "after")
}
