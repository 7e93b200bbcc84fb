package fleet

import (
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Filter selects instances. Every set field must match; the zero Filter matches all. A nil slice is unset, an empty one
// matches nothing, as InstanceIds=[] does.
type Filter struct {
	IDs                                           []string
	VPCID, VSwitchID, ZoneID, SecurityGroupID     string
	NetworkType, ChargeType, InternetChargeType   string
	Name                                          string // * matches any run of characters
	ImageID, Type, TypeFamily                     string
	Status                                        Status
	LockReason, KeyPairName, ResourceGroupID      string
	HTTPTokens                                    string
	Tags                                          []TagFilter
	PublicIPs, PrivateIPs, EIPs, InnerIPs, IPv6s  []netip.Addr
	IOOptimized                                   *bool
	Metadata                                      *bool
	HopLimit                                      int
	CreatedFrom, CreatedTo, ExpiresFrom, ExpireTo time.Time
}

// TagFilter selects a key, and a value unless AnyValue is set.
type TagFilter struct {
	Key, Value string
	AnyValue   bool
}

// Match reports whether an instance matches and is not hidden.
func (q *Filter) Match(i *Instance) bool {
	hidden := i.Hidden
	if q.IDs != nil {
		hidden = i.HiddenByID
	}
	return !hidden && q.matchPlain(i) && q.matchTimes(i) && q.matchAddresses(i) && q.matchTags(i)
}

func (q *Filter) matchPlain(i *Instance) bool {
	return is(q.VPCID, i.VPCID) && is(q.VSwitchID, i.VSwitchID) && is(q.ZoneID, i.ZoneID) &&
		is(q.NetworkType, i.NetworkType) && is(q.ChargeType, i.ChargeType) &&
		is(q.InternetChargeType, i.InternetChargeType) && is(string(q.Status), string(i.Status)) &&
		is(q.ImageID, i.Image.ID) && is(q.Type, i.Type.ID) && is(q.TypeFamily, i.Type.Family) &&
		is(q.KeyPairName, i.KeyPairName) && is(q.ResourceGroupID, i.ResourceGroupID) &&
		is(q.HTTPTokens, i.HTTPTokens) && (q.Metadata == nil || *q.Metadata != i.NoMetadata) &&
		(q.HopLimit == 0 || q.HopLimit == max(i.HopLimit, 1)) &&
		(q.SecurityGroupID == "" || slices.Contains(i.SecurityGroupIDs, q.SecurityGroupID)) &&
		(q.LockReason == "" || i.Locked(q.LockReason)) &&
		(q.IOOptimized == nil || *q.IOOptimized == i.IOOptimized) &&
		(q.Name == "" || wildcard(q.Name, i.Name))
}

func is(want, have string) bool { return want == "" || want == have }

// matchTimes includes both ends; the API does not define it.
func (q *Filter) matchTimes(i *Instance) bool {
	return (q.CreatedFrom.IsZero() || !i.Creation.Before(q.CreatedFrom)) &&
		(q.CreatedTo.IsZero() || !i.Creation.After(q.CreatedTo)) &&
		(q.ExpiresFrom.IsZero() || !i.Expiry.Before(q.ExpiresFrom)) &&
		(q.ExpireTo.IsZero() || !i.Expiry.After(q.ExpireTo))
}

// matchAddresses applies the API's condition that inner addresses belong to the classic network, private and elastic
// ones to a VPC.
func (q *Filter) matchAddresses(i *Instance) bool {
	vpc := i.NetworkType == "vpc"
	return among(q.PublicIPs, i.PublicIP) && among(q.EIPs, i.EIP) && among(q.IPv6s, i.IPv6) &&
		(q.PrivateIPs == nil || vpc && among(q.PrivateIPs, i.PrivateIP)) &&
		(q.InnerIPs == nil || !vpc && among(q.InnerIPs, i.PrivateIP))
}

func among(want []netip.Addr, have netip.Addr) bool {
	return want == nil || have.IsValid() && slices.Contains(want, have)
}

func (q *Filter) matchTags(i *Instance) bool {
	for _, want := range q.Tags {
		n, ok := slices.BinarySearchFunc(i.Tags, want.Key, func(t Tag, key string) int { return strings.Compare(t.Key, key) })
		if !ok || !want.AnyValue && i.Tags[n].Value != want.Value {
			return false
		}
	}
	return true
}

// wildcard matches a pattern in which * matches any run of characters.
func wildcard(pattern, s string) bool {
	first, rest, any := strings.Cut(pattern, "*")
	if !any {
		return pattern == s
	}
	if !strings.HasPrefix(s, first) {
		return false
	}
	s = s[len(first):]
	for {
		var part string
		part, rest, any = strings.Cut(rest, "*")
		if !any {
			return strings.HasSuffix(s, part)
		}
		n := strings.Index(s, part)
		if n < 0 {
			return false
		}
		s = s[n+len(part):]
	}
}
