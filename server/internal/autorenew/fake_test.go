package autorenew_test

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/ecsd-io/ecsd/server/internal/autorenew"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const region = "cn-hangzhou"

// fakeCloud holds the settings of one account.
type fakeCloud struct {
	mu        sync.Mutex
	instances map[string]ecs.Instance
	settings  map[string]ecs.AutoRenewSetting
	sets      []setCall
	pages     int
	// reads counts the settings that were read.
	reads int
	// afterSet runs after settings were set, if it is not nil.
	afterSet func()
	// ignoreSet accepts settings and does not apply them.
	ignoreSet bool
	// refuse is the refusal of a setting, refuseRead that of a read, until lagUntil.
	refuse, refuseRead error
	lagUntil           time.Time
}

type setCall struct {
	ids    []string
	status ecs.AutoRenewStatus
	period ecs.Period
}

// newCloud has the subscriptions i-1 and i-2, which expire in five days, and i-payg.
func newCloud() *fakeCloud {
	c := &fakeCloud{instances: map[string]ecs.Instance{}, settings: map[string]ecs.AutoRenewSetting{}}
	for _, id := range []string{"i-1", "i-2"} {
		c.instances[id] = ecs.Instance{
			ID: id, RegionID: region, ChargeType: ecs.ChargeSubscription, Status: ecs.StatusRunning,
			ExpireTime: time.Now().Add(120 * time.Hour).UTC(),
		}
		c.settings[id] = ecs.AutoRenewSetting{Status: ecs.AutoRenewOff, RawStatus: "Normal"}
	}
	c.instances["i-payg"] = ecs.Instance{ID: "i-payg", RegionID: region, ChargeType: ecs.ChargePayAsYouGo, Status: ecs.StatusRunning}
	return c
}

func (c *fakeCloud) Instances(_ context.Context, _ string, ids []string) []ecs.Result[ecs.Instance] {
	c.mu.Lock()
	defer c.mu.Unlock()
	results := make([]ecs.Result[ecs.Instance], len(ids))
	for i, id := range ids {
		instance, ok := c.instances[id]
		results[i] = ecs.Result[ecs.Instance]{ID: id, Value: instance}
		if !ok {
			results[i].Err = ecs.Errorf(ecs.ReasonInstanceNotFound, "no instance %s", id).On(region, id)
		}
	}
	return results
}

func (c *fakeCloud) InstancePage(_ context.Context, _ string, q ecs.Query, _ string, _ int) (ecs.Page, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pages++
	var page ecs.Page
	for _, id := range slices.Sorted(maps.Keys(c.instances)) {
		if i := c.instances[id]; q.Matches(&i) {
			page.Instances = append(page.Instances, i)
		}
	}
	return page, nil
}

func (c *fakeCloud) AutoRenewSettings(_ context.Context, _ string, ids []string) []ecs.Result[ecs.AutoRenewSetting] {
	c.mu.Lock()
	defer c.mu.Unlock()
	results := make([]ecs.Result[ecs.AutoRenewSetting], len(ids))
	c.reads += len(ids)
	for i, id := range ids {
		results[i] = ecs.Result[ecs.AutoRenewSetting]{ID: id, Value: c.settings[id]}
		if c.refuseRead != nil && time.Now().Before(c.lagUntil) {
			results[i].Err = c.refuseRead
		}
	}
	return results
}

func (c *fakeCloud) SetAutoRenew(_ context.Context, _ string, ids []string, status ecs.AutoRenewStatus, period ecs.Period) []ecs.Result[struct{}] {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sets = append(c.sets, setCall{ids, status, period})
	results := make([]ecs.Result[struct{}], len(ids))
	for i, id := range ids {
		results[i].ID = id
		if c.refuse != nil && time.Now().Before(c.lagUntil) {
			results[i].Err = c.refuse
			continue
		}
		if c.ignoreSet {
			continue
		}
		held := c.settings[id]
		held.Status, held.RawStatus = status, map[ecs.AutoRenewStatus]string{ecs.AutoRenewOn: "AutoRenewal", ecs.AutoRenewOff: "Normal", ecs.AutoRenewNever: "NotRenewal"}[status]
		if !period.IsZero() {
			held.Period = period
		}
		c.settings[id] = held
	}
	if c.afterSet != nil {
		c.afterSet()
	}
	return results
}

// slowStore is a store with writes that can fail or block.
type slowStore struct {
	*store.Store
	saveErr error
	// hang blocks saves until their context ends.
	hang bool
}

func (s *slowStore) SaveDesiredAutoRenew(ctx context.Context, desired []ecs.DesiredAutoRenew) error {
	if s.hang {
		<-ctx.Done()
		return ctx.Err()
	}
	if s.saveErr != nil {
		return s.saveErr
	}
	return s.Store.SaveDesiredAutoRenew(ctx, desired)
}

func (s *slowStore) AutoRenewObservations(ctx context.Context, regionID string, ids []string) (map[string]ecs.AutoRenewObservation, error) {
	if s.saveErr != nil {
		return nil, s.saveErr
	}
	return s.Store.AutoRenewObservations(ctx, regionID, ids)
}

var errStore = errors.New("the disk is full")

// inBubble runs a test in virtual time.
func inBubble(t *testing.T, test func(*testing.T, *fakeCloud, *slowStore, *autorenew.Settings)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c, s := newCloud(), &slowStore{Store: memoryStore(t)}
		defer s.Close()
		test(t, c, s, autorenew.New(c, s, autorenew.Config{Logger: slog.New(slog.DiscardHandler)}))
	})
}

func memoryStore(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), "sqlite::memory:")
	if err != nil {
		t.Fatal(err)
	}
	return s
}
