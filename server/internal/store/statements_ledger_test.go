package store

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/audit"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

var noon = time.UnixMilli(1_790_000_000_000).UTC()

// plannedOf is a planned renewal of a job.
func plannedOf(jobID string, n int) ledger.Renewal {
	id := fmt.Sprintf("i-%05d", n)
	return ledger.Renewal{
		ID: jobID + "/" + id, JobID: jobID, RequestID: "request-" + jobID, Caller: "team", RegionID: "cn-a", InstanceID: id,
		State: ledger.Planned, ExpireBefore: noon.Add(time.Hour), PlanTime: noon, CreateTime: noon, UpdateTime: noon,
	}
}

func createJob(t *testing.T, s *Store, id string, renewals ...ledger.Renewal) {
	t.Helper()
	j := ledger.Job{ID: id, RequestID: "request-" + id, Caller: "team", CreateTime: noon, UpdateTime: noon}
	if err := s.CreateRenewalJob(t.Context(), j, renewals); err != nil {
		t.Fatal(err)
	}
}

// A transition writes the attempt that it adds or closes, however many the
// renewal has: one that is deferred for hours costs the same each time.
func TestAdvance_WritesChangedAttemptsOnly(t *testing.T) {
	onRecorded(t, func(t *testing.T, s *Store, r *recorder) {
		worker, err := s.AcquireLease(t.Context(), "worker", "p", time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		createJob(t, s, "j", plannedOf("j", 1))
		found, err := s.ClaimRenewals(t.Context(), worker, ledger.Claim{JobID: "j", Limit: 1})
		if err != nil || len(found) != 1 {
			t.Fatalf("claimed %v, %v", found, err)
		}
		was := found[0]
		for n := range int32(20) {
			next := was
			next.State = ledger.Submitting
			if n%2 == 0 {
				next.Attempts = append(slices.Clone(was.Attempts), ledger.Attempt{Number: n/2 + 1, SendTime: noon})
			} else {
				next.Attempts = slices.Clone(was.Attempts)
				next.Attempts[n/2].Outcome = ledger.OutcomeDeferred
			}
			written := r.during(func() {
				results, err := s.AdvanceRenewals(t.Context(), worker, "j", []ledger.Transition{ledger.NewTransition(was, next, time.Time{})})
				if err = errors.Join(append(results, err)...); err != nil {
					t.Fatal(err)
				}
			})
			if got := valuesFor(written, "renewal_attempts"); got != 9 {
				t.Errorf("transition %d writes %d values of attempts, want the 9 of one attempt", n, got)
			}
			was = next
		}
		stored, err := s.Renewal(t.Context(), was.ID)
		if err != nil || len(stored.Attempts) != 10 || stored.InDoubt() {
			t.Errorf("the renewal has the attempts %+v, %v; want 10 that are closed", stored.Attempts, err)
		}
	})
}

// valuesFor counts the values of the INSERTs into a table.
func valuesFor(all []statement, table string) (n int) {
	for _, st := range all {
		if strings.HasPrefix(st.text, "INSERT INTO "+table) {
			n += len(st.args)
		}
	}
	return n
}

// A claim that finds nothing is one read: every replica makes it for every region
// each five seconds.
func TestClaim_EmptyWritesNothing(t *testing.T) {
	onRecorded(t, func(t *testing.T, s *Store, r *recorder) {
		worker, err := s.AcquireLease(t.Context(), "worker", "p", time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		createJob(t, s, "j", plannedOf("j", 1))
		claim := func(c ledger.Claim) []statement {
			return r.during(func() {
				if _, err := s.ClaimRenewals(t.Context(), worker, c); err != nil {
					t.Fatal(err)
				}
			})
		}
		if writes := claim(ledger.Claim{RegionID: "cn-a", Limit: 10}); !slices.ContainsFunc(writes, statement.writes) {
			t.Fatalf("the claim of a planned renewal wrote nothing: %v", writes)
		}
		for _, c := range []ledger.Claim{
			{RegionID: "cn-a", Limit: 10}, {RegionID: "cn-a", InFlight: true, Limit: 10}, {JobID: "j", Limit: 10}, {RegionID: "cn-b", Limit: 10},
		} {
			if found := claim(c); len(found) != 1 || found[0].writes() {
				t.Errorf("the empty claim %+v runs %v, want one read", c, found)
			}
		}
	})
}

// writes reports whether the statement is no SELECT.
func (st statement) writes() bool { return !strings.HasPrefix(st.text, "SELECT") }

// fillJobs is the number of jobs of fillLedger. A tenth of its renewals may be read in
// vain: the planner of PostgreSQL may prefer that to another index.
const fillJobs = 2000

// fillLedger writes jobs of ten renewals each, which have ended.
func fillLedger(t *testing.T, s *Store) {
	t.Helper()
	digits := "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + strconv.Itoa(fillJobs) + ") "
	for _, text := range []string{
		`INSERT INTO renewal_jobs (job_id, request_id, payload_hash, caller, state, currency_code, limited, budget_units, budget_nanos,
			reserved_units, reserved_nanos, spent_units, spent_nanos, revision, counted_revision, create_time, update_time) ` + digits +
			`SELECT 'j' || i, 'q' || i, '', 'team-' || (i % 50), CASE WHEN i = 7 THEN 'FAILED' ELSE 'SUCCEEDED' END,
			'CNY', 0, 0, 0, 0, 0, 0, 0, 1, 1, i, i FROM n`,
		`INSERT INTO renewals (renewal_id, job_id, revision, request_id, payload_hash, caller, region_id, instance_id, period_count, period_unit,
			state, currency_code, price_units, price_nanos, client_token, token_number, order_id, expire_before, expire_expected, expire_after,
			reason, message, cloud_code, cloud_request_id, create_time, update_time, claimed_by, claim_epoch, paid_time) ` + digits +
			`SELECT 'r' || i || '/' || k, 'j' || i, k, 'q' || i, '', 'team-' || (i % 50), 'cn-' || (i % 20), 'i-' || (i * 10 + k), 1, 2,
			CASE WHEN i = 7 THEN 'FAILED' ELSE 'RENEWED' END, 'CNY', 1, 0, '', 1, 'order-' || (i * 10 + k), i, i, i, '', '', '', '', i, i, '', 0, CASE WHEN i = 7 THEN 0 ELSE i END
			FROM n, (SELECT 0 AS k UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4
				UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9) AS ten`,
		"ANALYZE",
	} {
		if _, err := s.db.ExecContext(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
}

var removed = regexp.MustCompile(`Rows Removed by Filter: (\d+)`)

// Each page of the audit costs a fixed number of statements, whatever its size,
// and each statement finds its rows by an index: the audit is kept forever.
func TestAudit_StatementsPerPage(t *testing.T) {
	renewals := func(f ledger.Filter, after ledger.Cursor) func(*testing.T, *Store, int) int {
		return func(t *testing.T, s *Store, limit int) int {
			found, err := s.ListRenewals(t.Context(), f, after, limit)
			if err != nil {
				t.Fatal(err)
			}
			return len(found)
		}
	}
	jobs := func(f ledger.JobFilter, after ledger.Cursor) func(*testing.T, *Store, int) int {
		return func(t *testing.T, s *Store, limit int) int {
			found, err := s.ListRenewalJobs(t.Context(), f, after, limit)
			if err != nil {
				t.Fatal(err)
			}
			return len(found)
		}
	}
	begin, since := ledger.Cursor{}, time.UnixMilli(500).UTC()
	lists := map[string]struct {
		read func(*testing.T, *Store, int) int
		// statements are those of a page of up to 100 rows, of which one reads the
		// attempts of renewals.
		statements, rows int
	}{
		"all jobs":                   {jobs(ledger.JobFilter{}, begin), 1, 100},
		"jobs of a caller":           {jobs(ledger.JobFilter{Caller: "team-7"}, begin), 1, fillJobs / 50},
		"jobs in a state":            {jobs(ledger.JobFilter{States: []ledger.JobState{ledger.JobFailed}}, begin), 1, 1},
		"jobs in an open state":      {jobs(ledger.JobFilter{States: []ledger.JobState{ledger.JobRunning}}, begin), 1, 0},
		"jobs in three states":       {jobs(ledger.JobFilter{States: []ledger.JobState{ledger.JobFailed, ledger.JobPending, ledger.JobCancelled}}, begin), 3, 1},
		"jobs since":                 {jobs(ledger.JobFilter{Since: since, Until: since.Add(50 * time.Millisecond)}, begin), 1, 50},
		"next page of jobs":          {jobs(ledger.JobFilter{}, ledger.Cursor{Time: since, ID: "j500"}), 1, 100},
		"all renewals":               {renewals(ledger.Filter{}, begin), 2, 100},
		"renewals of a job":          {renewals(ledger.Filter{JobID: "j1000"}, begin), 2, 10},
		"renewals of an instance":    {renewals(ledger.Filter{InstanceID: "i-10000"}, begin), 2, 1},
		"renewals of a region":       {renewals(ledger.Filter{RegionID: "cn-3"}, begin), 2, 100},
		"renewals of a caller":       {renewals(ledger.Filter{Caller: "team-7"}, begin), 2, 100},
		"renewals in a state":        {renewals(ledger.Filter{States: []ledger.State{ledger.Failed}}, begin), 2, 10},
		"renewals in an open state":  {renewals(ledger.Filter{States: []ledger.State{ledger.Unknown}}, begin), 1, 0},
		"renewals since":             {renewals(ledger.Filter{Since: since, Until: since.Add(5 * time.Millisecond)}, begin), 2, 50},
		"next page of the renewals":  {renewals(ledger.Filter{}, ledger.Cursor{Time: since, ID: "r500/0"}), 2, 100},
		"renewals by payment":        {renewals(ledger.Filter{PaidSince: since, PaidUntil: since.Add(5 * time.Millisecond)}, begin), 2, 50},
		"next page by payment":       {renewals(ledger.Filter{PaidUntil: since}, ledger.Cursor{Time: since.Add(-time.Millisecond), ID: "r499/0"}), 2, 100},
		"renewals of an order":       {renewals(ledger.Filter{OrderID: "order-10000"}, begin), 2, 1},
		"renewals in several states": {renewals(ledger.Filter{States: []ledger.State{ledger.Failed, ledger.Unknown, ledger.Skipped}}, begin), 4, 10},
	}
	onRecorded(t, func(t *testing.T, s *Store, r *recorder) {
		fillLedger(t, s)
		for name, list := range lists {
			rows := 0
			read := r.during(func() { rows = list.read(t, s, 100) })
			if rows != list.rows {
				t.Errorf("%s: read %d rows, want %d", name, rows, list.rows)
			}
			if len(read) != list.statements {
				t.Errorf("%s: a page takes %d statements, want %d", name, len(read), list.statements)
			}
			for _, st := range read {
				plan := s.plan(t, st)
				if fault := scans(plan, s.shared, strings.Contains(st.text, "WHERE")); fault != "" {
					t.Errorf("%s: %s:\n%s\n%s", name, fault, st.text, plan)
				}
			}
		}
	})
}

// The records about an ID or an instance are found by indexes, among those of all orders.
func TestAudit_FoundByIndex(t *testing.T) {
	onRecorded(t, func(t *testing.T, s *Store, r *recorder) {
		fillLedger(t, s)
		const columns = `INSERT INTO audit_records (record_id, block, record_time, caller, method, credential, rpc, call_id, request_id, job_id, region_id,
			instance_id, instance_ids, currency_code, price_units, price_nanos, order_id, decision, reason, code, note) `
		for _, text := range []string{
			columns + `SELECT renewal_id || '/1', 0, 0, caller, '', '', 'CreateRenewalJob', '', request_id, job_id, region_id,
				instance_id, '', 'CNY', 1, 0, '', 'ORDER_SENT', '', 0, '' FROM renewals`,
			columns + `SELECT renewal_id || '/2', 0, 0, caller, '', '', 'CreateRenewalJob', '', request_id, job_id, region_id,
				instance_id, '', 'CNY', 1, 0, order_id, 'PAID', '', 0, '' FROM renewals`,
			columns + `SELECT job_id || '/0', 0, 0, caller, '', '', 'CreateRenewalJob', 'call-' || job_id, request_id, job_id, '',
				'', '', 'CNY', 1, 0, '', 'ALLOWED', '', 0, '' FROM renewal_jobs`,
			"INSERT INTO audit_instances (instance_id, record_id) SELECT instance_id, job_id || '/0' FROM renewals",
			"ANALYZE",
		} {
			if _, err := s.db.ExecContext(t.Context(), text); err != nil {
				t.Fatal(err)
			}
		}
		for f, want := range map[[2]string]int{ // by related ID and instance
			{"j1000"}: 21, {"q1000"}: 21, {"order-10000"}: 1, {"call-j1000"}: 1, {"nothing"}: 0, {"", "i-10000"}: 3, {"j1000", "i-10000"}: 3,
		} {
			rows := 0
			read := r.during(func() {
				found, err := s.ListAudit(t.Context(), audit.Filter{RelatedID: f[0], InstanceID: f[1]}, "", 100)
				if err != nil {
					t.Fatal(err)
				}
				rows = len(found)
			})
			if rows != want || len(read) != 1 {
				t.Errorf("%q: %d rows by %d statements, want %d by one", f, rows, len(read), want)
			}
			for _, st := range read {
				plan := s.plan(t, st)
				if fault := scans(plan, s.shared, true); fault != "" {
					t.Errorf("%q: %s:\n%s\n%s", f, fault, st.text, plan)
				}
			}
		}
	})
}

// scans returns how a plan reads rows that it does not return, "" if it does not.
// Only a list without a filter may follow the index of times from its end.
func scans(plan string, measured, filtered bool) string {
	for line := range strings.SplitSeq(plan, "\n") {
		switch {
		case strings.Contains(line, "Seq Scan on renewal_attempts"): // it is empty
		case strings.Contains(line, "Seq Scan"), strings.HasPrefix(line, "SCAN") && !strings.Contains(line, "USING INDEX"):
			return "it scans a table"
		case strings.HasPrefix(line, "SCAN") && filtered && !strings.Contains(line, "open_renewals") && !strings.Contains(line, "jobs_in_work"):
			return "it scans an index"
		}
	}
	for _, m := range removed.FindAllStringSubmatch(plan, -1) {
		if n, _ := strconv.Atoi(m[1]); measured && n > fillJobs {
			return "it reads " + m[1] + " rows that it does not return"
		}
	}
	return ""
}
