package renewal

import (
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
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
// They wait without a goroutine each, and without more than what finds them
// again in the ledger: there may be as many as are paid in twenty seconds.
type verifier struct {
	mu sync.Mutex
	// waiting are by region.
	waiting map[string][]held
}

// held is a renewal that waits to be looked at.
type held struct {
	id, job    string
	due, stood time.Time
}

// hold takes renewals of a region over. They are counted as carried until their
// end.
func (v *verifier) hold(region string, some ...held) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.waiting == nil {
		v.waiting = map[string][]held{}
	}
	v.waiting[region] = append(v.waiting[region], some...)
}

// due takes out what is due, region by region.
func (v *verifier) due() map[string][]held {
	v.mu.Lock()
	defer v.mu.Unlock()
	now, due := time.Now(), map[string][]held{}
	for region, all := range v.waiting {
		v.waiting[region] = slices.DeleteFunc(all, func(h held) bool {
			if h.due.After(now) {
				return false
			}
			due[region] = append(due[region], h)
			return true
		})
	}
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
func (s *shift) look(region string, some []held) {
	ids := make([]string, len(some))
	for i, h := range some {
		ids[i] = h.id
	}
	stored, err := s.ledger.Renewals(s.ctx, ids)
	if err != nil { // it says itself that it is out of reach, to who writes
		s.again(region, some...)
		return
	}
	carriers := make([]*carrier, len(some))
	instances := make([]string, 0, len(some))
	for i, h := range some {
		r := stored[h.id]
		carriers[i] = &carrier{shift: s, job: h.job, r: r, stood: h.stood, counted: true}
		if r.State == ecs.RenewalVerifying {
			instances = append(instances, r.InstanceID)
		}
	}
	ctx := call.InLane(call.With(s.ctx, &call.Call{Caller: carriers[0].r.Caller}), call.Write)
	reads := s.cloud.Instances(ctx, region, instances)
	var moves sync.WaitGroup
	for i, c := range carriers {
		if c.r.State != ecs.RenewalVerifying { // it is another's by now
			c.left(ecs.ErrStateMoved)
			continue
		}
		read := reads[0]
		reads = reads[1:]
		moves.Go(func() {
			done, err := c.verified(ctx, read.Value, read.Err)
			if !done && s.ctx.Err() == nil {
				s.again(region, some[i])
				return
			}
			c.left(err)
		})
	}
	moves.Wait()
}

// again holds on to renewals of which nothing is known yet.
func (s *shift) again(region string, some ...held) {
	for i := range some {
		some[i].due = time.Now().Add(showsAfter)
	}
	s.verifier.hold(region, some...)
}
