package lifecycle_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/lifecycle"
)

// quiet keeps the log out of the test's output.
var quiet = lifecycle.Config{Logger: slog.New(slog.DiscardHandler)}

var errCrash = errors.New("the process is gone")

// mortalRecords simulates a process that dies at a step: the write of that step
// is lost or kept, and nothing after it reaches the database.
type mortalRecords struct {
	lifecycle.Records
	steps int
	keep  bool

	mu   sync.Mutex
	dead bool
}

// isDead reports whether the process has died.
func (m *mortalRecords) isDead() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.dead
}

func (m *mortalRecords) step(write func() error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.dead {
		return errCrash
	}
	m.steps--
	if m.steps > 0 {
		return write()
	}
	m.dead = true
	if m.keep {
		_ = write()
	}
	return errCrash
}

func (m *mortalRecords) CreateRequest(ctx context.Context, r ecs.RequestRecord) error {
	return m.step(func() error { return m.Records.CreateRequest(ctx, r) })
}

func (m *mortalRecords) MoveRequest(ctx context.Context, r ecs.RequestRecord, from ecs.RequestState) error {
	return m.step(func() error { return m.Records.MoveRequest(ctx, r, from) })
}

func (m *mortalRecords) SaveRequestItems(ctx context.Context, id string, items []ecs.RequestItem) error {
	return m.step(func() error { return m.Records.SaveRequestItems(ctx, id, items) })
}

// TestLaunchCrashMatrix kills the process at every write of the records, before
// and after it, under every fault of the cloud. The next process resumes, and
// the caller retries until the response is final: the ordered instances exist
// once, or not at all if the order was refused.
func TestLaunchCrashMatrix(t *testing.T) {
	for _, f := range []fault{fine, lostReply, serverError, lostRequest, throttled, inProgress, poisoned, refused} {
		for step := 1; step <= 5; step++ {
			for _, keep := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, step %d, kept %t", f, step, keep), func(t *testing.T) {
					bubble(t, func(t *testing.T) { crashLaunch(t, f, step, keep) })
				})
			}
		}
	}
}

func crashLaunch(t *testing.T, f fault, step int, keep bool) {
	records := newRecords()
	c := newCloud()
	c.faults = []fault{f}
	first := lifecycle.New(c, &mortalRecords{Records: records, steps: step, keep: keep}, quiet)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	_, _ = first.Run(ctx, order("r-1", 3))
	first.Close()

	second := lifecycle.New(c, records, quiet)
	defer second.Close()
	if err := second.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	made, err := second.Run(t.Context(), order("r-1", 3))
	if ecs.HasReason(err, ecs.ReasonThrottled) {
		made, err = second.Run(t.Context(), order("r-1", 3))
	}
	n := c.madeBy()
	switch {
	case err == nil && len(made.IDs) == 3 && n == 3:
	case f == refused && ecs.HasReason(err, ecs.ReasonOutOfStock) && n == 0:
	default:
		t.Errorf("%v, %v, %d made", made.IDs, err, n)
	}
	open, err := records.OpenRequests(t.Context(), "RunInstances", "CreateInstance")
	if err != nil || len(open) != 0 {
		t.Errorf("left open: %+v, %v", open, err)
	}
}

// TestResume_SettlesByTag: after a restart the order is lost, but no caller
// is needed: the instances of the crashed process are found and recorded.
func TestResume_SettlesByTag(t *testing.T) {
	bubble(t, func(t *testing.T) {
		records := newRecords()
		c := newCloud()
		for i, f := range []fault{lostReply, lostRequest} {
			c.faults = []fault{f}
			l := lifecycle.New(c, &mortalRecords{Records: records, steps: 2}, quiet)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			_, _ = l.Run(ctx, order(fmt.Sprint("r-", i), 3))
			cancel()
			l.Close()
		}
		l := lifecycle.New(c, records, quiet)
		defer l.Close()
		if err := l.Resume(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		made, err := records.RequestByID(t.Context(), "r-0")
		if err != nil || made.State != ecs.RequestDone || len(made.Items) != 3 {
			t.Errorf("what was made: %+v, %v", made, err)
		}
		unmade, err := records.RequestByID(t.Context(), "r-1")
		if err != nil || unmade.State != ecs.RequestOpen || len(c.sends) != 2 {
			t.Errorf("what shows nothing: %+v, %v, %d sends; want it left to its caller", unmade, err, len(c.sends))
		}
	})
}

// TestLaunch_NotCutShort: an ecsd that is restarted, or gets the same
// request, leaves a launch alone that another one on the same database is still
// sending.
func TestLaunch_NotCutShort(t *testing.T) {
	t.Run("by a restart", func(t *testing.T) { notCutShort(t, (*lifecycle.Lifecycle).Resume) })
	t.Run("by the same request", func(t *testing.T) {
		notCutShort(t, func(l *lifecycle.Lifecycle, ctx context.Context) error {
			made, err := l.Run(ctx, order("r-1", 2))
			if len(made.IDs) != 2 {
				t.Errorf("the other answered %v", made.IDs)
			}
			return err
		})
	})
}

func notCutShort(t *testing.T, meanwhile func(*lifecycle.Lifecycle, context.Context) error) {
	bubble(t, func(t *testing.T) {
		records := newRecords()
		c := newCloud()
		c.answers, c.stagger = time.Minute, 2*time.Minute
		sending := lifecycle.New(c, records, quiet)
		defer sending.Close()
		answered := make(chan []string)
		go func() {
			made, err := sending.Run(t.Context(), order("r-1", 2))
			if err != nil {
				t.Error(err)
			}
			answered <- made.IDs
		}()
		time.Sleep(time.Second)
		restarted := lifecycle.New(c, records, quiet)
		defer restarted.Close()
		if err := meanwhile(restarted, t.Context()); err != nil {
			t.Error(err)
		}
		if ids := <-answered; len(ids) != 2 {
			t.Errorf("answered %v, want both", ids)
		}
		time.Sleep(time.Hour)
		if r, err := records.RequestByID(t.Context(), "r-1"); err != nil || len(r.Items) != 2 || r.OrderID == "" {
			t.Errorf("recorded %+v, %v", r, err)
		}
	})
}

func TestLaunch_CloseLeavesItToNextStart(t *testing.T) {
	bubble(t, func(t *testing.T) {
		records := newRecords()
		c := newCloud()
		c.faults = []fault{lostReply}
		c.lag = time.Minute
		l := lifecycle.New(c, records, quiet)
		answered := make(chan error)
		go func() {
			_, err := l.Run(t.Context(), order("r-1", 1))
			answered <- err
		}()
		time.Sleep(time.Second)
		l.Close()
		if err := <-answered; !ecs.HasReason(err, ecs.ReasonServerDraining) {
			t.Errorf("got %v, want SERVER_DRAINING", err)
		}
		if _, err := l.Run(t.Context(), order("r-2", 1)); !ecs.HasReason(err, ecs.ReasonServerDraining) {
			t.Errorf("after Close: got %v, want SERVER_DRAINING", err)
		}
		open, err := records.OpenRequests(t.Context(), "RunInstances")
		if err != nil || len(open) != 1 {
			t.Errorf("open: %+v, %v, want the launch", open, err)
		}
	})
}

func stringOf(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// stuckRecords blocks the transitions of requests while it is stuck.
type stuckRecords struct {
	lifecycle.Records
	stuck bool
}

func (s *stuckRecords) MoveRequest(ctx context.Context, r ecs.RequestRecord, from ecs.RequestState) error {
	if s.stuck {
		<-ctx.Done()
		return ctx.Err()
	}
	return s.Records.MoveRequest(ctx, r, from)
}

// A blocked database is reported as such, whatever time the caller has, and the
// same request finds the launched instances.
func TestLaunch_DatabaseHangs(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, records := newCloud(), &stuckRecords{Records: newRecords(), stuck: true}
		l := lifecycle.New(c, records, quiet)
		defer l.Close()
		if _, err := l.Run(t.Context(), order("r-1", 2)); !ecs.HasReason(err, ecs.ReasonStoreUnavailable) || ecs.AsError(err).Retry != ecs.RetryBackoff {
			t.Errorf("got %v, want STORE_UNAVAILABLE", err)
		}
		records.stuck = false
		made, err := l.Run(t.Context(), order("r-1", 2))
		if err != nil || len(made.IDs) != 2 || len(c.sends) != 1 {
			t.Errorf("again: %v, %v after %d sends, want two instances after one", made.IDs, err, len(c.sends))
		}
	})
}
