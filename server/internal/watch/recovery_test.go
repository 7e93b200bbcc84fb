package watch_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/watch"
)

// After an outage of the store the watches are fresh again within a poll
// interval and a little more, whatever the length of the outage.
func TestRecovery_AfterStoreOutage(t *testing.T) {
	const little = 3 * time.Second // the lease is tried for each second, and the list read
	for _, shared := range []bool{false, true} {
		for _, interval := range []time.Duration{time.Second, 10 * time.Second} {
			for _, outage := range []time.Duration{3 * time.Second, 20 * time.Second, 5 * time.Minute} {
				synctest.Test(t, func(t *testing.T) {
					cloud, log := newFakeCloud(region), &faultyLog{fakeLog: newFakeLog()}
					log.shared = shared
					cloud.set(region, "i-1", start)
					service := openWith(t, cloud, log, watch.Config{PollInterval: interval}, region)
					s := subscribe(t, service, watch.Filter{Regions: []string{region}}, watch.Latest, "")
					next(t, s)
					time.Sleep(time.Minute)
					log.Down(outage)
					ended := time.Now().Add(outage)
					for n := 0; time.Now().Before(ended); n++ {
						cloud.set(region, "i-1", func(i *ecs.Instance) { i.CPU++ })
						time.Sleep(time.Second)
					}
					for {
						b, err := s.Next(t.Context(), 100*time.Millisecond)
						if err != nil {
							t.Fatal(err)
						}
						if b.Observed.After(ended) && len(b.Degraded) == 0 {
							break
						}
						if late := time.Since(ended); late > 5*time.Minute {
							t.Fatalf("not fresh %s after the outage: %+v", late, b.Freshness)
						}
					}
					if took := time.Since(ended); took > interval+little {
						t.Errorf("shared %v, polled each %s, outage of %s: fresh again after %s, want %s at most", shared, interval, outage, took, interval+little)
					}
				})
			}
		}
	}
}

// A store that does not respond ends a resume, and a watch that must read the
// log, with STORE_UNAVAILABLE in a few seconds, though the caller has no
// deadline.
func TestRecovery_StoreThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, log := newFakeCloud(region), &faultyLog{fakeLog: newFakeLog()}
		log.shared = true
		ids := manyIDs(10 + overflow)
		for _, id := range ids {
			cloud.set(region, id, start)
		}
		service := open(t, cloud, log, region)
		all := watch.Filter{Regions: []string{region}}
		s := subscribe(t, service, all, watch.EveryChange, "")
		token := next(t, s).Token
		for n := range 2 {
			renumber(cloud, ids, n+1)
			time.Sleep(time.Minute)
		}
		log.Hang(10 * time.Minute)
		began := time.Now()
		if _, err := service.Watch(t.Context(), &all, watch.EveryChange, token, watch.Heartbeat{}); !ecs.HasReason(err, ecs.ReasonStoreUnavailable) || time.Since(began) > 6*time.Second {
			t.Errorf("a resume gets %v after %s, want STORE_UNAVAILABLE within 6s", err, time.Since(began))
		}
		began = time.Now()
		if _, err := s.Next(t.Context(), time.Minute); !ecs.HasReason(err, ecs.ReasonStoreUnavailable) || time.Since(began) > 6*time.Second {
			t.Errorf("a watch that reads the log gets %v after %s, want STORE_UNAVAILABLE within 6s", err, time.Since(began))
		}
	})
}
