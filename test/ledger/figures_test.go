package ledger_test

import (
	"context"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// slow makes every call take 50 ms, like a call to the cloud.
func (c *cloud) slow(t testing.TB) {
	c.fault(t, simulator.Fault{Kind: control.Slow, When: control.Before, Delay: control.Duration(50 * time.Millisecond)})
}

// BenchmarkJobAt50ms renews 10,000 instances with a cloud that takes 50 ms per call, and that publishes its limits or
// has unknown ones, which are met slowly. Compare with BenchmarkScriptAt50ms of the simulator.
func BenchmarkJobAt50ms(b *testing.B) {
	for name, limits := range map[string]func(*simulator.Config){"published": published, "unknown": nil} {
		b.Run(name, func(b *testing.B) { benchmarkJobAt50ms(b, limits) })
	}
}

func benchmarkJobAt50ms(b *testing.B, limits func(*simulator.Config)) {
	const size = 10_000
	for b.Loop() {
		b.StopTimer()
		c := newCloud(b, limits)
		ids := c.seed(b, size)
		c.slow(b)
		server := newServer(b, c, engines["sqlite"](b))
		caller := dial(b, server.Address)
		polled(b, server, size)
		c.ResetStats()
		b.StartTimer()
		began := time.Now()
		job := caller.create(ids, nil)
		b.ReportMetric(time.Since(began).Seconds(), "create-s")
		within(b, 10*time.Minute, func() bool { return c.Stats().Actions["RenewInstance"].Calls >= size })
		b.ReportMetric(time.Since(began).Seconds(), "paid-s")
		caller.ended(job, 10*time.Minute)
		b.ReportMetric(size/time.Since(began).Seconds(), "renewals/s")
		calls := c.Stats().Actions
		b.ReportMetric(float64(calls["RenewInstance"].Calls+calls["DescribeInstances"].Calls)/size, "calls/renewal")
	}
}

// BenchmarkPreviewAt50ms plans 10,000 renewals with their prices and reads all pages of the plan.
func BenchmarkPreviewAt50ms(b *testing.B) {
	c := newCloud(b, nil)
	ids := c.seed(b, 10_000)
	c.slow(b)
	caller := dial(b, newServer(b, c, engines["sqlite"](b)).Address)
	for b.Loop() {
		request := &ecsdv1.PreviewRenewalsRequest{PageSize: 1000, Job: &ecsdv1.CreateRenewalJobRequest{
			Selection:  &ecsdv1.RenewalSelection{By: &ecsdv1.RenewalSelection_Instances{Instances: &ecsdv1.NamedInstances{InstanceIds: ids}}},
			Term:       &ecsdv1.CreateRenewalJobRequest_Period{Period: oneMonth},
			PriceLimit: &ecsdv1.CreateRenewalJobRequest_AnyPrice{AnyPrice: true},
		}}
		planned := 0
		for more := true; more; more = request.PageToken != "" {
			page, err := caller.PreviewRenewals(context.Background(), request)
			if err != nil {
				b.Fatal(err)
			}
			planned += len(page.GetRenewals())
			request.PageToken = page.GetNextPageToken()
		}
		if planned != len(ids) {
			b.Fatalf("a plan of %d", planned)
		}
	}
}

// BenchmarkFollowedJob renews 3,000 instances in one job without followers and in another with 20, in turn, on one
// server. of-alone is the time from the request to the end of the job, cpu-of-alone the server's CPU time, each relative
// to the job without followers.
func BenchmarkFollowedJob(b *testing.B) {
	const size, followers = 3000, 20
	for engine, database := range engines {
		b.Run(engine, func(b *testing.B) {
			c := newCloud(b, nil)
			ids := c.seed(b, size)
			server := newServer(b, c, database(b))
			caller := dial(b, server.Address)
			polled(b, server, size)
			caller.ended(caller.create(ids, nil), 5*time.Minute) // it learns the limit of the cloud
			run := func(followers int) (took, cpu float64) {
				before, began := metric(b, server, cpuSeconds), time.Now()
				job := caller.create(ids, nil)
				var watching sync.WaitGroup
				for range followers {
					watching.Go(func() { dial(b, server.Address).follow(job, nil) })
				}
				caller.ended(job, 5*time.Minute)
				took = time.Since(began).Seconds()
				watching.Wait()
				return took, metric(b, server, cpuSeconds) - before
			}
			var alone, followed, cpuAlone, cpuFollowed float64
			for n := 0; b.Loop(); n++ {
				for _, watched := range []bool{n%2 == 0, n%2 != 0} {
					if watched {
						took, cpu := run(followers)
						followed, cpuFollowed = followed+took, cpuFollowed+cpu
					} else {
						took, cpu := run(0)
						alone, cpuAlone = alone+took, cpuAlone+cpu
					}
				}
			}
			b.ReportMetric(followed/alone, "of-alone")
			b.ReportMetric(cpuFollowed/cpuAlone, "cpu-of-alone")
			b.ReportMetric(cpuAlone*1000/size/float64(b.N), "cpu-ms/renewal")
		})
	}
}

// BenchmarkJobWatch watches a job of 10,000 that has ended, from its beginning: the time to the first message, and to the
// last.
func BenchmarkJobWatch(b *testing.B) {
	const size = 10_000
	for engine, database := range engines {
		b.Run(engine, func(b *testing.B) {
			c := newCloud(b, nil)
			ids := c.seed(b, size)
			server := newServer(b, c, database(b))
			caller := dial(b, server.Address)
			polled(b, server, size)
			job := caller.create(ids, nil)
			caller.ended(job, 5*time.Minute)
			var first time.Duration
			for b.Loop() {
				began, messages := time.Now(), 0
				renewals := caller.follow(job, func() {
					if messages++; messages == 1 {
						first += time.Since(began)
					}
				})
				if renewals != size {
					b.Fatalf("the watch has %d renewals, want %d", renewals, size)
				}
			}
			b.ReportMetric(float64(first.Microseconds())/1000/float64(b.N), "first-ms")
			b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "all-ms")
		})
	}
}

// BenchmarkResumed kills a server in the middle of a job of 10,000 and measures the time from the start of the next
// server to its first order.
func BenchmarkResumed(b *testing.B) {
	c := newCloud(b, nil)
	ids := c.seed(b, 10_000)
	server := newServer(b, c, engines["sqlite"](b))
	caller := dial(b, server.Address)
	caller.create(ids, nil)
	orders := func() int64 { return c.Stats().Actions["RenewInstance"].Calls }
	var took []time.Duration
	for b.Loop() {
		enough := orders() + 200
		within(b, time.Minute, func() bool { return orders() >= enough })
		server.Stop(syscall.SIGKILL)
		sent := orders()
		for pause(b.Context(), 200*time.Millisecond) && orders() > sent { // calls in flight
			sent = orders()
		}
		began := time.Now()
		server.Start()
		within(b, time.Minute, func() bool { return orders() > sent })
		took = append(took, time.Since(began))
	}
	b.ReportMetric(slices.Max(took).Seconds(), "max-s")
}

// BenchmarkRateBudget renews under a budget of 300 calls per minute for three of the cloud's minutes. It measures the
// used share of the last two, and the count of throttled calls.
func BenchmarkRateBudget(b *testing.B) {
	const rate = 300
	for _, limit := range []string{"configured", "learned"} {
		b.Run(limit, func(b *testing.B) {
			for b.Loop() {
				c := newCloud(b, func(s *simulator.Config) {
					s.Rates = []simulator.Rate{{Action: "RenewInstance", Calls: rate, Window: time.Minute}}
				})
				ids := c.seed(b, 5*rate)
				var args []string
				if limit == "configured" {
					args = []string{"--rate", "RenewInstance=300/1m"}
				}
				caller := dial(b, newServer(b, c, engines["sqlite"](b), args...).Address)
				// The cloud's windows are the minutes of its clock.
				time.Sleep(time.Until(time.Now().Truncate(time.Minute).Add(time.Minute)))
				caller.create(ids, nil)
				var used, throttled []int64
				for range 3 {
					before := c.Stats().Actions["RenewInstance"]
					time.Sleep(time.Until(time.Now().Truncate(time.Minute).Add(time.Minute)))
					now := c.Stats().Actions["RenewInstance"]
					throttled = append(throttled, now.Throttled-before.Throttled)
					used = append(used, now.Calls-before.Calls-(now.Throttled-before.Throttled))
				}
				b.Logf("used %v, throttled %v", used, throttled)
				b.ReportMetric(float64(used[1]+used[2])/(2*rate), "of-budget")
				b.ReportMetric(float64(slices.Max(throttled)), "throttled-a-window")
			}
		})
	}
}
