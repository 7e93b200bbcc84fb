package store

import (
	"cmp"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

const (
	jobColumns = `job_id, request_id, payload_hash, caller, spec, state, currency_code, limited,
	budget_units, budget_nanos, reserved_units, reserved_nanos, spent_units, spent_nanos, revision, create_time, update_time`

	selectJobs = `SELECT ` + jobColumns + ` FROM renewal_jobs `

	// It locks the row as well: what changes the money of a job, or its
	// renewals, waits here for what does so already.
	nextRevision = `UPDATE renewal_jobs SET revision = revision + 1 WHERE job_id = $1 RETURNING ` + jobColumns

	updatePurse = `UPDATE renewal_jobs SET currency_code = $2, reserved_units = $3, reserved_nanos = $4,
	spent_units = $5, spent_nanos = $6, update_time = $7 WHERE job_id = $1`
)

var insertJob = `INSERT INTO renewal_jobs (` + jobColumns + `) VALUES ` + marks(1, 17) + ` ON CONFLICT (request_id) DO NOTHING`

// jobValues lists the values in the order of jobColumns.
func jobValues(j ledger.Job) []any {
	limited := 1
	if j.Budget.IsZero() {
		limited = 0
	}
	return []any{j.ID, j.RequestID, j.PayloadHash, j.Caller, blob(j.Terms), string(j.State), currency(j.Budget, j.Reserved, j.Spent), limited,
		j.Budget.Units, j.Budget.Nanos, j.Reserved.Units, j.Reserved.Nanos, j.Spent.Units, j.Spent.Nanos, j.Revision, millis(j.CreateTime), millis(j.UpdateTime)}
}

// currency is that of the amounts, which have one.
func currency(amounts ...ecs.Money) string {
	var code string
	for _, a := range amounts {
		code = cmp.Or(code, a.CurrencyCode)
	}
	return code
}

// scanJob reads the values in the order of jobColumns.
func scanJob(line row) (ledger.Job, error) {
	var j ledger.Job
	var limited, created, updated int64
	var code string
	err := line.Scan(&j.ID, &j.RequestID, &j.PayloadHash, &j.Caller, &j.Terms, &j.State, &code, &limited,
		&j.Budget.Units, &j.Budget.Nanos, &j.Reserved.Units, &j.Reserved.Nanos, &j.Spent.Units, &j.Spent.Nanos, &j.Revision, &created, &updated)
	j.CreateTime, j.UpdateTime = moment(created), moment(updated)
	j.Reserved.CurrencyCode, j.Spent.CurrencyCode = code, code
	if limited != 0 {
		j.Budget.CurrencyCode = code
	}
	return j, err
}
