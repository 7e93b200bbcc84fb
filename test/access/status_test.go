package access_test

import (
	"testing"
	"time"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// The status of the server shows a caller what it may see: an administrator the
// spending of all, another caller its own, and one with limits its regions only.
func TestServerStatus_ByCaller(t *testing.T) {
	w := newWorld(t, func(*world) string {
		const limit = "\nspend: [{limit: 100 CNY, per: day}]"
		return "callers:\n" + entry("admin", everything+limit) + entry("reader", "scopes: [renewals.read]"+limit) +
			entry("bound", "scopes: [renewals.read]\nregions: [cn-shanghai]"+limit) + entry("tagged", "scopes: [renewals.read]\ntags: {team: billing}")
	}, nil)
	w.seed(hangzhou, nil)
	for _, c := range []struct {
		name               string
		regions, spenders  int
		counted, attention bool
	}{
		{"admin", 2, 3, true, true},
		{"reader", 2, 1, true, true},
		{"bound", 1, 1, false, false},
		{"tagged", 2, 0, false, false},
	} {
		access := ecsdv1.NewAccessServiceClient(w.dial(tokenOf(c.name), nil))
		var got *ecsdv1.GetServerStatusResponse
		for deadline := time.Now().Add(30 * time.Second); ; { // until the first poll
			var err error
			if got, err = access.GetServerStatus(t.Context(), &ecsdv1.GetServerStatusRequest{}); err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			if r := got.GetRegions(); len(r) > 0 && r[0].GetObservedTime() != nil || time.Now().After(deadline) {
				break
			}
		}
		if r := got.GetRegions(); len(r) != c.regions || r[0].GetObservedTime() == nil || c.regions == 1 && r[0].GetRegionId() != shanghai {
			t.Errorf("%s: regions %v, want %d that were observed", c.name, r, c.regions)
		}
		if counted := got.GetRegions()[0].GetInstanceCount() > 0; counted != c.counted {
			t.Errorf("%s: regions with counts %t, want %t: %v", c.name, counted, c.counted, got.GetRegions())
		}
		for _, b := range got.GetRateBudgets() {
			if c.regions == 1 && b.GetRegionId() != shanghai {
				t.Errorf("%s: rate budget %v", c.name, b)
			}
		}
		spenders := map[string]bool{}
		for _, l := range got.GetSpendingLimits() {
			spenders[l.GetCaller()] = true
		}
		if len(spenders) != c.spenders || c.spenders == 1 && !spenders[c.name] {
			t.Errorf("%s: spending of %v, want of %d", c.name, spenders, c.spenders)
		}
		if attention := got.GetAttention() != nil; attention != c.attention {
			t.Errorf("%s: attention %t, want %t", c.name, attention, c.attention)
		}
		if got.GetSpendingFreeze() == nil {
			t.Errorf("%s: no freeze", c.name)
		}
	}
}
