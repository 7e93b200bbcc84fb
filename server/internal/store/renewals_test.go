package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

var start = time.UnixMilli(1_790_000_000_000).UTC()

// sample is a renewal as it stands just before its paid call.
func sample(id string) ecs.Renewal {
	return ecs.Renewal{
		ID: "renewal-" + id, RequestID: "request-" + id, PayloadHash: "hash", Caller: "team-a",
		RegionID: "cn-hangzhou", InstanceID: "i-" + id, Period: ecs.Period{Count: 1, Unit: ecs.Month},
		State: ecs.RenewalSubmitting, Price: ecs.Money{CurrencyCode: "CNY", Units: 103, Nanos: 500_000_000},
		ClientToken: "token-" + id, TokenNumber: 1,
		Attempts:     []ecs.RenewalAttempt{{Number: 1, ClientToken: "token-" + id, SendTime: start}},
		ExpireBefore: start.Add(time.Hour), ExpireExpected: start.Add(721 * time.Hour),
		CreateTime: start, UpdateTime: start,
	}
}

func TestRenewalIsReadAsItWasWritten(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		ctx, want := t.Context(), sample("a")
		if err := s.CreateRenewal(ctx, want); err != nil {
			t.Fatal(err)
		}
		got, err := s.RenewalByRequest(ctx, want.RequestID)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("read differs from written (-want +got):\n%s", diff)
		}
		if _, err := s.RenewalByRequest(ctx, "never"); !errors.Is(err, ecs.ErrNoRecord) {
			t.Errorf("an unknown request: got %v, want ErrNoRecord", err)
		}
	})
}

func TestRenewalSurvivesTheProcess(t *testing.T) {
	for name, address := range lasting {
		t.Run(name, func(t *testing.T) {
			at, want := address(t), sample("a")
			first := open(t, at)
			if err := first.CreateRenewal(t.Context(), want); err != nil {
				t.Fatal(err)
			}
			if err := first.Close(); err != nil {
				t.Fatal(err)
			}
			live, err := open(t, at).LiveRenewals(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]ecs.Renewal{want}, live); diff != "" {
				t.Errorf("after a restart (-want +got):\n%s", diff)
			}
		})
	}
}

func TestUniqueRules(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		if err := s.CreateRenewal(ctx, sample("a")); err != nil {
			t.Fatal(err)
		}
		sameRequest := sample("b")
		sameRequest.RequestID = "request-a"
		if err := s.CreateRenewal(ctx, sameRequest); !errors.Is(err, ecs.ErrRequestIDTaken) {
			t.Errorf("a request id twice: got %v, want ErrRequestIDTaken", err)
		}
		sameInstance := sample("c")
		sameInstance.InstanceID = "i-a"
		if err := s.CreateRenewal(ctx, sameInstance); !errors.Is(err, ecs.ErrInstanceBusy) {
			t.Errorf("a second live renewal: got %v, want ErrInstanceBusy", err)
		}
		done := sample("a")
		done.State = ecs.RenewalRenewed
		if err := s.MoveRenewal(ctx, done, ecs.RenewalSubmitting); err != nil {
			t.Fatal(err)
		}
		if err := s.CreateRenewal(ctx, sameInstance); err != nil {
			t.Errorf("a renewal after the first has ended: %v", err)
		}
	})
}

func TestMoveStartsFromTheStateThatWasRead(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		ctx, r := t.Context(), sample("a")
		if err := s.CreateRenewal(ctx, r); err != nil {
			t.Fatal(err)
		}
		r.State = ecs.RenewalVerifying
		r.Attempts[0].Outcome, r.Attempts[0].FinishTime, r.Attempts[0].OrderID = ecs.AttemptAccepted, start.Add(time.Second), "order-1"
		if err := s.MoveRenewal(ctx, r, ecs.RenewalSubmitting); err != nil {
			t.Fatal(err)
		}
		late := r
		late.State = ecs.RenewalFailed
		if err := s.MoveRenewal(ctx, late, ecs.RenewalSubmitting); !errors.Is(err, ecs.ErrStateMoved) {
			t.Errorf("a move from a state that is over: got %v, want ErrStateMoved", err)
		}
		// An attempt that has its outcome keeps it.
		changed := r
		changed.Attempts = []ecs.RenewalAttempt{r.Attempts[0]}
		changed.Attempts[0].Outcome, changed.Attempts[0].OrderID = ecs.AttemptRefused, ""
		if err := s.MoveRenewal(ctx, changed, ecs.RenewalVerifying); err != nil {
			t.Fatal(err)
		}
		got, err := s.RenewalByRequest(ctx, r.RequestID)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(r, got); diff != "" {
			t.Errorf("after the moves (-want +got):\n%s", diff)
		}
	})
}
