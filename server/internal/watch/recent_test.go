package watch_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/changelog"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/watch"
)

// told are the events of a batch, with the CPU count before and after each.
func told(b watch.Batch) (lines []string) {
	cpu := func(i *ecs.Instance) string {
		if i == nil {
			return "-"
		}
		return fmt.Sprint(i.CPU)
	}
	for _, e := range b.Events {
		line := e.Change.InstanceID + " " + cpu(e.Previous) + ">" + cpu(e.Change.After)
		if e.Skipped > 0 {
			line += fmt.Sprintf(" skipped %d", e.Skipped)
		}
		lines = append(lines, line)
	}
	return lines
}

// wantEvents reads the first batch of a watch that resumed, which must not wait.
func wantEvents(t *testing.T, s *watch.Subscription, want ...string) watch.Batch {
	t.Helper()
	before := time.Now()
	b := next(t, s)
	if waited := time.Since(before); waited > 0 {
		t.Errorf("the first batch comes after %s, want at once", waited)
	}
	if got := told(b); strings.Join(got, ", ") != strings.Join(want, ", ") {
		t.Errorf("got %q after the resume, want %q", got, want)
	}
	return b
}

func recount(cloud *fakeCloud, region, id string, cpu int32) {
	cloud.set(region, id, func(i *ecs.Instance) { i.CPU = cpu })
	time.Sleep(31 * time.Second)
}

// resumer is a watch that resumes after a token, and what it missed.
type resumer struct {
	filter   watch.Filter
	delivery watch.Delivery
	token    string
	want     []string
}

// missing are resumers of several filters and positions. The newest position is
// that of the last three.
func missing(t *testing.T, cloud *fakeCloud, service *watch.Service) (all []*resumer) {
	t.Helper()
	const other = "cn-shanghai"
	kinds := []resumer{
		{filter: watch.Filter{Regions: []string{region, other}}, delivery: watch.EveryChange},
		{filter: watch.Filter{Regions: []string{region}, IDs: []string{"i-1"}}, delivery: watch.Latest},
		{filter: watch.Filter{Regions: []string{other}}, delivery: watch.EveryChange},
	}
	subscriptions := make([]*watch.Subscription, len(kinds))
	for k := range kinds {
		subscriptions[k] = subscribe(t, service, kinds[k].filter, watch.EveryChange, "")
		next(t, subscriptions[k])
	}
	wants := [][][]string{
		{{"i-1 0>1", "i-9 0>2", "i-1 1>3"}, {"i-1 0>3 skipped 1"}, {"i-9 0>2"}},
		{{"i-9 0>2", "i-1 1>3"}, {"i-1 1>3"}, {"i-9 0>2"}},
		{{"i-1 1>3"}, {"i-1 1>3"}, nil},
		{nil, nil, nil},
	}
	for at, want := range wants {
		switch at {
		case 1:
			recount(cloud, region, "i-1", 1)
		case 2:
			recount(cloud, other, "i-9", 2)
		case 3:
			recount(cloud, region, "i-1", 3)
		}
		for k, kind := range kinds {
			b := next(t, subscriptions[k])
			if k == 0 && at > 0 && len(b.Events) == 0 {
				t.Fatalf("no event before position %d", at)
			}
			kind.token, kind.want = b.Token, want[k]
			all = append(all, &kind)
		}
	}
	return all
}

// together resumes each of the watches several times at once, and returns the
// changes that arrived.
func together(t *testing.T, service *watch.Service, resumers []*resumer) map[*watch.Change]int {
	t.Helper()
	const times = 10
	var mu sync.Mutex
	var running sync.WaitGroup
	changes := map[*watch.Change]int{}
	for _, r := range resumers {
		for range times {
			running.Go(func() {
				s, err := service.Watch(t.Context(), &r.filter, r.delivery, r.token, watch.Heartbeat{})
				if err != nil {
					t.Errorf("resume: %v", err)
					return
				}
				defer s.Close()
				b, err := s.Next(t.Context(), heartbeat)
				if err != nil {
					t.Errorf("read: %v", err)
				}
				if got := told(b); strings.Join(got, ", ") != strings.Join(r.want, ", ") {
					t.Errorf("a watch of %v got %q, want %q", r.filter.Regions, got, r.want)
				}
				mu.Lock()
				defer mu.Unlock()
				for _, e := range b.Events {
					changes[e.Change]++
				}
			})
		}
	}
	running.Wait()
	return changes
}

// Watches that resume together, as after a restart, share the reads of the log
// and the decoded changes, whatever their filters are. Those at the newest
// position read nothing.
func TestResume_TogetherSharesReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, log := newFakeCloud(region, "cn-shanghai"), newFakeLog()
		cloud.set(region, "i-1", start)
		cloud.set("cn-shanghai", "i-9", start)
		service := open(t, cloud, log, region, "cn-shanghai")
		resumers := missing(t, cloud, service)
		service.Close()

		restarted := open(t, cloud, log, region, "cn-shanghai")
		time.Sleep(time.Second) // for the first poll
		log.slow(100 * time.Millisecond)
		together(t, restarted, resumers[9:])
		if reads, checks := log.counted(); reads != 0 || checks != 0 {
			t.Errorf("resumes at the newest position read the log %d times and checked it %d times, want no read", reads, checks)
		}
		if changes := together(t, restarted, resumers[:9]); len(changes) != 3 {
			t.Errorf("the watches got %d decoded changes, want 3 that all share", len(changes))
		}
		if reads, checks := log.counted(); reads > 3 || checks > 3 {
			t.Errorf("resumes at three positions read the log %d times and checked it %d times, want one of each per position", reads, checks)
		}
		together(t, restarted, resumers[:9])
		if reads, checks := log.counted(); reads != 0 || checks > 3 {
			t.Errorf("later resumes read the log %d times and checked it %d times, want no read and one check per position", reads, checks)
		}
	})
}

// A watch that resumes while the log is trimmed gets what it missed, or
// RESUME_TOKEN_EXPIRED if its changes can no longer be read.
func TestResume_TrimmedMeanwhile(t *testing.T) {
	for name, test := range map[string]struct {
		instances, revisions int
		resumes, reads       bool
	}{
		"after the read":                  {instances: 10, revisions: 2, resumes: true, reads: true},
		"between two reads":               {instances: 1100, revisions: 2},
		"before more than may be pending": {instances: 1100, revisions: 1, resumes: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud, log := newFakeCloud(region), newFakeLog()
				ids := manyIDs(test.instances)
				for _, id := range ids {
					cloud.set(region, id, start)
				}
				service := open(t, cloud, log, region)
				all := watch.Filter{Regions: []string{region}}
				token := next(t, subscribe(t, service, all, watch.EveryChange, "")).Token
				for n := range test.revisions {
					renumber(cloud, ids, n+1)
				}
				service.Close()
				restarted := open(t, cloud, log, region)
				time.Sleep(time.Second)
				log.onRead(func() { log.trim(0) })
				s, err := restarted.Watch(t.Context(), &all, watch.EveryChange, token, watch.Heartbeat{})
				if (err == nil) != test.resumes {
					t.Fatalf("resume: %v, want that it resumes: %t", err, test.resumes)
				}
				var b watch.Batch
				if err == nil {
					defer s.Close()
					b, err = s.Next(t.Context(), heartbeat)
				}
				switch {
				case test.reads && err != nil:
					t.Errorf("read: %v", err)
				case test.reads && len(b.Events) != test.revisions*len(ids):
					t.Errorf("got %d changes, want %d", len(b.Events), test.revisions*len(ids))
				case !test.reads && !ecs.HasReason(err, ecs.ReasonResumeTokenExpired):
					t.Errorf("got %d changes and %v, want RESUME_TOKEN_EXPIRED", len(b.Events), err)
				}
				wantExpired(t, restarted, token)
			})
		})
	}
}

// A watch that resumes while a failover loses commits gets none of the lost
// changes.
func TestResume_HistoryChangesMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, log := newFakeCloud(region), newFakeLog()
		cloud.set(region, "i-1", start)
		service := open(t, cloud, log, region)
		all := watch.Filter{Regions: []string{region}}
		s := subscribe(t, service, all, watch.EveryChange, "")
		next(t, s)
		kept := changeAndRead(t, cloud, s, 1)
		earlier := log.copied()
		changeAndRead(t, cloud, s, 2)
		service.Close()
		restarted := open(t, cloud, log, region)
		time.Sleep(time.Second)
		log.onRead(func() {
			log.rewind(earlier)
			// Another server writes a revision of the number of the lost one.
			lease, err := log.AcquireLease(t.Context(), "poll/cn-shanghai", "another", time.Hour)
			if err != nil {
				t.Error(err)
			}
			if _, err := log.Append(t.Context(), lease, changelog.Position{}, "cn-shanghai", []changelog.Change{{InstanceID: "i-9", After: []byte("{}")}}); err != nil {
				t.Error(err)
			}
			cloud.set(region, "i-1", func(i *ecs.Instance) { i.CPU = 3 })
			time.Sleep(2 * time.Minute)
		})
		wantEvents(t, subscribe(t, restarted, all, watch.EveryChange, kept.Token), "i-1 1>3")
	})
}

// A server that does not know yet of a failover gets a token of the new line of
// history. It sends none of the lost changes.
func TestResume_TokenOfAnotherHistory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, log := newFakeCloud(region), newFakeLog()
		cloud.set(region, "i-1", start)
		service := open(t, cloud, log, region)
		all := watch.Filter{Regions: []string{region}}
		s := subscribe(t, service, all, watch.EveryChange, "")
		next(t, s)
		earlier := log.copied()
		changeAndRead(t, cloud, s, 1)
		changeAndRead(t, cloud, s, 2)
		log.rewind(earlier)
		other := open(t, cloud, log, region)
		o := subscribe(t, other, all, watch.EveryChange, "")
		next(t, o)
		token := changeAndRead(t, cloud, o, 3).Token

		resumed := subscribe(t, service, all, watch.EveryChange, token)
		for range 3 {
			if b, err := resumed.Next(t.Context(), heartbeat); err == nil && len(b.Events) > 0 {
				t.Errorf("got the lost changes %q", told(b))
			}
		}
	})
}

// Changes in memory are bounded by their size. A watch that missed more reads
// the log.
func TestResume_MissedMoreThanMemoryHas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, log := newFakeCloud(region), newFakeLog()
		ids := manyIDs(300)
		long := strings.Repeat("x", 4<<10)
		for _, id := range ids {
			cloud.set(region, id, func(i *ecs.Instance) { i.Description = long })
		}
		service := open(t, cloud, log, region)
		every := watch.Filter{Regions: []string{region}}
		s := subscribe(t, service, every, watch.EveryChange, "")
		token := next(t, s).Token
		const rounds = 5
		for n := range rounds {
			renumber(cloud, ids, n+1)
			next(t, s)
			if got := watch.Recent(service); got == 0 || got > watch.MaxRecent {
				t.Fatalf("%d bytes of rows are in memory, want some and at most %d", got, watch.MaxRecent)
			}
		}
		for range 2 {
			all(t, subscribe(t, service, every, watch.EveryChange, token), rounds*len(ids))
			latest := next(t, subscribe(t, service, every, watch.Latest, token))
			if len(latest.Events) != len(ids) || latest.Events[0].Skipped != rounds-1 {
				t.Errorf("the latest changes are %d, the first skips %d; want %d and %d", len(latest.Events), latest.Events[0].Skipped, len(ids), rounds-1)
			}
			service.Close()
			service = open(t, cloud, log, region)
			time.Sleep(time.Second)
		}
		if got := watch.Recent(service); got > watch.MaxRecent {
			t.Errorf("%d bytes of rows are in memory, want at most %d", got, watch.MaxRecent)
		}
	})
}

// A watch that missed nothing of its own gets a checkpoint at once, and what a
// watch missed is not measured as delivered late.
func TestResume_FirstBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, log := newFakeCloud(region), newFakeLog()
		cloud.set(region, "i-1", start)
		cloud.set(region, "i-2", start)
		var late time.Duration
		service, err := watch.New(t.Context(), cloud, log, []string{region}, watch.Config{
			Logger:   quiet,
			Observer: watch.Observer{Delivered: func(lag time.Duration, _ int) { late = max(late, lag) }},
		})
		if err != nil {
			t.Fatal(err)
		}
		service.Start()
		defer service.Close()
		of := func(id string) watch.Filter { return watch.Filter{Regions: []string{region}, IDs: []string{id}} }
		var tokens []string
		for _, id := range []string{"i-1", "i-2"} {
			tokens = append(tokens, next(t, subscribe(t, service, of(id), watch.Latest, "")).Token)
		}
		recount(cloud, region, "i-1", 1)
		missed := wantEvents(t, subscribe(t, service, of("i-1"), watch.Latest, tokens[0]), "i-1 0>1")
		nothing := wantEvents(t, subscribe(t, service, of("i-2"), watch.Latest, tokens[1]))
		if nothing.Revision != missed.Revision {
			t.Errorf("the checkpoint is at revision %d, want %d", nothing.Revision, missed.Revision)
		}
		if late > time.Second {
			t.Errorf("a change is measured as delivered %s late", late)
		}
	})
}

// A watch that resumes at a server that was stopped is told so, as one that
// begins is.
func TestResume_StoppedServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newFakeCloud(region)
		cloud.set(region, "i-1", start)
		service := open(t, cloud, newFakeLog(), region)
		filter := watch.Filter{Regions: []string{region}}
		s := subscribe(t, service, filter, watch.Latest, "")
		token := next(t, s).Token
		cloud.set(region, "i-1", stop)
		events(t, s)
		service.Close()
		for _, resume := range []string{"", token} {
			if _, err := service.Watch(t.Context(), &filter, watch.Latest, resume, watch.Heartbeat{}); !ecs.HasReason(err, ecs.ReasonServerDraining) {
				t.Errorf("a watch with token %q: got %v, want SERVER_DRAINING", resume, err)
			}
		}
	})
}
