package watch

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Filter selects instances. Its parts are combined with AND; an empty part
// selects all. It must not change after it was used in a subscription.
type Filter struct {
	// Regions are the watched regions, at least one.
	Regions []string
	// IDs names instances, whether or not they exist yet.
	IDs []string
	// Query describes them. Its IDs and AutoRenew must be empty: a poll does not
	// read the settings.
	Query ecs.Query

	// ids finds one of many IDs.
	ids map[string]bool
}

// prepare sorts the filter into the canonical order of its hash.
func (f Filter) prepare() *Filter {
	f.Regions = slices.Sorted(slices.Values(f.Regions))
	f.IDs = slices.Sorted(slices.Values(f.IDs))
	q := &f.Query
	q.Statuses = slices.Sorted(slices.Values(q.Statuses))
	q.ChargeTypes = slices.Sorted(slices.Values(q.ChargeTypes))
	q.Locks = slices.Sorted(slices.Values(q.Locks))
	for _, texts := range []*[]string{&q.ZoneIDs, &q.Types, &q.PrivateIPs, &q.PublicIPs} {
		*texts = slices.Sorted(slices.Values(*texts))
	}
	q.Tags = slices.SortedFunc(slices.Values(q.Tags), compareTags)
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
	q := &f.Query
	return sha256.Sum256(fmt.Appendf(nil, "%q %q %q %v %v %q %q %q %q %q %q %v %q %q %q %d %d", f.Regions, f.IDs, q.Name, q.Statuses,
		q.ChargeTypes, q.Tags, q.SecurityGroupID, q.VPCID, q.VSwitchID, q.ZoneIDs, q.Types, q.Locks,
		q.ResourceGroupID, q.PrivateIPs, q.PublicIPs, nanos(q.Expiry.After), nanos(q.Expiry.Before)))
}

// nanos identifies a bound of a window, 0 for an open one.
func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

// Matches reports whether the instance is watched; no instance, nil, never is.
func (f *Filter) Matches(regionID, instanceID string, i *ecs.Instance) bool {
	return i != nil && f.names(instanceID) && slices.Contains(f.Regions, regionID) && f.Query.Matches(i)
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
