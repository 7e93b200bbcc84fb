package cloud

import (
	"slices"
	"sync"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/cloud/budget"
)

const (
	// latencySamples are kept of each action and region, and latencyFew are the
	// fewest that a median is taken of.
	latencySamples, latencyFew = 31, 5
	// latencyFresh is how long a sample counts. So calls that were refused for a
	// slow cloud are soon sent again.
	latencyFresh = 30 * time.Second
)

// latencies knows how long the calls of each action and region take. The zero
// value is ready.
type latencies struct {
	mu   sync.Mutex
	seen map[budget.Key][]sample
}

// sample is one call, with the time of its response.
type sample struct {
	ended time.Time
	took  time.Duration
}

func (l *latencies) note(key budget.Key, took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.seen == nil {
		l.seen = make(map[budget.Key][]sample)
	}
	samples := append(l.seen[key], sample{time.Now(), took})
	if len(samples) > latencySamples {
		samples = slices.Delete(samples, 0, len(samples)-latencySamples)
	}
	l.seen[key] = samples
}

// median returns how long a call is likely to take, 0 if that is not known.
func (l *latencies) median(key budget.Key) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	since := time.Now().Add(-latencyFresh)
	took := make([]time.Duration, 0, latencySamples)
	for _, s := range l.seen[key] {
		if s.ended.After(since) {
			took = append(took, s.took)
		}
	}
	if len(took) < latencyFew {
		return 0
	}
	slices.Sort(took)
	return took[len(took)/2]
}
