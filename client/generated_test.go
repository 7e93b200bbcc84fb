package client_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"pgregory.net/rapid"

	"github.com/ecsd-io/ecsd/client"
	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/test/lib/clientreport"
	"github.com/ecsd-io/ecsd/test/lib/promise"
)

// model is a server that keeps the promises of a watch over a generated history. Its streams, history and database are
// lost at generated points.
type model struct {
	matches func(id, state string) bool

	mu    sync.Mutex
	epoch int // of the database
	past  map[int]promise.History
	floor int64 // the oldest revision that can be resumed
	wake  chan struct{}
	cuts  []cut
	away  time.Duration
	uncut bool // the newest stream is not cut
	done  bool
}

// cut ends a stream after a count of messages, and delays the next one.
type cut struct {
	after int
	how   string
	away  time.Duration
}

// numbered gives a later database lower revisions, as a new database has.
func numbered(epoch int, n int64) int64 { return int64(10-epoch)*1000 + n }

func newModel(cuts []cut, matches func(id, state string) bool) *model {
	return &model{matches: matches, past: map[int]promise.History{}, wake: make(chan struct{}), cuts: cuts, floor: numbered(0, 0)}
}

func (m *model) history() promise.History { return m.past[m.epoch] }

func (m *model) revision() int64 {
	if h := m.history(); len(h) > 0 {
		return h[len(h)-1].Number
	}
	return numbered(m.epoch, 0)
}

// append publishes a revision.
func (m *model) append(after map[string]string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.history().At(1 << 62)
	r := promise.Revision{Number: m.revision() + 1}
	for _, id := range slices.Sorted(maps.Keys(after)) {
		if now[id] != after[id] {
			r.Changes = append(r.Changes, promise.Change{ID: id, Before: now[id], After: after[id]})
		}
	}
	if len(r.Changes) > 0 {
		m.past[m.epoch] = append(m.past[m.epoch], r)
		m.news()
	}
}

func (m *model) news() {
	close(m.wake)
	m.wake = make(chan struct{})
}

// replace switches to a new database with the same instances, except for changes in between.
func (m *model) replace(released string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.history().At(1 << 62)
	delete(now, released)
	m.epoch++
	m.floor = numbered(m.epoch, 0)
	m.past[m.epoch] = nil
	first := promise.Revision{Number: m.revision() + 1}
	for _, id := range slices.Sorted(maps.Keys(now)) {
		first.Changes = append(first.Changes, promise.Change{ID: id, After: now[id]})
	}
	if len(first.Changes) > 0 {
		m.past[m.epoch] = promise.History{first}
	}
	m.news()
}

func (m *model) expire() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.floor = m.revision()
}

// calm reports whether all cuts have happened.
func (m *model) calm() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.uncut
}

func (m *model) token(revision int64) string { return fmt.Sprintf("%d/%d", m.epoch, revision) }

var instanceNames = map[string]string{"R": "RUNNING", "S": "STOPPED"}

// fromState returns an instance in a state, in the notation of clientreport.State.
func fromState(id, state string) *ecsdv1.Instance {
	status, name, _ := strings.Cut(strings.TrimSpace(state), " ")
	i := instance(id, strings.TrimPrefix(status, "INSTANCE_STATUS_"))
	i.InstanceName = name
	return i
}

func stateOf(letter string, name int) string {
	i := instance("", instanceNames[letter])
	i.InstanceName = fmt.Sprintf("n%d", name)
	return clientreport.State(i)
}

// lost is the error of a stream that a generated cut ends.
type lost struct{ how string }

func (l lost) Error() string { return l.how }

// watch serves one stream according to the contract, until its cut.
func (m *model) watch(_ int, req *ecsdv1.WatchInstancesRequest, stream instanceStream) error {
	m.mu.Lock()
	this := cut{after: 1 << 30}
	away := m.away
	m.uncut = len(m.cuts) == 0
	if m.away = 0; len(m.cuts) > 0 {
		this, m.cuts = m.cuts[0], m.cuts[1:]
		m.away = this.away
	}
	m.mu.Unlock()
	time.Sleep(away)
	sent := 0
	send := func(r *ecsdv1.WatchInstancesResponse) error {
		if sent++; sent > this.after {
			return lost{this.how}
		}
		return stream.Send(r)
	}
	err := m.follow(req, stream, send)
	if l, ok := err.(lost); ok { //nolint:errorlint // never wrapped
		switch l.how {
		case "silent":
			return silent(stream)
		case "end":
			return nil
		case "drain":
			return failure(codes.Unavailable, "SERVER_DRAINING", 0)
		}
		return status.Error(codes.Unavailable, "cut")
	}
	return err
}

func (m *model) follow(req *ecsdv1.WatchInstancesRequest, stream instanceStream, send func(*ecsdv1.WatchInstancesResponse) error) error {
	m.mu.Lock()
	epoch, at := m.epoch, int64(-1)
	if req.GetResumeToken() != "" {
		var of int
		if _, err := fmt.Sscanf(req.GetResumeToken(), "%d/%d", &of, &at); err != nil || of != epoch || at > m.revision() {
			m.mu.Unlock()
			return failure(codes.InvalidArgument, "INVALID_RESUME_TOKEN", 0)
		}
		if at < m.floor {
			m.mu.Unlock()
			return failure(codes.OutOfRange, "RESUME_TOKEN_EXPIRED", 0)
		}
	} else {
		at = m.revision()
		state := m.history().At(at)
		var messages []*ecsdv1.WatchInstancesResponse
		for _, id := range slices.Sorted(maps.Keys(state)) {
			if m.matches(id, state[id]) {
				messages = append(messages, snapshot(at, fromState(id, state[id])))
			}
		}
		messages = append(messages, complete(at, m.token(at)))
		m.mu.Unlock()
		for _, r := range messages {
			if err := send(r); err != nil {
				return err
			}
		}
		m.mu.Lock()
	}
	for {
		if m.epoch != epoch {
			m.mu.Unlock()
			return lost{"cut"}
		}
		upTo, token, wake := m.revision(), m.token(m.revision()), m.wake
		var messages []*ecsdv1.WatchInstancesResponse
		if req.GetDelivery() == ecsdv1.WatchDelivery_WATCH_DELIVERY_EVERY_CHANGE {
			messages = m.every(at, upTo)
		} else {
			messages = m.latest(at, upTo)
		}
		messages = append(messages, checkpoint(upTo, token))
		m.mu.Unlock()
		for _, r := range messages {
			if err := send(r); err != nil {
				return err
			}
		}
		at = upTo
		heartbeat := time.NewTimer(10 * time.Second)
		select {
		case <-wake:
		case <-heartbeat.C:
		case <-stream.Context().Done():
			heartbeat.Stop()
			return stream.Context().Err()
		}
		heartbeat.Stop()
		m.mu.Lock()
	}
}

func (m *model) shows(id, state string) bool { return state != "" && m.matches(id, state) }

// event returns a change from one state to another, nil if it does not concern the watch.
func (m *model) event(revision int64, id, before, after string, skipped int) *ecsdv1.WatchInstancesResponse {
	switch {
	case m.shows(id, after):
		r := changed(revision, fromState(id, after))
		r.GetChanged().Skipped = int32(skipped)
		if m.shows(id, before) {
			r.GetChanged().PreviousStatus = fromState(id, before).GetStatus()
		}
		return r
	case !m.shows(id, before):
		return nil
	}
	r := removed(revision, id)
	if after != "" {
		r.GetRemoved().Reason = ecsdv1.InstanceRemovalReason_INSTANCE_REMOVAL_REASON_FILTERED_OUT
	}
	return r
}

func (m *model) every(after, upTo int64) (messages []*ecsdv1.WatchInstancesResponse) {
	for _, r := range m.history() {
		for _, c := range r.Changes {
			if r.Number <= after || r.Number > upTo {
				continue
			}
			if e := m.event(r.Number, c.ID, c.Before, c.After, 0); e != nil {
				messages = append(messages, e)
			}
		}
	}
	return messages
}

// latest merges the changes of an instance, from the first that concerns the watch.
func (m *model) latest(after, upTo int64) (messages []*ecsdv1.WatchInstancesResponse) {
	type merged struct {
		before, after string
		revision      int64
		count         int
	}
	all := map[string]*merged{}
	for _, r := range m.history() {
		if r.Number <= after || r.Number > upTo {
			continue
		}
		for _, c := range r.Changes {
			if one := all[c.ID]; one != nil {
				one.after, one.revision, one.count = c.After, r.Number, one.count+1
			} else if m.shows(c.ID, c.Before) || m.shows(c.ID, c.After) {
				all[c.ID] = &merged{c.Before, c.After, r.Number, 1}
			}
		}
	}
	ids := slices.SortedFunc(maps.Keys(all), func(a, b string) int { return int(all[a].revision - all[b].revision) })
	for _, id := range ids {
		one := all[id]
		if e := m.event(one.revision, id, one.before, one.after, one.count-1); e != nil {
			messages = append(messages, e)
		}
	}
	return messages
}

// step is one event in the life of the model.
type step struct {
	after time.Duration
	what  string
	ids   []int
	state string
}

func drawStep(t *rapid.T) step {
	return step{
		after: time.Duration(rapid.IntRange(0, 15_000).Draw(t, "after")) * time.Millisecond,
		what:  rapid.SampledFrom([]string{"set", "set", "set", "set", "set", "release", "expire", "replace"}).Draw(t, "what"),
		ids:   rapid.SliceOfNDistinct(rapid.IntRange(0, 4), 1, 3, rapid.ID).Draw(t, "ids"),
		state: stateOf(rapid.SampledFrom([]string{"R", "S"}).Draw(t, "letter"), rapid.IntRange(0, 2).Draw(t, "name")),
	}
}

func drawCut(t *rapid.T) cut {
	return cut{
		rapid.IntRange(0, 8).Draw(t, "after"), rapid.SampledFrom([]string{"cut", "drain", "end", "silent"}).Draw(t, "how"),
		rapid.SampledFrom([]time.Duration{0, 5 * time.Second, time.Minute}).Draw(t, "away"),
	}
}

// TestGeneratedWatches checks the events of a client against the promises of a watch and of the client, over generated
// histories with streams that are cut after any message.
func TestGeneratedWatches(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		steps := rapid.SliceOfN(rapid.Custom(drawStep), 3, 30).Draw(rt, "steps")
		cuts := rapid.SliceOfN(rapid.Custom(drawCut), 0, 12).Draw(rt, "cuts")
		every := rapid.Bool().Draw(rt, "every")
		filtered := rapid.Bool().Draw(rt, "filtered")
		var broken []string
		synctest.Test(t, func(t *testing.T) { broken = live(t, steps, cuts, every, filtered) })
		if len(broken) > 0 {
			rt.Fatal(strings.Join(broken, "\n"))
		}
	})
}

// live runs the steps and returns the broken promises.
func live(t *testing.T, steps []step, cuts []cut, every, filtered bool) []string {
	m := newModel(cuts, func(_, state string) bool { return !filtered || strings.HasPrefix(state, running) })
	f := &fake{watch: m.watch}
	// The model controls the pauses, so that a failure can be repeated.
	c := f.dial(t, client.WithBackoff(time.Nanosecond, time.Nanosecond))
	request := &ecsdv1.WatchInstancesRequest{}
	if every {
		request.Delivery = ecsdv1.WatchDelivery_WATCH_DELIVERY_EVERY_CHANGE
	}
	recorder := clientreport.New(promise.Report{
		EveryChange: every, Matches: m.matches,
	})
	var last *client.Checkpoint
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		for event, err := range c.Watch(t.Context(), request) {
			if err != nil {
				t.Errorf("the watch ended: %v", err)
				return
			}
			recorder.Take(event)
			if e, ok := event.(*client.Checkpoint); ok {
				last = e
				m.mu.Lock()
				over := m.done && len(m.cuts) == 0 && e.Revision == m.revision()
				m.mu.Unlock()
				if over {
					return
				}
			}
		}
	}()
	for _, s := range steps {
		time.Sleep(s.after)
		after := map[string]string{}
		for _, id := range s.ids {
			after[fmt.Sprintf("i-%d", id)] = s.state
		}
		switch s.what {
		case "set":
			m.append(after)
		case "release":
			for id := range after {
				after[id] = ""
			}
			m.append(after)
		case "expire":
			m.expire()
		case "replace":
			m.replace(fmt.Sprintf("i-%d", s.ids[0]))
		}
	}
	for giveUp := time.Now().Add(time.Hour); time.Now().Before(giveUp) && !m.calm(); {
		time.Sleep(10 * time.Second)
	}
	m.mu.Lock()
	m.done, m.cuts = true, nil
	m.mu.Unlock()
	<-watched
	broken := recorder.Broken()
	for n, report := range recorder.Reports() {
		epoch := epochOf(report)
		for _, b := range promise.Check(m.past[epoch], report) {
			broken = append(broken, fmt.Sprintf("report %d: %s", n, b))
		}
	}
	if last == nil {
		return append(broken, "no checkpoint ever came")
	}
	return broken
}

// epochOf returns the database of a report.
func epochOf(report promise.Report) int {
	for _, s := range report.Streams {
		for _, m := range s.Messages {
			return 10 - int(m.Revision/1000)
		}
	}
	return 0
}
