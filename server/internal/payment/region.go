package payment

import (
	"cmp"
	"slices"
	"sync/atomic"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

const (
	// readBatch is how many instances one call to the cloud reads.
	readBatch = 100
	// maxUnpaid bounds the renewals of a region that are claimed and not tried
	// yet. A job with as many renewals that were tried and are not paid gets no
	// more, so that it keeps no other waiting. maxHeld bounds all claimed
	// renewals, most of which wait for their new expiry: memory does not grow with
	// a job.
	maxUnpaid = 400
	maxHeld   = 20_000
	// maxPaying and maxReading bound the batches of a region in progress. A
	// single renewal does not wait for one. maxRetrying bounds the batches of
	// payments that were deferred before, so that they keep no first one waiting.
	maxPaying   = 3
	maxRetrying = 2
	maxReading  = 8
	// idleCheck is the longest sleep of a scheduler.
	idleCheck = time.Minute
)

// task is a claimed renewal. It belongs to the scheduler of its region between
// two steps, and to the step during it.
type task struct {
	r     ledger.Renewal
	terms ledger.Terms
	// began is when this process first tried to pay for it, since when it took it
	// up or last wrote it.
	began, since time.Time
	// step is due at at.
	step Step
	at   time.Time
	// deferrals counts how often its payment was deferred.
	deferrals int
	// front is the place of the task in the order of its job until its first send.
	front *front
}

// region schedules the renewals of one region: it claims them, earliest expiry
// first, and starts their steps. One goroutine owns its state; claims and steps
// run concurrently and return their tasks as events. A region that is throttled
// or does not respond delays no other.
type region struct {
	session *session
	runner  *Runner
	id      string
	wake    chan struct{}
	events  chan event
	// held counts the tasks of the region.
	held atomic.Int64
	// planned is set if the ledger may have planned renewals to claim, inFlight if
	// it may have those that another process left in flight.
	planned, inFlight atomic.Bool
	// taking has a value while a batch takes rate grants.
	taking chan struct{}

	waiting []*task
	// paying, retrying and reading count batches in progress; retrying is part of paying.
	paying, retrying, reading int
	claiming                  bool
}

// event returns tasks to the scheduler.
type event struct {
	tasks []*task
	// ended, if set, is the kind of work that is over.
	ended func(*region)
}

func newRegion(s *session, id string) *region {
	return &region{session: s, runner: s.runner, id: id, wake: make(chan struct{}, 1), taking: make(chan struct{}, 1), events: make(chan event)}
}

// look has the region claim soon.
func (g *region) look() {
	g.planned.Store(true)
	g.inFlight.Store(true)
	notify(g.wake)
}

// run schedules until the session ends.
func (g *region) run() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		g.claim()
		timer.Reset(time.Until(g.start(time.Now())))
		select {
		case <-g.session.ctx.Done():
			return
		case e := <-g.events:
			g.take(e)
		case <-g.wake:
		case <-timer.C:
		}
	}
}

// give returns tasks, or drops them if the session ends: the ledger has their
// states.
func (g *region) give(e event) {
	select {
	case g.events <- e:
	case <-g.session.ctx.Done():
	}
}

// take takes back tasks, except finished ones.
func (g *region) take(e event) {
	if e.ended != nil {
		e.ended(g)
	}
	over := 0
	for _, t := range e.tasks {
		if t.step == Rest {
			over++
			continue
		}
		g.waiting = append(g.waiting, t)
	}
	if g.held.Add(-int64(over)) == 0 && over > 0 {
		g.runner.Wake() // the session may end
	}
}

// admit begins newly claimed tasks and passes them to the scheduler.
func (g *region) admit(tasks []*task, ended func(*region)) {
	g.held.Add(int64(len(tasks)))
	for _, t := range tasks {
		if t.r.State == ledger.Planned && !t.terms.Single {
			t.front = g.session.fronts.enter(t.r)
		}
	}
	g.each(tasks, func(t *task) { g.session.advance(g.session.ctx, t, Started{}) })
	g.give(event{tasks: tasks, ended: ended})
}

// claim fills the region from the ledger: with all renewals in flight, and with
// as many planned ones as fit. The end of a batch makes space for planned ones;
// it does not repeat the read of those in flight, which passes over all that the
// region holds.
func (g *region) claim() {
	if g.claiming || !g.planned.Load() && !g.inFlight.Load() {
		return
	}
	first := (g.paying - g.retrying) * readBatch
	tried := map[string]int{}
	var stuck []string
	for _, t := range g.waiting {
		switch {
		case t.r.State.Paid():
		case t.r.State != ledger.Unknown && t.deferrals == 0:
			first++
		default:
			if tried[t.r.JobID]++; tried[t.r.JobID] == maxUnpaid {
				stuck = append(stuck, t.r.JobID)
			}
		}
	}
	free := maxHeld - int(g.held.Load())
	var claims []ledger.Claim
	if g.inFlight.Swap(false) {
		claims = append(claims, ledger.Claim{RegionID: g.id, InFlight: true, Limit: min(maxUnpaid, free)})
	}
	// If none fit, the end of a batch makes space.
	if room := min(maxUnpaid-first, free); g.planned.Swap(false) && room >= maxUnpaid/4 {
		claims = append(claims, ledger.Claim{RegionID: g.id, Limit: room, ExceptJobs: stuck})
	}
	if len(claims) == 0 {
		return
	}
	g.claiming = true
	g.session.spawn(func() {
		var claimed []*task
		for _, c := range claims {
			some, err := g.session.claim(c)
			if err != nil && g.session.ctx.Err() == nil {
				g.runner.config.Logger.Error("claim renewals failed, retrying", "region", g.id, "error", err.Error())
			}
			if c.Limit > 0 && len(some) == c.Limit { // there may be more
				if c.InFlight {
					g.inFlight.Store(true)
				} else {
					g.planned.Store(true)
				}
			}
			claimed = append(claimed, some...)
		}
		g.admit(claimed, func(g *region) { g.claiming = false })
	})
}

// start starts every step that is due and fits, and returns when the next one
// is due.
func (g *region) start(now time.Time) time.Time {
	var pay, read []*task
	next := now.Add(idleCheck)
	g.waiting = slices.DeleteFunc(g.waiting, func(t *task) bool {
		switch {
		case t.at.After(now):
			if t.at.Before(next) {
				next = t.at
			}
		case t.step == Observe:
			read = append(read, t)
			return true
		case t.terms.Single:
			g.pay([]*task{t}, nil)
			return true
		case t.front.first():
			pay = append(pay, t)
			return true
		}
		return false
	})
	slices.SortFunc(pay, func(a, b *task) int {
		return cmp.Or(ledger.Compare(a.r, b.r), cmp.Compare(a.r.ID, b.r.ID))
	})
	for g.paying < maxPaying {
		lead := slices.IndexFunc(pay, func(t *task) bool { return t.deferrals == 0 || g.retrying < maxRetrying })
		if lead < 0 {
			break
		}
		caller, retry := pay[lead].r.Caller, pay[lead].deferrals > 0
		var batch, rest []*task
		for _, t := range pay { // one caller per batch: callers share the rate fairly
			if len(batch) < readBatch && t.r.Caller == caller && (t.deferrals > 0) == retry {
				batch = append(batch, t)
			} else {
				rest = append(rest, t)
			}
		}
		pay = rest
		g.paying++
		if retry {
			g.retrying++
		}
		g.pay(batch, func(g *region) {
			g.paying--
			if retry {
				g.retrying--
			}
			g.planned.Store(true)
		})
	}
	slices.SortFunc(read, func(a, b *task) int { return a.at.Compare(b.at) })
	for len(read) > 0 && g.reading < maxReading {
		n := min(readBatch, len(read))
		g.reading++
		g.observe(read[:n:n])
		read = read[n:]
	}
	g.waiting = append(append(g.waiting, pay...), read...)
	return next
}

// pay starts a batch that passes the gate.
func (g *region) pay(batch []*task, ended func(*region)) {
	g.session.spawn(func() {
		g.passGate(batch)
		g.give(event{tasks: batch, ended: ended})
	})
}

// observe starts a batch of reads.
func (g *region) observe(batch []*task) {
	g.session.spawn(func() {
		g.settleBatch(batch)
		g.give(event{tasks: batch, ended: func(g *region) { g.reading-- }})
	})
}
