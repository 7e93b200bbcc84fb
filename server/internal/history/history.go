package history

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/changelog"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// Log is the part of the store that a History reads.
type Log interface {
	// Changes reads the changes that a query selects. ErrTrimmed and ErrLost mean
	// that the log no longer holds the entry of the query's cursor.
	Changes(ctx context.Context, q changelog.Query) (changelog.Slice, error)
	// Causes reads the calls of ecsd between two times that may have changed some
	// instances.
	Causes(ctx context.Context, instanceIDs []string, since, until time.Time) ([]changelog.Cause, error)
	// AutoRenewObservations reads the last observed settings of instances, by ID.
	AutoRenewObservations(ctx context.Context, regionID string, ids []string) (map[string]ecs.AutoRenewObservation, error)
	// PriorRenewals reads the renewals of instances that were or may have been paid,
	// and their modifications, by instance ID.
	PriorRenewals(ctx context.Context, regionID string, instanceIDs []string) (map[string][]ledger.Prior, error)
}

// maxEarlier limits the earlier changes that are read to attribute those of one
// page.
const maxEarlier = 1000

// History lists changes. It is safe for concurrent use.
type History struct {
	log   Log
	site  ecs.Site
	clock ecs.Clock
}

// New returns the history of a log. The site has the calendar of automatic
// renewals, and clock is the cloud's.
func New(log Log, site ecs.Site, clock ecs.Clock) *History {
	return &History{log: log, site: site, clock: clock}
}

// Change is one change of one instance.
type Change struct {
	changelog.Entry
	// Before is nil if the instance is new to ecsd, After if it was released.
	Before, After *ecs.Instance
	// Cause is the call of ecsd that it is attributed to, nil for none.
	Cause *changelog.Cause
	// Origin is who renewed the subscription, none if it was not renewed or ecsd has
	// caused it, and Evidence the reason.
	Origin   ecs.RenewalOrigin
	Evidence string
}

// Page is a part of the history, oldest first.
type Page struct {
	Changes []Change
	// More: there are further changes after the last.
	More bool
	// Complete is the time from which on the history holds every change, zero if
	// it holds all since the database was created.
	Complete time.Time
}

// List returns the changes that a query selects. ErrTrimmed and ErrLost mean
// that the history no longer holds the change of the query's cursor.
func (h *History) List(ctx context.Context, q changelog.Query) (Page, error) {
	found, err := h.log.Changes(ctx, q)
	if err != nil {
		return Page{}, err
	}
	page := Page{More: found.More, Complete: found.Complete}
	if page.Changes, err = decoded(found.Entries); err != nil {
		return Page{}, err
	}
	if err := h.attribute(ctx, page.Changes); err != nil {
		return Page{}, err
	}
	return page, h.originate(ctx, page.Changes)
}

// renewed reports a change of the expiry of a subscription that no call of ecsd has
// caused.
func (c Change) renewed() bool {
	return c.Cause == nil && c.Before != nil && c.After != nil && c.Before.ChargeType == ecs.ChargeSubscription &&
		c.After.ChargeType == ecs.ChargeSubscription && c.After.ExpireTime.After(c.Before.ExpireTime)
}

// originate sets the origins of renewals outside ecsd.
func (h *History) originate(ctx context.Context, changes []Change) error {
	byRegion := map[string][]string{}
	for _, c := range changes {
		if c.renewed() {
			byRegion[c.RegionID] = append(byRegion[c.RegionID], c.InstanceID)
		}
	}
	for region, ids := range byRegion {
		seen, err := h.log.AutoRenewObservations(ctx, region, ids)
		if err != nil {
			return err
		}
		own, err := h.log.PriorRenewals(ctx, region, ids)
		if err != nil {
			return err
		}
		for i := range changes {
			c := &changes[i]
			if !c.renewed() || c.RegionID != region {
				continue
			}
			if slices.ContainsFunc(own[c.InstanceID], func(p ledger.Prior) bool { return !p.Modification && p.ExpireBefore.Equal(c.Before.ExpireTime) }) {
				c.Origin, c.Evidence = ecs.RenewalOriginUnknown, "a renewal of ecsd for the same expiry was paid or may have been"
				continue
			}
			c.Origin, c.Evidence = h.site.RenewedBy(c.Before.ExpireTime, c.CommitTime.Add(h.clock.Ahead()), seen[c.InstanceID])
		}
	}
	return nil
}

func decoded(entries []changelog.Entry) ([]Change, error) {
	changes := make([]Change, len(entries))
	for i, e := range entries {
		before, after, err := e.Decode()
		if err != nil {
			return nil, fmt.Errorf("read revision %d of the change log: %w", e.Revision, err)
		}
		changes[i] = Change{Entry: e, Before: before, After: after}
	}
	return changes, nil
}

// attribute sets the causes of changes, which are in order.
func (h *History) attribute(ctx context.Context, changes []Change) error {
	if len(changes) == 0 {
		return nil
	}
	first, last := changes[0], changes[len(changes)-1]
	causes, err := h.log.Causes(ctx, idsOf(changes), first.CommitTime.Add(-changelog.TransitionWindow), last.CommitTime)
	if err != nil || len(causes) == 0 {
		return err
	}
	attribution := changelog.NewAttribution(causes)
	earlier, err := h.earlier(ctx, causes, first.Entry)
	if err != nil {
		return err
	}
	for _, c := range earlier {
		attribution.Add(c.RegionID, c.InstanceID, c.CommitTime, c.Before, c.After)
	}
	for i := range changes {
		c := &changes[i]
		c.Cause = attribution.Add(c.RegionID, c.InstanceID, c.CommitTime, c.Before, c.After)
	}
	return nil
}

// earlier returns the changes before an entry that causes may have produced:
// these have had their first effect then.
func (h *History) earlier(ctx context.Context, causes []changelog.Cause, first changelog.Entry) ([]Change, error) {
	since, ids, seen := first.CommitTime, []string(nil), map[string]bool{}
	for _, c := range causes {
		if c.CallTime.After(first.CommitTime) {
			continue
		}
		if c.CallTime.Before(since) {
			since = c.CallTime
		}
		if !seen[c.InstanceID] {
			seen[c.InstanceID] = true
			ids = append(ids, c.InstanceID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	found, err := h.log.Changes(ctx, changelog.Query{InstanceIDs: ids, Start: since, End: first.CommitTime.Add(time.Millisecond), Limit: maxEarlier})
	if err != nil {
		return nil, err
	}
	var before []changelog.Entry
	for _, e := range found.Entries {
		if e.Revision < first.Revision || e.Revision == first.Revision && e.InstanceID < first.InstanceID {
			before = append(before, e)
		}
	}
	return decoded(before)
}

func idsOf(changes []Change) []string {
	var ids []string
	seen := map[string]bool{}
	for _, c := range changes {
		if !seen[c.InstanceID] {
			seen[c.InstanceID] = true
			ids = append(ids, c.InstanceID)
		}
	}
	return ids
}
