package lease

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/rescue"
	"github.com/ecsd-io/ecsd/server/internal/sleep"
)

const (
	// defaultTTL bounds how long a dead process keeps others away.
	defaultTTL = 6 * time.Second
	// defaultTry is the pause between two attempts to acquire a lease.
	defaultTry = time.Second
	// aloneTTL is for a database that no other process can have open: no renewal
	// is needed, so an idle server writes nothing.
	aloneTTL = 100 * 365 * 24 * time.Hour
)

// Store keeps the leases.
type Store interface {
	// Shared reports whether other processes may use the same leases.
	Shared() bool
	// AcquireLease takes a lease that is free, expired or the holder's own, each
	// time with a higher epoch; ErrLeaseHeld if another holder has it.
	AcquireLease(ctx context.Context, name, holder string, ttl time.Duration) (ecs.Lease, error)
	// RenewLease extends a lease and replaces its note; ErrLeaseLost if its epoch
	// has a successor.
	RenewLease(ctx context.Context, lease ecs.Lease, ttl time.Duration, note []byte) (ecs.Lease, error)
	// ReleaseLease ends a lease and keeps its note.
	ReleaseLease(ctx context.Context, lease ecs.Lease) error
}

// Config describes a lease. The zero value of an optional field means its default.
type Config struct {
	// Name is the lease.
	Name string
	// Holder is unique to the life of a process.
	Holder string
	// TTL is how long the lease lasts without a renewal. Default 6 s.
	TTL time.Duration
	// Renew is the interval between renewals. Default TTL/3.
	Renew time.Duration
	// Try is the pause between attempts to acquire. Default 1 s.
	Try time.Duration
	// Note returns a note for other processes, stored with the lease; nil for a
	// lease without a note.
	Note func() []byte
	// Logger reports outages of the store and lost leases. Default slog.Default().
	Logger *slog.Logger
}

// withDefaults sets the defaults of unset fields.
func (c Config) withDefaults() Config {
	if c.TTL <= 0 {
		c.TTL = defaultTTL
	}
	if c.Renew <= 0 {
		c.Renew = c.TTL / 3
	}
	if c.Try <= 0 {
		c.Try = defaultTry
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c
}

// margin is the part of the TTL in which the lease is not trusted any more:
// the work needs it to stop, and clocks do not run equally fast.
func (c Config) margin() time.Duration { return c.TTL / 10 }

// attempt bounds one call to the store, so that a connection that hangs leaves
// time for another attempt.
func (c Config) attempt() time.Duration { return c.TTL / 3 }

// Held is a lease while work runs under it. It is safe for concurrent use.
type Held struct {
	cancel context.CancelCauseFunc
	soon   chan struct{}

	mu    sync.Mutex // guards lease; never held across I/O
	lease ecs.Lease
}

// Lease returns the lease with its epoch, for fenced writes.
func (h *Held) Lease() ecs.Lease {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.lease
}

func (h *Held) set(lease ecs.Lease) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lease = lease
}

// Lost ends the work's context: a fenced write returned ErrLeaseLost.
func (h *Held) Lost() { h.cancel(ecs.ErrLeaseLost) }

// RenewSoon renews the lease before its time, so that other processes read the
// new note soon. It does not wait.
func (h *Held) RenewSoon() {
	select {
	case h.soon <- struct{}{}:
	default:
	}
}

// Run acquires the lease, as often as needed, and runs work under it until ctx
// ends or work returns under a lease that it still holds; then it releases the
// lease and returns the error of ctx or of work. The context of work ends when
// the lease is lost or can no longer be trusted, with ErrLeaseLost as its
// cause; Run waits until work has returned, and acquires again. It does so too
// if work returns ErrLeaseLost or panics.
func Run(ctx context.Context, store Store, c Config, work func(ctx context.Context, held *Held) error) error {
	r := runner{store: store, Config: c.withDefaults(), alone: !store.Shared()}
	for {
		lease, err := r.acquire(ctx)
		if err != nil {
			return err
		}
		lost, err := r.hold(ctx, lease, work)
		if !lost {
			return err
		}
		if err == nil {
			r.Logger.Warn("lease lost", slog.String("lease", r.Name), slog.Int64("epoch", lease.Epoch))
		}
		if err := sleep.For(ctx, jitter(r.Try)); err != nil {
			return err
		}
	}
}

// runner is one call of Run.
type runner struct {
	Config
	store Store
	// alone: no other process can take the lease.
	alone bool
	// failing: the last attempt failed and was logged.
	failing bool
}

// acquire tries until it has the lease or ctx ends.
func (r *runner) acquire(ctx context.Context) (ecs.Lease, error) {
	for {
		lease, err := r.tryAcquire(ctx)
		if err == nil && time.Now().Before(r.trusted(lease)) {
			r.failed("acquire", nil)
			return lease, nil
		}
		if ctx.Err() != nil {
			if err == nil {
				r.release(ctx, lease)
			}
			return ecs.Lease{}, ctx.Err()
		}
		if errors.Is(err, ecs.ErrLeaseHeld) {
			err = nil
		}
		r.failed("acquire", err)
		if err := sleep.For(ctx, jitter(r.Try)); err != nil {
			return ecs.Lease{}, err
		}
	}
}

func (r *runner) tryAcquire(ctx context.Context) (ecs.Lease, error) {
	ctx, cancel := context.WithTimeout(ctx, r.attempt())
	defer cancel()
	began, ttl := time.Now(), r.TTL
	if r.alone {
		ttl = aloneTTL
	}
	lease, err := r.store.AcquireLease(ctx, r.Name, r.Holder, ttl)
	lease.Expires = began.Add(ttl)
	return lease, err
}

// trusted is until when the lease can be trusted. It counts from the start of
// the call that extended the lease, because the store counts from later.
func (r *runner) trusted(lease ecs.Lease) time.Time { return lease.Expires.Add(-r.margin()) }

// errPanicked reports that the work panicked, which was logged.
var errPanicked = errors.New("the work panicked")

// hold runs work until it returns and reports whether the lease was lost, or
// released because the work panicked.
func (r *runner) hold(ctx context.Context, lease ecs.Lease, work func(context.Context, *Held) error) (lost bool, err error) {
	working, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	held := &Held{cancel: cancel, soon: make(chan struct{}, 1), lease: lease}
	done := make(chan error, 1)
	run := func() {
		err := errPanicked
		rescue.Once(r.Logger, r.Name, func() { err = work(working, held) })
		done <- err
	}
	if r.alone {
		go run()
		err = <-done
	} else {
		// The timer ends the work even if a call to the store ignores its deadline.
		trust := time.AfterFunc(time.Until(r.trusted(lease)), held.Lost)
		defer trust.Stop()
		go run()
		err = r.keep(working, held, trust, done)
	}
	if ctx.Err() == nil && (working.Err() != nil || errors.Is(err, ecs.ErrLeaseLost)) {
		return true, nil
	}
	r.release(ctx, held.Lease())
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	return errors.Is(err, errPanicked), err
}

// keep renews the lease until the work has returned, and returns its error.
func (r *runner) keep(working context.Context, held *Held, trust *time.Timer, done <-chan error) error {
	// Counted from the start of the call, so that a slow store is called earlier.
	renewed := held.Lease().Expires.Add(-r.TTL)
	next := time.NewTimer(jitter(r.Renew) - time.Since(renewed))
	defer next.Stop()
	for {
		select {
		case err := <-done:
			return err
		case <-working.Done():
			return <-done
		case <-held.soon:
			next.Reset(max(0, r.Renew/8-time.Since(renewed)))
		case <-next.C:
			renewed = time.Now()
			if r.renew(working, held, trust) {
				next.Reset(jitter(r.Renew) - time.Since(renewed))
			} else {
				next.Reset(jitter(r.Renew / 8))
			}
		}
	}
}

// renew extends the lease once, and reports whether that succeeded.
func (r *runner) renew(working context.Context, held *Held, trust *time.Timer) bool {
	lease := held.Lease()
	began := time.Now()
	// The work's context ends with the trust, so the attempt does.
	ctx, cancel := context.WithTimeout(working, r.attempt())
	defer cancel()
	renewed, err := r.store.RenewLease(ctx, lease, r.TTL, r.note(lease))
	switch {
	case err == nil:
		renewed.Expires = began.Add(r.TTL)
		if trust.Stop() { // else the work was ended, and stays so
			held.set(renewed)
			trust.Reset(time.Until(r.trusted(renewed)))
		}
	case errors.Is(err, ecs.ErrLeaseLost):
		held.Lost()
		err = nil
	case working.Err() != nil:
		err = nil
	}
	r.failed("renew", err)
	return err == nil
}

// note is the holder's note, or the one that the lease has.
func (r *runner) note(lease ecs.Lease) []byte {
	if r.Note == nil {
		return lease.Note
	}
	return r.Note()
}

// release ends the lease, with its last note, so that the next process need
// not wait. If that fails the lease expires.
func (r *runner) release(ctx context.Context, lease ecs.Lease) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.attempt())
	defer cancel()
	if r.Note != nil {
		// A failure is that of the release as well, which reports it.
		if noted, err := r.store.RenewLease(ctx, lease, r.TTL, r.Note()); err == nil {
			lease = noted
		}
	}
	if err := r.store.ReleaseLease(ctx, lease); err != nil && !errors.Is(err, ecs.ErrLeaseLost) {
		r.Logger.Warn("release lease failed, it expires", slog.String("lease", r.Name), slog.Any("error", err))
	}
}

// failed logs the first failure of an outage and its end.
func (r *runner) failed(what string, err error) {
	if failing := err != nil; failing != r.failing {
		r.failing = failing
		if failing {
			r.Logger.Error(what+" lease failed, retrying", slog.String("lease", r.Name), slog.Any("error", err))
		} else {
			r.Logger.Info("lease store recovered", slog.String("lease", r.Name))
		}
	}
}

// jitter is about d, so that replicas do not call in step.
func jitter(d time.Duration) time.Duration {
	return d*3/4 + rand.N(d/2+1)
}
