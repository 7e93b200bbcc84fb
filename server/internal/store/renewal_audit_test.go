package store

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// onBoth runs a test on a new database of each engine, with access to its tables.
func onBoth(t *testing.T, test func(*testing.T, *Store)) {
	t.Helper()
	for name, address := range bothLasting(t) {
		t.Run(name, func(t *testing.T) { test(t, openWithT(t, address, known)) })
	}
}

func mustExec(t *testing.T, s *Store, text string) {
	t.Helper()
	if _, err := s.db.ExecContext(t.Context(), text); err != nil {
		t.Fatal(err)
	}
}

// An audit finds each sum of a job that differs from its renewals, and a job
// that runs without an open renewal, every time until it is right. Rows that
// agreed are not compared again until they are written.
func TestAudit_FindsDifferences(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		worker, err := s.AcquireLease(t.Context(), "worker", "p", time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		audit := func(what string, want ...string) {
			t.Helper()
			found, err := s.AuditRenewalJobs(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var fields []string
			for _, d := range found {
				fields = append(fields, d.JobID+" "+d.Field)
			}
			if !slices.Equal(fields, want) {
				t.Errorf("%s: the audit found %v, want %v", what, found, want)
			}
		}
		for n := range auditsAtOnce + 1 {
			plannedJob(t, s, worker, fmt.Sprintf("j%03d", n), fmt.Sprint("i-", n))
		}
		audit("at first")
		r, err := s.Renewal(t.Context(), "j000")
		if err != nil {
			t.Fatal(err)
		}
		for _, state := range []ledger.State{ledger.Submitting, ledger.Verifying, ledger.Renewed} {
			if err := advanceTo(t.Context(), s, worker, &r, state); err != nil {
				t.Fatal(err)
			}
		}
		mustExec(t, s, "UPDATE renewal_jobs SET spent_units = spent_units + 1, revision = revision + 1, counted_revision = revision + 1 WHERE job_id = 'j000'")
		audit("money that no renewal has", "j000 spent")
		audit("the same again", "j000 spent")
		mustExec(t, s, "UPDATE renewal_jobs SET spent_units = spent_units - 1 WHERE job_id = 'j000'")
		audit("corrected")
		mustExec(t, s, "UPDATE renewal_jobs SET spent_units = spent_units + 1 WHERE job_id = 'j000'")
		audit("an ended job that was not written")
		mustExec(t, s, "UPDATE renewals SET state = 'RENEWED' WHERE renewal_id = 'j050'")
		audit("a job that runs without an open renewal", "j050 planned", "j050 spent", "j050 counts", "j050 state")
	})
}

// A program with an earlier schema writes jobs and renewals at the same time:
// their counts and planned money are computed, and then kept again.
func TestJobs_WrittenByAnOlderProgram(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		worker, err := s.AcquireLease(ctx, "worker", "p", time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		// As release 10 inserts and updates them.
		mustExec(t, s, `INSERT INTO renewal_jobs (job_id, request_id, payload_hash, caller, state, currency_code, limited, budget_units, budget_nanos,
			reserved_units, reserved_nanos, spent_units, spent_nanos, revision, create_time, update_time)
			VALUES ('j', 'r', '', '', 'PENDING', 'CNY', 1, 10, 0, 0, 0, 0, 0, 1, 1000, 1000)`)
		for _, id := range []string{"a", "b"} {
			mustExec(t, s, `INSERT INTO renewals (renewal_id, job_id, revision, request_id, payload_hash, caller, region_id, instance_id,
				period_count, period_unit, state, currency_code, price_units, price_nanos, client_token, token_number, order_id,
				expire_before, expire_expected, expire_after, reason, message, cloud_code, cloud_request_id, create_time, update_time, claimed_by, claim_epoch)
				VALUES ('`+id+`', 'j', 1, 'r', '', '', 'cn-a', 'i-`+id+`', 1, 2, 'PLANNED', 'CNY', 2, 500000000, '', 0, '', 9000, 0, 0, '', '', '', '', 1000, 1000, '', 0)`)
		}
		check := func(what string, planned, spent ecs.Money, counts ...ledger.Count) {
			t.Helper()
			j, err := s.RenewalJob(ctx, "j")
			if err != nil {
				t.Fatal(err)
			}
			if j.Planned != planned || j.Spent != spent || !slices.Equal(j.Counts, counts) {
				t.Errorf("%s: %s is planned, %s spent, the counts are %v", what, j.Planned, j.Spent, j.Counts)
			}
			if found, err := s.AuditRenewalJobs(ctx); err != nil || len(found) > 0 {
				t.Errorf("%s: the audit found %v, %v", what, found, err)
			}
		}
		cny := func(units int64, nanos int32) ecs.Money {
			return ecs.Money{CurrencyCode: "CNY", Units: units, Nanos: nanos}
		}
		check("inserted", cny(5, 0), cny(0, 0), ledger.Count{State: ledger.Planned, Count: 2})
		claimed, err := s.ClaimRenewals(ctx, worker, ledger.Claim{RegionID: "cn-a", Limit: 10})
		if err != nil || len(claimed) != 2 {
			t.Fatalf("claimed %d, %v", len(claimed), err)
		}
		if at := time.UnixMilli(1000).UTC(); !claimed[0].PlanTime.Equal(at) {
			t.Errorf("planned at %s, want %s", claimed[0].PlanTime, at)
		}
		if err := advanceTo(ctx, s, worker, &claimed[0], ledger.Submitting); err != nil {
			t.Fatal(err)
		}
		check("written here", cny(2, 500_000_000), cny(0, 0), ledger.Count{State: ledger.Planned, Count: 1}, ledger.Count{State: ledger.Submitting, Count: 1})
		mustExec(t, s, "UPDATE renewal_jobs SET revision = revision + 1, reserved_units = 0, reserved_nanos = 0, spent_units = 2, spent_nanos = 500000000 WHERE job_id = 'j'")
		mustExec(t, s, "UPDATE renewals SET state = 'VERIFYING', update_time = 5000 WHERE renewal_id = 'a'")
		check("written there", cny(2, 500_000_000), cny(2, 500_000_000), ledger.Count{State: ledger.Planned, Count: 1}, ledger.Count{State: ledger.Verifying, Count: 1})
		priors, err := s.PriorRenewals(ctx, "cn-a", []string{"i-a"})
		if err != nil || len(priors["i-a"]) != 1 || !priors["i-a"][0].PaidTime.Equal(time.UnixMilli(5000)) {
			t.Errorf("the earlier renewals are %+v, %v", priors, err)
		}
		if err := advanceTo(ctx, s, worker, &claimed[1], ledger.Submitting); err != nil {
			t.Fatal(err)
		}
		check("written here again", cny(0, 0), cny(2, 500_000_000), ledger.Count{State: ledger.Submitting, Count: 1}, ledger.Count{State: ledger.Verifying, Count: 1})
		// Release 10 ends a job although one of its renewals needs attention.
		mustExec(t, s, "UPDATE renewals SET state = 'RENEWED' WHERE renewal_id = 'a'")
		mustExec(t, s, "UPDATE renewals SET state = 'NEEDS_ATTENTION' WHERE renewal_id = 'b'")
		mustExec(t, s, "UPDATE renewal_jobs SET revision = revision + 1, state = 'PARTIAL' WHERE job_id = 'j'")
		if j, err := s.RenewalJob(ctx, "j"); err != nil || j.State != ledger.JobNeedsAttention {
			t.Errorf("the job that ended there is %s, %v, want NEEDS_ATTENTION", j.State, err)
		}
	})
}
