package watch_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/changelog"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/watch"
)

// changeAndRead changes the instance and returns the batch with the change.
func changeAndRead(t *testing.T, cloud *fakeCloud, s *watch.Subscription, cpu int32) watch.Batch {
	t.Helper()
	cloud.set(region, "i-1", func(i *ecs.Instance) { i.CPU = cpu })
	for range 20 {
		if b := next(t, s); len(b.Events) > 0 {
			return b
		}
	}
	t.Fatal("the change is not delivered")
	return watch.Batch{}
}

// wantResumed resumes and reads one batch.
func wantResumed(t *testing.T, service *watch.Service, token string) {
	t.Helper()
	s, err := service.Watch(t.Context(), &watch.Filter{Regions: []string{region}}, watch.EveryChange, token, watch.Heartbeat{})
	if err != nil {
		t.Errorf("resume: %v", err)
		return
	}
	defer s.Close()
	if _, err := s.Next(t.Context(), time.Minute); err != nil {
		t.Errorf("read after resume: %v", err)
	}
}

func wantExpired(t *testing.T, service *watch.Service, token string) {
	t.Helper()
	s, err := service.Watch(t.Context(), &watch.Filter{Regions: []string{region}}, watch.EveryChange, token, watch.Heartbeat{})
	if !ecs.HasReason(err, ecs.ReasonResumeTokenExpired) {
		t.Errorf("resume: %v, want RESUME_TOKEN_EXPIRED", err)
	}
	if s != nil {
		s.Close()
	}
}

// A token is good in every database that contains the revision it was given
// for, and in no other, however many revisions that has.
func TestResume_RestoredCopy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, log := newFakeCloud(region), newFakeLog()
		log.shared = true
		cloud.set(region, "i-1", start)
		all := watch.Filter{Regions: []string{region}}
		service := open(t, cloud, log, region)
		s := subscribe(t, service, all, watch.EveryChange, "")
		next(t, s)
		common := changeAndRead(t, cloud, s, 1).Token
		backup := log.copied()
		var later []string
		for cpu := range int32(3) {
			later = append(later, changeAndRead(t, cloud, s, 2+cpu).Token)
		}
		service.Close()

		restarted := open(t, cloud, log, region)
		replica := open(t, cloud, log, region)
		time.Sleep(time.Second)
		for _, token := range append(later, common) {
			wantResumed(t, restarted, token)
			wantResumed(t, replica, token)
		}
		restarted.Close()
		replica.Close()

		restored := open(t, cloud, backup, region)
		other := open(t, cloud, backup, region)
		time.Sleep(time.Minute)
		for _, token := range later { // some are ahead of the copy
			wantExpired(t, restored, token)
		}
		r := subscribe(t, restored, all, watch.EveryChange, "")
		next(t, r)
		for cpu := range int32(5) {
			changeAndRead(t, cloud, r, 10+cpu)
		}
		for _, token := range later {
			wantExpired(t, restored, token)
			wantExpired(t, other, token)
		}
		wantResumed(t, restored, common)
		wantResumed(t, other, common)
	})
}

// A failover that lost commits ends only the watches that received the lost
// changes, on the server that wrote them too; their tokens stay refused.
func TestResume_FailoverThatLostCommits(t *testing.T) {
	for name, test := range map[string]struct {
		follows bool
		// written are revisions that another server wrote before this one
		// notices.
		written int
	}{
		"found by following":                    {follows: true},
		"found by appending":                    {},
		"found by appending after another":      {written: 1},
		"found by appending after many others":  {written: 3},
		"found by following after many others":  {follows: true, written: 3},
		"found by following after just another": {follows: true, written: 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud, log := newFakeCloud(region), newFakeLog()
				log.shared = test.follows
				cloud.set(region, "i-1", start)
				all := watch.Filter{Regions: []string{region}}
				service := open(t, cloud, log, region)
				s, behind := subscribe(t, service, all, watch.EveryChange, ""), subscribe(t, service, all, watch.EveryChange, "")
				next(t, s)
				next(t, behind)
				kept := changeAndRead(t, cloud, s, 1)
				if b := next(t, behind); b.Revision != kept.Revision {
					t.Fatalf("the slow reader is at %d", b.Revision)
				}
				earlier := log.copied()
				lost := changeAndRead(t, cloud, s, 2)
				log.rewind(earlier)
				lease, err := log.AcquireLease(t.Context(), "poll/cn-shanghai", "another", time.Hour)
				if err != nil {
					t.Fatal(err)
				}
				for range test.written {
					if _, err := log.Append(t.Context(), lease, changelog.Position{}, "cn-shanghai", []changelog.Change{{InstanceID: "i-9", After: []byte("{}")}}); err != nil {
						t.Fatal(err)
					}
				}
				cloud.set(region, "i-1", func(i *ecs.Instance) { i.CPU = 3 })
				time.Sleep(61 * time.Second) // a poll finds the loss, the next one stores
				if _, err = s.Next(t.Context(), heartbeat); !ecs.HasReason(err, ecs.ReasonResumeTokenExpired) {
					t.Errorf("a watch of what was lost gets %v, want RESUME_TOKEN_EXPIRED", err)
				}
				if e := events(t, behind); e[len(e)-1].Change.After.CPU != 3 || e[0].Previous.CPU != 1 {
					t.Errorf("the watch that was behind gets %+v", e)
				}
				wantExpired(t, service, lost.Token)
				wantEvents(t, subscribe(t, service, all, watch.EveryChange, kept.Token), "i-1 1>3")
			})
		})
	}
}

// Trimming keeps the position before the oldest revision.
func TestResume_AtTheOldestRevision(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, log := newFakeCloud(region), newFakeLog()
		cloud.set(region, "i-1", start)
		service := open(t, cloud, log, region)
		s := subscribe(t, service, watch.Filter{Regions: []string{region}}, watch.EveryChange, "")
		next(t, s)
		oldest := changeAndRead(t, cloud, s, 1).Token
		newest := changeAndRead(t, cloud, s, 2).Token
		log.trim(1)
		wantResumed(t, service, oldest)
		log.trim(0)
		wantExpired(t, service, oldest)
		wantResumed(t, service, newest)
	})
}
