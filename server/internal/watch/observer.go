package watch

import (
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Observer receives the events of the service, for metrics. A nil function is not
// called; none may block.
type Observer struct {
	// Polled: a region was listed, starting at began. failure is nil if the listing
	// was complete, whole reports that every instance of it was also ordered against
	// overlapping reads, so that observed_time advances.
	Polled func(regionID string, began time.Time, whole bool, failure *ecs.Error)
	// Changed: a poll found so many changes, and they are in the log.
	Changed func(regionID string, changes int)
	// Delivered: a watcher took a batch of changes, of which the oldest waited so
	// long in memory, and merged counts the changes that were not delivered
	// separately.
	Delivered func(waited time.Duration, merged int)
	// SlowReader: a watcher was cut off.
	SlowReader func()
}

func (o Observer) polled(regionID string, began time.Time, whole bool, failure *ecs.Error) {
	if o.Polled != nil {
		o.Polled(regionID, began, whole, failure)
	}
}

func (o Observer) changed(regionID string, changes int) {
	if o.Changed != nil {
		o.Changed(regionID, changes)
	}
}

func (o Observer) delivered(events []Event, now time.Time) {
	if o.Delivered == nil || len(events) == 0 {
		return
	}
	merged := 0
	oldest := now
	for _, e := range events {
		merged += e.Skipped
		if at := e.Change.found; !at.IsZero() && at.Before(oldest) {
			oldest = at
		}
	}
	o.Delivered(now.Sub(oldest), merged)
}

func (o Observer) slowReader() {
	if o.SlowReader != nil {
		o.SlowReader()
	}
}

// Stats are the current counts.
type Stats struct {
	Watches int
	// Observed is when the newest complete poll of each region began.
	Observed map[string]time.Time
}

// Stats counts.
func (r *Service) Stats() Stats {
	r.hub.mu.RLock()
	defer r.hub.mu.RUnlock()
	s := Stats{Watches: len(r.hub.members) + r.hub.reserved, Observed: make(map[string]time.Time, len(r.hub.regions))}
	for id, m := range r.hub.regions {
		s.Observed[id] = m.observed
	}
	return s
}

// RegionView is what this process knows of a region.
type RegionView struct {
	// Observed is when the newest complete poll began, zero before the first.
	Observed time.Time
	// Cause is why the region cannot be read, and Since since when; nil if it can.
	Cause *ecs.Error
	Since time.Time
	// Instances is their number.
	Instances int
}

// Regions returns the view of each region.
func (r *Service) Regions() map[string]RegionView {
	r.hub.mu.RLock()
	defer r.hub.mu.RUnlock()
	views := make(map[string]RegionView, len(r.hub.regions))
	for id, m := range r.hub.regions {
		views[id] = RegionView{Observed: m.observed, Cause: m.cause, Since: m.since, Instances: len(m.instances)}
	}
	return views
}

// EachSubscription calls visit for each known subscription that expires in a
// window, without its lock.
func (r *Service) EachSubscription(window ecs.Window, visit func(regionID, instanceID string, expires time.Time)) {
	type found struct {
		region, id string
		expires    time.Time
	}
	var all []found
	r.hub.mu.RLock()
	for region, m := range r.hub.regions {
		for id, k := range m.instances {
			if i := k.instance; i.ChargeType == ecs.ChargeSubscription && window.Contains(i.ExpireTime) {
				all = append(all, found{region, id, i.ExpireTime})
			}
		}
	}
	r.hub.mu.RUnlock()
	for _, f := range all {
		visit(f.region, f.id, f.expires)
	}
}
