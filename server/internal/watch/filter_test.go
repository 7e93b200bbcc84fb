package watch_test

import (
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/watch"
)

// fillPart sets a part of a query to two values, or to one if it takes one.
func fillPart(part reflect.Value) {
	switch v := part.Addr().Interface().(type) {
	case *string:
		*v = "x"
	case *[]string:
		*v = []string{"a", "b"}
	case *[]ecs.Status:
		*v = []ecs.Status{ecs.StatusRunning, ecs.StatusStopped}
	case *[]ecs.ChargeType:
		*v = []ecs.ChargeType{ecs.ChargePayAsYouGo, ecs.ChargeSubscription}
	case *[]ecs.LockReason:
		*v = []ecs.LockReason{ecs.LockFinancial, ecs.LockSecurity}
	case *[]ecs.Tag:
		*v = []ecs.Tag{{Key: "a"}, {Key: "b"}}
	case *ecs.Window:
		*v = ecs.Window{After: time.Unix(1, 0), Before: time.Unix(2, 0)}
	}
}

// A token is of one filter: every part of it counts, and the order of values
// does not.
func TestTokens_EveryPartOfAFilter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, log := newFakeCloud(region), newFakeLog()
		service := open(t, cloud, log, region)
		plain := next(t, subscribe(t, service, watch.Filter{Regions: []string{region}}, watch.Latest, "")).Token
		for n := range reflect.TypeFor[ecs.Query]().NumField() {
			name := reflect.TypeFor[ecs.Query]().Field(n).Name
			if name == "IDs" || name == "AutoRenew" {
				continue // no watch has them
			}
			f := watch.Filter{Regions: []string{region}}
			part := reflect.ValueOf(&f.Query).Elem().Field(n)
			if fillPart(part); part.IsZero() {
				t.Errorf("%s is not in the test", name)
				continue
			}
			if _, err := service.Watch(t.Context(), &f, watch.Latest, plain, watch.Heartbeat{}); !ecs.HasReason(err, ecs.ReasonInvalidResumeToken) {
				t.Errorf("%s: the token of a filter without it: %v, want INVALID_RESUME_TOKEN", name, err)
			}
			if part.Kind() != reflect.Slice {
				continue
			}
			token := next(t, subscribe(t, service, f, watch.Latest, "")).Token
			swapped := reflect.MakeSlice(part.Type(), 2, 2)
			swapped.Index(0).Set(part.Index(1))
			swapped.Index(1).Set(part.Index(0))
			part.Set(swapped)
			if _, err := service.Watch(t.Context(), &f, watch.Latest, token, watch.Heartbeat{}); err != nil {
				t.Errorf("%s in other order: %v", name, err)
			}
		}
	})
}

// A watch sends what matches one of several values, and removes what no longer
// does.
func TestWatch_SeveralValues(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newFakeCloud(region)
		for id, zone := range map[string]string{"i-1": "z-1", "i-2": "z-2", "i-3": "z-3"} {
			cloud.set(region, id, func(i *ecs.Instance) { i.ZoneID = zone })
		}
		service := open(t, cloud, newFakeLog(), region)
		s := subscribe(t, service, watch.Filter{Regions: []string{region}, Query: ecs.Query{ZoneIDs: []string{"z-3", "z-1"}}}, watch.Latest, "")
		var ids []string
		for _, item := range next(t, s).Snapshot {
			ids = append(ids, item.Instance.ID)
		}
		if slices.Sort(ids); !slices.Equal(ids, []string{"i-1", "i-3"}) {
			t.Errorf("the snapshot has %v, want i-1 and i-3", ids)
		}
		cloud.set(region, "i-2", func(i *ecs.Instance) { i.ZoneID = "z-1" })
		cloud.set(region, "i-3", func(i *ecs.Instance) { i.ZoneID = "z-4" })
		got := map[string]watch.Kind{}
		for len(got) < 2 {
			for _, e := range next(t, s).Events {
				got[e.Change.InstanceID] = e.Kind
			}
		}
		if got["i-2"] != watch.Changed || got["i-3"] != watch.FilteredOut {
			t.Errorf("the changes are %v, want i-2 changed and i-3 filtered out", got)
		}
	})
}

// An instance that loses the tag of a watch leaves it.
func TestWatch_InstanceLosesItsTag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, log := newFakeCloud(region), newFakeLog()
		tag := ecs.Tag{Key: "env", Value: "prod"}
		cloud.set(region, "i-1", func(i *ecs.Instance) { i.Tags = []ecs.Tag{tag} })
		s := subscribe(t, open(t, cloud, log, region), watch.Filter{Regions: []string{region}, Query: ecs.Query{Tags: []ecs.Tag{tag}}}, watch.Latest, "")
		next(t, s)
		cloud.set(region, "i-1", func(i *ecs.Instance) { i.Tags = nil })
		time.Sleep(31 * time.Second)
		if b := next(t, s); len(b.Events) != 1 || b.Events[0].Kind != watch.FilteredOut {
			t.Errorf("got %+v, want the instance filtered out", b.Events)
		}
	})
}
