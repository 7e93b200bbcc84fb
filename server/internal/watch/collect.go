package watch

import (
	"runtime"
	"runtime/metrics"
)

// collect has memory collected where half of what may be taken until the next
// collection is taken. A collection begins when memory is taken, which is mostly
// in a poll, and would then share the processor with all who wait for what the
// poll has found; while no region is polled nobody waits.
func (r *Room) collect() {
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
