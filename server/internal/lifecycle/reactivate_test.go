package lifecycle_test

import (
	"testing"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/lifecycle"
)

func overdue(i *ecs.Instance) { i.Locks = []ecs.Lock{{Reason: ecs.LockFinancial}} }

// Only a pay-as-you-go instance that was stopped for overdue payment is sent, and
// the result is read back. The others have their own reason.
func TestReactivate(t *testing.T) {
	inBubble(t, lifecycle.Config{}, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
		c.add("i-overdue", overdue)
		c.add("i-starting", func(i *ecs.Instance) { i.Status, i.Raw.Status = ecs.StatusStarting, "Starting" })
		c.add("i-stopped")
		c.add("i-running", running)
		c.add("i-subscription", overdue, func(i *ecs.Instance) { i.ChargeType = ecs.ChargeSubscription })
		c.add("i-locked", overdue, func(i *ecs.Instance) { i.Locks = append(i.Locks, ecs.Lock{Reason: ecs.LockSecurity}) })
		calls := 0
		c.hook = func() { calls++ }
		ids := []string{"i-overdue", "i-starting", "i-stopped", "i-running", "i-subscription", "i-locked", "i-gone", "i-overdue"}
		want := []ecs.Reason{
			"", "", ecs.ReasonIncorrectStatus, ecs.ReasonIncorrectStatus, ecs.ReasonNotPayAsYouGo, ecs.ReasonInstanceLocked,
			ecs.ReasonInstanceNotFound, "",
		}
		for _, validateOnly := range []bool{true, false} {
			for n, m := range l.Reactivate(t.Context(), region, ids, validateOnly) {
				switch {
				case want[n] == "" && m.Err != nil, want[n] != "" && !ecs.HasReason(m.Err, want[n]):
					t.Errorf("validateOnly %v, %s: %v, want reason %q", validateOnly, m.ID, m.Err, want[n])
				case want[n] == "" && !validateOnly && m.Value.Current != ecs.StatusStarting:
					t.Errorf("%s is %v, want Starting", m.ID, m.Value.Current)
				}
			}
			if validateOnly && calls != 0 {
				t.Errorf("a dry run made %d calls", calls)
			}
		}
		if calls != 1 {
			t.Errorf("%d calls, want 1 for the one instance in arrears", calls)
		}
	})
}

func TestReactivate_LostReply(t *testing.T) {
	inBubble(t, lifecycle.Config{}, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
		c.add("i-1", overdue)
		c.faults = []fault{lostReply}
		if m := l.Reactivate(t.Context(), region, []string{"i-1"}, false)[0]; m.Err != nil || m.Value.Current != ecs.StatusStarting {
			t.Errorf("lost reply: %v, %v, want the start that a read shows", m.Value, m.Err)
		}
	})
}
