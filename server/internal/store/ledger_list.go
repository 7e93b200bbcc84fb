package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// ListRenewals reads renewals that the filter selects, with their attempts:
// newest first, after the cursor, at most limit.
func (s *Store) ListRenewals(ctx context.Context, f ledger.Filter, after ledger.Cursor, limit int) ([]ledger.Renewal, error) {
	var c conditions
	c.equal("job_id", f.JobID)
	c.equal("region_id", f.RegionID)
	c.equal("instance_id", f.InstanceID)
	c.equal("caller", f.Caller)
	c.between(f.Since, f.Until)
	var found []ledger.Renewal
	err := s.inSnapshot(ctx, func(tx *sql.Tx) (err error) {
		found, err = newestOf(f.States, limit, func(state ledger.State) ([]ledger.Renewal, error) {
			text, args := c.newestFirst(string(state), "renewal_id", after, limit)
			return query(ctx, tx, scanRenewal, selectRenewals+text, args...)
		})
		if err != nil {
			return err
		}
		return readAttempts(ctx, tx, found)
	})
	if err != nil {
		return nil, fmt.Errorf("list renewals: %w", err)
	}
	return found, nil
}

// ListRenewalJobs reads the jobs that the filter selects: newest first, after
// the cursor, at most limit.
func (s *Store) ListRenewalJobs(ctx context.Context, f ledger.JobFilter, after ledger.Cursor, limit int) ([]ledger.Job, error) {
	var c conditions
	c.equal("caller", f.Caller)
	oneOf(&c, "state", f.States)
	c.between(f.Since, f.Until)
	text, args := c.newestFirst("", "job_id", after, limit)
	found, err := readJobs(ctx, s.reader, text, args...)
	if err != nil {
		return nil, fmt.Errorf("list renewal jobs: %w", err)
	}
	return found, nil
}

// newestOf reads the newest rows of each state and returns the newest of all. A
// read of one state follows an index; one of several would sort all their rows.
func newestOf(states []ledger.State, limit int, read func(ledger.State) ([]ledger.Renewal, error)) ([]ledger.Renewal, error) {
	if len(states) == 0 {
		return read("")
	}
	var all []ledger.Renewal
	for _, state := range slices.Compact(slices.Sorted(slices.Values(states))) {
		some, err := read(state)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	slices.SortFunc(all, func(a, b ledger.Renewal) int {
		return cmp.Or(b.CreateTime.Compare(a.CreateTime), strings.Compare(b.ID, a.ID))
	})
	return all[:min(limit, len(all))], nil
}

// conditions are joined by AND, with their arguments in the order of their
// marks. Columns are of this package, values come from outside.
type conditions struct {
	all  []string
	args []any
}

// add adds a condition; each ? is the placeholder of the next argument.
func (c *conditions) add(condition string, args ...any) {
	for _, arg := range args {
		c.args = append(c.args, arg)
		condition = strings.Replace(condition, "?", "$"+strconv.Itoa(len(c.args)), 1)
	}
	c.all = append(c.all, condition)
}

func (c *conditions) equal(column, value string) {
	if value != "" {
		c.add(column+" = ?", value)
	}
}

func (c *conditions) between(since, until time.Time) {
	if !since.IsZero() {
		c.add("create_time >= ?", millis(since))
	}
	if !until.IsZero() {
		c.add("create_time < ?", millis(until))
	}
}

func oneOf[T ~string](c *conditions, column string, values []T) {
	values = slices.Compact(slices.Sorted(slices.Values(values)))
	if len(values) == 0 {
		return
	}
	first := len(c.args) + 1
	for _, v := range values {
		c.args = append(c.args, string(v))
	}
	c.all = append(c.all, column+" IN "+marks(first, len(values)))
}

// newestFirst returns the end of a statement over rows with a create_time, an
// ID and a state, with its arguments.
func (c conditions) newestFirst(state, id string, after ledger.Cursor, limit int) (string, []any) {
	c.all, c.args = slices.Clone(c.all), slices.Clone(c.args)
	created := "create_time"
	switch {
	case state == "":
	case ledger.State(state).Open():
		c.add("state = ? AND state IN "+openStates, state) // the condition of the index open_renewals
		created = "+create_time"                           // few are open: to sort them is cheaper than to find them by time
	default:
		c.add("state = ? AND state NOT IN "+openStates, state) // the condition of the index renewals_by_state
	}
	if after != (ledger.Cursor{}) {
		c.add("("+created+", "+id+") < (?, ?)", millis(after.CreateTime), after.ID)
	}
	where := ""
	if len(c.all) > 0 {
		where = "WHERE " + strings.Join(c.all, " AND ")
	}
	return fmt.Sprintf("%s ORDER BY %s DESC, %s DESC LIMIT %d", where, created, id, limit), c.args
}
