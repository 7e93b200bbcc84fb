package watch

import (
	"crypto/sha256"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Filter selects instances. Its parts are combined with AND; an empty part
// selects all.
type Filter struct {
	// Regions are the watched regions, at least one.
	Regions []string
	// IDs names instances, whether or not they exist yet.
	IDs []string
	// Query describes them. Its IDs and AutoRenew must be empty: a poll does not
	// read the settings.
	Query ecs.Query
}

// selection is a filter in the canonical order of its hash. Each of ten thousand
// watches has one, so it is small.
type selection struct {
	regions, ids []string
	// named finds one of many IDs; nil if they are few.
	named map[string]bool
	// query is nil if it selects all.
	query *ecs.Query
}

// prepare returns the selection of a filter, which shares nothing with it.
func (f *Filter) prepare() *selection {
	s := &selection{regions: slices.Sorted(slices.Values(f.Regions)), ids: slices.Sorted(slices.Values(f.IDs))}
	if len(s.ids) > searched {
		s.named = make(map[string]bool, len(s.ids))
		for _, id := range s.ids {
			s.named[id] = true
		}
	}
	q := f.Query
	q.Statuses = slices.Sorted(slices.Values(q.Statuses))
	q.ChargeTypes = slices.Sorted(slices.Values(q.ChargeTypes))
	q.Locks = slices.Sorted(slices.Values(q.Locks))
	for _, texts := range []*[]string{&q.ZoneIDs, &q.Types, &q.PrivateIPs, &q.PublicIPs} {
		*texts = slices.Sorted(slices.Values(*texts))
	}
	q.Tags = slices.SortedFunc(slices.Values(q.Tags), compareTags)
	q.IDs, q.AutoRenew = nil, nil
	if !reflect.ValueOf(&q).Elem().IsZero() {
		s.query = &q
	}
	return s
}

func compareTags(a, b ecs.Tag) int {
	if c := strings.Compare(a.Key, b.Key); c != 0 {
		return c
	}
	return strings.Compare(a.Value, b.Value)
}

// hash distinguishes filters in resume tokens.
func (s *selection) hash() [sha256.Size]byte {
	q := s.query
	if q == nil {
		q = &ecs.Query{}
	}
	return sha256.Sum256(fmt.Appendf(nil, "%q %q %q %v %v %q %q %q %q %q %q %v %q %q %q %d %d", s.regions, s.ids, q.Name, q.Statuses,
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

// matches reports whether the instance is watched; no instance, nil, never is.
func (s *selection) matches(regionID, instanceID string, i *ecs.Instance) bool {
	return i != nil && s.names(instanceID) && slices.Contains(s.regions, regionID) && (s.query == nil || s.query.Matches(i))
}

// concerns reports whether a change is of an instance that was watched before
// it, or is after it.
func (s *selection) concerns(c *Change) bool {
	return s.matches(c.RegionID, c.InstanceID, c.Before) || s.matches(c.RegionID, c.InstanceID, c.After)
}

func (s *selection) names(instanceID string) bool {
	if s.named != nil {
		return s.named[instanceID]
	}
	return len(s.ids) == 0 || slices.Contains(s.ids, instanceID)
}
