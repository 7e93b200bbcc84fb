package fleet_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
)

func TestNameWildcard(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"web-prod-001", "web-prod-001", true},
		{"web-prod", "web-prod-001", false},
		{"web-*", "web-prod-001", true},
		{"*-001", "web-prod-001", true},
		{"*prod*", "web-prod-001", true},
		{"*", "", true},
		{"*", "x", true},
		{"w*b*1", "web-prod-001", true},
		{"w*x*1", "web-prod-001", false},
		{"a*a", "a", false},
		{"a**a", "aa", true},
		{"*ab*ab", "ab", false},
		{"*b*", "b", true},
	} {
		i := instance(hangzhou, 1, c.name)
		if got := (&fleet.Filter{Name: c.pattern}).Match(i); got != c.want {
			t.Errorf("%q on %q: %v", c.pattern, c.name, got)
		}
	}
}

// Each field of a filter has an effect: an instance that matches all fields does not match if any one differs.
func TestFilter_EveryField(t *testing.T) {
	moment := time.Date(2026, 11, 27, 16, 0, 0, 0, time.UTC)
	ip := netip.MustParseAddr("10.0.0.2")
	full := func() *fleet.Instance {
		i := instance(hangzhou, 1, "web-1")
		i.VPCID, i.VSwitchID, i.ZoneID = "vpc", "vsw", "zone"
		i.SecurityGroupIDs = []string{"sg-0", "sg-1"}
		i.ChargeType, i.InternetChargeType = fleet.PrePaid, "PayByTraffic"
		i.Status, i.KeyPairName, i.ResourceGroupID, i.HTTPTokens = fleet.Running, "key", "rg", "optional"
		i.Tags = []fleet.Tag{{Key: "env", Value: "prod"}, {Key: "team", Value: "a"}}
		i.PublicIP, i.PrivateIP, i.EIP, i.IPv6 = ip, ip, ip, ip
		i.IOOptimized = true
		i.Creation, i.Expiry = moment, moment
		i.LockFor(fleet.LockRecycling, "")
		return i
	}
	yes, no := true, false
	type change struct {
		name      string
		good, bad func(*fleet.Filter)
	}
	str := func(name string, field func(*fleet.Filter) *string, good string) change {
		return change{name, func(q *fleet.Filter) { *field(q) = good }, func(q *fleet.Filter) { *field(q) = "other" }}
	}
	addr := func(name string, field func(*fleet.Filter) *[]netip.Addr) change {
		return change{
			name,
			func(q *fleet.Filter) { *field(q) = []netip.Addr{ip} },
			func(q *fleet.Filter) { *field(q) = []netip.Addr{} },
		}
	}
	for _, c := range []change{
		str("VPCID", func(q *fleet.Filter) *string { return &q.VPCID }, "vpc"),
		str("VSwitchID", func(q *fleet.Filter) *string { return &q.VSwitchID }, "vsw"),
		str("ZoneID", func(q *fleet.Filter) *string { return &q.ZoneID }, "zone"),
		str("SecurityGroupID", func(q *fleet.Filter) *string { return &q.SecurityGroupID }, "sg-1"),
		str("NetworkType", func(q *fleet.Filter) *string { return &q.NetworkType }, "vpc"),
		str("ChargeType", func(q *fleet.Filter) *string { return &q.ChargeType }, "PrePaid"),
		str("InternetChargeType", func(q *fleet.Filter) *string { return &q.InternetChargeType }, "PayByTraffic"),
		str("Name", func(q *fleet.Filter) *string { return &q.Name }, "web*"),
		str("ImageID", func(q *fleet.Filter) *string { return &q.ImageID }, full().Image.ID),
		str("Type", func(q *fleet.Filter) *string { return &q.Type }, "ecs.g7.large"),
		str("TypeFamily", func(q *fleet.Filter) *string { return &q.TypeFamily }, "ecs.g7"),
		str("LockReason", func(q *fleet.Filter) *string { return &q.LockReason }, "recycling"),
		str("KeyPairName", func(q *fleet.Filter) *string { return &q.KeyPairName }, "key"),
		str("ResourceGroupID", func(q *fleet.Filter) *string { return &q.ResourceGroupID }, "rg"),
		str("HTTPTokens", func(q *fleet.Filter) *string { return &q.HTTPTokens }, "optional"),
		addr("PublicIPs", func(q *fleet.Filter) *[]netip.Addr { return &q.PublicIPs }),
		addr("PrivateIPs", func(q *fleet.Filter) *[]netip.Addr { return &q.PrivateIPs }),
		addr("EIPs", func(q *fleet.Filter) *[]netip.Addr { return &q.EIPs }),
		addr("IPv6s", func(q *fleet.Filter) *[]netip.Addr { return &q.IPv6s }),
		{"Status", func(q *fleet.Filter) { q.Status = fleet.Running }, func(q *fleet.Filter) { q.Status = fleet.Stopped }},
		{"IOOptimized", func(q *fleet.Filter) { q.IOOptimized = &yes }, func(q *fleet.Filter) { q.IOOptimized = &no }},
		{"Tags", func(q *fleet.Filter) {
			q.Tags = []fleet.TagFilter{{Key: "team", Value: "a"}, {Key: "env", AnyValue: true}}
		},
			func(q *fleet.Filter) {
				q.Tags = []fleet.TagFilter{{Key: "team", Value: "a"}, {Key: "env", Value: "dev"}}
			}},
		{"a tag's key", func(q *fleet.Filter) { q.Tags = []fleet.TagFilter{{Key: "env", AnyValue: true}} },
			func(q *fleet.Filter) { q.Tags = []fleet.TagFilter{{Key: "owner", AnyValue: true}} }},
		{"CreatedFrom", func(q *fleet.Filter) { q.CreatedFrom = moment }, func(q *fleet.Filter) { q.CreatedFrom = moment.Add(time.Minute) }},
		{"CreatedTo", func(q *fleet.Filter) { q.CreatedTo = moment }, func(q *fleet.Filter) { q.CreatedTo = moment.Add(-time.Minute) }},
		{"ExpiresFrom", func(q *fleet.Filter) { q.ExpiresFrom = moment }, func(q *fleet.Filter) { q.ExpiresFrom = moment.Add(time.Minute) }},
		{"ExpireTo", func(q *fleet.Filter) { q.ExpireTo = moment }, func(q *fleet.Filter) { q.ExpireTo = moment.Add(-time.Minute) }},
	} {
		var good, bad fleet.Filter
		c.good(&good)
		c.bad(&bad)
		if !good.Match(full()) {
			t.Errorf("%s: the right value does not match", c.name)
		}
		if bad.Match(full()) {
			t.Errorf("%s: the wrong value matches", c.name)
		}
	}
	inner := fleet.Filter{InnerIPs: []netip.Addr{ip}}
	classic := full()
	classic.NetworkType = "classic"
	if inner.Match(full()) || !inner.Match(classic) {
		t.Error("inner addresses belong to the classic network alone")
	}
	private := fleet.Filter{PrivateIPs: []netip.Addr{ip}}
	if private.Match(classic) {
		t.Error("private addresses belong to a VPC alone")
	}
}
