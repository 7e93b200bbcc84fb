package ledger_test

import (
	"io"
	"net/http"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/test/program"
)

// BenchmarkJob renews many instances in one job at a cloud that answers at
// once, each step on disk before the next. A renewal is done when its expiry is
// read, for which all wait some seconds at the end; paid/s leaves that out.
func BenchmarkJob(b *testing.B) {
	for engine, database := range engines {
		for _, size := range []int{1000, 10_000} {
			b.Run(engine+"/"+strconv.Itoa(size), func(b *testing.B) {
				for b.Loop() {
					b.StopTimer()
					c := newCloud(b, nil)
					ids := c.seed(b, size)
					server := newServer(b, c, database(b))
					caller := dial(b, server.Address)
					before := resident(b, server)
					c.ResetStats()
					b.StartTimer()
					began := time.Now()
					job := caller.create(ids, nil)
					stored := time.Since(began)
					paid := within(b, 5*time.Minute, func() bool { return len(c.Ledger(simulator.LedgerFilter{})) == size })
					peak := resident(b, server)
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
					b.ReportMetric(peak-before, "MB-more")
				}
			})
		}
	}
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

var residentLine = regexp.MustCompile(`(?m)^process_resident_memory_bytes (\S+)$`)

// resident is the memory of a server, in MB.
func resident(t testing.TB, p *program.Process) float64 {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
	answer, err := client.Get("http://" + p.Admin + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	found := residentLine.FindSubmatch(text)
	if err != nil || found == nil {
		t.Fatalf("the metrics do not tell the memory: %v", err)
	}
	bytes, err := strconv.ParseFloat(string(found[1]), 64)
	if err != nil {
		t.Fatal(err)
	}
	return bytes / (1 << 20)
}
