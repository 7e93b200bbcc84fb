package watch

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Filter selects instances. Its parts are combined with AND; an empty part
// selects all. It must not change after it was used in a subscription.
type Filter struct {
	// Regions are the watched regions, at least one.
	Regions []string
	// IDs names instances, whether or not they exist yet.
	IDs []string
	// Name may hold the wildcard *.
	Name            string
	Statuses        []ecs.Status
	ChargeType      ecs.ChargeType
	Tags            []ecs.Tag
	SecurityGroupID string
	VPCID           string
	VSwitchID       string
	ZoneID          string
	Type            string
	Lock            ecs.LockReason

	// ids finds one of many IDs.
	ids map[string]bool
}

// prepare sorts the filter into the canonical order of its hash.
func (f Filter) prepare() *Filter {
	f.Regions = slices.Sorted(slices.Values(f.Regions))
	f.IDs = slices.Sorted(slices.Values(f.IDs))
	f.Statuses = slices.Sorted(slices.Values(f.Statuses))
	f.Tags = slices.SortedFunc(slices.Values(f.Tags), compareTags)
	if len(f.IDs) > searched {
		f.ids = make(map[string]bool, len(f.IDs))
		for _, id := range f.IDs {
			f.ids[id] = true
		}
	}
	return &f
}

func compareTags(a, b ecs.Tag) int {
	if c := strings.Compare(a.Key, b.Key); c != 0 {
		return c
	}
	return strings.Compare(a.Value, b.Value)
}

// hash distinguishes filters in resume tokens.
func (f *Filter) hash() [sha256.Size]byte {
	return sha256.Sum256(fmt.Appendf(nil, "%q %q %q %v %d %q %q %q %q %q %q %d", f.Regions, f.IDs, f.Name, f.Statuses,
		f.ChargeType, f.Tags, f.SecurityGroupID, f.VPCID, f.VSwitchID, f.ZoneID, f.Type, f.Lock))
}

// Matches reports whether the instance is watched; no instance, nil, never is.
func (f *Filter) Matches(regionID, instanceID string, i *ecs.Instance) bool {
	return i != nil && f.names(instanceID) && slices.Contains(f.Regions, regionID) && f.describes(i)
}

// concerns reports whether a change is of an instance that was watched before
// it, or is after it.
func (f *Filter) concerns(c *Change) bool {
	return f.Matches(c.RegionID, c.InstanceID, c.Before) || f.Matches(c.RegionID, c.InstanceID, c.After)
}

func (f *Filter) names(instanceID string) bool {
	if f.ids != nil {
		return f.ids[instanceID]
	}
	return len(f.IDs) == 0 || slices.Contains(f.IDs, instanceID)
}

// describes compares the instance with all parts but its region and ID.
func (f *Filter) describes(i *ecs.Instance) bool {
	return is(f.SecurityGroupID, i.SecurityGroupIDs...) && is(f.VPCID, i.Network.VPCID) && is(f.VSwitchID, i.Network.VSwitchID) &&
		is(f.ZoneID, i.ZoneID) && is(f.Type, i.Type) &&
		(f.ChargeType == ecs.ChargeUnknown || f.ChargeType == i.ChargeType) &&
		(len(f.Statuses) == 0 || slices.Contains(f.Statuses, i.Status)) &&
		(f.Lock == ecs.LockUnknown || i.LockedFor(f.Lock)) &&
		(f.Name == "" || matchesName(f.Name, i.Name)) &&
		!slices.ContainsFunc(f.Tags, func(t ecs.Tag) bool { return !carries(i, t) })
}

func is(want string, has ...string) bool { return want == "" || slices.Contains(has, want) }

// carries reports whether the instance has the tag; an empty value matches the
// key only.
func carries(i *ecs.Instance, want ecs.Tag) bool {
	return slices.ContainsFunc(i.Tags, func(t ecs.Tag) bool {
		return t.Key == want.Key && (want.Value == "" || t.Value == want.Value)
	})
}

// matchesName compares as the cloud does: each * matches any characters.
func matchesName(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == name
	}
	rest, ok := strings.CutPrefix(name, parts[0])
	if !ok {
		return false
	}
	for _, part := range parts[1 : len(parts)-1] {
		if _, rest, ok = strings.Cut(rest, part); !ok {
			return false
		}
	}
	return strings.HasSuffix(rest, parts[len(parts)-1])
}
