package renewal_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/renewal"
)

// The hashes in these tests are those that builds before package fingerprint
// stored: a retry of such a request finds its job.

func TestCreate_RequestOfABuildWithoutFingerprints(t *testing.T) {
	at := time.Unix(2_000_000_000, 0).UTC()
	cny := ecs.Money{CurrencyCode: "CNY", Units: 5000, Nanos: 500_000_000}
	window := ecs.Query{ChargeTypes: []ecs.ChargeType{ecs.ChargeSubscription}, Expiry: ecs.Window{After: at, Before: at.Add(time.Hour)}}
	filtered := window
	filtered.Name, filtered.ZoneIDs, filtered.Tags = "web-*", []string{"cn-hangzhou-h"}, []ecs.Tag{{Key: "a", Value: "1"}}
	filtered.SecurityGroupID, filtered.Types = "sg-1", []string{"ecs.g7.large"}
	week := ecs.Period{Count: 1, Unit: ecs.Week}
	for name, c := range map[string]struct {
		stored string
		q      renewal.JobRequest
	}{
		"instances": {"18d513426ea94c84e2d706dca4bab965125c0040172375fe1b598850652f6cc3", renewal.JobRequest{
			RegionID: region, IDs: []string{"i-1", "i-2"}, Period: oneMonth,
		}},
		"to a day, with limits": {"5a0fff522a5a74d637777c14c6f0cf1797477d13184ded381e4fb6c96347c038", renewal.JobRequest{
			RegionID: region, IDs: []string{"i-1"}, Period: ecs.Period{Count: 12, Unit: ecs.RenewDay}, Budget: cny, OnlyBefore: at,
		}},
		"a span": {"6b578ef1be00c9611e253fbef9e84c9d8559dbaa1a2725f9d67c5301a3182ebb", renewal.JobRequest{
			Regions: []string{region}, Within: 14 * 24 * time.Hour, FromNow: true, IncludeExpired: true, Period: oneMonth, Query: window,
		}},
		"a span, with a filter": {"0f713ac26235b1cc766e044b7ff2d2352b3caae1a9c65206b43207d212d14771", renewal.JobRequest{
			Regions: []string{region}, Within: 14 * 24 * time.Hour, FromNow: true, IncludeExpired: true, Period: oneMonth, Query: filtered,
		}},
		"times": {"88ba0d81332c749ecc3178f9619af4bf4b164df036dd3b3f7d2e1e8319e4ca61", renewal.JobRequest{
			Regions: []string{region}, IncludeExpired: true, Period: oneMonth, Query: window,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				records := memoryStore(t)
				defer records.Close()
				if err := records.CreateRenewalJob(t.Context(), ledger.Job{ID: "j", RequestID: "r-1", PayloadHash: c.stored, CreateTime: time.Now()}, nil); err != nil {
					t.Fatal(err)
				}
				e := renewal.New(newCloud(), records, quiet)
				defer e.Close()
				c.q.RequestID, c.q.Fingerprint = "r-1", "v1:now"
				if job, err := e.Create(t.Context(), c.q); err != nil || job.ID != "j" {
					t.Errorf("the same request: %q, %v, want job j", job.ID, err)
				}
				noted, other := c.q, c.q
				noted.Note, other.Period = "OPS-1", week
				for what, q := range map[string]renewal.JobRequest{"with a note": noted, "another period": other} {
					if _, err := e.Create(t.Context(), q); !ecs.HasReason(err, ecs.ReasonRequestIDReused) {
						t.Errorf("%s: %v, want REQUEST_ID_REUSED", what, err)
					}
				}
			})
		})
	}
}

func TestRenew_RequestOfABuildWithoutFingerprints(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records := memoryStore(t)
		defer records.Close()
		refused := ledger.Renewal{
			ID: "r", RequestID: "r-1", RegionID: region, InstanceID: "i-1", Period: oneMonth, State: ledger.Failed,
			Failure: ledger.Failure{Reason: ecs.ReasonInsufficientBalance, Message: "no money"}, ExpireBefore: inTenDays(), CreateTime: time.Now(), UpdateTime: time.Now(),
		}
		stored := ledger.Job{
			ID: "j", RequestID: "r-1", PayloadHash: "a99a8324afd20427715643789d74f21f141738469727ab6c1d06fa749d4cc967", CreateTime: time.Now(),
		}
		if err := records.CreateRenewalJob(t.Context(), stored, []ledger.Renewal{refused}); err != nil {
			t.Fatal(err)
		}
		e := started(t, newCloud(), records, quiet)
		defer e.Close()
		expecting, limited, noted := month("r-1", "i-1"), month("r-1", "i-1"), month("r-1", "i-1")
		expecting.Expected, limited.MaxPrice, noted.Note = inTenDays(), ecs.Money{CurrencyCode: "CNY", Units: 1000}, "OPS-1"
		for what, q := range map[string]renewal.Request{"with an expected expiry": expecting, "with a limit": limited, "with a note": noted} {
			if _, err := e.Renew(t.Context(), q); !ecs.HasReason(err, ecs.ReasonRequestIDReused) {
				t.Errorf("%s: %v, want REQUEST_ID_REUSED", what, err)
			}
		}
		// It was refused and paid nothing, so it tries again.
		if r, err := e.Renew(t.Context(), month("r-1", "i-1")); err != nil || r.ID != "r" || r.State != ledger.Renewed {
			t.Errorf("the same request: renewal %q is %s, %v, want r to be RENEWED", r.ID, r.State, err)
		}
	})
}
