package seed_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/simulator/control"
	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/seed"
)

var (
	now     = time.Date(2026, 11, 20, 4, 0, 0, 0, time.UTC)
	regions = []*catalog.Region{catalog.FindRegion("cn-hangzhou"), catalog.FindRegion("cn-shanghai"), catalog.FindRegion("ap-southeast-1")}
)

func demo(number uint64, n int) []*fleet.Instance {
	nursery := seed.New(number, regions, now)
	made := make([]*fleet.Instance, 0, n)
	for range n {
		made = append(made, nursery.Demo())
	}
	return made
}

func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The fleet is a function of the seed, and a smaller fleet is a prefix of a larger one.
func TestDemo_Deterministic(t *testing.T) {
	large := demo(7, 300)
	if diff := cmp.Diff(text(t, large), text(t, demo(7, 300))); diff != "" {
		t.Errorf("the same seed:\n%s", diff)
	}
	if diff := cmp.Diff(text(t, large[:40]), text(t, demo(7, 40))); diff != "" {
		t.Errorf("a smaller fleet:\n%s", diff)
	}
	if text(t, large[:3]) == text(t, demo(8, 3)) {
		t.Error("another seed makes the same")
	}
}

// The demo fleet has everything that a newcomer should see.
func TestDemo_Complete(t *testing.T) {
	seen := map[string]int{}
	ids, addresses := map[string]bool{}, map[string]bool{}
	for _, i := range demo(0, 300) {
		if ids[i.ID] || !strings.HasPrefix(i.ID, "i-"+i.Region.IDPrefix) || len(i.ID) != 22 {
			t.Errorf("id %s", i.ID)
		}
		if address := i.Region.ID + i.PrivateIP.String(); addresses[address] {
			t.Errorf("%s has the address of another", i.ID)
		} else {
			addresses[address] = true
		}
		ids[i.ID] = true
		seen[i.Region.ID]++
		seen[i.ChargeType]++
		seen[string(i.Status)]++
		seen[i.Spot.Strategy]++
		for _, l := range i.Locks {
			seen[l.Reason]++
		}
		for what, is := range map[string]bool{
			"tagged": len(i.Tags) > 0, "public": i.PublicIP.IsValid(), "elastic": i.EIP.IsValid(), "IPv6": i.IPv6.IsValid(),
			"GPU": i.Type.GPU > 0, "protected": i.DeletionProtection, "auto-release": !i.AutoRelease.IsZero(),
			"auto-renewed": i.Renewal.Status == fleet.AutoRenewal, "economical": i.StoppedMode == "StopCharging",
			"this week": i.ChargeType == fleet.PrePaid && i.Expiry.After(now) && i.Expiry.Before(now.AddDate(0, 0, 7)),
			"expired":   i.ChargeType == fleet.PrePaid && i.Expiry.Before(now),
			"grouped":   i.ResourceGroupID != "", "both addresses": i.EIP.IsValid() && i.PublicIP.IsValid(),
		} {
			if is {
				seen[what]++
			}
		}
	}
	for _, what := range []string{
		"cn-hangzhou", "cn-shanghai", "ap-southeast-1", "PrePaid", "PostPaid", "Running", "Stopped", "SpotAsPriceGo", "SpotWithPriceLimit",
		"financial", "security", "tagged", "public", "elastic", "IPv6", "GPU", "protected", "auto-release", "auto-renewed", "economical", "this week", "expired", "grouped",
	} {
		if seen[what] == 0 {
			t.Errorf("nothing is %s", what)
		}
	}
	if seen["both addresses"] > 0 {
		t.Error("an instance has a public and an elastic address")
	}
}

// A seed without expiries is 30 days from now, at the next midnight of UTC+8; several spread evenly.
func TestSeedExpiry(t *testing.T) {
	nursery := seed.New(0, regions, now)
	made, err := nursery.Seed(control.Seed{}, now)
	if err != nil || len(made) != 1 {
		t.Fatal(made, err)
	}
	if want := time.Date(2026, 12, 20, 16, 0, 0, 0, time.UTC); !made[0].Expiry.Equal(want) || !made[0].PaidUntil.Equal(want) {
		t.Errorf("expiry %s, want %s", made[0].Expiry, want)
	}
	exact := now.Add(90 * time.Second)
	if made, err = nursery.Seed(control.Seed{ExpireTime: &exact}, now); err != nil || !made[0].Expiry.Equal(exact) {
		t.Errorf("exactly: %v, %v", made, err)
	}
	if made, err = nursery.Seed(control.Seed{ChargeType: fleet.PostPaid}, now); err != nil || !made[0].Expiry.Equal(fleet.NoExpiry) || !made[0].PaidUntil.IsZero() {
		t.Errorf("pay-as-you-go: %v, %v", made, err)
	}
}
