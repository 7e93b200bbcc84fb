package store

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// Every read of the ledger finds its rows by an index, in the order in which it
// returns them, so that renewals that have ended cost nothing.
func TestLedger_ReadByIndex(t *testing.T) {
	s, err := Open(t.Context(), "sqlite::memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	claim := func(c ledger.Claim) string {
		condition, _ := s.claimable(ecs.Lease{}, c)
		return "SELECT renewal_id FROM renewals AS r WHERE " + condition + " ORDER BY priority, renewal_id LIMIT 10"
	}
	list := func(state ledger.State, set func(*conditions)) string {
		var c conditions
		set(&c)
		text, _ := c.inState(string(state), openStates).newestFirst("renewal_id", ledger.Cursor{ID: "x"}, 10)
		return selectRenewals + text
	}
	modified := func(state string, set func(*conditions)) string {
		var c conditions
		set(&c)
		text, _ := c.inState(state, endedOtherwise).newestFirst("modification_id", ledger.Cursor{ID: "x"}, 10)
		return "SELECT detail FROM modifications " + text
	}
	const sorts = "USE TEMP B-TREE FOR ORDER BY"
	for name, c := range map[string]struct{ text, index string }{
		"claim planned":                {claim(ledger.Claim{RegionID: "r"}), "planned_renewals (region_id=?)"},
		"claim in flight":              {claim(ledger.Claim{RegionID: "r", InFlight: true}), "one_live_renewal (region_id=?)"},
		"claim of a job":               {claim(ledger.Claim{JobID: "j"}), "open_renewals (job_id=?)"},
		"without order":                {selectRenewals + "WHERE " + unbilled + " AND paid_time >= 1 ORDER BY paid_time DESC, renewal_id DESC LIMIT 10", "unbilled_renewals (paid_time>?)"},
		"orders":                       {selectOrderIDs(2), "renewals_by_order (order_id=?)"},
		"priors":                       {selectPriors(2), "renewals_of_an_instance (instance_id=?)"},
		"prior modifications":          {selectPriors(2), "modifications_by_instance (instance_id=?)"},
		"modifications":                {modified("", func(*conditions) {}), "modifications_by_time ("},
		"modifications of an instance": {modified("", func(c *conditions) { c.equal("instance_id", "i") }), "modifications_by_instance (instance_id=?"},
		"modifications in a state":     {modified("NEEDS_ATTENTION", func(*conditions) {}), "other_modifications (state=?)"},
		"instances being renewed":      {selectRenewing, "open_renewals"},
		"open modifications":           {countModifications, "other_modifications (state=?)"},
		"changes of a job":             {selectRenewals + afterPosition + " LIMIT 10", "renewals_by_job (job_id=? AND (revision,renewal_id)>"},
		"cancel":                       {selectCancelled, "open_renewals (job_id=?)"},
		"list of a caller":             {list("", func(c *conditions) { c.equal("caller", "a") }), "renewals_by_caller (caller=?"},
		"list of a region":             {list("", func(c *conditions) { c.equal("region_id", "r") }), "renewals_by_region (region_id=?"},
		"list of a state":              {list("FAILED", func(*conditions) {}), "renewals_by_state (state=?"},
		"list of an open state":        {list("PLANNED", func(*conditions) {}), "open_renewals"},
		"list of payments": {list("", func(c *conditions) {
			c.time = "paid_time"
			c.add("paid_time > 0")
		}), "renewals_by_payment (paid_time"},
		"list of an order": {list("", func(c *conditions) {
			c.equal("order_id", "o")
			c.add("order_id <> ''")
		}), "renewals_by_order (order_id=?"},
		"list of an instance":  {list("", func(c *conditions) { c.equal("instance_id", "i") }), "renewals_of_an_instance (instance_id=?"},
		"load, open":           {tallyOf + unfinished + byState, "open_renewals"},
		"load, oldest open":    {oldestOf + unfinished, "open_renewals"},
		"load, attention":      {tallyOf + forAPerson + byState, "renewals_for_a_person"},
		"load, oldest of them": {oldestOf + forAPerson, "renewals_for_a_person"},
		"audit, changed":       {selectChangedJobs, "jobs_to_audit"},
		"audit, open":          {selectOpenJobs, "jobs_in_work"},
	} {
		args := make([]any, 4)
		for n := range args {
			args[n] = "x"
			if !strings.Contains(c.text, fmt.Sprint("$", n+1)) {
				args = args[:n]
				break
			}
		}
		lines, err := query(t.Context(), s.reader, func(line row) (detail string, err error) {
			var id, parent, unused int
			return detail, line.Scan(&id, &parent, &unused, &detail)
		}, "EXPLAIN QUERY PLAN "+c.text, args...)
		plan := strings.Join(lines, "; ")
		if err != nil || !strings.Contains(plan, c.index) {
			t.Errorf("%s: %s is answered by %s (%v), want the index %s", name, c.text, plan, err, c.index)
		}
		unsorted := strings.HasPrefix(name, "list") || strings.HasPrefix(name, "changes") || name == "claim planned" || name == "claim of a job"
		if unsorted && name != "list of an instance" && name != "list of an open state" && !strings.HasPrefix(name, "modifications ") && strings.Contains(plan, sorts) {
			t.Errorf("%s: sorts its rows: %s", name, plan)
		}
	}
}
