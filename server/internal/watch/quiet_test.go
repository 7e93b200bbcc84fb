package watch_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/watch"
)

// Quiet runs once after each poll, when the changes are delivered, and moves no
// poll, however long it takes.
func TestPoll_Quiet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newFakeCloud(region)
		cloud.set(region, "i-1", start)
		var polls, quiets []time.Time
		service, err := watch.New(t.Context(), cloud, newFakeLog(), []string{region}, watch.Config{
			Logger: quiet, PollInterval: 30 * time.Second,
			Quiet: func() {
				quiets = append(quiets, time.Now())
				time.Sleep(5 * time.Second)
			},
			Observer: watch.Observer{Polled: func(string, time.Time, bool, *ecs.Error) { polls = append(polls, time.Now()) }},
		})
		if err != nil {
			t.Fatal(err)
		}
		service.Start()
		time.Sleep(10*time.Minute + 10*time.Second)
		service.Close()
		if len(polls) != len(quiets) || len(polls) < 20 {
			t.Fatalf("%d polls and %d quiet moments in ten minutes", len(polls), len(quiets))
		}
		for n := range quiets {
			if after := quiets[n].Sub(polls[n]); after < 200*time.Millisecond || after > time.Second {
				t.Errorf("the quiet moment %d is %s after the end of its poll", n, after)
			}
			if n > 0 && polls[n].Sub(polls[n-1]) > 31*time.Second {
				t.Errorf("poll %d is %s after the one before", n, polls[n].Sub(polls[n-1]))
			}
		}
	})
}
