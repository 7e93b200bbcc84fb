package audit_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/audit"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// writer is a store of records, which can hang or fail.
type writer struct {
	mu      sync.Mutex
	records []audit.Record
	writes  int
	hang    time.Duration
	err     error
}

func (w *writer) WriteAuditRecords(_ context.Context, records []audit.Record) error {
	time.Sleep(w.hang)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.writes++
	if w.err == nil {
		w.records = append(w.records, records...)
	}
	return w.err
}

// written returns what was written so far.
func (w *writer) written() (records []audit.Record, writes int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.records), w.writes
}

// Refusals do not wait for the store, share transactions, and are written by the
// close at the latest.
func TestRecorder_SharesTransactions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &writer{}
		r := audit.NewRecorder(w, slog.New(slog.DiscardHandler))
		for range 50 {
			r.Refused(audit.Record{RPC: "RenewInstance", Reason: ecs.ReasonPermissionDenied, Code: 7})
		}
		time.Sleep(time.Second)
		records, writes := w.written()
		if len(records) != 50 || writes != 1 {
			t.Fatalf("%d records in %d transactions, want 50 in 1", len(records), writes)
		}
		if one := records[0]; one.Decision != audit.Refused || one.ID == "" || one.Time.IsZero() || one.Code != 7 {
			t.Errorf("a record is %+v", one)
		}
		r.Refused(audit.Record{RPC: "RenewInstance"})
		r.Close()
		if records, _ := w.written(); len(records) != 51 {
			t.Errorf("%d records after the close, want 51", len(records))
		}
	})
}

// A flood of refusals at a store that hangs is bounded and counted, and delays
// none of them.
func TestRecorder_FloodIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		w := &writer{hang: time.Minute}
		r := audit.NewRecorder(w, slog.New(slog.NewTextHandler(&log, nil)))
		began := time.Now()
		for range 10_000 {
			r.Refused(audit.Record{RPC: "RenewInstance"})
		}
		if time.Since(began) > 0 {
			t.Errorf("10,000 refusals took %s", time.Since(began))
		}
		time.Sleep(time.Hour)
		r.Close()
		if n := len(w.records); n < 4096 || n > 5000 {
			t.Errorf("%d records were written, want about 4,096", n)
		}
		if !strings.Contains(log.String(), "audit records lost") {
			t.Errorf("the log does not count the lost records: %s", &log)
		}
	})
}

// A store that fails is reported with the number of records.
func TestRecorder_StoreFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		r := audit.NewRecorder(&writer{err: errors.New("disk full")}, slog.New(slog.NewTextHandler(&log, nil)))
		r.Refused(audit.Record{RPC: "RenewInstance"})
		r.Close()
		if !strings.Contains(log.String(), "records=1") || !strings.Contains(log.String(), "disk full") {
			t.Errorf("the log is %s", &log)
		}
	})
}
