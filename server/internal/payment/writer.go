package payment

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/rescue"
	"github.com/ecsd-io/ecsd/server/internal/sleep"
)

const (
	// maxBatch bounds the transitions of one transaction.
	maxBatch = 200
	// storeTimeout bounds one call to the ledger. A write transaction outlives a
	// closing runner, because it reports an event that has happened.
	storeTimeout = 10 * time.Second
	// maxRetryPause bounds the pause before a transition is written again.
	maxRetryPause = time.Second
)

// Transitions writes renewals. Renewal reads one of which it is not known whether
// it was written.
type Transitions interface {
	AdvanceRenewals(ctx context.Context, worker ecs.Lease, jobID string, ts []ledger.Transition) ([]error, error)
	Renewal(ctx context.Context, renewalID string) (ledger.Renewal, error)
}

// writer writes transitions. Transitions that arrive while a transaction is in
// progress share the next one.
type writer struct {
	ledger Transitions
	lease  func() ecs.Lease
	logger *slog.Logger
	queue  chan entry
	done   chan struct{}
}

type entry struct {
	jobID      string
	transition ledger.Transition
	outcome    chan outcome
}

// outcome is the outcome of a transition: refused by the ledger, or unknown
// because the ledger failed; then it may have been written.
type outcome struct{ refused, failed error }

func newWriter(l Transitions, lease func() ecs.Lease, logger *slog.Logger) *writer {
	w := &writer{ledger: l, lease: lease, logger: logger, queue: make(chan entry), done: make(chan struct{})}
	go w.run()
	return w
}

// close ends the writer. No write may be in progress.
func (w *writer) close() {
	close(w.queue)
	<-w.done
}

// write writes a transition and retries while the ledger fails, until ctx ends:
// the reported event has happened. The error is the ledger's refusal, or the
// last failure.
func (w *writer) write(ctx context.Context, jobID string, t ledger.Transition) error {
	for wait, uncertain := 100*time.Millisecond, false; ; wait = min(2*wait, maxRetryPause) {
		out := w.put(jobID, t)
		if uncertain && errors.Is(out.refused, ecs.ErrStateMoved) {
			out = w.find(ctx, t)
		}
		if out.failed == nil {
			return out.refused
		}
		uncertain = true
		if sleep.For(ctx, wait) != nil {
			return out.failed
		}
	}
}

// find reports whether a failed transition was written. While this runner has
// the claim, no other can have written the same one.
func (w *writer) find(ctx context.Context, t ledger.Transition) outcome {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	stored, err := w.ledger.Renewal(ctx, t.Renewal.ID)
	switch {
	case err != nil:
		return outcome{failed: err}
	case stored.State != t.Renewal.State || len(stored.Attempts) != len(t.Renewal.Attempts):
		return outcome{refused: ecs.ErrStateMoved}
	}
	return outcome{}
}

// put adds a transition to the next transaction and waits for its outcome.
func (w *writer) put(jobID string, t ledger.Transition) outcome {
	e := entry{jobID, t, make(chan outcome, 1)}
	w.queue <- e
	return <-e.outcome
}

func (w *writer) run() {
	defer close(w.done)
	for first := range w.queue {
		batch := w.gather(first)
		slices.SortStableFunc(batch, func(a, b entry) int { return cmp.Compare(a.jobID, b.jobID) })
		for len(batch) > 0 {
			n := slices.IndexFunc(batch, func(e entry) bool { return e.jobID != batch[0].jobID })
			if n < 0 {
				n = len(batch)
			}
			if err := w.commit(batch[:n]); err != nil {
				// The ledger hangs: the others retry, instead of a timeout per job.
				for _, e := range batch[n:] {
					e.outcome <- outcome{failed: err}
				}
				n = len(batch)
			}
			batch = batch[n:]
		}
	}
}

// gather takes the transitions that are already waiting.
func (w *writer) gather(first entry) []entry {
	batch := []entry{first}
	for len(batch) < maxBatch {
		select {
		case next, ok := <-w.queue:
			if !ok {
				return batch
			}
			batch = append(batch, next)
		default:
			return batch
		}
	}
	return batch
}

// commit writes transitions of one job in one transaction. It returns an error
// if the ledger did not respond in time.
func (w *writer) commit(batch []entry) error {
	ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
	defer cancel()
	list := make([]ledger.Transition, len(batch))
	for i, e := range batch {
		list[i] = e.transition
	}
	var refusals []error
	err := errPanicked // and retried: whether it was written is not known
	rescue.Once(w.logger, "writes of the ledger", func() {
		refusals, err = w.ledger.AdvanceRenewals(ctx, w.lease(), batch[0].jobID, list)
	})
	for i, e := range batch {
		if err != nil {
			e.outcome <- outcome{failed: err}
		} else {
			e.outcome <- outcome{refused: refusals[i]}
		}
	}
	if err != nil {
		return ctx.Err()
	}
	return nil
}
