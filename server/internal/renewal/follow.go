package renewal

import (
	"context"
	"sync"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

const (
	// pollEvery is how often a job is read that another process may be changing.
	pollEvery = time.Second
	// stepApart is the minimum time between two reads of a job at one position.
	// Changes in between arrive together.
	stepApart = 250 * time.Millisecond
	// stepSize is the maximum number of renewals of one step.
	stepSize = 100
	// stepsKept is the number of steps of a job that are kept for followers that
	// request them a little later.
	stepsKept = 8
	// stepTimeout bounds one read.
	stepTimeout = 10 * time.Second
)

// Position is how far a follower of a job has read.
type Position struct {
	// Revision and RenewalID are those of the last renewal of the step.
	Revision  int64
	RenewalID string
}

// Step is the job, and the renewals that changed since the position before. All
// followers of the job share it: it must not be changed.
type Step struct {
	Job      Job
	Renewals []ledger.Renewal
	// Next is the position after the step.
	Next Position

	once    sync.Once
	encoded any
}

// Encoded returns the step as the first call of encode returned it, so that a
// message for many followers is encoded once.
func (s *Step) Encoded(encode func(*Step) any) any {
	s.once.Do(func() { s.encoded = encode(s) })
	return s.encoded
}

// Follow calls send with each step of a job after a position, each renewal in its
// latest state, until the job has ended or send fails. Followers of one job
// share its reads.
func (e *Engine) Follow(ctx context.Context, jobID string, from Position, send func(*Step) error) error {
	f, leave := e.feeds.join(jobID)
	defer leave()
	sent := int64(-1)
	for {
		s, err := f.step(ctx, e, from)
		if err != nil {
			return err
		}
		from = s.Next
		if len(s.Renewals) > 0 || s.Job.Revision != sent {
			if err := send(s.Step); err != nil {
				return err
			}
			sent = s.Job.Revision
		}
		if len(s.Renewals) == stepSize {
			continue
		}
		// The job was read before its renewals: none is written after the job has ended.
		if s.Job.State.Ended() {
			return nil
		}
		if err := f.wait(ctx, e, s); err != nil {
			return err
		}
	}
}

// Drain ends every Follow, to be resumed at another server. Renewals continue.
func (e *Engine) Drain() { e.feeds.drain() }

func drained() error {
	leave := ecs.Errorf(ecs.ReasonServerDraining, "the server is stopping; the job continues: watch it from the last resume_token")
	leave.Retry = ecs.RetryBackoff
	return leave
}

// feeds are the jobs that are followed in this process, by ID.
type feeds struct {
	mu      sync.Mutex
	jobs    map[string]*feed
	drained chan struct{}
	reads   sync.WaitGroup
}

func newFeeds() *feeds { return &feeds{jobs: map[string]*feed{}, drained: make(chan struct{})} }

// drain is called once or more.
func (f *feeds) drain() {
	f.mu.Lock()
	defer f.mu.Unlock()
	select {
	case <-f.drained:
	default:
		close(f.drained)
	}
}

// join returns the feed of a job, until leave is called.
func (f *feeds) join(jobID string) (joined *feed, leave func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	joined = f.jobs[jobID]
	if joined == nil {
		joined = &feed{feeds: f, jobID: jobID, change: make(chan struct{}), steps: map[Position]*step{}}
		f.jobs[jobID] = joined
	}
	joined.followers++
	return joined, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		if joined.followers--; joined.followers == 0 {
			delete(f.jobs, jobID)
		}
	}
}

// changed reports to the followers of a job, if there are any, that it was
// written.
func (f *feeds) changed(jobID string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if joined := f.jobs[jobID]; joined != nil {
		joined.next()
	}
}

// feed is the one reader of a job for all its followers. The lock of the feeds
// guards it; it is never held during a read.
type feed struct {
	*feeds
	jobID     string
	followers int
	// generation counts the changes. change is closed and replaced with each.
	generation int64
	change     chan struct{}
	// steps are those in progress and the last that were read, kept their
	// positions, oldest first.
	steps map[Position]*step
	kept  []Position
}

// step is a read at one position, in progress until done is closed.
type step struct {
	*Step
	err        error
	done       chan struct{}
	generation int64
	began      time.Time
}

func (f *feed) next() {
	f.generation++
	close(f.change)
	f.change = make(chan struct{})
}

// news returns a channel that is closed when the job is written next.
func (f *feed) news() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.change
}

// since returns a channel that is closed when the job is written after a
// generation: nil if it was.
func (f *feed) since(generation int64) <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.generation > generation {
		return nil
	}
	return f.change
}

// step returns a step at a position: a recent one of another follower,
// otherwise a new one. A recent one may miss a change, which its generation
// shows.
func (f *feed) step(ctx context.Context, e *Engine, at Position) (*step, error) {
	f.mu.Lock()
	s := f.steps[at]
	if s == nil || s.isDone() && time.Since(s.began) >= stepApart {
		s = &step{done: make(chan struct{}), generation: f.generation, began: time.Now()}
		f.steps[at] = s
		f.keep(at)
		f.reads.Go(func() { f.read(e, s, at) })
	}
	f.mu.Unlock()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-s.done:
		return s, s.err
	}
}

func (s *step) isDone() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// keep drops the oldest steps.
func (f *feed) keep(at Position) {
	for i, p := range f.kept {
		if p == at {
			f.kept = append(f.kept[:i], f.kept[i+1:]...)
			break
		}
	}
	f.kept = append(f.kept, at)
	if len(f.kept) > stepsKept {
		delete(f.steps, f.kept[0])
		f.kept = f.kept[1:]
	}
}

// read reads a step for all waiting followers. The end of one follower does not
// end it.
func (f *feed) read(e *Engine, s *step, at Position) {
	defer close(s.done)
	ctx, cancel := context.WithTimeout(e.ctx, stepTimeout)
	defer cancel()
	job, err := e.Job(ctx, f.jobID)
	if err != nil {
		s.err = err
		return
	}
	some, err := e.ledger.RenewalsOfJob(ctx, f.jobID, at.Revision, at.RenewalID, stepSize)
	if err != nil {
		s.err = err
		return
	}
	if len(some) > 0 {
		last := some[len(some)-1]
		at = Position{Revision: last.Revision, RenewalID: last.ID}
	}
	s.Step = &Step{Job: job, Renewals: some, Next: at}
}

// wait waits until the job may have changed since a step, and at least for the
// minimum time between steps. It polls only if another process may write.
func (f *feed) wait(ctx context.Context, e *Engine, s *step) error {
	var poll <-chan time.Time
	if e.ledger.Shared() {
		timer := time.NewTimer(pollEvery)
		defer timer.Stop()
		poll = timer.C
	}
	news := f.since(s.generation)
	apart := time.NewTimer(time.Until(s.began.Add(stepApart)))
	defer apart.Stop()
	for news != nil || apart != nil {
		var elapsed <-chan time.Time
		if apart != nil {
			elapsed = apart.C
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-e.ctx.Done():
			return draining("", "")
		case <-f.drained:
			return drained()
		case <-news:
			news = nil
		case <-poll:
			news = nil
		case <-elapsed:
			apart = nil
		}
	}
	return nil
}

// await waits for a wake-up, or for some time. It returns the error of ctx, or that
// the engine is closing.
func (e *Engine) await(ctx context.Context, wake <-chan struct{}, most time.Duration) error {
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-e.ctx.Done():
		return draining("", "")
	case <-wake:
	case <-timer.C:
	}
	return nil
}
