package audit

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/ecsd-io/ecsd/server/internal/rescue"
)

// Writer is the part of the store that a Recorder writes.
type Writer interface {
	// WriteAuditRecords writes records. They are on disk when it returns.
	WriteAuditRecords(ctx context.Context, records []Record) error
}

const (
	// maxWaiting bounds the refusals that wait to be written. Callers without a right
	// must not fill the memory or delay others: what does not fit is counted.
	maxWaiting = 4096
	// writeAtOnce bounds the refusals of one transaction.
	writeAtOnce = 200
	// gather is how long refusals are collected for one transaction.
	gather = 100 * time.Millisecond
	// writeTimeout bounds one transaction.
	writeTimeout = 10 * time.Second
)

// Recorder writes the records of refused calls, which have no transaction. It
// does not delay the refusal. It is safe for concurrent use.
type Recorder struct {
	writer  Writer
	logger  *slog.Logger
	waiting chan Record
	lost    atomic.Int64
	done    chan struct{}
	stop    chan struct{}
}

// NewRecorder returns a recorder that writes until Close.
func NewRecorder(writer Writer, logger *slog.Logger) *Recorder {
	r := &Recorder{writer: writer, logger: logger, waiting: make(chan Record, maxWaiting), done: make(chan struct{}), stop: make(chan struct{})}
	go func() {
		defer close(r.done)
		rescue.Loop(context.Background(), logger, "audit of refusals", func(context.Context) { r.run() })
	}()
	return r
}

// Refused records a refused call: its caller, RPC, request and reason. ID, Time and
// Decision are set here. It does not wait.
func (r *Recorder) Refused(record Record) {
	record.ID, record.Time, record.Decision = NewID(), time.Now().UTC(), Refused
	select {
	case r.waiting <- record:
	default:
		r.lost.Add(1)
	}
}

// NewID returns the ID of a new record.
func NewID() string { return uuid.Must(uuid.NewV7()).String() }

// Close writes what waits, and ends the recorder. No call may be in progress.
func (r *Recorder) Close() {
	close(r.stop)
	<-r.done
}

func (r *Recorder) run() {
	for {
		select {
		case first := <-r.waiting:
			pause := time.NewTimer(gather)
			select {
			case <-pause.C:
			case <-r.stop:
			}
			pause.Stop()
			r.flush(first)
		case <-r.stop:
			r.flush()
			return
		}
	}
}

// flush writes what waits. A failure loses the batch: it is logged with the
// number of records, and the refusals are in the access log too.
func (r *Recorder) flush(first ...Record) {
	for {
		batch := r.take(first)
		first = nil
		if len(batch) > 0 {
			ctx, cancel := context.WithTimeout(context.Background(), writeTimeout)
			err := r.writer.WriteAuditRecords(ctx, batch)
			cancel()
			if err != nil {
				r.logger.Warn("write audit of refusals failed, records lost", "records", len(batch), "error", err.Error())
			}
		}
		if lost := r.lost.Swap(0); lost > 0 {
			r.logger.Warn("too many refusals, audit records lost", "records", lost)
		}
		if len(batch) < writeAtOnce {
			return
		}
	}
}

func (r *Recorder) take(batch []Record) []Record {
	for len(batch) < writeAtOnce {
		select {
		case record := <-r.waiting:
			batch = append(batch, record)
		default:
			return batch
		}
	}
	return batch
}
