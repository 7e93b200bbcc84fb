package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/changelog"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// RecordCause writes a call to the cloud that may change some instances of a
// region, with its record for the audit. Its time is that of the database. A call
// without an effect that the change log shows has only the record.
func (s *Store) RecordCause(ctx context.Context, c changelog.Cause, instanceIDs []string) error {
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		if err := s.record(ctx, tx, causeRecord(ctx, c, instanceIDs)); err != nil || !changelog.Effective(c.Action) {
			return err
		}
		var now int64
		if err := tx.QueryRowContext(ctx, "SELECT "+s.now()).Scan(&now); err != nil {
			return err
		}
		rows := chunked[string]{
			rows: instanceIDs, columns: 9, before: `INSERT INTO change_causes
				(cause_id, region_id, instance_id, action, call_time, method, caller, call_id, request_id) VALUES `,
			valuesOfARow: func(id string) []any {
				return []any{c.ID, c.RegionID, id, c.Action, now, c.Method, c.Caller, c.CallID, c.RequestID}
			},
		}
		return rows.exec(ctx, tx, s.engine)
	})
	if err != nil {
		return fmt.Errorf("record %s as a cause: %w", c.Action, err)
	}
	return nil
}

// WithdrawCause removes a call from the causes of instances that it did not
// change.
func (s *Store) WithdrawCause(ctx context.Context, causeID string, instanceIDs []string) error {
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		for ids := range slices.Chunk(instanceIDs, rowsAtOnce) {
			if _, err := tx.ExecContext(ctx, "DELETE FROM change_causes WHERE cause_id = $1 AND instance_id IN "+marks(2, len(ids)),
				append([]any{causeID}, marked(ids)...)...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("withdraw a cause: %w", err)
	}
	return nil
}

// Statements that read the causes of instances; each ends with a list of IDs.
const (
	selectCauses = `SELECT cause_id, region_id, instance_id, action, call_time, method, caller, call_id, request_id, '', ''
		FROM change_causes WHERE call_time >= $1 AND call_time <= $2 AND instance_id IN `
	// A launch knows its instances only after its call; they are in its record.
	selectLaunchCauses = `SELECT r.request_id, r.region_id, i.instance_id, r.action, r.send_time, r.action, r.caller, '', r.request_id, '', ''
		FROM request_items AS i JOIN requests AS r ON r.request_id = i.request_id
		WHERE r.send_time >= $1 AND r.send_time <= $2 AND i.state = '` + ecs.ItemMade + `' AND i.instance_id IN `
	// A renewal and each of its sends are in the ledger.
	selectRenewalCauses = `SELECT n.renewal_id, n.region_id, n.instance_id, 'RenewInstance', a.send_time,
		'', n.caller, '', j.request_id, n.renewal_id, n.job_id
		FROM renewals AS n JOIN renewal_attempts AS a ON a.renewal_id = n.renewal_id JOIN renewal_jobs AS j ON j.job_id = n.job_id
		WHERE a.send_time >= $1 AND a.send_time <= $2
		AND a.outcome NOT IN ('` + string(ledger.OutcomeRefused) + `', '` + string(ledger.OutcomeDeferred) + `') AND n.instance_id IN `
	// The sends of a modification are in its detail.
	selectModifications = `SELECT detail FROM modifications WHERE update_time >= $1 AND create_time <= $2 AND state <> 'FAILED' AND instance_id IN `
)

// Causes reads the calls of ecsd between two times that may have changed some
// instances, by index.
func (s *Store) Causes(ctx context.Context, instanceIDs []string, since, until time.Time) ([]changelog.Cause, error) {
	var found []changelog.Cause
	for ids := range slices.Chunk(instanceIDs, rowsAtOnce) {
		for _, text := range []string{selectCauses, selectLaunchCauses, selectRenewalCauses} {
			some, err := query(ctx, s.reader, func(line row) (c changelog.Cause, err error) {
				var at int64
				err = line.Scan(&c.ID, &c.RegionID, &c.InstanceID, &c.Action, &at, &c.Method, &c.Caller, &c.CallID, &c.RequestID, &c.RenewalID, &c.JobID)
				c.CallTime = moment(at)
				return c, err
			}, text+marks(3, len(ids)), append([]any{millis(since), millis(until)}, marked(ids)...)...)
			if err != nil {
				return nil, fmt.Errorf("read the causes of changes: %w", err)
			}
			found = append(found, some...)
		}
		modified, err := query(ctx, s.reader, scanModification, selectModifications+marks(3, len(ids)), append([]any{millis(since), millis(until)}, marked(ids)...)...)
		if err != nil {
			return nil, fmt.Errorf("read the modifications that caused changes: %w", err)
		}
		for _, m := range modified {
			found = append(found, modificationCauses(m, since, until)...)
		}
	}
	return found, nil
}

// modificationCauses returns the sends of a modification between two times that
// the cloud did not refuse.
func modificationCauses(m ledger.Modification, since, until time.Time) []changelog.Cause {
	var causes []changelog.Cause
	order := ecs.ModifyOrder{From: m.Before.ChargeType, To: m.Change.ChargeType, InstanceType: m.Change.InstanceType}
	method := "ModifyChargeType"
	if m.Change.InstanceType != "" {
		method = "ModifyInstanceType"
	}
	for _, a := range m.Attempts {
		if !a.MayBeAccepted() || a.SendTime.Before(since) || a.SendTime.After(until) {
			continue
		}
		causes = append(causes, changelog.Cause{
			ID: m.ID, RegionID: m.RegionID, InstanceID: m.InstanceID, Action: order.Action(), CallTime: a.SendTime,
			Method: method, Caller: m.Caller, RequestID: m.RequestID,
		})
	}
	return causes
}

// trimCauses removes the calls that no change of the history can be attributed
// to.
func (s *Store) trimCauses(ctx context.Context, age time.Duration) error {
	for {
		removed, err := affected(s.db.ExecContext(ctx, `DELETE FROM change_causes WHERE (cause_id, instance_id) IN
			(SELECT cause_id, instance_id FROM change_causes WHERE call_time < `+s.now()+` - $1 ORDER BY call_time LIMIT $2)`,
			(age + changelog.TransitionWindow).Milliseconds(), housekeepAtOnce))
		if err != nil {
			return fmt.Errorf("trim the causes: %w", explain(err))
		}
		if removed < housekeepAtOnce {
			return nil
		}
		if err := rest(ctx); err != nil {
			return err
		}
	}
}
