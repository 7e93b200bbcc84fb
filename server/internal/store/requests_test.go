package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

// launch is the record of a launch as it stands just before it is sent.
func launch(id string) ecs.RequestRecord {
	at := time.UnixMilli(1_790_000_000_000).UTC()
	return ecs.RequestRecord{
		RequestID: id, Action: "RunInstances", PayloadHash: "hash", Caller: "team-a", RegionID: "cn-hangzhou",
		State: ecs.RequestOpen, Wanted: 2, Tagged: true, ClientToken: "token-" + id, TokenNumber: 1,
		TokenTime: at, SendTime: at.Add(time.Minute), CreateTime: at, UpdateTime: at.Add(time.Hour),
	}
}

func TestRequestIsReadAsItWasWritten(t *testing.T) {
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
		want.Failure = ecs.RenewalFailure{Reason: ecs.ReasonOutOfStock, Message: "none left", CloudCode: "C", CloudRequestID: "R"}
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

func TestOpenRequestsAreThoseOfTheAction(t *testing.T) {
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
