package ecs_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

func TestWindow(t *testing.T) {
	at := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	w := ecs.Window{After: at, Before: at.Add(time.Hour)}
	for when, want := range map[time.Time]bool{
		at.Add(-1):                  false,
		at:                          true,
		at.Add(time.Hour - 1):       true,
		at.Add(time.Hour):           false,
		{}:                          false,
		at.Add(-100000 * time.Hour): false,
	} {
		if got := w.Contains(when); got != want {
			t.Errorf("%s: got %t, want %t", when, got, want)
		}
	}
	if open := (ecs.Window{}); !open.IsZero() || !open.Contains(at) || open.Contains(time.Time{}) {
		t.Error("an open window holds every time but none")
	}
}

func TestIDs(t *testing.T) {
	for id, want := range map[string]bool{
		"i-bp1aet7s13lfpjop0001": true, "i-1111": true, "AY121018033933eae8689": true, "501-12345": true, strings.Repeat("a", 64): true,
		"": false, "i-1111 ": false, "i-11*": false, "i-1,i-2": false, "i-1\n": false, "ï-1": false, strings.Repeat("a", 65): false,
	} {
		if got := ecs.ValidInstanceID(id); got != want {
			t.Errorf("instance id %q: got %t, want %t", id, got, want)
		}
	}
	for id, want := range map[string]bool{
		"cn-hangzhou": true, "ap-southeast-1": true, "cn-shenzhen-finance-1": true, "us-east-1": true, "cn-beijing": true,
		"": false, "hangzhou": false, "CN-hangzhou": false, "cn-hangzhou/../": false, "cn-": false,
	} {
		if got := ecs.ValidRegionID(id); got != want {
			t.Errorf("region id %q: got %t, want %t", id, got, want)
		}
	}
}
