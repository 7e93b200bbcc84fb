package api

import (
	"testing"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/watch"
)

// C11: the end of a reclaim reports its outcome once, even if a stopped
// instance keeps its lock for a while.
func TestReclaimMessage_Ends(t *testing.T) {
	spot := func(behavior string, status ecs.Status, locked bool) *ecs.Instance {
		i := &ecs.Instance{ID: "i-1", Status: status, Spot: &ecs.Spot{InterruptionBehavior: behavior}}
		if locked {
			i.Locks = []ecs.Lock{{Reason: ecs.LockRecycling}}
		}
		return i
	}
	const run, stop = ecs.StatusRunning, ecs.StatusStopped
	for name, test := range map[string]struct {
		previous, now *ecs.Instance
		want          string
	}{
		"announced":                 {nil, spot("Terminate", run, true), "notice"},
		"announced while stopped":   {nil, spot("Terminate", stop, true), "notice"},
		"changed under the lock":    {spot("Stop", run, true), spot("Stop", ecs.StatusStarting, true), ""},
		"released":                  {spot("Terminate", run, true), nil, "released"},
		"withdrawn":                 {spot("Terminate", run, true), spot("Terminate", run, false), "withdrawn"},
		"withdrawn, stopped by API": {spot("Terminate", run, true), spot("Terminate", stop, false), "withdrawn"},
		"behavior stop, withdrawn":  {spot("Stop", run, true), spot("Stop", run, false), "withdrawn"},
		"stopped, unlocked":         {spot("Stop", run, true), spot("Stop", stop, false), "stopped"},
		"stopping, unlocked":        {spot("Stop", run, true), spot("Stop", ecs.StatusStopping, false), "stopped"},
		"stopped, still locked":     {spot("Stop", run, true), spot("Stop", stop, true), "stopped"},
		"unlocked after its end":    {spot("Stop", stop, true), spot("Stop", stop, false), ""},
		"released after its end":    {spot("Stop", stop, true), nil, ""},
		"stopped before it is seen": {nil, spot("Stop", stop, true), ""},
		"announced again":           {spot("Stop", stop, true), spot("Stop", run, true), "notice"},
	} {
		got := ""
		switch reclaimMessage(watch.Event{Previous: test.previous, Change: &watch.Change{InstanceID: "i-1", After: test.now}}).GetEvent().(type) {
		case *ecsdv1.WatchReclaimsResponse_Notice:
			got = "notice"
		case *ecsdv1.WatchReclaimsResponse_Released:
			got = "released"
		case *ecsdv1.WatchReclaimsResponse_Stopped:
			got = "stopped"
		case *ecsdv1.WatchReclaimsResponse_Withdrawn:
			got = "withdrawn"
		}
		if got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}
