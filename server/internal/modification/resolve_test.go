package modification_test

import (
	"context"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/modification"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

// undecided returns an upgrade that needs attention: another changed the type
// while its outcome was unknown.
func undecided(t *testing.T, c *fakeCloud, e *modification.Engine) ledger.Modification {
	t.Helper()
	c.faults = []fault{lostRequest}
	c.hooks["send"] = func() {
		time.AfterFunc(10*time.Second, func() { c.change(func(i *ecs.Instance) { i.Type = "ecs.c7.large" }) })
	}
	m, _ := e.Modify(t.Context(), request(changes["upgrade"].change))
	if m.State != ledger.ModificationNeedsAttention {
		t.Fatalf("%s, want NEEDS_ATTENTION", m.State)
	}
	return m
}

// An order that an operator found paid is verified: it ends with the change that
// the instance shows.
func TestResolve_Paid(t *testing.T) {
	inBubble(t, changes["upgrade"].cloud, func(t *testing.T, c *fakeCloud, s *store.Store, e *modification.Engine) {
		m := undecided(t, c, e)
		c.change(func(i *ecs.Instance) { i.Type = changes["upgrade"].change.InstanceType })
		got, err := e.Resolve(t.Context(), m.ID, modification.Decided{Paid: true, OrderID: "order-7", By: "ann", Note: "T-1"})
		if err != nil || got.State != ledger.ModificationVerifying {
			t.Fatalf("%s, %v, want VERIFYING", got.State, err)
		}
		time.Sleep(time.Minute)
		end, err := s.Modification(t.Context(), m.ID)
		if err != nil || end.State != ledger.ModificationSucceeded || end.OrderID != "order-7" || end.PaidTime.IsZero() || len(c.sends) != 1 {
			t.Errorf("%+v, %v, %d sends, want SUCCEEDED under order-7 after one send", end, err, len(c.sends))
		}
		if d := end.Decisions; len(d) != 1 || d[0].Resolution != modification.MarkPaid || d[0].By != "ann" || d[0].Note != "T-1" {
			t.Errorf("decisions %+v", d)
		}
		if _, err := e.Resolve(t.Context(), m.ID, modification.Decided{}); !ecs.HasReason(err, ecs.ReasonModificationSettled) {
			t.Errorf("resolved twice: %v", err)
		}
	})
}

// An order that an operator found not paid is never sent again by its request; a
// new request sends a new one.
func TestResolve_NotPaid(t *testing.T) {
	inBubble(t, changes["upgrade"].cloud, func(t *testing.T, c *fakeCloud, _ *store.Store, e *modification.Engine) {
		m := undecided(t, c, e)
		if _, err := e.Resolve(t.Context(), m.ID, modification.Decided{By: "ann", OnlyOf: "another"}); !ecs.HasReason(err, ecs.ReasonModificationNotFound) {
			t.Errorf("by another caller: %v, want MODIFICATION_NOT_FOUND", err)
		}
		got, err := e.Resolve(t.Context(), m.ID, modification.Decided{By: "ann"})
		if err != nil || got.State != ledger.ModificationFailed {
			t.Fatalf("%s, %v, want FAILED", got.State, err)
		}
		if _, err := e.Modify(t.Context(), request(changes["upgrade"].change)); !ecs.HasReason(err, ecs.ReasonMarkedNotPaid) || len(c.sends) != 1 {
			t.Errorf("the request again: %v, %d sends", err, len(c.sends))
		}
		other := request(changes["upgrade"].change)
		other.RequestID = "another"
		if m, err := e.Modify(t.Context(), other); err != nil || m.State != ledger.ModificationSucceeded || len(c.orders) != 1 {
			t.Errorf("another request: %s, %v, %d orders", m.State, err, len(c.orders))
		}
	})
}

func TestResolve_Refused(t *testing.T) {
	inBubble(t, changes["upgrade"].cloud, func(t *testing.T, c *fakeCloud, _ *store.Store, e *modification.Engine) {
		if _, err := e.Resolve(t.Context(), "no-such", modification.Decided{}); !ecs.HasReason(err, ecs.ReasonModificationNotFound) {
			t.Errorf("an unknown ID: %v", err)
		}
		m, err := e.Modify(context.WithoutCancel(t.Context()), request(changes["upgrade"].change))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Resolve(t.Context(), m.ID, modification.Decided{Paid: true}); !ecs.HasReason(err, ecs.ReasonModificationSettled) {
			t.Errorf("a modification that succeeded: %v", err)
		}
		all, err := e.List(t.Context(), ledger.ModificationFilter{InstanceID: id}, ledger.Cursor{}, 10)
		if err != nil || len(all) != 1 || all[0].ID != m.ID {
			t.Errorf("list: %v, %v", all, err)
		}
	})
}
