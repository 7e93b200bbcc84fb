package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// ListRenewals reads the renewals that the filter picks, those of jobs and
// those that stand alone, with their attempts: newest first, after the cursor,
// limit of them at most.
func (s *Store) ListRenewals(ctx context.Context, f ledger.Filter, after ledger.Cursor, limit int) ([]ledger.Renewal, error) {
	var c conditions
	c.equal("job_id", f.JobID)
	c.equal("region_id", f.RegionID)
	c.equal("instance_id", f.InstanceID)
	c.equal("caller", f.Caller)
	oneOf(&c, "state", f.States)
	c.between(f.Since, f.Until)
	found, err := s.renewals(ctx, c.newestFirst("renewal_id", after, limit), c.args...)
	if err != nil {
		return nil, fmt.Errorf("list renewals: %w", err)
	}
	return found, nil
}

// ListRenewalJobs reads the jobs that the filter picks: newest first, after the
// cursor, limit of them at most.
func (s *Store) ListRenewalJobs(ctx context.Context, f ledger.JobFilter, after ledger.Cursor, limit int) ([]ledger.Job, error) {
	var c conditions
	c.equal("caller", f.Caller)
	oneOf(&c, "state", f.States)
	c.between(f.Since, f.Until)
	found, err := query(ctx, s.reader, scanJob, selectJobs+c.newestFirst("job_id", after, limit), c.args...)
	if err != nil {
		return nil, fmt.Errorf("list renewal jobs: %w", err)
	}
	return found, nil
}

// conditions are joined by AND, with their arguments in the order of their
// marks. Columns are of this package, values come from outside.
type conditions struct {
	all  []string
	args []any
}

// add takes a condition in which each ? stands for the next argument.
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
	if len(values) == 0 {
		return
	}
	first := len(c.args) + 1
	for _, v := range values {
		c.args = append(c.args, string(v))
	}
	c.all = append(c.all, column+" IN "+marks(first, len(values)))
}

// newestFirst is the end of a statement whose rows have a create_time and an id.
func (c *conditions) newestFirst(id string, after ledger.Cursor, limit int) string {
	if after != (ledger.Cursor{}) {
		c.add("(create_time, "+id+") < (?, ?)", millis(after.CreateTime), after.ID)
	}
	where := ""
	if len(c.all) > 0 {
		where = "WHERE " + strings.Join(c.all, " AND ")
	}
	return fmt.Sprintf("%s ORDER BY create_time DESC, %s DESC LIMIT %d", where, id, limit)
}
