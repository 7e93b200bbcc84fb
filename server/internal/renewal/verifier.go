package renewal

import (
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ecsd-io/ecsd/server/internal/call"
)

const (
	// The cloud shows a new expiry up to about ten seconds late: looking sooner
	// would mostly cost a second look.
	showsAfter = 10 * time.Second
	// verifyTick is how far the looks for new expiries lie apart. What is due at
	// one is read a hundred at a time.
	verifyTick = 5 * time.Second
	readAtOnce = 100
	// chunksAtOnce bounds the reads at a time.
	chunksAtOnce = 8
)

// verifier holds the renewals of jobs that are paid until the cloud shows it.
// They wait without a goroutine each: there may be as many as are paid in
// twenty seconds.
type verifier struct {
	mu      sync.Mutex
	waiting []held
}

// held is a renewal that waits to be looked at.
type held struct {
	*carrier
	due time.Time
}

// hold takes a renewal over. It is counted as carried until its end.
func (v *verifier) hold(c *carrier, due time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.waiting = append(v.waiting, held{c, due})
}

// due takes out what is due, region by region.
func (v *verifier) due() map[string][]*carrier {
	v.mu.Lock()
	defer v.mu.Unlock()
	now, due := time.Now(), map[string][]*carrier{}
	v.waiting = slices.DeleteFunc(v.waiting, func(h held) bool {
		if h.due.After(now) {
			return false
		}
		due[h.r.RegionID] = append(due[h.r.RegionID], h.carrier)
		return true
	})
	return due
}

// verify looks at what is held until the shift ends. A look that hangs keeps a
// place, but not the next looks from being made.
func (s *shift) verify() {
	var chunks errgroup.Group
	chunks.SetLimit(chunksAtOnce)
	for sleepToTick(s.ctx, verifyTick) == nil {
		for region, all := range s.verifier.due() {
			for some := range slices.Chunk(all, readAtOnce) {
				chunks.Go(func() error {
					s.look(region, some)
					return nil
				})
			}
		}
	}
	_ = chunks.Wait() // it has no errors
}

// look reads instances in one call, and ends or holds on to their renewals.
func (s *shift) look(region string, some []*carrier) {
	ids := make([]string, len(some))
	for i, c := range some {
		ids[i] = c.r.InstanceID
	}
	ctx := call.InLane(call.With(s.ctx, &call.Call{Caller: some[0].r.Caller}), call.Write)
	reads := s.cloud.Instances(ctx, region, ids)
	var moves sync.WaitGroup
	for i, c := range some {
		moves.Go(func() {
			read := reads[i]
			done, err := c.verified(ctx, read.Value, read.Err)
			if !done && s.ctx.Err() == nil {
				s.verifier.hold(c, time.Now().Add(showsAfter))
				return
			}
			c.left(err)
		})
	}
	moves.Wait()
}
