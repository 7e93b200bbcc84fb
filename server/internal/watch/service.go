package watch

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/changelog"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/flight"
	"github.com/ecsd-io/ecsd/server/internal/lease"
	"github.com/ecsd-io/ecsd/server/internal/rescue"
)

// Cloud is the part of the edge that watch uses.
type Cloud interface {
	// Instances reads any number of IDs of a region: one result per ID, in request
	// order.
	Instances(ctx context.Context, regionID string, ids []string) []ecs.Result[ecs.Instance]
	// ProveRead returns nil if the account may read the instances named now. It
	// does not rely on an earlier check.
	ProveRead(ctx context.Context, regionID string, ids []string) error
	// ReadInstancePage reads one page of at most 100 instances of a region; it may
	// overwrite those of into. A query without results is an error if the account
	// may not read the region.
	ReadInstancePage(ctx context.Context, into []ecs.Instance, regionID string, q ecs.Query, cursor string, limit int) (ecs.Page, error)
}

// Log is the part of the store that watch uses.
type Log interface {
	lease.Store
	// ID names the database, so that a token of another one is refused.
	ID() string
	// Append writes one revision under a lease, and the lease's note with it.
	// It is durable when it returns. changelog.ErrLost: the log does not contain the
	// position known, at which the changes were found; nothing was written.
	// After an error but ErrLeaseLost it is not known whether it was written.
	Append(ctx context.Context, lease ecs.Lease, known changelog.Position, regionID string, changes []changelog.Change) (changelog.Revision, error)
	// Instances reads the instances as of the newest revision.
	Instances(ctx context.Context, regionIDs []string) ([]changelog.Record, changelog.Bounds, error)
	// Resumable reports by its error whether the log can be read after a
	// position: changelog.ErrTrimmed or changelog.ErrLost if not.
	Resumable(ctx context.Context, after changelog.Position) error
	// Log reads whole revisions after a position, oldest first; no regions are
	// all of them.
	Log(ctx context.Context, after changelog.Position, regionIDs []string, limit int) (changelog.Page, error)
	// Leases reads the leases with names that begin with the prefix.
	Leases(ctx context.Context, prefix string) ([]ecs.Lease, error)
}

// Config holds the settings for operators. The zero value of a field means its
// default.
type Config struct {
	// PollInterval is how often a region is listed. Default 30 s.
	PollInterval time.Duration
	// FastInterval is how often instances that are about to change are read.
	// Default 1 s.
	FastInterval time.Duration
	// SpotInterval is the interval of the polls for reclaim notices. Default 5 s.
	SpotInterval time.Duration
	// MaxWatches bounds the watches of this process. Default 50,000.
	MaxWatches int
	// MaxWatchesPerCaller bounds the watches of one caller. Default 20,000.
	MaxWatchesPerCaller int
	// MaxIDs bounds the instance ids that one watch names. Default 1,000.
	MaxIDs int
	// Logger logs failures that no watcher receives. Default slog.Default().
	Logger *slog.Logger
	// Hidden returns, for instances that the cloud does not show, the error of
	// each that may exist nevertheless, such as one that ecsd just launched. Nil
	// means none.
	Hidden func(ctx context.Context, regionID string, ids []string) map[string]error
	// Encode, if not nil, encodes the changes that have watchers while they are
	// stored. It must be the function that watchers pass to Change.Encoded.
	Encode func(*Change) any
	// Quiet, if not nil, is called between two polls of a region, when watchers do
	// not wait for changes. The next poll waits for it.
	Quiet func()
	// Observer receives the events of the service. Its functions may be nil.
	Observer Observer
}

func (c Config) withDefaults() Config {
	for _, field := range []struct {
		value *time.Duration
		def   time.Duration
	}{
		{&c.PollInterval, 30 * time.Second},
		{&c.FastInterval, time.Second},
		{&c.SpotInterval, 5 * time.Second},
	} {
		if *field.value <= 0 {
			*field.value = field.def
		}
	}
	for _, field := range []struct {
		value *int
		def   int
	}{
		{&c.MaxWatches, 50_000},
		{&c.MaxWatchesPerCaller, 20_000},
		{&c.MaxIDs, 1000},
	} {
		if *field.value <= 0 {
			*field.value = field.def
		}
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c
}

// Service polls the regions and serves the watches. It is safe for concurrent
// use.
type Service struct {
	cloud   Cloud
	log     Log
	config  Config
	holder  string
	hub     *hub
	regions map[string]*region

	orders orders
	seal   *storeSeal

	// slots limits the snapshots being sent, and reading the replays being read
	// from the log.
	slots, reading chan struct{}
	// resumes holds the reads of the log for watches that resume.
	resumes *flight.Group[struct{}]
	// queued is how many watches wait for a slot.
	queued atomic.Int64

	life context.Context
	end  context.CancelFunc
	work sync.WaitGroup
}

// New reads the stored state of the regions. Nothing runs before Start.
func New(ctx context.Context, cloud Cloud, log Log, regions []string, config Config) (*Service, error) {
	r := &Service{
		cloud: cloud, log: log, config: config.withDefaults(),
		holder: uuid.NewString(), hub: newHub(regions), regions: map[string]*region{},
		seal:  newStoreSeal(log.ID()),
		slots: make(chan struct{}, maxSnapshots), reading: make(chan struct{}, maxReplays),
	}
	for _, id := range regions {
		r.regions[id] = newRegion(r, id)
	}
	r.life, r.end = context.WithCancel(call.InLane(context.Background(), call.Poll))
	r.resumes = flight.New[struct{}](r.life)
	if err := r.load(ctx, r.hub.at()); err != nil {
		r.end()
		return nil, fmt.Errorf("read the watched instances: %w", err)
	}
	return r, nil
}

// Start begins to poll, and to follow the polls of other processes.
func (r *Service) Start() {
	for _, region := range r.regions {
		r.work.Go(func() { rescue.Loop(r.life, r.config.Logger, "polls of "+region.id, region.run) })
	}
	if r.log.Shared() {
		r.work.Go(func() { rescue.Loop(r.life, r.config.Logger, "polls of other processes", r.followOthers) })
	}
}

// Drain ends every watch with a last checkpoint and SERVER_DRAINING.
func (r *Service) Drain() {
	r.hub.end(&ecs.Error{
		Reason: ecs.ReasonServerDraining, Retry: ecs.RetryWait, RetryAfter: time.Second,
		Message: "the server is being stopped; resume at another one with the last resume_token",
	})
}

// Close ends the watches and the polling, and waits for it.
func (r *Service) Close() {
	r.Drain()
	r.end()
	r.resumes.Wait()
	r.work.Wait()
}

// Touch has instances read soon, and often for a while, because a call just
// changed them.
func (r *Service) Touch(regionID string, ids []string) {
	if region := r.regions[regionID]; region != nil {
		region.fast.touch(ids, time.Now())
	}
}

// Watch begins a watch, or resumes the one of the token. If a region was never
// polled, it waits for the first poll. A new watch also waits, for snapshotWait
// at most, while too many others receive their snapshots. While it waits it
// counts as a watch, and its heartbeat is sent. The filter is only read; it is
// large, and by value would double the stack of each watch.
func (r *Service) Watch(ctx context.Context, f *Filter, d Delivery, resumeToken string, beat Heartbeat) (*Subscription, error) {
	s, err := r.begin(ctx, f, d, resumeToken)
	if err != nil {
		return nil, err
	}
	s.heartbeat = beat.Interval
	if err := r.reserve(s.caller); err != nil {
		return nil, err
	}
	if err := r.ready(ctx, s, beat); err != nil {
		r.unreserve(s.caller)
		return nil, err
	}
	if err := r.join(s); err != nil {
		s.snapshotSent()
		return nil, err
	}
	return s, nil
}

// ready waits until a watch can begin.
func (r *Service) ready(ctx context.Context, s *Subscription, beat Heartbeat) error {
	beats := beat.start()
	defer beats.stop()
	err := r.seen(ctx, s.filter, beats)
	if err == nil && s.first {
		s.release, err = r.slot(ctx, beats)
	}
	return err
}

// begin checks a watch.
func (r *Service) begin(ctx context.Context, f *Filter, d Delivery, resumeToken string) (*Subscription, error) {
	if n := len(f.IDs); n > r.config.MaxIDs {
		return nil, tooMany(ecs.ReasonTooManyWatchedIDs, r.config.MaxIDs, "a watch names %d instances and may name %d; watch by tag or region, or begin several", n, r.config.MaxIDs)
	}
	filter := f.prepare()
	s := &Subscription{
		service: r, caller: call.Caller(ctx), filter: filter, delivery: d, wake: make(chan struct{}, 1),
		token: newTokenSeal(r.seal, filter), first: resumeToken == "", resumed: resumeToken != "",
	}
	if s.resumed {
		var err error
		if s.sent, s.observed, err = s.token.open(resumeToken); err != nil {
			return nil, err
		}
		if err := r.resumable(ctx, s.sent); err != nil {
			if ended := r.hub.why(); ended != nil {
				return nil, ended // which ended the read of the log
			}
			return nil, s.lost(err)
		}
	}
	return s, nil
}

// join gives a watch its reserved place; from here on it collects changes.
func (r *Service) join(s *Subscription) error {
	h := r.hub
	// Most of the changes that were missed are taken while others read too.
	h.mu.RLock()
	upTo, caught := h.position, s.resumed && s.catchUp(h, s.sent)
	h.mu.RUnlock()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.unreserve(s.caller)
	if h.ended != nil {
		return h.ended
	}
	if caught = caught && s.catchUp(h, upTo); caught {
		s.upTo, s.upToObserved = s.sent, s.observed
	} else {
		s.pending, s.at = nil, nil
		s.collectFrom(h)
	}
	if caught && s.sent != h.position {
		s.wakeUp() // for a checkpoint at the position, also if it missed nothing
	}
	h.join(s)
	return nil
}

// admit refuses a watch too many. Under the hub's lock.
func (r *Service) admit(caller string) error {
	if limit := r.config.MaxWatches; len(r.hub.members)+r.hub.reserved >= limit {
		return tooMany(ecs.ReasonTooManyWatches, limit, "the server has %d watches, which is its limit", limit)
	}
	if limit := r.config.MaxWatchesPerCaller; r.hub.callers[caller] >= limit {
		return tooMany(ecs.ReasonTooManyWatchesOfCaller, limit, "the caller has %d watches, which is the limit of one", limit)
	}
	return nil
}

func tooMany(reason ecs.Reason, limit int, format string, args ...any) *ecs.Error {
	e := ecs.Errorf(reason, format, args...)
	e.Facts = map[string]string{"limit": strconv.Itoa(limit)}
	if reason != ecs.ReasonTooManyWatchedIDs {
		e.Retry, e.RetryAfter = ecs.RetryBackoff, time.Second
	}
	return e
}

// seen waits until each region was polled once or cannot be. It returns an
// error if no region can be polled.
func (r *Service) seen(ctx context.Context, f *selection, beats *beats) error {
	for _, id := range f.regions {
		for waiting := true; waiting; {
			select {
			case <-r.regions[id].tried:
				waiting = false
			case <-beats.due():
				if err := beats.send(); err != nil {
					return err
				}
			case <-ctx.Done():
				return ctx.Err()
			case <-r.hub.ending:
				return r.hub.why()
			}
		}
	}
	r.hub.mu.RLock()
	defer r.hub.mu.RUnlock()
	for _, id := range f.regions {
		if m := r.hub.regions[id]; !m.observed.IsZero() || m.cause == nil {
			return nil
		}
	}
	return r.hub.regions[f.regions[0]].cause.On(f.regions[0], "")
}
