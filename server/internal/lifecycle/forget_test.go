package lifecycle_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/lifecycle"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

// A request is remembered for its life, a repeated release starts that life
// again, and older requests are forgotten.
func TestRecords_Removed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const life, part = 7 * time.Hour, time.Hour // an idle process claims every 15 s
		records, err := store.Open(t.Context(), "sqlite::memory:")
		if err != nil {
			t.Fatal(err)
		}
		defer records.Close()
		c := newCloud()
		c.add("i-1")
		c.add("i-2", running)
		l := lifecycle.New(c, records, lifecycle.Config{RecordLife: life})
		defer l.Close()
		if err := l.Resume(t.Context()); err != nil {
			t.Fatal(err)
		}
		release := lifecycle.ReleaseRequest{RegionID: region, IDs: []string{"i-1", "i-2"}, RequestID: "release", Fingerprint: "v1:release"}
		inPart := func() {
			t.Helper()
			results, err := l.Release(t.Context(), release)
			if err != nil || results[0].Err != nil || !results[0].Value.Released || !ecs.HasReason(results[1].Err, ecs.ReasonIncorrectStatus) {
				t.Errorf("the release: %+v, %v", results, err)
			}
		}
		for n := range 60 { // more than one transaction removes
			if _, err := l.Run(t.Context(), order(string(rune('A'+n)), 1)); err != nil {
				t.Fatal(err)
			}
		}
		inPart()
		sends := len(c.sends)
		time.Sleep(6 * part)
		if _, err := l.Run(t.Context(), order("A", 1)); err != nil || len(c.sends) != sends {
			t.Errorf("within its life: %v, %d sends more", err, len(c.sends)-sends)
		}
		inPart()
		time.Sleep(part + time.Hour)
		synctest.Wait()
		for n := range 60 {
			if _, err := records.RequestByID(t.Context(), string(rune('A'+n))); !errors.Is(err, ecs.ErrNoRecord) {
				t.Fatalf("a launch before its life: %v, want no record", err)
			}
		}
		inPart()
	})
}
