package follow

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/rescue"
)

const (
	// pollEvery is how often a job is read that another process may be changing.
	pollEvery = time.Second
	// stepApart is the minimum time between two reads of a job at one position.
	// Changes in between arrive together.
	stepApart = 250 * time.Millisecond
	// busyApart is that time after a step with more to read: in a large job each
	// part is read about once per state that lasts, and not once per change.
	busyApart = time.Second
	// stepsKept is the number of steps of a job that are kept for followers that
	// request them a little later.
	stepsKept = 32
	// stepTimeout bounds one read.
	stepTimeout = 10 * time.Second
)

var (
	// ErrClosed reports that the life of the feeds has ended.
	ErrClosed = errors.New("the process is stopping")
	// ErrDrained reports that the followers must resume at another server.
	ErrDrained = errors.New("followers must resume at another server")
)

// Step is what changed in a job after a position P. All followers of the job
// share it: it must not be changed.
type Step[P comparable, V any] struct {
	Value V
	// Next is the position after the step.
	Next P
	// Revision is that of the job. A step of a known revision is sent only if
	// Changed is set.
	Revision int64
	// Changed: the step has changes beside the job itself.
	Changed bool
	// More: further changes can be read at once.
	More bool
	// Ended: nothing changes after the step.
	Ended bool

	once    sync.Once
	encoded any
}

// Encoded returns the step as the first call of encode returned it, so that a
// message for many followers is encoded once.
func (s *Step[P, V]) Encoded(encode func(*Step[P, V]) any) any {
	s.once.Do(func() { s.encoded = encode(s) })
	return s.encoded
}

// Read reads the step of a job after a position. The job must be read before its
// changes: none is written after the job has ended.
type Read[P comparable, V any] func(ctx context.Context, jobID string, at P) (*Step[P, V], error)

// Feeds are the jobs that are followed in this process, by ID. They are safe for
// concurrent use.
type Feeds[P comparable, V any] struct {
	ctx    context.Context
	shared func() bool
	read   Read[P, V]
	reads  sync.WaitGroup

	mu      sync.Mutex
	jobs    map[string]*feed[P, V]
	drained chan struct{}
}

// New returns feeds that end with ctx. shared reports whether other processes
// may write the jobs, which are then polled.
func New[P comparable, V any](ctx context.Context, shared func() bool, read Read[P, V]) *Feeds[P, V] {
	return &Feeds[P, V]{ctx: ctx, shared: shared, read: read, jobs: map[string]*feed[P, V]{}, drained: make(chan struct{})}
}

// Follow calls send with each step of a job after a position until the job has
// ended or send fails. It returns ErrDrained after Drain and ErrClosed after the
// end of the feeds.
func (f *Feeds[P, V]) Follow(ctx context.Context, jobID string, from P, send func(*Step[P, V]) error) error {
	joined, leave := f.join(jobID)
	defer leave()
	sent, apart := int64(-1), stepApart
	for {
		s, err := joined.step(ctx, from)
		if err != nil {
			return err
		}
		from = s.Next
		if s.Changed || s.Revision != sent {
			if err := send(s.Step); err != nil {
				return err
			}
			sent = s.Revision
		}
		if s.More {
			apart = busyApart
			continue
		}
		if s.Ended {
			return nil
		}
		if err := joined.wait(ctx, s, apart); err != nil {
			return err
		}
		apart = stepApart
	}
}

// Drain ends every Follow, to be resumed at another server. It may be called
// again.
func (f *Feeds[P, V]) Drain() {
	f.mu.Lock()
	defer f.mu.Unlock()
	select {
	case <-f.drained:
	default:
		close(f.drained)
	}
}

// Wait waits for the reads in progress. Call it after the end of the feeds.
func (f *Feeds[P, V]) Wait() { f.reads.Wait() }

// Changed reports to the followers of a job, if there are any, that it was
// written.
func (f *Feeds[P, V]) Changed(jobID string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if joined := f.jobs[jobID]; joined != nil {
		joined.next()
	}
}

// News joins the followers of a job without reading it. next returns a channel
// that is closed when this process writes the job next; call leave at the end.
func (f *Feeds[P, V]) News(jobID string) (next func() <-chan struct{}, leave func()) {
	joined, leave := f.join(jobID)
	return joined.news, leave
}

// join returns the feed of a job, until leave is called.
func (f *Feeds[P, V]) join(jobID string) (joined *feed[P, V], leave func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	joined = f.jobs[jobID]
	if joined == nil {
		joined = &feed[P, V]{Feeds: f, jobID: jobID, change: make(chan struct{}), steps: map[P]*step[P, V]{}}
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

// feed is the one reader of a job for all its followers. The lock of the feeds
// guards it; it is never held during a read.
type feed[P comparable, V any] struct {
	*Feeds[P, V]
	jobID     string
	followers int
	// generation counts the changes. change is closed and replaced with each.
	generation int64
	change     chan struct{}
	// steps are those in progress and the last that were read, kept their
	// positions, oldest first.
	steps map[P]*step[P, V]
	kept  []P
}

// step is a read at one position, in progress until done is closed.
type step[P comparable, V any] struct {
	*Step[P, V]
	err        error
	done       chan struct{}
	generation int64
	began      time.Time
}

func (f *feed[P, V]) next() {
	f.generation++
	close(f.change)
	f.change = make(chan struct{})
}

// news returns a channel that is closed when the job is written next.
func (f *feed[P, V]) news() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.change
}

// since returns a channel that is closed when the job is written after a
// generation: nil if it was.
func (f *feed[P, V]) since(generation int64) <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.generation > generation {
		return nil
	}
	return f.change
}

// step returns a step at a position: one of another follower, otherwise a new one.
// A step with changes is shared as long as it is kept, so that all followers walk
// one chain of positions: a second read at the position would end at another, and
// the two followers would share no read from there on. It may miss later changes,
// which the next steps have. One without changes is shared only while it is
// recent; its generation shows whether it misses one.
func (f *feed[P, V]) step(ctx context.Context, at P) (*step[P, V], error) {
	f.mu.Lock()
	s := f.steps[at]
	if s == nil || s.isDone() && s.over(at) {
		s = &step[P, V]{done: make(chan struct{}), generation: f.generation, began: time.Now()}
		f.steps[at] = s
		f.keep(at)
		f.reads.Go(func() {
			defer close(s.done)
			defer rescue.Into(&s.err)
			f.readStep(s, at)
		})
	}
	f.mu.Unlock()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-s.done:
		return s, s.err
	}
}

func (s *step[P, V]) isDone() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// over reports whether a step that is done must be read again.
func (s *step[P, V]) over(at P) bool {
	return (s.err != nil || s.Next == at) && time.Since(s.began) >= stepApart
}

// keep drops the oldest steps.
func (f *feed[P, V]) keep(at P) {
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

// readStep reads a step for all waiting followers. The end of one follower does
// not end it.
func (f *feed[P, V]) readStep(s *step[P, V], at P) {
	ctx, cancel := context.WithTimeout(f.ctx, stepTimeout)
	defer cancel()
	s.Step, s.err = f.read(ctx, f.jobID, at)
}

// wait waits until the job may have changed since a step, and at least until the
// step is apart old. It polls only if another process may write.
func (f *feed[P, V]) wait(ctx context.Context, s *step[P, V], apart time.Duration) error {
	var poll <-chan time.Time
	if f.shared() {
		timer := time.NewTimer(pollEvery)
		defer timer.Stop()
		poll = timer.C
	}
	news := f.since(s.generation)
	pause := time.NewTimer(time.Until(s.began.Add(apart)))
	defer pause.Stop()
	for news != nil || pause != nil {
		var elapsed <-chan time.Time
		if pause != nil {
			elapsed = pause.C
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-f.ctx.Done():
			return ErrClosed
		case <-f.drained:
			return ErrDrained
		case <-news:
			news = nil
		case <-poll:
			news = nil
		case <-elapsed:
			pause = nil
		}
	}
	return nil
}
