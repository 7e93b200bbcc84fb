package watch

import (
	"runtime"
	"runtime/metrics"
)

// collect runs a garbage collection if half of the allocation budget until the
// next one is used. Otherwise the collection would start during an allocation,
// mostly in a poll, and compete for the processor with the delivery of the
// poll's changes; between polls there is nothing to deliver.
func (r *Service) collect() {
	if r.sweeping.Load() > 0 {
		return
	}
	heap := []metrics.Sample{
		{Name: "/gc/heap/live:bytes"}, {Name: "/memory/classes/heap/objects:bytes"}, {Name: "/gc/heap/goal:bytes"},
	}
	metrics.Read(heap)
	live, taken, goal := heap[0].Value.Uint64(), heap[1].Value.Uint64(), heap[2].Value.Uint64()
	if taken > live/2+goal/2 {
		runtime.GC()
	}
}
