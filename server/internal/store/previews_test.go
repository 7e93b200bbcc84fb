package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

// A plan is read in its parts while it is young. The oldest plans are removed
// beyond the limit, and all that are too old.
func TestPreviews(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		save := func(id string, at time.Time) {
			t.Helper()
			if err := s.SavePreview(ctx, id, [][]byte{[]byte(id + "/0"), []byte(id + "/1")}, at, at.Add(-time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
		missing := func(when, id string, part int, since time.Time) {
			t.Helper()
			if got, err := s.PreviewPart(ctx, id, part, since); !errors.Is(err, ecs.ErrNoRecord) {
				t.Errorf("%s: %q, %v, want ErrNoRecord", when, got, err)
			}
		}
		save("a", start)
		for part, want := range []string{"a/0", "a/1"} {
			if got, err := s.PreviewPart(ctx, "a", part, start); err != nil || string(got) != want {
				t.Errorf("part %d: %q, %v, want %q", part, got, err, want)
			}
		}
		missing("after the last part", "a", 2, start)
		missing("of no plan", "b", 0, start)
		missing("of a plan that is too old", "a", 0, start.Add(time.Millisecond))
		for n := range 63 {
			save(fmt.Sprint("n", n), start.Add(time.Duration(n+1)*time.Second))
		}
		if _, err := s.PreviewPart(ctx, "a", 1, start); err != nil {
			t.Errorf("the oldest of 64: %v", err)
		}
		save("one more", start.Add(time.Minute+10*time.Second))
		missing("the oldest of 65", "a", 1, start)
		save("much later", start.Add(2*time.Hour))
		missing("a plan before the time", "one more", 0, start)
		if got, err := s.PreviewPart(ctx, "much later", 1, start); err != nil || string(got) != "much later/1" {
			t.Errorf("the newest: %q, %v", got, err)
		}
	})
}
