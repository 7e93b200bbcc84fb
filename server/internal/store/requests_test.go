package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

// launch is the record of a launch just before it is sent.
func launch(id string) ecs.RequestRecord {
	at := time.UnixMilli(1_790_000_000_000).UTC()
	return ecs.RequestRecord{
		RequestID: id, Action: "RunInstances", PayloadHash: "hash", Caller: "team-a", RegionID: "cn-hangzhou",
		State: ecs.RequestOpen, Wanted: 2, Tagged: true, ClientToken: "token-" + id, TokenNumber: 1,
		TokenTime: at, SendTime: at.Add(time.Minute), CreateTime: at, UpdateTime: at.Add(time.Hour),
	}
}

func TestRequest_RoundTrip(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		ctx, want := t.Context(), launch("a")
		want.Items = []ecs.RequestItem{{InstanceID: "i-2", State: "KEPT", Detail: `{"x":1}`}, {InstanceID: "i-1", State: "KEPT"}}
		if err := s.CreateRequest(ctx, want); err != nil {
			t.Fatal(err)
		}
		if err := s.CreateRequest(ctx, launch("a")); !errors.Is(err, ecs.ErrRequestIDTaken) {
			t.Errorf("an id twice: got %v, want ErrRequestIDTaken", err)
		}
		if _, err := s.RequestByID(ctx, "never"); !errors.Is(err, ecs.ErrNoRecord) {
			t.Errorf("an unknown id: got %v, want ErrNoRecord", err)
		}
		equal(t, s, want)

		want.State, want.OrderID = ecs.RequestDone, "order-1"
		want.Failure = ledger.Failure{Reason: ecs.ReasonOutOfStock, Message: "none left", CloudCode: "C", CloudRequestID: "R"}
		changed := want
		changed.Items = []ecs.RequestItem{{InstanceID: "i-1", State: "RELEASED", Detail: "{}"}}
		if err := s.MoveRequest(ctx, changed, ecs.RequestOpen); err != nil {
			t.Fatal(err)
		}
		want.Items[1] = changed.Items[0]
		equal(t, s, want)

		late := want
		late.State = ecs.RequestFailed
		if err := s.MoveRequest(ctx, late, ecs.RequestOpen); !errors.Is(err, ecs.ErrStateMoved) {
			t.Errorf("a move from a state that is over: got %v, want ErrStateMoved", err)
		}
		equal(t, s, want)

		if err := s.SaveRequestItems(ctx, "a", []ecs.RequestItem{{InstanceID: "i-2", State: "DELETING"}}); err != nil {
			t.Fatal(err)
		}
		want.Items[0] = ecs.RequestItem{InstanceID: "i-2", State: "DELETING"}
		equal(t, s, want)
		if err := s.SaveRequestItems(ctx, "never", []ecs.RequestItem{{InstanceID: "i-2", State: "DELETING"}}); err == nil {
			t.Error("an item of no record was written")
		}
	})
}

func TestOpenRequests_OfAction(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		second, first, done, other := launch("b"), launch("a"), launch("c"), launch("d")
		second.CreateTime = second.CreateTime.Add(time.Second)
		done.State, other.Action = ecs.RequestDone, "DeleteInstances"
		for _, r := range []ecs.RequestRecord{second, first, done, other} {
			if err := s.CreateRequest(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
		open, err := s.OpenRequests(t.Context(), "RunInstances", "CreateInstance")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]ecs.RequestRecord{first, second}, open); diff != "" {
			t.Errorf("open (-want +got):\n%s", diff)
		}
	})
}

// Finished requests are removed with their items when they are old, the oldest
// first and no more at once than the limit; an open request that must be
// settled stays.
func TestTrimRequests(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		old := time.UnixMilli(1_790_000_000_000).UTC()
		items := []ecs.RequestItem{{InstanceID: "i-1", State: "RELEASED", Detail: "{}"}, {InstanceID: "i-2", State: "KEPT"}}
		for i, r := range []struct {
			id, action string
			state      ecs.RequestState
			age        time.Duration
		}{
			{"failed", "RunInstances", ecs.RequestFailed, time.Hour},
			{"done", "RunInstances", ecs.RequestDone, 3 * time.Hour},
			{"put off", "CreateInstance", ecs.RequestDeferred, 2 * time.Hour},
			{"unknown", "RunInstances", ecs.RequestOpen, 4 * time.Hour},
			{"in part", "DeleteInstances", ecs.RequestOpen, time.Millisecond},
			{"young", "RunInstances", ecs.RequestDone, 0},
		} {
			record := launch(r.id)
			record.Action, record.State, record.UpdateTime = r.action, r.state, old.Add(-r.age)
			if i%2 == 1 {
				record.Items = items
			}
			if err := s.CreateRequest(t.Context(), record); err != nil {
				t.Fatal(err)
			}
		}
		left := []string{"failed", "done", "put off", "unknown", "in part", "young"}
		for round, gone := range [][]string{{"done", "put off"}, {"failed", "in part"}, nil} {
			n, err := s.TrimRequests(t.Context(), old, 2, "RunInstances", "CreateInstance")
			if err != nil || n != len(gone) {
				t.Errorf("round %d: removed %d, %v, want %q", round, n, err, gone)
			}
			left = slices.DeleteFunc(left, func(id string) bool { return slices.Contains(gone, id) })
			for _, id := range left {
				if _, err := s.RequestByID(t.Context(), id); err != nil {
					t.Errorf("round %d: %s: %v", round, id, err)
				}
			}
			for _, id := range gone {
				if _, err := s.RequestByID(t.Context(), id); !errors.Is(err, ecs.ErrNoRecord) {
					t.Errorf("round %d: %s is still there: %v", round, id, err)
				}
			}
		}
		again := launch("done")
		if err := s.CreateRequest(t.Context(), again); err != nil {
			t.Fatal(err)
		}
		equal(t, s, again) // without the items of its namesake
	})
}

func equal(t *testing.T, s *store.Store, want ecs.RequestRecord) {
	t.Helper()
	got, err := s.RequestByID(t.Context(), want.RequestID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("read differs from written (-want +got):\n%s", diff)
	}
}
