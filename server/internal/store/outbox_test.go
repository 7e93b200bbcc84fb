package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/outbox"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

// message returns a message to a receiver with items of these keys.
func message(id, receiver string, at time.Time, keys ...string) outbox.Message {
	m := outbox.Message{
		ID: id, Receiver: receiver, CreateTime: at,
		Group: outbox.Group{Event: outbox.Expiry, RegionID: "cn-hangzhou", Day: "2026-12-21", Threshold: 7},
	}
	for _, key := range keys {
		m.Items = append(m.Items, outbox.Item{
			Key: key, RetainUntil: at.Add(48 * time.Hour), InstanceID: "i-" + key, InstanceName: "web\n" + key, ExpireTime: at.Add(24 * time.Hour),
		})
	}
	return m
}

// changeOutbox must succeed.
func changeOutbox(t *testing.T, s *store.Store, lease ecs.Lease, add []outbox.Message, withdraw ...outbox.Key) {
	t.Helper()
	if err := s.ChangeOutbox(t.Context(), lease, add, withdraw); err != nil {
		t.Fatal(err)
	}
}

// next returns the next message to a receiver, the zero value for none.
func next(t *testing.T, s *store.Store, receiver string) outbox.Message {
	t.Helper()
	m, _, err := s.NextMessage(t.Context(), receiver)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

var outboxStart = time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)

func TestOutbox_MessageUntilItIsDelivered(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		lease := acquire(t, s, "notifications", "p1")
		first, second := message("m1", "ops", outboxStart, "a", "b"), message("m2", "ops", outboxStart.Add(time.Second), "c")
		changeOutbox(t, s, lease, []outbox.Message{second, first, message("m3", "other", outboxStart, "a")})
		if diff := cmp.Diff(first, next(t, s, "ops")); diff != "" {
			t.Fatalf("the next message (-want +got):\n%s", diff)
		}
		if err := s.BeginSend(ctx, lease, "m1"); err != nil {
			t.Fatal(err)
		}
		if err := s.SendFailed(ctx, "ops", 1, outboxStart, outboxStart.Add(time.Minute), "HTTP status 500"); err != nil {
			t.Fatal(err)
		}
		if got := next(t, s, "ops"); got.ID != "m2" {
			t.Errorf("after a failed send the next message is %s, want m2: one with fewer attempts", got.ID)
		}
		for _, id := range []string{"m2", "m1"} {
			m := next(t, s, "ops")
			if m.ID != id {
				t.Fatalf("the next message is %q, want %s", m.ID, id)
			}
			if err := s.Delivered(ctx, m, outboxStart.Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
		if got := next(t, s, "ops"); got.ID != "" {
			t.Errorf("after all deliveries the next message is %s", got.ID)
		}
		if err := s.BeginSend(ctx, lease, "m1"); !errors.Is(err, ecs.ErrStateMoved) {
			t.Errorf("send a delivered message: %v, want ErrStateMoved", err)
		}
		got, err := s.Receivers(ctx)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]outbox.Receiver{
			"ops":   {Name: "ops", LastError: "HTTP status 500", LastErrorTime: outboxStart, LastSuccessTime: outboxStart.Add(time.Hour)},
			"other": {Name: "other", Pending: 1, Oldest: outboxStart},
		}
		for _, r := range got {
			if diff := cmp.Diff(want[r.Name], r); diff != "" {
				t.Errorf("receiver %s (-want +got):\n%s", r.Name, diff)
			}
		}
		if len(got) != 2 {
			t.Errorf("%d receivers, want 2", len(got))
		}
	})
}

func TestOutbox_ItemIsReportedOnce(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		lease := acquire(t, s, "notifications", "p1")
		changeOutbox(t, s, lease, []outbox.Message{message("m1", "ops", outboxStart, "a")})
		changeOutbox(t, s, lease, []outbox.Message{message("m2", "ops", outboxStart, "a")})
		if m := next(t, s, "ops"); m.ID != "m1" || len(m.Items) != 1 {
			t.Fatalf("the next message is %+v, want m1 with its item", m)
		}
		if err := s.Delivered(t.Context(), outbox.Message{ID: "m1", Receiver: "ops"}, outboxStart); err != nil {
			t.Fatal(err)
		}
		if m := next(t, s, "ops"); m.ID != "" {
			t.Errorf("an item in a second message is sent again: %+v", m)
		}
	})
}

func TestOutbox_Withdraw(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		ctx, lease := t.Context(), acquire(t, s, "notifications", "p1")
		a, b := outbox.Key{Receiver: "ops", Item: "a"}, outbox.Key{Receiver: "ops", Item: "b"}
		changeOutbox(t, s, lease, []outbox.Message{message("m1", "ops", outboxStart, "a", "b")})
		changeOutbox(t, s, lease, nil, a)
		if m := next(t, s, "ops"); len(m.Items) != 1 || m.Items[0].Key != "b" {
			t.Errorf("the message without a is %+v", m)
		}
		for what, read := range map[string]func() ([]outbox.Key, error){
			"reported": func() ([]outbox.Key, error) { return s.ReportedItems(ctx) },
			"pending":  func() ([]outbox.Key, error) { return s.PendingItems(ctx) },
		} {
			if keys, err := read(); err != nil || !cmp.Equal(keys, []outbox.Key{b}) {
				t.Errorf("%s items are %v (%v), want b", what, keys, err)
			}
		}
		changeOutbox(t, s, lease, nil, b)
		if m := next(t, s, "ops"); m.ID != "" {
			t.Errorf("a message without items waits: %+v", m)
		}
		changeOutbox(t, s, lease, []outbox.Message{message("m2", "ops", outboxStart, "a")})
		m := next(t, s, "ops")
		if m.ID != "m2" || len(m.Items) != 1 {
			t.Errorf("an item that is true again is in %+v, want m2", m)
		}
		if err := s.Delivered(ctx, m, outboxStart); err != nil {
			t.Fatal(err)
		}
		changeOutbox(t, s, lease, nil, a)
		if keys, err := s.ReportedItems(ctx); err != nil || len(keys) != 1 {
			t.Errorf("after the withdrawal of a delivered item %v are reported (%v), want it: it would be sent again", keys, err)
		}
	})
}

func TestOutbox_Trim(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		ctx, lease := t.Context(), acquire(t, s, "notifications", "p1")
		old, fresh := message("m1", "ops", outboxStart, "a"), message("m2", "ops", outboxStart.Add(96*time.Hour), "b")
		changeOutbox(t, s, lease, []outbox.Message{old, fresh})
		expired, err := s.TrimOutbox(ctx, lease, outboxStart, outboxStart.Add(72*time.Hour))
		if keys, _ := s.ReportedItems(ctx); err != nil || len(expired) != 0 || len(keys) != 2 {
			t.Errorf("a message that waits: %v expired, %v reported (%v), want 0 and both", expired, keys, err)
		}
		expired, err = s.TrimOutbox(ctx, lease, outboxStart.Add(time.Second), outboxStart.Add(72*time.Hour))
		if keys, _ := s.ReportedItems(ctx); err != nil || expired["ops"] != 1 || len(keys) != 1 {
			t.Errorf("a message that is too old: %v expired, %v reported (%v), want 1 and b", expired, keys, err)
		}
		if m := next(t, s, "ops"); m.ID != "m2" {
			t.Errorf("the next message is %q, want m2", m.ID)
		}
	})
}

func TestOutbox_NeedsTheLease(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		ctx, old := t.Context(), acquire(t, s, "notifications", "p1")
		lease := acquire(t, s, "notifications", "p1")
		changeOutbox(t, s, lease, []outbox.Message{message("m1", "ops", outboxStart, "a")})
		_, trim := s.TrimOutbox(ctx, old, outboxStart.Add(time.Hour), outboxStart.Add(time.Hour))
		for what, err := range map[string]error{
			"add": s.ChangeOutbox(ctx, old, []outbox.Message{message("m2", "ops", outboxStart, "b")}, nil), "trim": trim, "begin": s.BeginSend(ctx, old, "m1"),
		} {
			if !errors.Is(err, ecs.ErrLeaseLost) {
				t.Errorf("%s under an old epoch: %v, want ErrLeaseLost", what, err)
			}
		}
		if m := next(t, s, "ops"); m.ID != "m1" || m.Attempts != 0 {
			t.Errorf("the next message is %+v, want m1 without attempts", m)
		}
	})
}
