package garbage_test

import (
	"runtime"
	"testing"

	"github.com/ecsd-io/ecsd/server/internal/garbage"
)

var live, dead []byte

// A collection runs in a quiet moment only after half of the growth to the next one.
func TestQuiet_NearTheNextCollection(t *testing.T) {
	live = make([]byte, 64<<20) // so that what the test allocates besides does not matter
	defer func() { live, dead = nil, nil }()
	runtime.GC()
	var c garbage.Collector
	allocate := func(bytes int) {
		for range bytes >> 20 {
			dead = make([]byte, 1<<20)
		}
	}
	for _, step := range []struct {
		allocated int
		want      bool
	}{{16 << 20, false}, {24 << 20, true}, {16 << 20, false}} {
		allocate(step.allocated)
		before := collections()
		if ran := c.Quiet(); ran != step.want || (collections() > before) != step.want {
			t.Errorf("after %d MB more: ran %t, %d collections; want %t", step.allocated>>20, ran, collections()-before, step.want)
		}
	}
}

func collections() uint32 {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return memory.NumGC
}
