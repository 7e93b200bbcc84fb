package history_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/changelog"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/history"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// observed is a world with settings and renewals of ecsd.
type observed struct {
	*world
	settings map[string]ecs.AutoRenewObservation
	own      map[string][]ledger.Prior
}

func (o observed) AutoRenewObservations(context.Context, string, []string) (map[string]ecs.AutoRenewObservation, error) {
	return o.settings, nil
}

func (o observed) PriorRenewals(context.Context, string, []string) (map[string][]ledger.Prior, error) {
	return o.own, nil
}

// expires writes a poll that found an instance with an expiry.
func (w *world) expires(id string, charge ecs.ChargeType, expire time.Time) {
	w.t.Helper()
	now := &ecs.Instance{ID: id, RegionID: region, Status: ecs.StatusRunning, ChargeType: charge, ExpireTime: expire}
	change, err := changelog.Encode(id, w.was[id], now)
	if err != nil {
		w.t.Fatal(err)
	}
	w.was[id] = now
	if _, err := w.Append(w.t.Context(), w.lease, changelog.Position{}, region, []changelog.Change{change}); err != nil {
		w.t.Fatal(err)
	}
}

// A renewal that ecsd has not made has an origin with its evidence. One that ecsd has paid for, or may have, is never
// reported as another's.
func TestList_OriginOfRenewals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // begins at 00:00 UTC, which is 08:00 UTC+8
		w := observed{world: newWorld(t)}
		defer w.Close()
		due := time.Date(2000, 1, 9, 16, 0, 0, 0, time.UTC) // on 10 January in UTC+8: the first deduction is now
		later := due.AddDate(0, 0, 3)
		w.settings = map[string]ecs.AutoRenewObservation{
			"i-cloud": {ExpireTime: due, Status: ecs.AutoRenewOn}, "i-off": {ExpireTime: due, Status: ecs.AutoRenewOff},
			"i-own": {ExpireTime: due, Status: ecs.AutoRenewOff},
		}
		w.own = map[string][]ledger.Prior{
			"i-own":     {{ID: "r-1", State: ledger.NeedsAttention, ExpireBefore: due}},
			"i-earlier": {{ID: "r-2", State: ledger.Renewed, ExpireBefore: later.AddDate(0, -1, 0)}},
		}
		want := map[string]ecs.RenewalOrigin{
			"i-cloud": ecs.RenewalOriginCloud, "i-off": ecs.RenewalOriginPerson, "i-early": ecs.RenewalOriginPerson,
			"i-unknown": ecs.RenewalOriginUnknown, "i-own": ecs.RenewalOriginUnknown, "i-earlier": ecs.RenewalOriginPerson,
			"i-hourly": ecs.RenewalOriginNone, "i-shorter": ecs.RenewalOriginNone,
		}
		for id := range want {
			before, after, charge := due, due.AddDate(0, 1, 0), ecs.ChargeSubscription
			switch id {
			case "i-early", "i-earlier":
				before, after = later, later.AddDate(0, 1, 0)
			case "i-hourly":
				charge = ecs.ChargePayAsYouGo
			case "i-shorter":
				after = due.AddDate(0, 0, -1)
			}
			w.expires(id, charge, before)
			w.expires(id, ecs.ChargeSubscription, after)
		}
		page, err := history.New(w, ecs.SiteChina, nil).List(t.Context(), changelog.Query{Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Changes) != 2*len(want) {
			t.Fatalf("%d changes, want two of each instance", len(page.Changes))
		}
		for _, c := range page.Changes {
			expected := want[c.InstanceID]
			if c.Before == nil { // the first poll
				expected = ecs.RenewalOriginNone
			}
			if c.Origin != expected || (c.Evidence != "") != (expected != ecs.RenewalOriginNone) {
				t.Errorf("%s: the origin is %d (%s), want %d", c.InstanceID, c.Origin, c.Evidence, expected)
			}
		}
	})
}
