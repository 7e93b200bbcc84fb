package renewal

import (
	"context"
	"slices"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

const (
	// writesAtOnce bounds the moves of one transaction.
	writesAtOnce = 200
	// writeTimeout bounds a transaction. One that writes outlives a closing engine,
	// because what it tells has already happened.
	writeTimeout = 10 * time.Second
)

// writer writes moves. Those that come while a transaction is on its way to the
// disk share the next one.
type writer struct {
	ledger Ledger
	lease  ecs.Lease
	queue  chan write
	ended  chan struct{}
}

type write struct {
	job    string
	move   ledger.Transition
	answer chan written
}

// written is what came of a move. Where the ledger failed, it may have been
// written all the same.
type written struct {
	refused, failed error
}

func newWriter(ledger Ledger, lease ecs.Lease) writer {
	w := writer{ledger: ledger, lease: lease, queue: make(chan write), ended: make(chan struct{})}
	go w.run()
	return w
}

// close ends the writer. Nobody may be writing any more.
func (w writer) close() {
	close(w.queue)
	<-w.ended
}

// put writes a move and waits until it is on disk, or is not.
func (w writer) put(job string, move ledger.Transition) written {
	answer := make(chan written, 1)
	w.queue <- write{job, move, answer}
	return <-answer
}

func (w writer) run() {
	defer close(w.ended)
	for first := range w.queue {
		batch := w.more([]write{first})
		slices.SortStableFunc(batch, func(a, b write) int {
			switch {
			case a.job < b.job:
				return -1
			case a.job > b.job:
				return 1
			}
			return 0
		})
		for len(batch) > 0 {
			n := slices.IndexFunc(batch, func(o write) bool { return o.job != batch[0].job })
			if n < 0 {
				n = len(batch)
			}
			w.write(batch[:n])
			batch = batch[n:]
		}
	}
}

// more takes what waits already.
func (w writer) more(batch []write) []write {
	for len(batch) < writesAtOnce {
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

// write writes moves of one job.
func (w writer) write(batch []write) {
	ctx, cancel := context.WithTimeout(context.Background(), writeTimeout)
	defer cancel()
	list := make([]ledger.Transition, len(batch))
	for i, one := range batch {
		list[i] = one.move
	}
	results, err := w.ledger.AdvanceRenewals(ctx, w.lease, batch[0].job, list)
	for i, one := range batch {
		if err != nil {
			one.answer <- written{failed: err}
		} else {
			one.answer <- written{refused: results[i]}
		}
	}
}
