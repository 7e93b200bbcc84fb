package action

import (
	"slices"
	"strings"
	"time"

	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// event is a system event of an instance. Events are computed from the state of the fleet: the stop and the release of a
// subscription without a renewal. A renewal takes them back, and those of a released instance are gone with it.
type event struct {
	instance                       *fleet.Instance
	kind                           eventKind
	published, notBefore, finished time.Time
}

// eventKind is the type of an event with the cloud's number.
type eventKind struct {
	name string
	code int64
}

// The events of an expiry. Only the names are published.
var (
	expirationStop   = eventKind{"InstanceExpiration.Stop", 11}
	expirationDelete = eventKind{"InstanceExpiration.Delete", 12}
)

// publishedBefore is the time from the publication of an event to its start. How early the cloud publishes them is not
// known.
const publishedBefore = 7 * 24 * time.Hour

// The states of an event with the cloud's numbers.
var eventStates = map[bool]eventKind{false: {"Scheduled", 24}, true: {"Executed", 28}}

func (e event) id() string {
	return "e-" + e.instance.ID[len("i-"):] + strings.ToLower(e.kind.name[len("InstanceExpiration."):])
}

func (e event) state() eventKind { return eventStates[!e.finished.IsZero()] }

// eventsOf returns the published events of an instance, the latest first.
func eventsOf(w *World, i *fleet.Instance, now time.Time) []event {
	if i.ChargeType != fleet.PrePaid || i.PaidUntil.After(i.Expiry) {
		return nil // paid, and not shown yet
	}
	stop, release := w.Engine.Ends(i)
	var events []event
	if !stop.Add(-publishedBefore).After(now) {
		e := event{instance: i, kind: expirationStop, published: stop.Add(-publishedBefore), notBefore: stop}
		if !stop.After(now) {
			e.finished = stop
		}
		events = append(events, e)
	}
	if !release.Add(-publishedBefore).After(now) {
		events = append(events, event{instance: i, kind: expirationDelete, published: release.Add(-publishedBefore), notBefore: release})
	}
	slices.Reverse(events)
	return events
}

func describeInstanceHistoryEvents(w *World, c *Call) *wire.Error {
	win, refusal := readWindow(c, 10, 100)
	if refusal != nil {
		return refusal
	}
	keep, refusal := eventFilter(c)
	switch {
	case c.Denied:
		return errForbidden
	case refusal != nil:
		return refusal
	}
	var found []event
	for _, i := range w.Fleet.All(c.Region.ID) {
		for _, e := range eventsOf(w, i, c.Now) {
			if keep(e) {
				found = append(found, e)
			}
		}
	}
	page, next := pageOf(win, found)
	out := c.open(c.Name)
	win.write(out, next, len(found))
	out.List("InstanceSystemEventSet", "InstanceSystemEventType")
	for _, e := range page {
		out.Item()
		out.Str("InstanceId", e.instance.ID)
		out.Str("ResourceType", "instance")
		writeEvent(out, e)
		second(out, "EventFinishTime", e.finished)
		out.Str("ReasonCode", e.kind.name)
		out.End()
	}
	out.End()
	out.Close()
	return nil
}

// writeEvent writes what lists of events and of statuses share.
func writeEvent(out *wire.Writer, e event) {
	out.Str("EventId", e.id())
	out.Object("EventType")
	out.Str("Name", e.kind.name)
	out.Int("Code", e.kind.code)
	out.End()
	out.Object("EventCycleStatus")
	out.Str("Name", e.state().name)
	out.Int("Code", e.state().code)
	out.End()
	second(out, "EventPublishTime", e.published)
	second(out, "NotBefore", e.notBefore)
	out.Str("ImpactLevel", "100")
	out.Str("Reason", "The subscription of the instance expires.")
	out.Object("ExtendedAttribute")
	for _, name := range []string{
		"CanAccept", "Code", "Device", "DiskId", "HostId", "HostType", "OnlineRepairPolicy", "PunishDomain", "PunishType", "PunishUrl", "Rack", "ResponseResult",
	} {
		out.Str(name, "")
	}
	out.List("InactiveDisks", "InactiveDisk")
	out.End()
	writeStrings(out, "MigrationOptions", "MigrationOption")
	out.End()
}

// second writes a time with seconds; the zero time is empty.
func second(out *wire.Writer, name string, t time.Time) {
	if t.IsZero() {
		out.Str(name, "")
		return
	}
	seconds(out, name, t)
}

// eventFilter parses the filters of DescribeInstanceHistoryEvents.
func eventFilter(c *Call) (func(event) bool, *wire.Error) {
	p := c.Params
	if refusal := first(
		c.oneOf("EventCycleStatus", wire.Invalid("EventCycleStatus"), "Scheduled", "Avoided", "Executing", "Executed", "Canceled", "Failed", "Inquiring"),
		c.oneOf("ResourceType", wire.Invalid("ResourceType"), "instance", "ddh", "managehost"),
	); refusal != nil {
		return nil, refusal
	}
	tags, refusal := tagFilters(c)
	if refusal != nil {
		return nil, refusal
	}
	keep, _, refusal := eventKinds(c)
	if refusal != nil {
		return nil, refusal
	}
	states, resources := p.List("InstanceEventCycleStatus"), p.List("ResourceId")
	return func(e event) bool {
		return keep(e) && is(p.Get("InstanceId"), e.instance.ID) && among(resources, e.instance.ID) &&
			among(states, e.state().name) && (len(states) > 0 || is(p.Get("EventCycleStatus"), e.state().name)) &&
			(p.Get("ResourceType") == "" || p.Get("ResourceType") == "instance") && is(p.Get("ImpactLevel"), "100") &&
			is(p.Get("ResourceGroupId"), e.instance.ResourceGroupID) && tagged(tags, e.instance.Tags)
	}, nil
}

// eventKinds parses the filters that DescribeInstanceHistoryEvents and DescribeInstancesFullStatus share, and reports
// whether the request has one.
func eventKinds(c *Call) (keep func(event) bool, selected bool, refusal *wire.Error) {
	p := c.Params
	var bounds [4]time.Time
	for n, name := range []string{"NotBefore.Start", "NotBefore.End", "EventPublishTime.Start", "EventPublishTime.End"} {
		text := p.Get(name)
		t, ok := parseTime(text)
		if text != "" && !ok {
			return nil, false, wire.Invalid(name)
		}
		bounds[n] = t
		selected = selected || text != ""
	}
	name, names, ids := p.Get("EventType"), p.List("InstanceEventType"), p.List("EventId")
	return func(e event) bool {
		return among(ids, e.id()) && among(names, e.kind.name) && (len(names) > 0 || is(name, e.kind.name)) &&
			inside(e.notBefore, bounds[0], bounds[1]) && inside(e.published, bounds[2], bounds[3])
	}, selected || name != "" || len(names)+len(ids) > 0, nil
}

// among reports whether a list has a value, or is empty.
func among(list []string, value string) bool { return len(list) == 0 || slices.Contains(list, value) }

// inside reports whether a time is between two bounds, either of which may be zero for none.
func inside(t, from, to time.Time) bool { return !t.Before(from) && (to.IsZero() || !t.After(to)) }

// instanceCodes are the numbers of the statuses.
var instanceCodes = map[fleet.Status]int64{fleet.Pending: 0, fleet.Starting: 1, fleet.Running: 2, fleet.Stopping: 3, fleet.Stopped: 4}

// describeInstancesFullStatus lists instances with their status and the events that are scheduled for them.
func describeInstancesFullStatus(w *World, c *Call) *wire.Error {
	win, refusal := readPage(c, 100)
	if refusal != nil {
		return refusal
	}
	p := c.Params
	if refusal := first(c.oneOf("Status", errListStatus, "Pending", "Running", "Starting", "Stopping", "Stopped"),
		c.oneOf("HealthStatus", wire.Invalid("HealthStatus"), "Maintaining", "Impaired", "Warning", "Initializing", "InsufficientData", "NotApplicable", "Ok")); refusal != nil {
		return refusal
	}
	filter := &fleet.Filter{Status: fleet.Status(p.Get("Status")), IDs: p.List("InstanceId")}
	keep, selected, refusal := eventKinds(c)
	if refusal != nil {
		return refusal
	}
	switch {
	case c.Denied:
		return errForbidden
	case len(filter.IDs) > maxListed:
		return wire.Invalid("InstanceId")
	}
	type row struct {
		instance *fleet.Instance
		events   []event
	}
	var found []row
	for _, i := range w.Fleet.All(c.Region.ID) {
		if filter.IDs != nil && !slices.Contains(filter.IDs, i.ID) || !filter.Match(i) || p.Get("HealthStatus") != "" && p.Get("HealthStatus") != "Ok" {
			continue
		}
		scheduled := slices.DeleteFunc(eventsOf(w, i, c.Now), func(e event) bool {
			return !e.finished.IsZero() || !keep(e)
		})
		if len(scheduled) > 0 || !selected {
			found = append(found, row{i, scheduled})
		}
	}
	page, _ := pageOf(win, found)
	out := c.open(c.Name)
	win.writeNumbers(out, len(found))
	out.List("InstanceFullStatusSet", "InstanceFullStatusType")
	for _, r := range page {
		out.Item()
		out.Str("InstanceId", r.instance.ID)
		out.Object("Status")
		out.Str("Name", string(r.instance.Status))
		out.Int("Code", instanceCodes[r.instance.Status])
		out.End()
		out.Object("HealthStatus")
		out.Str("Name", "Ok")
		out.Int("Code", 0)
		out.End()
		out.List("ScheduledSystemEventSet", "ScheduledSystemEventType")
		for _, e := range r.events {
			out.Item()
			writeEvent(out, e)
			out.End()
		}
		out.End()
		out.End()
	}
	out.End()
	out.Close()
	return nil
}
