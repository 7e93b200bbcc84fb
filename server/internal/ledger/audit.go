package ledger

import (
	"fmt"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Group is the sum of the renewals of a job in one state, for one reason, with
// prices in one currency.
type Group struct {
	Count
	Price ecs.Money
}

// Discrepancy is a field of a job that does not agree with its renewals. It is a
// fault of the ledger or of the database.
type Discrepancy struct {
	JobID string
	// Field is planned, reserved, spent, counts or state.
	Field string
	// Stored is the value of the job, Actual the value by its renewals.
	Stored, Actual string
}

func (d Discrepancy) String() string {
	return fmt.Sprintf("renewal job %s: %s is %s, its renewals have %s", d.JobID, d.Field, d.Stored, d.Actual)
}

// Audit compares the job with its renewals. It returns an error if the prices of
// the renewals cannot be added up.
func (j Job) Audit(renewals []Group) ([]Discrepancy, error) {
	var actual Job
	for _, g := range renewals {
		var err error
		if actual.Funds, err = actual.add(g.State, g.Price, 1); err != nil {
			return nil, fmt.Errorf("add up the renewals of job %s: %w", j.ID, err)
		}
		actual.Counts = Add(actual.Counts, g.Count)
	}
	actual.State = StateOf(actual.Counts, !j.CancelTime.IsZero())
	var found []Discrepancy
	differ := func(field string, differs bool, stored, is any) {
		if differs {
			found = append(found, Discrepancy{j.ID, field, fmt.Sprint(stored), fmt.Sprint(is)})
		}
	}
	differ("planned", !same(j.Planned, actual.Planned), j.Planned, actual.Planned)
	differ("reserved", !same(j.Reserved, actual.Reserved), j.Reserved, actual.Reserved)
	differ("spent", !same(j.Spent, actual.Spent), j.Spent, actual.Spent)
	differ("counts", fmt.Sprint(j.Counts) != fmt.Sprint(actual.Counts), j.Counts, actual.Counts)
	differ("state", j.State != actual.State, j.State, actual.State)
	return found, nil
}

// same reports whether two amounts are equal, of which nothing has any currency.
func same(a, b ecs.Money) bool {
	nothing := func(m ecs.Money) bool { return m.Units == 0 && m.Nanos == 0 }
	return a == b || nothing(a) && nothing(b)
}
