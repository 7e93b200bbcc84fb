package store_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

func intent(requestID, instanceID, holder string, until time.Time) ecs.SettingIntent {
	return ecs.SettingIntent{
		RequestID: requestID, RegionID: "cn-hangzhou", InstanceID: instanceID, Setting: ecs.SettingDeletionProtection,
		Holder: holder, HeldUntil: until, CreateTime: time.UnixMilli(1_790_000_000_000).UTC(),
	}
}

func TestIntents_SavedExtendedDropped(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		ctx, until := t.Context(), time.UnixMilli(1_790_000_060_000).UTC()
		first, second, other := intent("r-1", "i-1", "a", until), intent("r-1", "i-2", "a", until), intent("r-2", "i-1", "b", until)
		if err := s.SaveIntents(ctx, []ecs.SettingIntent{first, second, other}); err != nil {
			t.Fatal(err)
		}
		read := func(step string, want ...ecs.SettingIntent) {
			t.Helper()
			got, err := s.Intents(ctx, "cn-hangzhou", ecs.SettingDeletionProtection, []string{"i-1", "i-2", "i-3"})
			if err != nil || !cmp.Equal(got, want) {
				t.Errorf("%s: %v, %v", step, err, cmp.Diff(want, got))
			}
		}
		read("saved", first, second, other)
		first.Detail, first.Holder, first.HeldUntil = `{"x":1}`, "c", until.Add(time.Second)
		if err := s.SaveIntents(ctx, []ecs.SettingIntent{first}); err != nil {
			t.Fatal(err)
		}
		read("overwritten", first, second, other)
		if err := s.ExtendIntents(ctx, "a", until.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		second.HeldUntil = until.Add(time.Minute)
		read("extended", first, second, other)
		if err := s.DropIntents(ctx, "a", []string{"i-1", "i-2"}); err != nil {
			t.Fatal(err)
		}
		read("dropped, and not those of other holders", first, other)
		if got, err := s.Intents(ctx, "cn-beijing", ecs.SettingDeletionProtection, []string{"i-1"}); err != nil || len(got) != 0 {
			t.Errorf("another region: %v, %v", got, err)
		}
	})
}

func TestClaimIntents_OnlyPastTheirHold(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		ctx, now := t.Context(), time.UnixMilli(1_790_000_060_000).UTC()
		due, held := intent("r-1", "i-1", "a", now.Add(-time.Second)), intent("r-1", "i-2", "a", now)
		if err := s.SaveIntents(ctx, []ecs.SettingIntent{due, held}); err != nil {
			t.Fatal(err)
		}
		until := now.Add(time.Minute)
		claimed, err := s.ClaimIntents(ctx, "b", now, until, 10)
		due.Holder, due.HeldUntil = "b", until
		if err != nil || !cmp.Equal(claimed, []ecs.SettingIntent{due}) {
			t.Errorf("claimed %+v, %v, want the one whose hold ended", claimed, err)
		}
		if again, err := s.ClaimIntents(ctx, "c", now, until, 10); err != nil || len(again) != 0 {
			t.Errorf("claimed again: %+v, %v", again, err)
		}
		if err := s.DropIntents(ctx, "a", []string{"i-1"}); err != nil {
			t.Fatal(err)
		}
		if left, err := s.Intents(ctx, "cn-hangzhou", due.Setting, []string{"i-1"}); err != nil || len(left) != 1 {
			t.Errorf("after a drop by the former holder: %+v, %v, want it kept", left, err)
		}
	})
}

func TestClaimIntents_OneReplicaGetsEach(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		ctx, now := t.Context(), time.UnixMilli(1_790_000_060_000).UTC()
		var all []ecs.SettingIntent
		for _, id := range []string{"i-1", "i-2", "i-3", "i-4", "i-5"} {
			all = append(all, intent("r-1", id, "dead", now.Add(-time.Second)))
		}
		if err := s.SaveIntents(ctx, all); err != nil {
			t.Fatal(err)
		}
		claims := make([][]ecs.SettingIntent, 4)
		var group errgroup.Group
		for n := range claims {
			group.Go(func() (err error) {
				claims[n], err = s.ClaimIntents(ctx, string(rune('a'+n)), now, now.Add(time.Minute), 10)
				return err
			})
		}
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
		if got := slices.Concat(claims...); len(got) != len(all) {
			t.Errorf("%d claims of %d intents", len(got), len(all))
		}
	})
}
