package store

import (
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

const (
	renewalColumns = `renewal_id, job_id, revision, request_id, payload_hash, caller, region_id, instance_id,
	period_count, period_unit, state, currency_code, price_units, price_nanos,
	client_token, token_number, order_id, expire_before, expire_expected, expire_after,
	reason, message, cloud_code, cloud_request_id, create_time, update_time`

	selectRenewals = `SELECT ` + renewalColumns + ` FROM renewals `

	// The states of which an instance has one renewal at most; the index
	// one_live_renewal has them too.
	liveStates = `('SUBMITTING', 'UNKNOWN', 'VERIFYING')`
	// The states that a worker carries on, as the index unfinished_renewals.
	unfinishedStates = `('PLANNED', 'SUBMITTING', 'UNKNOWN', 'VERIFYING')`

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
		string(r.Failure.Reason), r.Failure.Message, r.Failure.CloudCode, r.Failure.CloudRequestID, millis(r.CreateTime), millis(r.UpdateTime)}
}

// scanRenewal reads the values in the order of renewalColumns.
func scanRenewal(line row) (ledger.Renewal, error) {
	var r ledger.Renewal
	var before, expected, after, created, updated int64
	err := line.Scan(&r.ID, &r.JobID, &r.Revision, &r.RequestID, &r.PayloadHash, &r.Caller, &r.RegionID, &r.InstanceID,
		&r.Period.Count, &r.Period.Unit, &r.State, &r.Price.CurrencyCode, &r.Price.Units, &r.Price.Nanos,
		&r.ClientToken, &r.TokenNumber, &r.OrderID, &before, &expected, &after,
		&r.Failure.Reason, &r.Failure.Message, &r.Failure.CloudCode, &r.Failure.CloudRequestID, &created, &updated)
	r.CreateTime, r.UpdateTime = moment(created), moment(updated)
	r.ExpireBefore, r.ExpireExpected, r.ExpireAfter = moment(before), moment(expected), moment(after)
	return r, err
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

// millis is a time as the database keeps it, 0 for none.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
