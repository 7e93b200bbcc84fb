package watch_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/watch"
	"github.com/ecsd-io/ecsd/test/lib/promise"
)

// The world of a generated history: few instances that change often, so that
// everything meets.
var (
	worldRegions = []string{"cn-hangzhou", "cn-shanghai"}
	worldStates  = []ecs.Status{ecs.StatusRunning, ecs.StatusStarting, ecs.StatusStopped, ecs.StatusStopping}
)

// step is one thing that happens.
type step struct {
	after  time.Duration
	what   string
	region string
	id     string
	status ecs.Status
}

// watcher is one generated client.
type watcher struct {
	filter   watch.Filter
	delivery watch.Delivery
	// pause is between two reads, cut after how many batches it hangs up.
	pause time.Duration
	cut   int
	away  time.Duration
}

func drawStep(t *rapid.T) step {
	return step{
		after:  time.Duration(rapid.IntRange(0, 20_000).Draw(t, "after")) * time.Millisecond,
		what:   rapid.SampledFrom([]string{"set", "set", "set", "set", "tag", "release", "hide", "fail", "recover", "touch", "lose", "restart", "kill", "stall"}).Draw(t, "what"),
		region: rapid.SampledFrom(worldRegions).Draw(t, "region"),
		id:     fmt.Sprintf("i-%d", rapid.IntRange(0, 5).Draw(t, "id")),
		status: rapid.SampledFrom(worldStates).Draw(t, "status"),
	}
}

func drawWatcher(t *rapid.T) watcher {
	w := watcher{
		delivery: rapid.SampledFrom([]watch.Delivery{watch.Latest, watch.EveryChange}).Draw(t, "delivery"),
		pause:    rapid.SampledFrom([]time.Duration{0, time.Second, 30 * time.Second, 2 * time.Minute}).Draw(t, "pause"),
		cut:      rapid.IntRange(1, 8).Draw(t, "cut"),
		away:     rapid.SampledFrom([]time.Duration{0, 5 * time.Second, 3 * time.Minute}).Draw(t, "away"),
	}
	w.filter.Regions = rapid.SampledFrom([][]string{worldRegions, worldRegions[:1], worldRegions[1:]}).Draw(t, "regions")
	switch rapid.IntRange(0, 3).Draw(t, "filter") {
	case 0:
		w.filter.IDs = []string{w.filter.Regions[0] + "-i-1", w.filter.Regions[0] + "-i-2"}
	case 1:
		w.filter.Query.Statuses = []ecs.Status{ecs.StatusRunning, ecs.StatusStopped}
	case 2:
		w.filter.Query.Tags = []ecs.Tag{{Key: "env", Value: "prod"}}
	}
	return w
}

// histories is the number of histories drawn, unless -rapid.checks or
// RAPID_CHECKS is set.
const histories = 1000

// drawHistories has rapid check that many until the test ends.
func drawHistories(t *testing.T) {
	said := os.Getenv("RAPID_CHECKS") != ""
	flag.Visit(func(f *flag.Flag) { said = said || f.Name == "rapid.checks" })
	if said {
		return
	}
	checks := flag.Lookup("rapid.checks").Value
	before := checks.String()
	if err := checks.Set(strconv.Itoa(histories)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = checks.Set(before) })
}

// TestPromises draws histories of the cloud, of failures and restarts, and of
// readers of every speed that are cut off, and checks the records of the
// readers against the promises of a watch. If one is broken, rapid prints the
// seed that draws it again.
func TestPromises(t *testing.T) {
	drawHistories(t)
	rapid.Check(t, func(rt *rapid.T) {
		steps := rapid.SliceOfN(rapid.Custom(drawStep), 5, 40).Draw(rt, "steps")
		watchers := rapid.SliceOfN(rapid.Custom(drawWatcher), 1, 4).Draw(rt, "watchers")
		recent := rapid.SampledFrom([]int{0, 600, watch.MaxRecent}).Draw(rt, "recent")
		var broken []string
		synctest.Test(t, func(t *testing.T) { broken = live(t, steps, watchers, recent) })
		if len(broken) > 0 {
			rt.Fatal(strings.Join(broken, "\n"))
		}
	})
}

// world is the state that the steps change. Its service changes at a restart.
type world struct {
	cloud *fakeCloud
	log   *fakeLog
	link  *link
	// recent limits the recent changes in memory; older ones are read from
	// the log.
	recent int

	mu      sync.Mutex
	service *watch.Service
	done    bool
	polls   []promise.Poll
	// faults are when a region could not be read, or the store, ended or not.
	faults []fault
}

type fault struct {
	region   string // "" is all
	from, to time.Time
}

// after is how long the lanes may need to notice that a fault is over: the
// longest pause and a slow call.
const after = 45 * time.Second

// troubled reports whether a lane may fail at the time, or a poll is overdue.
func (w *world) troubled(region string, at time.Time) bool {
	for _, f := range w.faults {
		if (f.region == "" || f.region == region) && at.After(f.from) && (f.to.IsZero() || at.Before(f.to.Add(after))) {
			return true
		}
	}
	var last time.Time
	for _, p := range w.polls {
		if p.Region == region && !p.Ended.After(at) && p.Ended.After(last) {
			last = p.Ended
		}
	}
	return at.Sub(last) >= 31*time.Second
}

// faulty notes the begin or the end of a fault.
func (w *world) faulty(region string, begins bool) {
	now := time.Now()
	for i := range w.faults {
		if f := &w.faults[i]; f.region == region && f.to.IsZero() {
			f.to = now
		}
	}
	if begins {
		w.faults = append(w.faults, fault{region: region, from: now})
	}
}

// polled notes a poll that ended.
func (w *world) polled(region string, began time.Time, whole bool, failure *ecs.Error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.polls = append(w.polls, promise.Poll{Region: region, Began: began, Ended: time.Now(), Failed: failure != nil, Partial: failure == nil && !whole})
}

func (w *world) current() (*watch.Service, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.service, w.done
}

// live lets the history happen and returns which promises were broken.
func live(t *testing.T, steps []step, watchers []watcher, recent int) []string {
	w := &world{cloud: newFakeCloud(worldRegions...), log: newFakeLog(), recent: recent}
	w.cloud.page, w.cloud.takes = 2, 300*time.Millisecond
	w.restart(t)
	reports := make([]promise.Report, len(watchers))
	var all sync.WaitGroup
	for n, watcher := range watchers {
		all.Go(func() { reports[n] = watcher.watch(t, w) })
	}
	for _, m := range steps {
		time.Sleep(m.after)
		w.step(t, m)
	}
	for _, r := range worldRegions {
		w.cloud.fail(r, nil)
		w.faulty(r, false)
	}
	time.Sleep(20 * time.Minute) // all is polled, and every reader is up to date
	w.mu.Lock()
	w.done = true
	w.mu.Unlock()
	w.service.Close()
	all.Wait()

	history := w.log.history(t)
	var broken []string
	for n, report := range reports {
		report.Regions, report.Polls, report.Trouble = watchers[n].filter.Regions, w.polls, w.troubled
		for _, b := range promise.Check(history, report) {
			broken = append(broken, fmt.Sprintf("watcher %d %+v: %s", n, watchers[n], b))
		}
	}
	// The log never contains a state that did not exist, never goes back, and ends
	// with the state of the cloud.
	for id, past := range w.cloud.past {
		if said := history.Of(id); !within(said, past) {
			broken = append(broken, fmt.Sprintf("the log says that %s was %q, it was %q", id, said, past))
		}
	}
	for _, region := range worldRegions {
		for id, i := range w.cloud.instances[region] {
			if got := history.At(1 << 62)[id]; got != state(&i) {
				broken = append(broken, fmt.Sprintf("the log ends with %s %q, the cloud with %q", id, got, state(&i)))
			}
		}
	}
	return broken
}

// within reports whether some is in all, in its order.
func within(some, all []string) bool {
	for _, one := range all {
		if len(some) > 0 && some[0] == one {
			some = some[1:]
		}
	}
	return len(some) == 0
}

func (w *world) restart(t *testing.T) {
	if service, _ := w.current(); service != nil {
		service.Close()
	}
	w.link = &link{fakeLog: w.log}
	service, err := watch.New(t.Context(), w.cloud, w.link, worldRegions, watch.Config{
		Logger: quiet, Observer: watch.Observer{Polled: w.polled},
	})
	if err != nil {
		t.Fatal(err)
	}
	watch.LimitRecent(service, w.recent)
	service.Start()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.service = service
}

func (w *world) step(t *testing.T, m step) {
	id := m.region + "-" + m.id
	switch m.what {
	case "set":
		w.cloud.set(m.region, id, func(i *ecs.Instance) { i.Status = m.status })
	case "tag":
		w.cloud.set(m.region, id, func(i *ecs.Instance) {
			if i.Tags == nil {
				i.Tags = []ecs.Tag{{Key: "env", Value: "prod"}}
			} else {
				i.Tags = nil
			}
		})
	case "release":
		w.cloud.release(m.region, id)
	case "hide":
		w.cloud.hide(id)
	case "fail":
		w.faulty(m.region, true)
		w.cloud.fail(m.region, &ecs.Error{Reason: ecs.ReasonThrottled, Message: "throttled", Retry: ecs.RetryBackoff})
	case "recover":
		w.faulty(m.region, false)
		w.cloud.fail(m.region, nil)
	case "touch":
		service, _ := w.current()
		service.Touch(m.region, []string{id})
	case "lose":
		w.log.mu.Lock()
		w.log.lose = true
		w.log.mu.Unlock()
		w.faulty("", true) // until the next append, whenever that is
	case "stall":
		w.cloud.stall()
	case "restart":
		w.restart(t)
	case "kill":
		time.Sleep(7 * time.Microsecond) // no poll ends just then
		w.link.broken.Store(true)
		w.mu.Lock()
		for _, r := range worldRegions {
			w.polls = append(w.polls, promise.Poll{Region: r, Ended: time.Now(), Forgotten: true})
		}
		w.mu.Unlock()
		w.restart(t)
	}
}

// watch reads until the world is done, hanging up and resuming in between.
func (r watcher) watch(t *testing.T, w *world) promise.Report {
	report := promise.Report{
		EveryChange: r.delivery == watch.EveryChange,
		Matches: func(id, text string) bool {
			return watch.Matches(r.filter, id[:strings.Index(id, "-i-")], id, parse(text))
		},
	}
	if r.pause == 0 {
		report.Heartbeat = heartbeat
	}
	prepared := r.filter
	token, at := "", int64(-1)
	for {
		service, done := w.current()
		if done {
			return report
		}
		stream := promise.Stream{Resumed: at, Began: time.Now(), Cut: true}
		s, err := service.Watch(t.Context(), &prepared, r.delivery, token, watch.Heartbeat{})
		if err != nil {
			if !ecs.HasReason(err, ecs.ReasonServerDraining) && !ecs.HasReason(err, ecs.ReasonThrottled) && !ecs.HasReason(err, ecs.ReasonStoreUnavailable) {
				t.Errorf("watch: %v", err)
			}
			time.Sleep(time.Second)
			continue
		}
		for n := 0; n < r.cut || r.away == 0; n++ {
			b, err := s.Next(t.Context(), heartbeat)
			if err != nil {
				var e *ecs.Error
				if errors.As(err, &e) {
					stream.End = string(e.Reason)
				}
				stream.Cut = false
				break
			}
			stream.Messages = append(stream.Messages, record(b)...)
			token, at = b.Token, b.Revision
			time.Sleep(r.pause)
		}
		s.Close()
		if now, _ := w.current(); now != service && stream.End == "" {
			stream.End = string(ecs.ReasonServerDraining) // the next batch would have reported it
		}
		stream.Ended = time.Now()
		report.Streams = append(report.Streams, stream)
		time.Sleep(r.away)
	}
}

// record writes a batch as its messages on the wire.
func record(b watch.Batch) []promise.Message {
	now := time.Now()
	var messages []promise.Message
	for _, item := range b.Snapshot {
		messages = append(messages, promise.Message{Kind: promise.Snapshot, Revision: b.Revision, ID: item.Instance.ID, State: state(item.Instance), Received: now})
	}
	for _, e := range b.Events {
		m := promise.Message{Kind: promise.Changed, Revision: e.Change.Revision, ID: e.Change.InstanceID,
			State: state(e.Change.After), Previous: state(e.Previous), Skipped: e.Skipped, Received: now}
		switch e.Kind {
		case watch.Released:
			m.Kind = promise.Released
		case watch.FilteredOut:
			m.Kind, m.State = promise.FilteredOut, ""
		}
		messages = append(messages, m)
	}
	mark := promise.Message{Kind: promise.Checkpoint, Revision: b.Revision, Observed: b.Observed, Received: now}
	if b.First {
		mark.Kind = promise.SnapshotComplete
	}
	for _, d := range b.Degraded {
		mark.Degraded = append(mark.Degraded, d.RegionID)
	}
	return append(messages, mark)
}

// state encodes an instance for the histories, parse decodes it.
func state(i *ecs.Instance) string {
	if i == nil {
		return ""
	}
	return fmt.Sprintf("%d %d", i.Status, len(i.Tags))
}

func parse(text string) *ecs.Instance {
	if text == "" {
		return nil
	}
	i := new(ecs.Instance)
	var tags int
	if _, err := fmt.Sscanf(text, "%d %d", &i.Status, &tags); err != nil {
		panic(err)
	}
	if tags > 0 {
		i.Tags = []ecs.Tag{{Key: "env", Value: "prod"}}
	}
	return i
}
