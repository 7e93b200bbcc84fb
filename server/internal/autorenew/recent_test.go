package autorenew_test

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/autorenew"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// A setting that was read recently enough is not read again. One that was set
// meanwhile is known.
func TestOutlooks_MaxStaleness(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, store := newCloud(), memoryStore(t)
		defer store.Close()
		settings := autorenew.New(cloud, store, autorenew.Config{})
		instances := []ecs.Instance{cloud.instances["i-1"], cloud.instances["i-2"]}
		check := func(name string, staleness time.Duration, wantReads int, want ecs.AutoRenewStatus) {
			t.Helper()
			cloud.reads = 0
			outlooks, err := settings.Outlooks(t.Context(), instances, staleness)
			if err != nil {
				t.Fatal(name, err)
			}
			if held := outlooks[0].Held; held != want {
				t.Errorf("%s: the setting is %d, want %d", name, held, want)
			}
			if cloud.reads != wantReads {
				t.Errorf("%s: %d settings were read, want %d", name, cloud.reads, wantReads)
			}
		}
		check("first", time.Minute, 2, ecs.AutoRenewOff)
		cloud.settings["i-1"] = ecs.AutoRenewSetting{Status: ecs.AutoRenewNever}
		time.Sleep(59 * time.Second)
		check("younger", time.Minute, 0, ecs.AutoRenewOff)
		check("now", 0, 2, ecs.AutoRenewNever)
		time.Sleep(time.Minute)
		check("older", time.Minute, 2, ecs.AutoRenewNever)

		if _, err := settings.Set(t.Context(), region, []string{"i-1"}, ecs.AutoRenewSetting{Status: ecs.AutoRenewOn}, false); err != nil {
			t.Fatal(err)
		}
		check("after it was set", time.Hour, 0, ecs.AutoRenewOn)
	})
}

// A change of unknown outcome leaves no old setting behind.
func TestOutlooks_SetNotReadBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, store := newCloud(), memoryStore(t)
		defer store.Close()
		settings := autorenew.New(cloud, store, autorenew.Config{})
		instances := []ecs.Instance{cloud.instances["i-1"]}
		if _, err := settings.Outlooks(t.Context(), instances, time.Hour); err != nil {
			t.Fatal(err)
		}
		cloud.afterSet = func() { cloud.refuseRead, cloud.lagUntil = errors.New("no response"), time.Now().Add(time.Minute) }
		_, _ = settings.Set(t.Context(), region, []string{"i-1"}, ecs.AutoRenewSetting{Status: ecs.AutoRenewOn}, false)
		time.Sleep(time.Minute)
		outlooks, err := settings.Outlooks(t.Context(), instances, time.Hour)
		if err != nil || outlooks[0].Held != ecs.AutoRenewOn {
			t.Errorf("the setting is %v (%v), want on", outlooks, err)
		}
	})
}

// If no setting of a page can be read, the error has the cause once, not a
// hundred times.
func TestOutlooks_ErrorIsShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, s := newCloud(), memoryStore(t)
		defer s.Close()
		var instances []ecs.Instance
		for i := range 100 {
			instance := ecs.Instance{ID: fmt.Sprintf("i-%d", i), RegionID: region, ChargeType: ecs.ChargeSubscription, ExpireTime: time.Now().Add(time.Hour)}
			c.instances[instance.ID] = instance
			instances = append(instances, instance)
		}
		c.refuseRead, c.lagUntil = ecs.Errorf(ecs.ReasonCloudUnreachable, "no route"), time.Now().Add(time.Hour)
		_, err := autorenew.New(c, s, autorenew.Config{Regions: []string{region}, Logger: slog.New(slog.DiscardHandler)}).Outlooks(t.Context(), instances, 0)
		if !ecs.HasReason(err, ecs.ReasonCloudUnreachable) || strings.Count(err.Error(), "no route") != 1 || !strings.Contains(err.Error(), "99 more") {
			t.Errorf("got %q, want the cause once and the number of the others", err)
		}
	})
}
