package renewal_test

import (
	"testing"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/renewal"
)

// A renewal up to a day of the month is proved by an expiry on that day, in any
// month, and by no other, however late.
func TestRenew_ToADay(t *testing.T) {
	day := func(n int32) ecs.Period { return ecs.Period{Count: n, Unit: ecs.RenewDay} }
	for name, c := range map[string]struct {
		sells ecs.Period
		want  ledger.State
	}{
		"as it was ordered": {ecs.Period{}, ledger.Renewed},
		"another day":       {day(13), ledger.Unverified},
		"months, not a day": {ecs.Period{Count: 6, Unit: ecs.Month}, ledger.Unverified},
		"a day before":      {ecs.Period{Count: 1, Unit: ecs.Week}, ledger.Unverified},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, c2 *fakeCloud, e *renewal.Engine) {
				c2.sells = c.sells
				before := c2.instances["i-1"].ExpireTime
				request := month("r-1", "i-1")
				request.Period = day(14)
				r, err := e.Renew(t.Context(), request)
				if err != nil || r.State != c.want || c2.charges("i-1") != 1 {
					t.Fatalf("%s after %d charges (%v), want %s", r.State, c2.charges("i-1"), err, c.want)
				}
				if want := day(14).From(before); c.want == ledger.Renewed && !r.ExpireAfter.Equal(want) {
					t.Errorf("expires %s, want %s", r.ExpireAfter, want)
				}
			})
		})
	}
}
