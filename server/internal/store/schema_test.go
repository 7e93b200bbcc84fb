package store

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/test/postgres"
)

// bothLasting are new databases that outlive a process.
func bothLasting(t *testing.T) map[string]string {
	return map[string]string{"sqlite": "sqlite:" + filepath.Join(t.TempDir(), "ecsd.db"), "postgres": postgres.Database(t)}
}

// The database of an older ecsd is refused until it is migrated, which keeps
// what is in it.
func TestOlderSchema(t *testing.T) {
	for name, address := range bothLasting(t) {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			old, err := connect(ctx, address)
			if err != nil {
				t.Fatal(err)
			}
			schema, err := old.schema()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := schema.UpTo(ctx, 1); err != nil {
				t.Fatal(err)
			}
			_, program, err := schema.GetVersions(ctx)
			if err != nil {
				t.Fatal(err)
			}
			want := ecs.Renewal{ID: "1", RequestID: "1", InstanceID: "i-1", State: ecs.RenewalRenewed,
				Attempts: []ecs.RenewalAttempt{{Number: 1, ClientToken: "t", SendTime: time.UnixMilli(1000).UTC()}}}
			if _, err := old.db.Exec(`INSERT INTO renewals (renewal_id, request_id, payload_hash, caller, region_id, instance_id,
				period_count, period_unit, state, currency_code, price_units, price_nanos, client_token, token_number, order_id,
				expire_before, expire_expected, expire_after, reason, message, cloud_code, cloud_request_id, create_time, update_time)
				VALUES ('1', '1', '', '', '', 'i-1', 0, 0, 'RENEWED', '', 0, 0, '', 0, '', 0, 0, 0, '', '', '', '', 0, 0)`); err != nil {
				t.Fatal(err)
			}
			if _, err := old.db.Exec(`INSERT INTO renewal_attempts VALUES ('1', 1, 't', 1000, 0, '', '', '', '')`); err != nil {
				t.Fatal(err)
			}
			_ = old.Close()
			var refused *SchemaError
			if _, err := Open(ctx, address); !errors.As(err, &refused) || *refused != (SchemaError{1, program}) || !strings.Contains(err.Error(), "run ecsd migrate") {
				t.Errorf("open an older schema: %v", err)
			}
			if before, after, err := Migrate(ctx, address); err != nil || before != 1 || after != program {
				t.Errorf("migrate: from %d to %d, %v", before, after, err)
			}
			s, err := Open(ctx, address)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			want.JobID, want.Revision = "1", 1 // the only one of a job now
			got, err := s.ListRenewals(ctx, ecs.RenewalFilter{}, ecs.LedgerCursor{}, 10)
			if diff := cmp.Diff([]ecs.Renewal{want}, got); err != nil || diff != "" {
				t.Errorf("after it the renewals differ (-want +got):\n%s%v", diff, err)
			}
			if j, err := s.RenewalJobByRequest(ctx, "1"); err != nil || j.ID != "1" || j.State != ecs.RenewalJobSucceeded {
				t.Errorf("its job is %+v, %v", j, err)
			}
			// The tables that were made anew refer to each other as before.
			if _, err := s.db.Exec(`INSERT INTO renewal_attempts VALUES ('never', 1, 't', 1000, 0, '', '', '', '')`); err == nil {
				t.Error("an attempt of no renewal was written")
			}
		})
	}
}

// Replicas that start at once on a new database make its schema once.
func TestReplicasStartAtOnce(t *testing.T) {
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

// A schema of a newer ecsd is refused, and not touched.
func TestNewerSchema(t *testing.T) {
	for name, address := range bothLasting(t) {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			before, program, err := Migrate(ctx, address)
			if err != nil || before != 0 || program < 1 {
				t.Fatalf("a new database: from %d to %d, %v", before, program, err)
			}
			if before, after, err := Migrate(ctx, address); err != nil || before != program || after != program {
				t.Errorf("again: from %d to %d, %v", before, after, err)
			}
			s, err := Open(ctx, address)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.db.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (1000, '1')"); err != nil {
				t.Fatal(err)
			}
			_ = s.Close()
			newer := SchemaError{Database: 1000, Program: program}
			var refused *SchemaError
			if _, err := Open(ctx, address); !errors.As(err, &refused) || *refused != newer {
				t.Errorf("open a newer schema: %v, want %v", err, &newer)
			}
			if _, _, err := Migrate(ctx, address); !errors.As(err, &refused) || *refused != newer {
				t.Errorf("migrate a newer schema: %v, want %v", err, &newer)
			}
		})
	}
}
