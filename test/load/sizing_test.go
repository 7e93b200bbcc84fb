package load_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// sizingPolls is the count of polls with changes.
const sizingPolls = 10

// Measures what an operator plans for a fleet: the largest resident memory of a server after the first poll and after
// polls in which a hundredth of the fleet changes, the bytes in the database per instance and per change, and the calls per
// poll.
func BenchmarkSizing(b *testing.B) {
	for _, n := range []int{1000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				c := newCloud(b, n)
				path := filepath.Join(b.TempDir(), "ecsd.db")
				watched := func() *process {
					p := start(b, settings{Endpoint: c.endpoint, PollInterval: 5 * time.Second, Database: "sqlite:" + path})
					begin(b, p.address, 1, anyInstance).read(b)
					return p
				}
				polls := func() (u usage, calls float64, size int64) {
					p := watched()
					before := c.sweep(b)
					for i := range sizingPolls {
						c.rename(b, fmt.Sprintf("changed-%d", i), c.ids[:n/100])
						c.sweep(b) // it may have begun before the change
						c.sweep(b)
					}
					after := c.sweep(b)
					u = p.usage()
					p.end() // which moves SQLite's log into the file
					return u, float64(after.calls-before.calls) / float64(after.lists-before.lists), databaseSize(b, path)
				}
				p := watched()
				first := p.usage()
				p.end()
				_, _, size := polls() // the table of instances is written too
				u, calls, later := polls()
				b.ReportMetric(float64(first.Peak)/(1<<20), "first-MB")
				b.ReportMetric(float64(u.Peak)/(1<<20), "peak-MB")
				b.ReportMetric(float64(size)/float64(n), "B/instance")
				b.ReportMetric(float64(later-size)/float64(sizingPolls*n/100), "B/change")
				b.ReportMetric(calls, "calls/poll")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// databaseSize returns the bytes of a SQLite file.
func databaseSize(b *testing.B, path string) int64 {
	b.Helper()
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	return info.Size()
}
