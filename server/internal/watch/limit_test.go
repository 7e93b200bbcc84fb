package watch_test

import (
	"testing"
	"testing/synctest"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/watch"
)

// Watches of other components count with those of instances, in all and per
// caller, until they are released.
func TestReserve_CountsWithWatches(t *testing.T) {
	for name, limit := range map[string]struct {
		config watch.Config
		want   ecs.Reason
	}{
		"in all":     {watch.Config{MaxWatches: 3}, ecs.ReasonTooManyWatches},
		"per caller": {watch.Config{MaxWatchesPerCaller: 3}, ecs.ReasonTooManyWatchesOfCaller},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud := newFakeCloud(region)
				limit.config.Logger = quiet
				service, err := watch.New(t.Context(), cloud, newFakeLog(), []string{region}, limit.config)
				if err != nil {
					t.Fatal(err)
				}
				service.Start()
				defer service.Close()
				subscribe(t, service, watch.Filter{Regions: []string{region}}, watch.Latest, "")
				var releases []func()
				for range 2 {
					release, err := service.Reserve(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					releases = append(releases, release)
				}
				if got := service.Stats().Watches; got != 3 {
					t.Errorf("%d watches are counted, want 3", got)
				}
				if _, err := service.Reserve(t.Context()); !ecs.HasReason(err, limit.want) {
					t.Errorf("a fourth watch gets %v, want %s", err, limit.want)
				}
				if _, err := service.Watch(t.Context(), &watch.Filter{Regions: []string{region}}, watch.Latest, "", watch.Heartbeat{}); !ecs.HasReason(err, limit.want) {
					t.Errorf("a fourth watch of instances gets %v, want %s", err, limit.want)
				}
				releases[0]()
				releases[0]() // counts once
				if _, err := service.Reserve(t.Context()); err != nil {
					t.Errorf("after a release: %v", err)
				}
				if _, err := service.Reserve(t.Context()); !ecs.HasReason(err, limit.want) {
					t.Errorf("a fourth watch after a release gets %v, want %s", err, limit.want)
				}
				service.Drain()
				if _, err := service.Reserve(t.Context()); !ecs.HasReason(err, ecs.ReasonServerDraining) {
					t.Errorf("at drain: %v", err)
				}
			})
		})
	}
}
