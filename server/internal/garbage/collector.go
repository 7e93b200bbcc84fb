package garbage

import (
	"runtime"
	"runtime/metrics"
	"sync"
)

// near is the part of the way to the next collection from which one is run in a
// quiet moment. A quiet moment that comes for each of many regions causes at
// most twice as many collections as there would be.
const near = 0.5

// Collector collects garbage. The zero value is ready.
type Collector struct {
	mu sync.Mutex
}

// Quiet runs a collection, if the next one is near and no other caller runs one.
// It returns at the end, and reports whether it did.
func (c *Collector) Quiet() bool {
	if !c.mu.TryLock() {
		return false
	}
	defer c.mu.Unlock()
	samples := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/memory/classes/heap/objects:bytes"}, {Name: "/gc/heap/goal:bytes"}}
	metrics.Read(samples)
	live, now, goal := value(samples[0]), value(samples[1]), value(samples[2])
	if now-live < near*(goal-live) {
		return false
	}
	runtime.GC()
	return true
}

func value(s metrics.Sample) float64 { return float64(s.Value.Uint64()) }
