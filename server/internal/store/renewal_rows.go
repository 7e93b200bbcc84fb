package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

const (
	renewalColumns = `renewal_id, job_id, revision, request_id, payload_hash, caller, region_id, instance_id,
	period_count, period_unit, state, currency_code, price_units, price_nanos,
	client_token, token_number, order_id, expire_before, expire_expected, expire_after,
	reason, message, cloud_code, cloud_request_id, plan_time, paid_time, resolve_time, create_time, update_time,
	note, account_id, instance_name, decisions`

	selectRenewals = `SELECT ` + renewalColumns + ` FROM renewals `

	// Sets of states. Partial indexes are used only if a statement repeats their
	// condition, so these are the conditions of the indexes.
	liveStates    = `('SUBMITTING', 'UNKNOWN', 'VERIFYING')`
	openStates    = `('PLANNED', 'SUBMITTING', 'UNKNOWN', 'VERIFYING')`
	openJobStates = `('PENDING', 'RUNNING')`
	bindingStates = `('SUBMITTING', 'UNKNOWN', 'VERIFYING', 'NEEDS_ATTENTION', 'RENEWED', 'UNVERIFIED')`

	attemptColumns = `renewal_id, number, client_token, send_time, finish_time, outcome, cloud_code, cloud_request_id, order_id`

	selectAttempts = `SELECT ` + attemptColumns + ` FROM renewal_attempts `
	insertAttempts = `INSERT INTO renewal_attempts (` + attemptColumns + `) VALUES `
	// Only an open attempt takes an outcome.
	closeAttempts = ` ON CONFLICT (renewal_id, number) DO UPDATE SET
		finish_time = excluded.finish_time, outcome = excluded.outcome, cloud_code = excluded.cloud_code,
		cloud_request_id = excluded.cloud_request_id, order_id = excluded.order_id
	WHERE renewal_attempts.outcome = ''`
)

// renewalValues lists the values in the order of renewalColumns.
func renewalValues(r ledger.Renewal) []any {
	return []any{r.ID, r.JobID, r.Revision, r.RequestID, r.PayloadHash, r.Caller, r.RegionID, r.InstanceID,
		r.Period.Count, int(r.Period.Unit), string(r.State), r.Price.CurrencyCode, r.Price.Units, r.Price.Nanos,
		r.ClientToken, r.TokenNumber, r.OrderID, millis(r.ExpireBefore), millis(r.ExpireExpected), millis(r.ExpireAfter),
		storedReason(r.Failure.Reason), r.Failure.Message, r.Failure.CloudCode, r.Failure.CloudRequestID,
		millis(r.PlanTime), millis(r.PaidTime), millis(r.ResolveTime), millis(r.CreateTime), millis(r.UpdateTime),
		r.Note, r.AccountID, r.InstanceName, encodeList(r.Decisions)}
}

// scanRenewal reads the values in the order of renewalColumns. A renewal that a
// program without plan_time wrote was planned when it was created, and one
// that it paid was paid when it was last written.
func scanRenewal(line row) (ledger.Renewal, error) {
	var r ledger.Renewal
	var before, expected, after, planned, paid, resolved, created, updated int64
	var decisions string
	err := line.Scan(&r.ID, &r.JobID, &r.Revision, &r.RequestID, &r.PayloadHash, &r.Caller, &r.RegionID, &r.InstanceID,
		&r.Period.Count, &r.Period.Unit, &r.State, &r.Price.CurrencyCode, &r.Price.Units, &r.Price.Nanos,
		&r.ClientToken, &r.TokenNumber, &r.OrderID, &before, &expected, &after,
		reasonIn{&r.Failure.Reason}, &r.Failure.Message, &r.Failure.CloudCode, &r.Failure.CloudRequestID,
		&planned, &paid, &resolved, &created, &updated, &r.Note, &r.AccountID, &r.InstanceName, &decisions)
	if err == nil && decisions != "" {
		if err = json.Unmarshal([]byte(decisions), &r.Decisions); err != nil {
			err = fmt.Errorf("decode the decisions about renewal %s: %w", r.ID, err)
		}
	}
	r.CreateTime, r.UpdateTime = moment(created), moment(updated)
	r.ExpireBefore, r.ExpireExpected, r.ExpireAfter = moment(before), moment(expected), moment(after)
	r.PlanTime, r.PaidTime, r.ResolveTime = moment(planned), moment(paid), moment(resolved)
	if planned == 0 {
		r.PlanTime = r.CreateTime
	}
	if paid == 0 && r.State.Paid() {
		r.PaidTime = r.UpdateTime
	}
	return r, err
}

// renewals reads the rows of a condition with their attempts, from one snapshot.
func (s *Store) renewals(ctx context.Context, condition string, args ...any) (found []ledger.Renewal, err error) {
	err = s.inSnapshot(ctx, func(tx *sql.Tx) error {
		if found, err = query(ctx, tx, scanRenewal, selectRenewals+condition, args...); err != nil {
			return err
		}
		return readAttempts(ctx, tx, found)
	})
	return found, err
}

// readAttempts reads the attempts of the renewals into them.
func readAttempts(ctx context.Context, tx *sql.Tx, renewals []ledger.Renewal) error {
	of := make(map[string]*ledger.Renewal, len(renewals))
	for i := range renewals {
		of[renewals[i].ID] = &renewals[i]
	}
	for some := range slices.Chunk(renewals, rowsAtOnce) {
		ids := make([]any, len(some))
		for i, r := range some {
			ids[i] = r.ID
		}
		_, err := query(ctx, tx, func(line row) (none struct{}, err error) {
			id, a, err := scanAttempt(line)
			if err == nil {
				of[id].Attempts = append(of[id].Attempts, a)
			}
			return none, err
		}, selectAttempts+"WHERE renewal_id IN "+marks(1, len(ids))+" ORDER BY renewal_id, number", ids...)
		if err != nil {
			return err
		}
	}
	return nil
}

// writeAttempts adds the attempts that are new and closes those that were open.
// A closed attempt is never written again.
func (s *Store) writeAttempts(ctx context.Context, tx *sql.Tx, ts []ledger.Transition) error {
	type ofRenewal struct {
		id string
		ledger.Attempt
	}
	var all []ofRenewal
	for _, t := range ts {
		for _, a := range t.Changed() {
			all = append(all, ofRenewal{t.Renewal.ID, a})
		}
	}
	return chunked[ofRenewal]{
		rows: all, before: insertAttempts, columns: 9, after: closeAttempts,
		valuesOfARow: func(a ofRenewal) []any { return attemptValues(a.id, a.Attempt) },
	}.exec(ctx, tx, s.engine)
}

// attemptValues lists the values in the order of attemptColumns.
func attemptValues(renewalID string, a ledger.Attempt) []any {
	return []any{renewalID, a.Number, a.ClientToken, millis(a.SendTime), millis(a.FinishTime), string(a.Outcome),
		a.CloudCode, a.CloudRequestID, a.OrderID}
}

// scanAttempt reads the values in the order of attemptColumns.
func scanAttempt(line row) (renewalID string, a ledger.Attempt, err error) {
	var sent, finished int64
	err = line.Scan(&renewalID, &a.Number, &a.ClientToken, &sent, &finished, &a.Outcome, &a.CloudCode, &a.CloudRequestID, &a.OrderID)
	a.SendTime, a.FinishTime = moment(sent), moment(finished)
	return renewalID, a, err
}

// millis is a time as the database stores it, 0 for none.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// momentIn scans a time.
type momentIn struct{ t *time.Time }

// Scan implements sql.Scanner.
func (m momentIn) Scan(value any) error {
	ms, ok := value.(int64)
	if !ok {
		return fmt.Errorf("a time is %T, want int64", value)
	}
	*m.t = moment(ms)
	return nil
}

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
