package renewal

import (
	"context"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
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

// hold takes a renewal over until it is due. It is counted as carried until its
// end.
func (v *verifier) hold(c *carrier, due time.Time) {
	v.add(c.r.RegionID, held{id: c.r.ID, job: c.job, due: due, stood: c.stood})
}

func (v *verifier) add(region string, some ...held) {
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
	reading, cancel := context.WithTimeout(s.ctx, writeTimeout)
	stored, err := s.ledger.Renewals(reading, ids)
	cancel()
	if err != nil {
		if s.ctx.Err() == nil {
			s.config.Logger.Error("renewals wait to be verified", "region", region, "count", len(some), "error", err.Error())
		}
		for i := range some {
			some[i].due = time.Now().Add(showsAfter)
		}
		s.verifier.add(region, some...)
		return
	}
	var carriers []*carrier
	var instances []string
	for _, h := range some {
		c := &carrier{shift: s, job: h.job, r: stored[h.id], stood: h.stood, counted: true}
		if c.r.State != ledger.Verifying { // it is another's by now
			c.left(ecs.ErrStateMoved)
			continue
		}
		carriers, instances = append(carriers, c), append(instances, c.r.InstanceID)
	}
	if len(carriers) == 0 {
		return
	}
	ctx := call.InLane(call.With(s.ctx, &call.Call{Caller: carriers[0].r.Caller}), call.Write)
	reads := s.cloud.Instances(ctx, region, instances)
	var moves sync.WaitGroup
	for i, c := range carriers {
		moves.Go(func() {
			done, err := c.verified(ctx, reads[i].Value, reads[i].Err)
			if !done && s.ctx.Err() == nil {
				s.verifier.hold(c, time.Now().Add(showsAfter))
				return
			}
			c.left(err)
		})
	}
	moves.Wait()
}
