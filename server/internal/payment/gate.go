package payment

import (
	"cmp"
	"context"
	"errors"
	"hash/fnv"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/rescue"
)

const (
	// pricing bounds the concurrent price calls of one batch.
	pricing = 64
	// latePrice is the least time that a price may take longer than half of those of
	// its batch. A renewal with a later one is deferred, and delays no other.
	latePrice = time.Second
	// gathering is how long a batch collects rate grants after the first one,
	// before it reads the instances of all of them in one call.
	gathering = 1500 * time.Millisecond
	// repricing bounds the reads of prices that became too old while a grant was
	// waited for.
	repricing = 2 * time.Second
	// slowGrant is the wait for a grant after which a region counts as throttled.
	slowGrant = 2 * time.Second
	// sendTimeout bounds one send; closeGrace is how long a closing runner waits
	// for it. Past it the outcome is unknown and settled by the next start.
	sendTimeout = time.Minute
	closeGrace  = 10 * time.Second
	// outcomeGrace is how long the outcome of a send is written after the lease was lost.
	outcomeGrace = 5 * time.Minute
)

// passGate takes a batch of one caller through the gate: prices first, then a
// rate grant for each, then one fresh read, then intents, then the sends.
// Nothing waits between the read and the sends but the transaction of the
// intents.
func (g *region) passGate(batch []*task) {
	ctx, cancel := g.runner.base(g.session.ctx, batch[0].r.JobID, batch[0].r.Caller)
	defer cancel()
	now := time.Now()
	for _, t := range batch {
		if t.began.IsZero() {
			t.began = now
		}
	}
	batch = g.exceptCancelled(ctx, batch)
	if in := g.frozen(ctx); in != nil {
		g.each(batch, func(t *task) { g.session.advance(ctx, t, in) })
		return
	}
	slow := time.AfterFunc(slowGrant, func() {
		for _, t := range batch {
			t.front.leave()
		}
	})
	defer slow.Stop()
	prices := g.price(ctx, batch)
	var sends sync.WaitGroup
	defer sends.Wait()
	for waiting := batch; len(waiting) > 0; {
		var priced []*task
		for _, t := range waiting {
			switch p := prices[t]; {
			case p.err != nil:
				g.session.advance(ctx, t, Gated{PriceErr: p.err})
			case time.Since(p.at) > ledger.MaxPriceAge:
				t.step, t.at = Pay, time.Now() // priced again in the next batch
			default:
				priced = append(priced, t)
			}
		}
		grants, err := g.grants(ctx, len(priced))
		if err != nil {
			for _, t := range priced {
				g.session.advance(ctx, t, Gated{PriceErr: ecs.AsRefusal(err)})
			}
			return
		}
		granted := priced[:len(grants)]
		waiting = priced[len(grants):]
		if len(granted) > 0 {
			g.send(ctx, granted, grants, g.current(ctx, granted, prices), &sends)
		}
	}
}

// Freezes has the switch that stops all spending.
type Freezes interface {
	SpendFreeze(ctx context.Context) (ledger.Freeze, error)
}

// frozen returns the input of renewals that may not be paid now, because
// spending is frozen or that is not known; nil if it is not. The ledger refuses
// their intents as well: this spares the calls to the cloud.
func (g *region) frozen(ctx context.Context) Input {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	switch freeze, err := g.runner.freezes.SpendFreeze(ctx); {
	case err != nil:
		return Gated{PriceErr: &ecs.Error{
			Reason: ecs.ReasonStoreUnavailable, Message: "whether spending is frozen could not be read", Retry: ecs.RetryBackoff, Cause: err,
		}}
	case freeze.Frozen:
		return Refused{&ledger.FrozenError{Freeze: freeze}}
	}
	return nil
}

// exceptCancelled ends deferred renewals of cancelled jobs, and returns the others. The
// ledger refuses their intents as well, but in a region that is throttled none gets
// that far for hours.
func (g *region) exceptCancelled(ctx context.Context, batch []*task) []*task {
	cancelled := map[string]bool{}
	for _, t := range batch {
		if _, read := cancelled[t.r.JobID]; t.deferrals > 0 && !read {
			job, err := g.session.job(t.r.JobID)
			cancelled[t.r.JobID] = err == nil && !job.CancelTime.IsZero()
		}
	}
	var ended, others []*task
	for _, t := range batch {
		if cancelled[t.r.JobID] {
			ended = append(ended, t)
		} else {
			others = append(others, t)
		}
	}
	g.each(ended, func(t *task) { g.session.advance(ctx, t, Refused{ledger.ErrJobCancelled}) })
	return others
}

// price is the price of a renewal, or why it has none.
type price struct {
	amount ecs.Money
	err    *ecs.Error
	// began and at are the times of the request and of the response. The price may be old since began; its age counts
	// from at, because a request can wait for the rate budget longer than a price is valid.
	began, at time.Time
}

// price reads the prices of a batch. A period that the cloud does not price has
// no amount, which the gate permits only if no limit requires one. Once half of
// the prices are known, the others have twice as long again and latePrice at
// least, or are late; but a deferred renewal waits for its price.
func (g *region) price(ctx context.Context, batch []*task) map[*task]price {
	prices := make([]price, len(batch))
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var known atomic.Int32
	began := time.Now()
	var group rescue.Group
	group.SetLimit(pricing)
	for i, t := range batch {
		group.Go(func() error {
			prices[i] = g.priceOf(ctx, t)
			if n := known.Add(1); int(n) == (len(batch)+1)/2 && t.deferrals == 0 {
				late := time.AfterFunc(max(latePrice, 2*time.Since(began)), func() { cancel(errLatePrice) })
				context.AfterFunc(ctx, func() { late.Stop() })
			}
			return nil
		})
	}
	_ = group.Wait() // each error is kept beside its price
	all := make(map[*task]price, len(batch))
	for i, t := range batch {
		all[t] = prices[i]
	}
	return all
}

var errLatePrice = &ecs.Error{
	Reason: ecs.ReasonCloudUnreachable, Retry: ecs.RetryBackoff, Message: "the cloud returned the prices of other renewals, and this one not yet",
}

// priceOf reads one price.
func (g *region) priceOf(ctx context.Context, t *task) price {
	began := time.Now()
	quote, err := g.runner.cloud.RenewalPrice(ctx, g.id, t.r.InstanceID, t.r.Period)
	switch {
	case ecs.HasReason(err, ecs.ReasonPriceUnavailable):
		return price{began: began, at: time.Now()}
	case err != nil && errors.Is(context.Cause(ctx), errLatePrice):
		return price{err: errLatePrice}
	case err != nil:
		return price{err: ecs.AsRefusal(err)}
	}
	return price{amount: quote.Price, began: began, at: time.Now()}
}

// current returns the prices of a batch that has its grants. Prices that became
// too old during the wait are read again, in so short a time that the grants
// last.
func (g *region) current(ctx context.Context, batch []*task, prices map[*task]price) map[*task]price {
	current := make(map[*task]price, len(batch))
	var old []*task
	for _, t := range batch {
		if current[t] = prices[t]; time.Since(prices[t].at) > ledger.MaxPriceAge {
			old = append(old, t)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, repricing)
	defer cancel()
	maps.Copy(current, g.price(ctx, old))
	return current
}

// grants takes up to n rate grants: it waits for the first one, and briefly for
// the others. One batch of a region takes grants at a time, so that scarce ones
// are not spread over batches, each of which reads its instances by a separate
// call.
func (g *region) grants(ctx context.Context, n int) ([]Grant, error) {
	if n == 0 {
		return nil, nil
	}
	if n > 1 {
		select {
		case g.taking <- struct{}{}:
			defer func() { <-g.taking }()
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	first, err := g.runner.cloud.RenewGrant(ctx, g.id)
	if err != nil {
		return nil, err
	}
	all := []Grant{first}
	brief, cancel := context.WithTimeout(ctx, gathering)
	defer cancel()
	for len(all) < n {
		more, err := g.runner.cloud.RenewGrant(brief, g.id)
		if err != nil {
			break
		}
		all = append(all, more)
	}
	return all, nil
}

// send reads the instances of granted renewals, and writes and sends each one
// that Next permits. Sends run concurrently with the caller, counted in sends.
func (g *region) send(ctx context.Context, granted []*task, grants []Grant, prices map[*task]price, sends *sync.WaitGroup) {
	began := time.Now()
	reads, orders := g.evidence(ctx, granted, gateOrders)
	for i, t := range granted {
		sends.Go(func() {
			g.session.step(t, func() {
				defer grants[i].Release()
				g.sendOne(ctx, t, grants[i], began, Gated{
					Price: prices[t].amount, PriceTime: prices[t].began, PriceErr: prices[t].err, Instance: reads[i].Value, ReadErr: refusalOf(reads[i].Err), ReadTime: began,
					Orders: orders[t.r.InstanceID],
				})
			})
		})
	}
}

// sendOne writes and sends a renewal if Next permits it.
func (g *region) sendOne(ctx context.Context, t *task, grant Grant, began time.Time, gate Gated) {
	permitted := time.Now()
	g.session.advance(ctx, t, gate)
	if t.step != Send {
		return
	}
	// A freeze may have come after a commit that was reported late.
	late := time.Since(permitted) > ledger.MaxPermitAge && g.frozen(ctx) != nil
	if late || time.Since(began) > ledger.MaxReadAge {
		g.session.advance(ctx, t, Unsent{})
		return
	}
	paying, cancel := g.payingContext(ctx)
	defer cancel()
	orderID, err := grant.Send(paying, ecs.RenewOrder{
		RegionID: t.r.RegionID, InstanceID: t.r.InstanceID, Period: t.r.Period, ClientToken: t.r.ClientToken,
	})
	if t.terms.Single {
		g.runner.config.Touched(t.r.RegionID, []string{t.r.InstanceID})
	}
	g.session.advance(ctx, t, Sent{OrderID: orderID, Err: refusalOf(err)})
}

// payingContext returns the context of a send. Neither a caller nor a closing
// runner ends it at once, but it is bounded.
func (g *region) payingContext(ctx context.Context) (context.Context, context.CancelFunc) {
	paying, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendTimeout)
	stop := context.AfterFunc(g.session.ctx, func() { time.AfterFunc(closeGrace, cancel) })
	return paying, func() { stop(); cancel() }
}

// advance gives a task its next input: it writes the transition that Next
// decides and sets the next step. If the ledger refuses an intent, that is the
// next input. A task that another process owns, or that cannot be written while
// the session ends, rests. The end of the session also ends its calls to the
// cloud, which is not evidence about an instance: then only the outcome of a
// send is written.
func (s *session) advance(ctx context.Context, t *task, in Input) {
	if s.ctx.Err() != nil && !closesSend(in) {
		t.step = Rest
		return
	}
	_, begins := in.(Started)
	_, observed := in.(Observed) // a settled outcome has waited for its window
	if refusal := refusalIn(in); refusal != nil && throttles(refusal) && !t.terms.Single {
		t.began = time.Now()
	}
	writing := ctx
	if _, sent := in.(Sent); sent {
		// Only this process knows the outcome. An outage may last longer than the
		// lease, but the claim holds until another process takes it.
		outliving, cancel := context.WithCancel(s.runner.ctx)
		defer cancel()
		defer context.AfterFunc(s.ctx, func() { time.AfterFunc(outcomeGrace, cancel) })()
		writing = outliving
	}
	defer func() {
		if !begins && t.step != Send { // its first pass of the gate is over
			t.front.leave()
		}
	}()
	for {
		d, err := Next(Case{Renewal: t.r, Terms: t.terms, Limits: s.runner.config.Limits, Began: t.began, Since: t.since, Ahead: s.runner.config.Clock.Ahead()}, in, time.Now())
		if err != nil {
			s.runner.config.Logger.Error("renewal step not possible, left alone", "renewal", t.r.ID, "error", err.Error())
			t.step = Rest
			return
		}
		if d.Next != nil {
			transition := ledger.NewTransition(t.r, *d.Next, t.terms.Expected)
			transition.Billed = settles(in) && d.Next.OrderID != t.r.OrderID
			if gated, ok := in.(Gated); ok {
				transition.PriceTime = gated.PriceTime
			}
			err := s.writer.write(writing, t.r.JobID, transition)
			switch {
			case err == nil:
				s.wrote(t, *d.Next)
			case refusesIntent(err):
				in = Refused{err}
				continue
			default:
				if !errors.Is(err, ecs.ErrStateMoved) && !errors.Is(err, ecs.ErrLeaseLost) && s.ctx.Err() == nil {
					s.runner.config.Logger.Error("write renewal failed, left to the next claim", "renewal", t.r.ID, "error", err.Error())
				}
				t.step = Rest
				return
			}
		}
		t.step, t.at = d.Step, d.At
		switch {
		case d.Step == Observe:
			t.at = t.alignedRead(s.runner.config.Limits)
		case d.Step == Pay && !begins && !observed:
			t.deferPay()
		}
		return
	}
}

// refusalIn returns the refusal that an input reports, nil if it reports none.
func refusalIn(in Input) *ecs.Error {
	switch in := in.(type) {
	case Gated:
		return cmp.Or(in.PriceErr, in.ReadErr)
	case Sent:
		return in.Err
	}
	return nil
}

// maxDefer is the longest pause before a deferred payment, unless the cloud
// requests a longer one.
const maxDefer = time.Minute

// deferPay defers the next pass of the gate, longer each time, so that a region
// that is down or throttled does not get calls for hundreds of renewals every
// few seconds.
func (t *task) deferPay() {
	pause := min(retryAfter<<min(t.deferrals, 5), maxDefer)
	t.deferrals++
	spread := fnv.New32a() // by instance, so that a history in virtual time can be replayed
	spread.Write([]byte(t.r.InstanceID))
	if later := time.Now().Add(pause/2 + pause*time.Duration(spread.Sum32()%1024)/1024); t.at.Before(later) {
		t.at = later
	}
}

// settles reports an input that can show an order of the bill.
func settles(in Input) bool {
	switch in.(type) {
	case Observed, Gated:
		return true
	}
	return false
}

// closesSend reports an input that closes an open attempt.
func closesSend(in Input) bool {
	switch in.(type) {
	case Sent, Unsent:
		return true
	}
	return false
}

// refusesIntent reports an error by which the ledger refuses a send.
func refusesIntent(err error) bool {
	for _, refusal := range []error{
		ledger.ErrInstanceBusy, ledger.ErrObligationPaid, ledger.ErrOrderTaken, ledger.ErrOverBudget, ledger.ErrJobCancelled, ecs.ErrCurrencyMismatch,
		ledger.ErrFrozen, ledger.ErrSpendCap, ledger.ErrCallerUnknown,
	} {
		if errors.Is(err, refusal) {
			return true
		}
	}
	return false
}

// wrote applies the written state, and reports it.
func (s *session) wrote(t *task, next ledger.Renewal) {
	was := t.r.State
	t.r, t.since = next, time.Now()
	s.runner.config.Observer.Wrote(next)
	s.runner.config.Changed(next.JobID)
	s.runner.warn(was, next)
}

// warn logs an outcome that is not known, with the command that resolves it if
// an operator must.
func (r *Runner) warn(was ledger.State, next ledger.Renewal) {
	switch {
	case next.State == ledger.NeedsAttention:
		r.config.Logger.Warn("renewal needs attention", "renewal", next.ID, "job", next.JobID, "region", next.RegionID, "instance", next.InstanceID,
			"problem", next.Failure.Message, "resolve", "ecsd renewals resolve "+next.ID+" paid|not-paid|try-again")
	case next.State == ledger.Unknown && was != ledger.Unknown:
		r.config.Logger.Warn("renewal outcome unknown, settling", "renewal", next.ID, "job", next.JobID, "region", next.RegionID, "instance", next.InstanceID,
			"problem", next.Failure.Message, "show", "ecsd renewals show "+next.JobID)
	}
}

// refusalOf is ecs.AsRefusal, and nil for nil.
func refusalOf(err error) *ecs.Error {
	if err == nil {
		return nil
	}
	return ecs.AsRefusal(err)
}
