package notify

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/lease"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/outbox"
)

const (
	day = 24 * time.Hour
	// lookBehind is how long after its expiry an instance is reported, if it was
	// not before. The cloud releases it about then.
	lookBehind = 15 * day
	// lookAhead is how long before its expiry an instance is read at least:
	// deductions begin then.
	lookAhead = 10 * day
	// retainAfter is how long an item is remembered after its expiry.
	retainAfter = 40 * day
	// retainOpen is how long other items are remembered. One that is still true
	// then is reported again.
	retainOpen = 90 * day
	// maxItems bounds the items of one message.
	maxItems = 500
	// maxAttention bounds the renewals that need attention, and the modifications.
	maxAttention = 1000
	// settingsAge is the age up to which the auto-renew setting of an instance is
	// used that expires within lookAhead, and laterSettingsAge that of others.
	settingsAge      = 10 * time.Minute
	laterSettingsAge = time.Hour
	// settingsPatience is how long instances with a setting that cannot be read are
	// not reported. Then they are, as if they did not renew automatically.
	settingsPatience = 15 * time.Minute
	// readTimeout bounds the reads of one region.
	readTimeout = time.Minute
)

// condition is something that is true now and that receivers may want to know.
type condition struct {
	event    outbox.Event
	regionID string
	// tags of the instance; unknown if it is not in memory.
	tags    []ecs.Tag
	unknown bool
	// renews: the instance renews automatically.
	renews bool
	// item has its key, for Expiry without the threshold.
	item outbox.Item
}

// picture is what one comparison found.
type picture struct {
	now        time.Time
	conditions []condition
	// whole are the events and regions of which every condition was found, as
	// event/region; Attention has no region.
	whole map[string]bool
	// unsure are the instances of which not every condition was found, as
	// region/instance.
	unsure map[string]bool
}

// compare adds what is new to the outbox, and withdraws what is no longer true.
// It reports whether everything could be read.
func (n *Notifier) compare(ctx context.Context, held *lease.Held, senders []*sender) (complete bool, err error) {
	p, failure := n.look(ctx)
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	if n.reported == nil {
		keys, err := n.outbox.ReportedItems(ctx)
		if err != nil {
			return false, err
		}
		n.reported = make(map[outbox.Key]bool, len(keys))
		for _, k := range keys {
			n.reported[k] = true
		}
	}
	pending, err := n.outbox.PendingItems(ctx)
	if err != nil {
		return false, err
	}
	current := map[outbox.Key]bool{}
	var add []outbox.Message
	for _, r := range n.config.File.Receivers {
		add = append(add, n.messages(p, r, current)...)
	}
	withdraw := slices.DeleteFunc(pending, func(k outbox.Key) bool { return current[k] || !p.settles(k.Item) })
	if len(add)+len(withdraw) > 0 {
		if err := n.outbox.ChangeOutbox(ctx, held.Lease(), add, withdraw); err != nil {
			n.reported = nil // it may have been written
			return false, err
		}
	}
	for _, k := range withdraw {
		delete(n.reported, k)
	}
	for _, m := range add {
		for _, i := range m.Items {
			n.reported[outbox.Key{Receiver: m.Receiver, Item: i.Key}] = true
		}
	}
	for _, s := range senders {
		if slices.ContainsFunc(add, func(m outbox.Message) bool { return m.Receiver == s.receiver.Name }) {
			s.notify()
		}
	}
	return len(p.whole) == 1+3*len(n.config.Regions), failure
}

// look reads everything that can be read, and returns the first failure.
func (n *Notifier) look(ctx context.Context) (*picture, error) {
	p := &picture{now: n.config.Clock.Now(), whole: map[string]bool{}, unsure: map[string]bool{}}
	ahead := lookAhead
	for _, r := range n.config.File.Receivers {
		ahead = max(ahead, time.Duration(r.Thresholds[0])*day+time.Second)
	}
	var failure error
	for _, region := range n.config.Regions {
		failure = cmp.Or(failure, n.lookAt(ctx, p, region, ahead))
	}
	return p, cmp.Or(failure, n.lookForAttention(ctx, p))
}

// lookAt adds the conditions of the subscriptions of a region.
func (n *Notifier) lookAt(ctx context.Context, p *picture, region string, ahead time.Duration) error {
	q := ecs.Query{ChargeTypes: []ecs.ChargeType{ecs.ChargeSubscription}, Expiry: ecs.Window{
		After: p.now.Add(-lookBehind), Before: p.now.Add(ahead),
	}}
	instances, ok := n.sources.Fleet.SeenAll(region, q, n.config.MaxStaleness, "", math.MaxInt)
	if !ok {
		return nil // the watch reports it
	}
	outlooks, unread, failure := n.outlooks(ctx, region, instances, p.now)
	p.whole[string(outbox.Expiry)+"/"+region] = true
	if failure == nil {
		p.whole[string(outbox.Deduction)+"/"+region], p.whole[string(outbox.Drift)+"/"+region] = true, true
	}
	for i, instance := range instances {
		o := outlooks[i]
		if unread(o) {
			p.unsure[region+"/"+instance.ID] = true
			continue
		}
		subject := region + "/" + instance.ID + "/"
		c := condition{
			regionID: region, tags: instance.Tags, renews: renews(o),
			item: outbox.Item{
				RetainUntil: instance.ExpireTime.Add(retainAfter), InstanceID: instance.ID, InstanceName: instance.Name,
				ExpireTime: instance.ExpireTime.UTC(), AutoRenew: autoRenewName(o.Held),
			},
		}
		expiry := fmt.Sprint(instance.ExpireTime.Unix())
		p.add(c, outbox.Expiry, subject+expiry)
		if o.State == ecs.AutoRenewStateFailing {
			failing := c
			failing.item.NextDeduction = o.Next
			p.add(failing, outbox.Deduction, subject+expiry)
		}
		if o.Drift != nil {
			drifted := c
			drifted.item.DesiredAutoRenew, drifted.item.RetainUntil = autoRenewName(o.Drift.Status), p.now.Add(retainOpen)
			p.add(drifted, outbox.Drift, fmt.Sprintf("%s%d/%d", subject, o.Drift.RequestTime.UnixMilli(), o.Held))
		}
	}
	return failure
}

// renews reports whether an instance renews automatically. One with a failing
// deduction does not.
func renews(o ecs.AutoRenewOutlook) bool {
	return o.Held == ecs.AutoRenewOn && o.State != ecs.AutoRenewStateFailing
}

// outlooks reads the auto-renew settings of instances, in order. unread reports
// whether an instance must wait until its setting can be read.
func (n *Notifier) outlooks(ctx context.Context, region string, instances []ecs.Instance, now time.Time) (outlooks []ecs.AutoRenewOutlook, unread func(ecs.AutoRenewOutlook) bool, failure error) {
	ctx, cancel := context.WithTimeout(call.InLane(ctx, call.Poll), readTimeout)
	defer cancel()
	outlooks = make([]ecs.AutoRenewOutlook, len(instances))
	for _, later := range []bool{false, true} {
		maxStaleness := settingsAge
		if later {
			maxStaleness = laterSettingsAge
		}
		var some []ecs.Instance
		var indexes []int
		for i, instance := range instances {
			if instance.ExpireTime.After(now.Add(lookAhead)) == later {
				some, indexes = append(some, instance), append(indexes, i)
			}
		}
		if len(some) == 0 {
			continue
		}
		found, err := n.sources.Settings.Outlooks(ctx, some, maxStaleness)
		for k, i := range indexes {
			outlooks[i] = found[k]
		}
		failure = cmp.Or(failure, err)
	}
	if failure == nil {
		delete(n.unread, region)
		return outlooks, func(ecs.AutoRenewOutlook) bool { return false }, nil
	}
	if n.unread[region].IsZero() {
		n.unread[region] = time.Now()
	}
	waits := time.Since(n.unread[region]) < settingsPatience
	return outlooks, func(o ecs.AutoRenewOutlook) bool { return waits && o.Held == ecs.AutoRenewUnknown },
		fmt.Errorf("auto-renew settings of %s: %w", region, failure)
}

func (p *picture) add(c condition, event outbox.Event, subject string) {
	c.event, c.item.Key = event, string(event)+"/"+subject
	p.conditions = append(p.conditions, c)
}

// lookForAttention adds the orders that wait for a person.
func (n *Notifier) lookForAttention(ctx context.Context, p *picture) error {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	renewals, err := n.sources.Ledger.ListRenewals(ctx, ledger.Filter{States: []ledger.State{ledger.NeedsAttention}}, ledger.Cursor{}, maxAttention)
	if err != nil {
		return err
	}
	modifications, err := n.sources.Ledger.ListModifications(ctx, ledger.ModificationFilter{States: []ledger.ModificationState{ledger.ModificationNeedsAttention}}, ledger.Cursor{}, maxAttention)
	if err != nil {
		return err
	}
	if len(renewals) < maxAttention && len(modifications) < maxAttention {
		p.whole[string(outbox.Attention)] = true
	}
	for _, r := range renewals {
		n.addAttention(p, r.RegionID, fmt.Sprintf("renewal/%s/%d", r.ID, len(r.Decisions)),
			outbox.Item{InstanceID: r.InstanceID, InstanceName: r.InstanceName, RenewalID: r.ID, Reason: r.Failure.Reason})
	}
	for _, m := range modifications {
		n.addAttention(p, m.RegionID, "modification/"+m.ID, outbox.Item{InstanceID: m.InstanceID, ModificationID: m.ID, Reason: m.Failure.Reason})
	}
	return nil
}

func (n *Notifier) addAttention(p *picture, region, subject string, item outbox.Item) {
	seen, known := n.sources.Fleet.Seen(region, []string{item.InstanceID}, day)[item.InstanceID]
	item.InstanceName = cmp.Or(item.InstanceName, seen.Name)
	item.RetainUntil = p.now.Add(retainOpen)
	p.add(condition{regionID: region, tags: seen.Tags, unknown: !known, item: item}, outbox.Attention, subject)
}

// settles reports whether an item that was not found is no longer true.
func (p *picture) settles(key string) bool {
	parts := strings.Split(key, "/") // event/region/instance/state, or attention/order/ID/state
	if outbox.Event(parts[0]) == outbox.Attention {
		return p.whole[parts[0]]
	}
	return len(parts) > 3 && p.whole[parts[0]+"/"+parts[1]] && !p.unsure[parts[1]+"/"+parts[2]]
}

// messages returns the messages that a receiver has not got yet, and adds the
// keys of all items that are true for it to current.
func (n *Notifier) messages(p *picture, r Receiver, current map[outbox.Key]bool) []outbox.Message {
	groups := map[outbox.Group][]outbox.Item{}
	for _, c := range p.conditions {
		group := outbox.Group{Event: c.event, RegionID: c.regionID, Day: dayOf(p.now)}
		if !slices.Contains(r.Events, c.event) || !r.selects(c) {
			continue
		}
		item := c.item
		switch c.event {
		case outbox.Expiry:
			days, ok := r.reached(item.ExpireTime, p.now)
			if !ok || c.renews && !r.AutoRenewing {
				continue
			}
			group.Day, group.Threshold = dayOf(item.ExpireTime), days
			item.Key = fmt.Sprintf("%s/%d", item.Key, days)
		case outbox.Deduction:
			group.Day = dayOf(item.ExpireTime)
		}
		key := outbox.Key{Receiver: r.Name, Item: item.Key}
		current[key] = true
		if !n.reported[key] {
			groups[group] = append(groups[group], item)
		}
	}
	var messages []outbox.Message
	began := time.Now()
	for _, group := range slices.SortedFunc(maps.Keys(groups), compareGroups) {
		items := groups[group]
		slices.SortFunc(items, outbox.Item.Compare)
		for some := range slices.Chunk(items, maxItems) {
			// A millisecond apart, because they are sent in the order of their creation.
			created := began.Add(time.Duration(len(messages)) * time.Millisecond)
			messages = append(messages, outbox.Message{ID: newID(), Receiver: r.Name, Group: group, CreateTime: created, Items: some})
		}
	}
	return messages
}

// compareGroups orders messages: payments first, then the earliest day.
func compareGroups(a, b outbox.Group) int {
	urgency := func(g outbox.Group) int {
		return slices.Index([]outbox.Event{outbox.Attention, outbox.Deduction, outbox.Expiry, outbox.Drift}, g.Event)
	}
	return cmp.Or(cmp.Compare(urgency(a), urgency(b)), strings.Compare(a.Day, b.Day), strings.Compare(a.RegionID, b.RegionID), cmp.Compare(a.Threshold, b.Threshold))
}

// newID returns an ID of a message.
func newID() string { return "msg_" + strings.ToLower(rand.Text()) }

// selects reports whether a condition is in the regions and has the tags. One
// with unknown tags is selected, so that no payment is missed.
func (s Selection) selects(c condition) bool {
	return (len(s.Regions) == 0 || slices.Contains(s.Regions, c.regionID)) && (c.unknown || ecs.CarriesTags(c.tags, s.Tags))
}

// reached returns the lowest threshold, in days, that has been reached. The
// higher ones are of no interest any more.
func (r Receiver) reached(expiry, now time.Time) (days int, ok bool) {
	for _, threshold := range r.Thresholds {
		if !now.Before(expiry.Add(-time.Duration(threshold) * day)) {
			days, ok = threshold, true
		}
	}
	return days, ok
}
