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
	c.equal("renewal_id", f.RenewalID)
	c.equal("job_id", f.JobID)
	c.equal("region_id", f.RegionID)
	c.equal("instance_id", f.InstanceID)
	c.equal("caller", f.Caller)
	c.between("create_time", f.Since, f.Until)
	if f.OrderID != "" {
		c.equal("order_id", f.OrderID)
		c.add("order_id <> ''") // the condition of the index renewals_by_order
	}
	if f.ByPayment() {
		c.time = "paid_time"
		c.add("paid_time > 0") // the condition of the index renewals_by_payment
		c.between(c.time, f.PaidSince, f.PaidUntil)
	}
	var found []ledger.Renewal
	err := s.inSnapshot(ctx, func(tx *sql.Tx) (err error) {
		found, err = newestOf(f.States, limit, f.Position, func(state ledger.State) ([]ledger.Renewal, error) {
			text, args := c.inState(string(state), openStates).newestFirst("renewal_id", after, limit)
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
	c.between("create_time", f.Since, f.Until)
	found, err := newestOf(f.States, limit, cursorOfJob, func(state ledger.JobState) ([]ledger.Job, error) {
		text, args := c.inState(string(state), openJobStates).newestFirst("job_id", after, limit)
		return readJobs(ctx, s.reader, text, args...)
	})
	if err != nil {
		return nil, fmt.Errorf("list renewal jobs: %w", err)
	}
	return found, nil
}

func cursorOfJob(j ledger.Job) ledger.Cursor {
	return ledger.Cursor{Time: j.CreateTime, ID: j.ID}
}

// newestOf reads the newest rows of each state and returns the newest of all. A
// read of one state follows an index; one of several would sort all their rows.
func newestOf[T any, S ~string](states []S, limit int, at func(T) ledger.Cursor, read func(S) ([]T, error)) ([]T, error) {
	if len(states) == 0 {
		return read("")
	}
	var all []T
	for _, state := range slices.Compact(slices.Sorted(slices.Values(states))) {
		some, err := read(state)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	slices.SortFunc(all, func(a, b T) int {
		return cmp.Or(at(b).Time.Compare(at(a).Time), strings.Compare(at(b).ID, at(a).ID))
	})
	return all[:min(limit, len(all))], nil
}

// conditions are joined by AND, with their arguments in the order of their
// marks. Columns are of this package, values come from outside.
type conditions struct {
	all  []string
	args []any
	// unordered is set if they select so few rows that it is cheaper to sort them
	// than to find them by time.
	unordered bool
	// time is the column of the order, create_time if it is empty.
	time string
}

// add adds a condition; each ? is the placeholder of the next argument.
func (c *conditions) add(condition string, args ...any) {
	for _, arg := range args {
		c.args = append(c.args, arg)
		condition = strings.Replace(condition, "?", "$"+strconv.Itoa(len(c.args)), 1)
	}
	c.all = append(c.all, condition)
}

// in adds a condition that a column has one of some values.
func (c *conditions) in(column string, values []string) {
	c.all = append(c.all, column+" IN "+marks(len(c.args)+1, len(values)))
	c.args = append(c.args, marked(values)...)
}

func (c *conditions) equal(column, value string) {
	if value != "" {
		c.add(column+" = ?", value)
	}
}

func (c *conditions) between(column string, since, until time.Time) {
	if !since.IsZero() {
		c.add(column+" >= ?", millis(since))
	}
	if !until.IsZero() {
		c.add(column+" < ?", millis(until))
	}
}

// inState returns the conditions with one on the state, if there is one. It
// repeats the condition of a partial index: one has the rows in open states, the
// other those that have ended.
func (c conditions) inState(state, open string) conditions {
	c.all, c.args = slices.Clone(c.all), slices.Clone(c.args)
	switch {
	case state == "":
	case strings.Contains(open, "'"+state+"'"):
		c.add("state = ? AND state IN "+open, state)
		c.unordered = true
	default:
		c.add("state = ? AND state NOT IN "+open, state)
	}
	return c
}

// newestFirst returns the end of a statement over rows with a create_time and an
// ID, with its arguments.
func (c conditions) newestFirst(id string, after ledger.Cursor, limit int) (string, []any) {
	c.all, c.args = slices.Clone(c.all), slices.Clone(c.args)
	created := cmp.Or(c.time, "create_time")
	if c.unordered {
		created = "+" + created // no index in the order of time
	}
	if after != (ledger.Cursor{}) {
		c.add("("+created+", "+id+") < (?, ?)", millis(after.Time), after.ID)
	}
	where := ""
	if len(c.all) > 0 {
		where = "WHERE " + strings.Join(c.all, " AND ")
	}
	return fmt.Sprintf("%s ORDER BY %s DESC, %s DESC LIMIT %d", where, created, id, limit), c.args
}
