package watch_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/watch"
)

// BenchmarkFanOut delivers one change of one instance to all its watchers: the
// time is that of one watcher.
func BenchmarkFanOut(b *testing.B) {
	const watchers = 10_000
	cloud, log := newFakeCloud(region), newFakeLog()
	cloud.set(region, "i-1", start)
	service, err := watch.New(b.Context(), cloud, log, []string{region}, watch.Config{Logger: quiet, FastInterval: time.Millisecond})
	if err != nil {
		b.Fatal(err)
	}
	service.Start()
	defer service.Close()
	all := make([]*watch.Subscription, watchers)
	for n := range all {
		if all[n], err = service.Watch(b.Context(), &watch.Filter{Regions: []string{region}, IDs: []string{"i-1"}}, watch.Latest, "", watch.Heartbeat{}); err != nil {
			b.Fatal(err)
		}
		defer all[n].Close()
		if _, err := all[n].Next(b.Context(), time.Hour); err != nil {
			b.Fatal(err)
		}
		if err := all[n].Await(b.Context(), 0); err != nil { // the snapshot was sent
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	b.ResetTimer()
	for n := 0; n < b.N; n += watchers {
		cloud.set(region, "i-1", func(i *ecs.Instance) { i.CPU++ })
		service.Touch(region, []string{"i-1"})
		for _, s := range all {
			if batch, err := s.Next(b.Context(), time.Hour); err != nil || len(batch.Events) != 1 || !batch.Events[0].Shared() {
				b.Fatal(batch, err)
			}
		}
	}
}

// BenchmarkPollOfNothing compares a region of 10,000 instances that are all as
// they were; the time is that of one instance.
func BenchmarkPollOfNothing(b *testing.B) {
	cloud, log := newFakeCloud(region), newFakeLog()
	for n := range 10_000 {
		cloud.set(region, fmt.Sprintf("i-%05d", n), func(i *ecs.Instance) {
			i.Name, i.Type, i.ZoneID = fmt.Sprintf("web-%05d", n), "ecs.g7.large", region+"-h"
			i.Tags = []ecs.Tag{{Key: "env", Value: "prod"}, {Key: "team", Value: "a"}}
			i.Network = ecs.Network{VPCID: "vpc-1", PrivateIPAddresses: []string{"10.0.0.1"}}
		})
	}
	service, err := watch.New(b.Context(), cloud, log, []string{region}, watch.Config{Logger: quiet})
	if err != nil {
		b.Fatal(err)
	}
	defer service.Close()
	compare := watch.Compare(service, region, cloud.all(region))
	b.ReportAllocs()
	b.ResetTimer()
	for n := 0; n < b.N; n += 10_000 {
		if changes := compare(); changes != 0 {
			b.Fatal(changes)
		}
	}
}
