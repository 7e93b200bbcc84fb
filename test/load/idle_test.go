package load_test

import (
	"slices"
	"testing"
	"time"
)

// A watcher that waits has a stack of 8 KB, as on a bare server: the runtime halves the 16 KB of its start only if the
// frames around it are small. Frames of the race detector are larger.
func TestIdleWatcher_StackIsSmall(t *testing.T) {
	if raceDetector {
		t.Skip("needs a server without the race detector")
	}
	const instances, watched, most = 10, 2000, 12 << 10
	c := newCloud(t, instances)
	p := start(t, settings{Endpoint: c.endpoint, PollInterval: time.Hour, Database: "sqlite::memory:"})
	watch(t, p.address, c.ids[:1], quiet)
	before := p.usage().Stacks
	watch(t, p.address, slices.Repeat(c.ids, watched/instances), quiet)
	if each := (p.usage().Stacks - before) / watched; each > most {
		t.Errorf("an idle watcher has %d bytes of stacks, want at most %d", each, most)
	} else {
		t.Logf("an idle watcher has %d bytes of stacks", each)
	}
}
