package ledger_test

import (
	"bufio"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/test/lib/program"
)

// BenchmarkJob renews many instances in one job at a cloud without latency, each step on disk before the next. A
// renewal is done when its expiry is read, which takes some seconds at the end; paid/s excludes that time. The fleet is
// the same for jobs of every size, and the server has read it before, so that memory and calls are those of the job.
func BenchmarkJob(b *testing.B) {
	const fleet = 10_000
	for engine, database := range engines {
		for _, size := range []int{1000, 10_000} {
			b.Run(engine+"/"+strconv.Itoa(size), func(b *testing.B) {
				for b.Loop() {
					b.StopTimer()
					c := newCloud(b, published)
					ids := c.seed(b, fleet)[:size]
					server := newServer(b, c, database(b))
					caller := dial(b, server.Address)
					polled(b, server, fleet)
					memory, cpu := metric(b, server, residentBytes), metric(b, server, cpuSeconds)
					c.ResetStats()
					b.StartTimer()
					began := time.Now()
					job := caller.create(ids, nil)
					stored := time.Since(began)
					paid := within(b, 5*time.Minute, func() bool { return c.Stats().Actions["RenewInstance"].Calls >= int64(size) })
					peak := metric(b, server, residentBytes)
					caller.ended(job, 5*time.Minute)
					all := time.Since(began)
					if v := compare(c.Ledger(simulator.LedgerFilter{}), caller.renewals(job)); !v.clean() {
						b.Errorf("the comparison says %s", v)
					}
					calls := c.Stats().Actions
					b.ReportMetric(stored.Seconds(), "create-s")
					b.ReportMetric(float64(size)/paid.Seconds(), "paid/s")
					b.ReportMetric(float64(size)/all.Seconds(), "renewals/s")
					b.ReportMetric(float64(calls["RenewInstance"].Calls+calls["DescribeInstances"].Calls)/float64(size), "calls/renewal")
					b.ReportMetric(float64(calls["DescribeInstances"].Calls)*100/float64(size), "reads/100")
					b.ReportMetric((peak-memory)/(1<<20), "MB-more")
					b.ReportMetric((metric(b, server, cpuSeconds)-cpu)*1000/float64(size), "cpu-ms/renewal")
				}
			})
		}
	}
}

// published has the cloud publish limits that no benchmark reaches, in Quota Center.
func published(s *simulator.Config) {
	s.Rates = []simulator.Rate{{Action: "*", Calls: 1_000_000, Window: time.Minute}}
}

// within waits for a condition and returns how long that took.
func within(t testing.TB, patience time.Duration, so func() bool) time.Duration {
	t.Helper()
	began := time.Now()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !so() {
		if time.Since(began) > patience {
			t.Fatalf("it is not so after %s", patience)
		}
		<-tick.C
	}
	return time.Since(began)
}

// Metrics of a server.
const (
	residentBytes = "process_resident_memory_bytes"
	cpuSeconds    = "process_cpu_seconds_total"
	// polledInstances counts the instances that the polls found.
	polledInstances = `ecsd_watch_changes_total{region="` + hangzhou + `"}`
)

// polled waits until a server has found the given count of instances.
func polled(t testing.TB, p *program.Process, instances int) {
	t.Helper()
	within(t, time.Minute, func() bool {
		found, _ := valueOf(t, p, polledInstances)
		return found >= float64(instances)
	})
}

// metric returns the value of a server's metric.
func metric(t testing.TB, p *program.Process, name string) float64 {
	t.Helper()
	value, ok := valueOf(t, p, name)
	if !ok {
		t.Fatalf("the metrics have no %s", name)
	}
	return value
}

// valueOf returns the value of a server's metric, and whether it exists.
func valueOf(t testing.TB, p *program.Process, name string) (value float64, ok bool) {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
	answer, err := client.Get("http://" + p.Admin + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() {
		if text, found := strings.CutPrefix(lines.Text(), name+" "); found {
			value, err := strconv.ParseFloat(text, 64)
			if err != nil {
				t.Fatal(err)
			}
			return value, true
		}
	}
	return 0, false
}
