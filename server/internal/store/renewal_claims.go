package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// ClaimRenewals claims renewals for a worker, in the order of service, and
// returns them with their attempts. It claims renewals that no worker with a
// valid lease holds. A claim lasts as long as the worker's lease.
//
// It reads first, and writes only if there is something to claim. It returns
// ecs.ErrLeaseLost if the worker's lease has another holder.
func (s *Store) ClaimRenewals(ctx context.Context, worker ecs.Lease, c ledger.Claim) (claimed []ledger.Renewal, err error) {
	if c.Limit <= 0 {
		return nil, nil
	}
	condition, args := s.claimable(worker, c)
	found, err := query(ctx, s.reader, func(line row) (one int, err error) { return one, line.Scan(&one) },
		"SELECT 1 FROM renewals AS r WHERE "+condition+" LIMIT 1", args...)
	if err != nil || len(found) == 0 {
		return nil, claimError(err)
	}
	type prior struct {
		ledger.Renewal
		priority int64
	}
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		if err := holdLease(ctx, tx, worker); err != nil {
			return err
		}
		found, err := query(ctx, tx, func(line row) (p prior, err error) {
			p.Renewal, err = scanRenewal(extended{line, &p.priority})
			return p, err
		}, `UPDATE renewals SET claimed_by = $1, claim_epoch = $2 WHERE renewal_id IN (
			SELECT renewal_id FROM renewals AS r WHERE `+condition+fmt.Sprintf(` ORDER BY priority, renewal_id LIMIT %d`, c.Limit)+s.skipLocked+`)
			RETURNING `+renewalColumns+`, priority`, args...)
		if err != nil {
			return err
		}
		slices.SortFunc(found, func(a, b prior) int {
			return cmp.Or(cmp.Compare(a.priority, b.priority), strings.Compare(a.ID, b.ID))
		})
		claimed = make([]ledger.Renewal, len(found))
		for i, p := range found {
			claimed[i] = p.Renewal
		}
		return readAttempts(ctx, tx, claimed)
	})
	return claimed, claimError(err)
}

func claimError(err error) error {
	if err != nil {
		return fmt.Errorf("claim renewals: %w", err)
	}
	return nil
}

// ReleaseRenewals ends the claims of a worker on renewals of a job, so that
// others may claim them.
func (s *Store) ReleaseRenewals(ctx context.Context, worker ecs.Lease, jobID string) error {
	_, err := s.db.ExecContext(ctx, `UPDATE renewals SET claimed_by = '' WHERE job_id = $1 AND claimed_by = $2 AND claim_epoch = $3`,
		jobID, worker.Name, worker.Epoch)
	if err != nil {
		return fmt.Errorf("end the claims on renewals of job %s: %w", jobID, err)
	}
	return nil
}

// extended is a line with one more value at its end.
type extended struct {
	row
	last any
}

func (e extended) Scan(into ...any) error { return e.row.Scan(append(into, e.last)...) }

// claimable returns the condition of the renewals that a worker may claim. Its
// first arguments are the lease of the worker.
func (s *Store) claimable(worker ecs.Lease, c ledger.Claim) (condition string, args []any) {
	args = []any{worker.Name, worker.Epoch}
	text := "state = 'PLANNED'"
	if c.InFlight {
		text = "state IN " + liveStates
	}
	add := func(column, value string) {
		args = append(args, value)
		text += fmt.Sprintf(" AND %s = $%d", column, len(args))
	}
	if c.JobID != "" {
		add("job_id", c.JobID)
		text += " AND state IN " + openStates
	} else {
		add("region_id", c.RegionID)
	}
	if len(c.ExceptJobs) > 0 {
		text += " AND job_id NOT IN " + marks(len(args)+1, len(c.ExceptJobs))
		args = append(args, marked(c.ExceptJobs)...)
	}
	return text + ` AND NOT (claimed_by = $1 AND claim_epoch = $2)
		AND NOT EXISTS (SELECT 1 FROM leases WHERE name = r.claimed_by AND epoch = r.claim_epoch AND holder <> '' AND expires > ` + s.now() + `)`, args
}

// OpenRenewalRegions returns the regions that have open renewals, in order.
func (s *Store) OpenRenewalRegions(ctx context.Context) ([]string, error) {
	// One look-up per region: a region may have many thousands of renewals.
	regions := func(states string) string {
		return `SELECT region FROM (WITH RECURSIVE next (region) AS (
			SELECT min(region_id) FROM renewals WHERE state ` + states + `
			UNION ALL SELECT (SELECT min(region_id) FROM renewals WHERE state ` + states + ` AND region_id > next.region)
			FROM next WHERE region IS NOT NULL) SELECT region FROM next WHERE region IS NOT NULL) AS found`
	}
	found, err := query(ctx, s.reader, func(line row) (region string, err error) { return region, line.Scan(&region) },
		regions("= 'PLANNED'")+" UNION "+regions("IN "+liveStates)+" ORDER BY region")
	if err != nil {
		return nil, fmt.Errorf("read the regions of open renewals: %w", err)
	}
	return found, nil
}

// Renewal reads a renewal with its attempts, ErrNoRecord if there is none.
func (s *Store) Renewal(ctx context.Context, renewalID string) (ledger.Renewal, error) {
	found, err := s.renewals(ctx, "WHERE renewal_id = $1", renewalID)
	if err != nil {
		return ledger.Renewal{}, fmt.Errorf("read renewal %s: %w", renewalID, err)
	}
	if len(found) == 0 {
		return ledger.Renewal{}, ecs.ErrNoRecord
	}
	return found[0], nil
}

// Renewals reads renewals with their attempts, by ID. IDs without a renewal are
// left out.
func (s *Store) Renewals(ctx context.Context, renewalIDs []string) (map[string]ledger.Renewal, error) {
	all := make(map[string]ledger.Renewal, len(renewalIDs))
	for some := range slices.Chunk(renewalIDs, rowsAtOnce) {
		found, err := s.renewals(ctx, "WHERE renewal_id IN "+marks(1, len(some)), marked(some)...)
		if err != nil {
			return nil, fmt.Errorf("read %d renewals: %w", len(renewalIDs), err)
		}
		for _, r := range found {
			all[r.ID] = r
		}
	}
	return all, nil
}
