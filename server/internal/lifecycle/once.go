package lifecycle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/sleep"
	"github.com/ecsd-io/ecsd/server/internal/visibility"
)

// Once identifies a request that takes effect once, however often it is sent.
// Without a RequestID each call is carried out.
type Once struct {
	RequestID string
	// Fingerprint is that of the request message, by fingerprint.Of.
	Fingerprint string
	Caller      string
}

func (o Once) key(action string) key {
	return key{action, o.RequestID, o.Fingerprint, func() (string, error) { return "", nil }}
}

// record returns the record of a request that is about to be sent.
func (o Once) record(action, regionID string, items []ecs.RequestItem) ecs.RequestRecord {
	now := time.Now().UTC()
	return ecs.RequestRecord{
		RequestID: o.RequestID, Action: action, PayloadHash: o.Fingerprint, Caller: o.Caller, RegionID: regionID,
		State: ecs.RequestOpen, Uncertain: true, SendTime: now, CreateTime: now, UpdateTime: now, Items: items,
	}
}

// onceItem is the state of one instance of a request that takes effect once.
// Exported fields are stored.
type onceItem struct {
	state string
	// Before is the instance as read before the call: its ID, status and start
	// time.
	Before ecs.Instance
	// Time is when the call was about to be sent.
	Time       time.Time
	Transition ecs.Transition
	// Address is the allocated public address.
	Address string
}

func (i onceItem) row(id string) (ecs.RequestItem, error) {
	detail, err := json.Marshal(i)
	return ecs.RequestItem{InstanceID: id, State: i.state, Detail: string(detail)}, err
}

// onceItems decodes the items of a record.
func onceItems(r ecs.RequestRecord) (map[string]*onceItem, error) {
	items := map[string]*onceItem{}
	for _, row := range r.Items {
		it := &onceItem{state: row.State}
		if err := json.Unmarshal([]byte(row.Detail), it); err != nil {
			return nil, fmt.Errorf("read the record of instance %s of request %s: %w", row.InstanceID, r.RequestID, err)
		}
		items[row.InstanceID] = it
	}
	return items, nil
}

// busyFor is how long a request in state OPEN counts as being sent by another
// process. It is longer than one can take.
const busyFor = statePatience + sendTimeout

// powerOnce makes the call at most once per instance for its request. The
// record in state OPEN is a lock: the process that wrote it sends, others only
// read the instances for the effect. A call that the cloud refused without an
// effect is tried again by the same request; one that was sent is settled by
// reads. A reboot is never sent twice. Its error is that of the whole request.
func (l *Lifecycle) powerOnce(ctx context.Context, o Once, action, regionID string, ids []string, p power) ([]Move, error) {
	if o.RequestID == "" || p.validateOnly {
		if p.once && !p.validateOnly {
			p.before = known(l.cloud.Instances(ctx, regionID, ids))
		}
		return l.power(ctx, regionID, ids, p), ctx.Err()
	}
	p.until = waitUntil(ctx, statePatience)
	moves, goesOn, err := l.powers.Do(ctx, o.RequestID, o.Fingerprint, func(ctx context.Context, commit func() bool) ([]Move, error) {
		if !commit() {
			return nil, context.Canceled
		}
		r := &oncePower{lifecycle: l, o: o, action: action, regionID: regionID, p: p, moves: map[string]Move{}}
		if err := r.run(ctx, ids); err != nil {
			return nil, l.ended(err)
		}
		moves := make([]Move, len(ids))
		for i, id := range ids {
			moves[i] = r.moves[id]
		}
		return moves, nil
	})
	if err != nil && goesOn {
		return nil, fmt.Errorf("the %s continues; retry with the same request_id: %w", p.verb, err)
	}
	return moves, l.toCaller(err, regionID, o.RequestID)
}

func known(reads []ecs.Result[ecs.Instance]) map[string]ecs.Instance {
	before := map[string]ecs.Instance{}
	for _, read := range reads {
		if read.Err == nil {
			before[read.ID] = read.Value
		}
	}
	return before
}

// oncePower is one start, stop or reboot with a request ID.
type oncePower struct {
	lifecycle        *Lifecycle
	o                Once
	action, regionID string
	p                power
	record           ecs.RequestRecord
	items            map[string]*onceItem
	moves            map[string]Move
	// mine: this process set the record to OPEN.
	mine bool
}

func (r *oncePower) run(ctx context.Context, ids []string) error {
	record, err := r.lifecycle.stored(ctx, r.o.key(r.action))
	if errors.Is(err, ecs.ErrNoRecord) {
		var going []string
		if going, err = r.prepare(ctx, ids, map[string]*onceItem{}); err != nil {
			return err
		}
		rows, rowsErr := r.rows(ids)
		if rowsErr != nil {
			return rowsErr
		}
		r.record = r.o.record(r.action, r.regionID, rows)
		err = write(ctx, func(ctx context.Context) error { return r.lifecycle.requests.CreateRequest(ctx, r.record) })
		if err == nil {
			r.mine = true
			return r.send(ctx, ids, going)
		}
		if !errors.Is(err, ecs.ErrRequestIDTaken) {
			return err
		}
		record, err = r.lifecycle.stored(ctx, r.o.key(r.action))
	}
	if err != nil {
		return err
	}
	return r.takeUp(ctx, record, ids)
}

// prepare reads the instances of a reboot, because only a changed start time
// shows one whose reply was lost, and marks those to send. One that cannot be
// read is not sent.
func (r *oncePower) prepare(ctx context.Context, ids []string, items map[string]*onceItem) (going []string, err error) {
	r.items = items
	r.p.before = map[string]ecs.Instance{}
	if r.p.once {
		end := min(time.Until(r.p.until), visibility.Patience)
		reads := visibility.RetryUntil(ctx, r.lifecycle.visible, time.Now().Add(end), r.regionID, ids, func(ctx context.Context, ids []string) []Shown {
			return r.lifecycle.cloud.Instances(ctx, r.regionID, ids)
		})
		for _, read := range reads {
			if read.Err != nil {
				r.moves[read.ID] = Move{ID: read.ID, Err: read.Err}
				r.items[read.ID] = &onceItem{state: ecs.ItemKept}
			}
		}
		r.p.before = known(reads)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	now := time.Now().UTC()
	for _, id := range ids {
		before, readable := r.p.before[id]
		if r.p.once && !readable {
			continue
		}
		going = append(going, id)
		r.items[id] = &onceItem{state: ecs.ItemSent, Time: now, Before: ecs.Instance{
			ID: id, Status: before.Status, StartTime: before.StartTime, Raw: ecs.RawWords{Status: before.Raw.Status},
		}}
	}
	return going, nil
}

// takeUp continues a request from its record.
func (r *oncePower) takeUp(ctx context.Context, record ecs.RequestRecord, ids []string) (err error) {
	r.record = record
	if r.items, err = onceItems(record); err != nil {
		return err
	}
	if err := r.settle(ctx, ids); err != nil {
		return err
	}
	var open []string
	for _, id := range ids {
		if _, settled := r.moves[id]; !settled {
			open = append(open, id)
		}
	}
	if len(open) == 0 {
		return r.finish(ctx, ids)
	}
	if r.record.State == ecs.RequestOpen && r.p.once {
		for _, id := range open {
			r.moves[id] = Move{ID: id, Err: r.locked(id)}
		}
		return r.finish(ctx, ids)
	}
	// The state is the lock, so the items are read after it is taken.
	if r.record, err = r.lifecycle.transition(ctx, r.record, ecs.RequestOpen); err != nil {
		return err
	}
	r.mine = true
	if r.record, err = r.lifecycle.stored(ctx, r.o.key(r.action)); err != nil {
		return err
	}
	if r.items, err = onceItems(r.record); err != nil {
		return err
	}
	open = slices.DeleteFunc(open, func(id string) bool {
		it := r.items[id]
		switch {
		case it == nil || it.state == ecs.ItemKept || !r.p.once:
			return false
		case it.state == ecs.ItemDone:
			r.moves[id] = Move{ID: id, Value: it.Transition}
		default: // another process sent it meanwhile
			r.moves[id] = Move{ID: id, Err: r.notShown(id)}
		}
		return true
	})
	going, err := r.prepare(ctx, open, r.items)
	if err != nil {
		return err
	}
	rows, err := r.rows(going)
	if err != nil {
		return err
	}
	if err := write(ctx, func(ctx context.Context) error {
		return r.lifecycle.requests.SaveRequestItems(ctx, r.o.RequestID, rows)
	}); err != nil {
		return err
	}
	return r.send(ctx, ids, going)
}

// locked is the error of an instance that another process is about to reboot,
// or was when it died.
func (r *oncePower) locked(id string) error {
	if time.Since(r.record.UpdateTime) < busyFor {
		e := ecs.Errorf(ecs.ReasonOperationInProgress, "another server works on request_id %s; retry with it", r.o.RequestID)
		e.Retry, e.Effect = ecs.RetryBackoff, ecs.EffectUnknown
		return e.On(r.regionID, id)
	}
	return ecs.Errorf(ecs.ReasonOutcomeUnknown,
		"the %s of instance %s was interrupted before it was sent; take a new request_id to send it", r.p.verb, id).On(r.regionID, id)
}

// settle finds the outcome of what was done or sent. It reads the sent instances
// until the effect shows or can no longer appear, within the caller's deadline.
// A start or stop without an effect is left open: a second one does no harm.
func (r *oncePower) settle(ctx context.Context, ids []string) error {
	var waiting []string
	r.p.before = map[string]ecs.Instance{}
	for _, id := range ids {
		switch it := r.items[id]; {
		case it == nil:
		case it.state == ecs.ItemDone:
			r.moves[id] = Move{ID: id, Value: it.Transition}
		case it.state == ecs.ItemSent:
			r.p.before[id] = it.Before
			waiting = append(waiting, id)
		}
	}
	for len(waiting) > 0 {
		var again []string
		for _, read := range r.lifecycle.cloud.Instances(ctx, r.regionID, waiting) {
			it := r.items[read.ID]
			switch settling := time.Since(it.Time) < r.lifecycle.config.SettleWindow; {
			case read.Err == nil && r.p.done(it.Before, read.Value):
				it.state, it.Transition = ecs.ItemDone, transitionTo(it.Before, read.Value)
				r.moves[read.ID] = Move{ID: read.ID, Value: it.Transition}
			case settling:
				again = append(again, read.ID)
			case r.p.once:
				r.moves[read.ID] = Move{ID: read.ID, Err: r.p.unsettled(ecs.AsRefusal(errUnsettled), ecs.Instance{RegionID: r.regionID}, read.ID)}
			}
		}
		if waiting = again; len(waiting) == 0 || time.Until(r.p.until) < stateInterval {
			break
		}
		if err := sleep.For(ctx, stateInterval); err != nil {
			return err
		}
	}
	for _, id := range waiting {
		r.moves[id] = Move{ID: id, Err: r.notShown(id)}
	}
	return ctx.Err()
}

func (r *oncePower) notShown(id string) error {
	e := ecs.Errorf(ecs.ReasonOperationInProgress, "the %s of instance %s was sent and does not show yet; retry with the same request_id", r.p.verb, id)
	e.Retry, e.Effect = ecs.RetryBackoff, ecs.EffectUnknown
	return e.On(r.regionID, id)
}

// send makes the call. Its intent is on disk.
func (r *oncePower) send(ctx context.Context, ids, going []string) error {
	if len(going) > 0 {
		for _, m := range r.lifecycle.power(ctx, r.regionID, going, r.p) {
			r.moves[m.ID] = m
			switch it := r.items[m.ID]; {
			case m.Err == nil:
				it.state, it.Transition = ecs.ItemDone, m.Value
			case ecs.AsRefusal(m.Err).Effect == ecs.EffectNone:
				it.state = ecs.ItemKept
			}
		}
	}
	return r.finish(ctx, ids)
}

// finish stores the outcomes, and unlocks the record if this process locked it.
func (r *oncePower) finish(ctx context.Context, ids []string) error {
	if r.record.State == ecs.RequestDone {
		return nil
	}
	done := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return r.items[id] == nil || r.items[id].state != ecs.ItemDone })
	changed, to := ids, ecs.RequestDeferred
	if len(done) == len(ids) {
		to = ecs.RequestDone
	}
	if !r.mine {
		changed = done // the other items belong to the process that sends them
	}
	rows, err := r.rows(changed)
	if err != nil {
		return err
	}
	if r.mine || to == ecs.RequestDone {
		r.record.Items = rows
		_, err = r.lifecycle.transition(ctx, r.record, to)
	} else {
		err = write(ctx, func(ctx context.Context) error {
			return r.lifecycle.requests.SaveRequestItems(ctx, r.o.RequestID, rows)
		})
	}
	if err != nil && !errors.Is(err, ecs.ErrStateMoved) {
		// Sent items are SENT on disk, and the next call reads their effect.
		r.lifecycle.config.Logger.Warn("outcome of a request not stored", "request_id", r.o.RequestID, "action", r.action, "error", err)
	}
	return nil
}

// rows returns the stored form of the items of instances that have one.
func (r *oncePower) rows(ids []string) ([]ecs.RequestItem, error) {
	var rows []ecs.RequestItem
	for _, id := range ids {
		it := r.items[id]
		if it == nil {
			continue
		}
		row, err := it.row(id)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}
