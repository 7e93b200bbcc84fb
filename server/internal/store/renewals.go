package store

import (
	"context"
	"database/sql"
	"slices"

	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// renewals reads the rows of a condition with their attempts, all as they stood
// at one moment.
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
func (s *Store) writeAttempts(ctx context.Context, tx *sql.Tx, renewals ...ledger.Renewal) error {
	type ofRenewal struct {
		id string
		ledger.Attempt
	}
	var all []ofRenewal
	for _, r := range renewals {
		for _, a := range r.Attempts {
			all = append(all, ofRenewal{r.ID, a})
		}
	}
	return chunked[ofRenewal]{
		rows: all, before: insertAttempts, columns: 9, after: closeAttempts,
		valuesOfARow: func(a ofRenewal) []any { return attemptValues(a.id, a.Attempt) },
	}.exec(ctx, tx, s.engine)
}
