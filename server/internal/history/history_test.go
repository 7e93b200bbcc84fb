package history_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/changelog"
	"github.com/ecsd-io/ecsd/server/internal/cloud"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/history"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

const region = "cn-hangzhou"

// world is a database in which a test writes what polls found.
type world struct {
	*store.Store
	t     *testing.T
	lease ecs.Lease
	was   map[string]*ecs.Instance
}

func newWorld(t *testing.T) *world {
	s, err := store.Open(t.Context(), "sqlite::memory:")
	if err != nil {
		t.Fatal(err)
	}
	lease, err := s.AcquireLease(t.Context(), "poll", "p1", 24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return &world{Store: s, t: t, lease: lease, was: map[string]*ecs.Instance{}}
}

// find writes one poll that found each instance in a status.
func (w *world) find(status ecs.Status, ids ...string) {
	w.t.Helper()
	var changes []changelog.Change
	for _, id := range ids {
		now := &ecs.Instance{ID: id, RegionID: region, Status: status}
		change, err := changelog.Encode(id, w.was[id], now)
		if err != nil {
			w.t.Fatal(err)
		}
		w.was[id], changes = now, append(changes, change)
	}
	if _, err := w.Append(w.t.Context(), w.lease, changelog.Position{}, region, changes); err != nil {
		w.t.Fatal(err)
	}
}

// list lists all changes in pages, as "revision instance status caller".
func (w *world) list(limit int) []string {
	w.t.Helper()
	h := history.New(w, ecs.SiteChina, nil)
	var lines []string
	q := changelog.Query{Limit: limit}
	for {
		page, err := h.List(w.t.Context(), q)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, c := range page.Changes {
			caller := "-"
			if c.Cause != nil {
				caller = c.Cause.Caller
			}
			lines = append(lines, fmt.Sprint(c.Revision, " ", c.InstanceID, " ", c.After.Status, " ", caller))
		}
		if !page.More {
			return lines
		}
		q.After = page.Changes[len(page.Changes)-1].Cursor()
	}
}

func as(ctx context.Context, caller string) context.Context {
	return call.With(ctx, &call.Call{Caller: caller, RequestID: "rpc-" + caller, Method: "StopInstances"})
}

// Changes have the same causes whatever the size of the pages: the effects on
// earlier pages count.
func TestList_CausesAcrossPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.Close()
		recorder := history.NewRecorder(w, slog.New(slog.DiscardHandler))
		w.find(ecs.StatusRunning, "i-1", "i-2", "i-3")
		time.Sleep(time.Hour)
		recorder.Changing(as(t.Context(), "alice"), region, "StopInstances", []string{"i-1", "i-2"})
		refused := recorder.Changing(as(t.Context(), "bob"), region, "StopInstances", []string{"i-2", "i-3"})
		refused([]string{"i-2"})
		for _, status := range []ecs.Status{ecs.StatusStopping, ecs.StatusStopped, ecs.StatusStarting, ecs.StatusRunning, ecs.StatusStopping} {
			time.Sleep(10 * time.Second)
			w.find(status, "i-1", "i-2", "i-3")
		}
		var want []string
		for revision, status := range []ecs.Status{ecs.StatusRunning, ecs.StatusStopping, ecs.StatusStopped, ecs.StatusStarting, ecs.StatusRunning, ecs.StatusStopping} {
			for i, caller := range []string{"alice", "alice", "bob"} {
				if revision != 1 && revision != 2 {
					caller = "-"
				}
				want = append(want, fmt.Sprint(revision+1, " i-", i+1, " ", status, " ", caller))
			}
		}
		for _, limit := range []int{1, 2, 4, 100} {
			if got := w.list(limit); !slices.Equal(got, want) {
				t.Errorf("in pages of %d:\n%s\nwant\n%s", limit, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
	})
}

// brokenCauses is a store that cannot be written.
type brokenCauses struct{ withdrawn int }

func (*brokenCauses) RecordCause(ctx context.Context, _ changelog.Cause, _ []string) error {
	<-ctx.Done()
	return errors.New("no database")
}

func (b *brokenCauses) WithdrawCause(context.Context, string, []string) error {
	b.withdrawn++
	return nil
}

// A call to the cloud waits 2 s at most for its record, and leaves without it.
func TestRecorder_StoreThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		causes := &brokenCauses{}
		began := time.Now()
		refused := history.NewRecorder(causes, slog.New(slog.NewTextHandler(&log, nil))).Changing(as(t.Context(), "x"), region, "StopInstances", []string{"i-1"})
		if waited := time.Since(began); waited != 2*time.Second {
			t.Errorf("the call waited %s, want 2s", waited)
		}
		if !strings.Contains(log.String(), "no database") {
			t.Errorf("the log is %q, want the cause of the failure", log.String())
		}
		refused([]string{"i-1"})
		if causes.withdrawn != 0 {
			t.Error("a cause that was not recorded is withdrawn")
		}
	})
}

// Every action of the cloud that changes instances has a known effect, so that
// its calls are recorded.
func TestRecorder_KnowsTheActions(t *testing.T) {
	unseen := []string{"CreateSnapshot", "ModifyInstanceAutoRenewAttribute"} // the log shows no effect of these
	for _, action := range cloud.Actions() {
		reads := strings.HasPrefix(action, "Describe") || strings.HasPrefix(action, "List") || strings.HasPrefix(action, "Get") || strings.HasPrefix(action, "Query")
		if want := !reads && !slices.Contains(unseen, action); changelog.Effective(action) != want {
			t.Errorf("%s: an effect is known: %v, want %v", action, !want, want)
		}
	}
}
