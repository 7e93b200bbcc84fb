package autorenew_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/server/internal/autorenew"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// summary returns the outcome of each ID in words.
func summary(results []ecs.Result[autorenew.Setting]) map[string]string {
	all := map[string]string{}
	for _, r := range results {
		if r.Err != nil {
			all[r.ID] = string(ecs.AsError(r.Err).Reason)
		} else {
			all[r.ID] = map[ecs.AutoRenewStatus]string{ecs.AutoRenewOn: "on", ecs.AutoRenewOff: "off", ecs.AutoRenewNever: "never"}[r.Value.Status] + ", " + r.Value.Period.String()
		}
	}
	return all
}

// set fails the test if the request could not be recorded.
func set(t *testing.T) func([]ecs.Result[autorenew.Setting], error) []ecs.Result[autorenew.Setting] {
	return func(settings []ecs.Result[autorenew.Setting], err error) []ecs.Result[autorenew.Setting] {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return settings
	}
}

func TestSetAutoRenew(t *testing.T) {
	threeMonths := ecs.Period{Count: 3, Unit: ecs.Month}
	on := ecs.AutoRenewSetting{Status: ecs.AutoRenewOn}
	ids := []string{"i-1", "i-payg", "i-2", "i-none"}
	bad := map[string]string{"i-payg": "NOT_SUBSCRIPTION", "i-none": "INSTANCE_NOT_FOUND"}
	with := func(one, two string) map[string]string {
		return map[string]string{"i-1": one, "i-2": two, "i-payg": bad["i-payg"], "i-none": bad["i-none"]}
	}

	t.Run("on without a period", func(t *testing.T) {
		inBubble(t, func(t *testing.T, c *fakeCloud, _ *slowStore, s *autorenew.Settings) {
			c.settings["i-2"] = ecs.AutoRenewSetting{Status: ecs.AutoRenewOff, RawStatus: "Normal", Period: threeMonths}
			got := summary(set(t)(s.Set(t.Context(), region, ids, on, false)))
			if diff := cmp.Diff(with("on, 1 month", "on, 3 months"), got); diff != "" {
				t.Error(diff)
			}
			c.sets = nil
			set(t)(s.Set(t.Context(), region, ids, on, false))
			if len(c.sets) != 0 {
				t.Errorf("what is as asked was set again: %+v", c.sets)
			}
		})
	})
	t.Run("off keeps the period", func(t *testing.T) {
		inBubble(t, func(t *testing.T, c *fakeCloud, _ *slowStore, s *autorenew.Settings) {
			for _, id := range []string{"i-1", "i-2"} {
				c.settings[id] = ecs.AutoRenewSetting{Status: ecs.AutoRenewOn, RawStatus: "AutoRenewal", Period: threeMonths}
			}
			got := summary(set(t)(s.Set(t.Context(), region, ids, ecs.AutoRenewSetting{Status: ecs.AutoRenewNever}, false)))
			if diff := cmp.Diff(with("never, 3 months", "never, 3 months"), got); diff != "" {
				t.Error(diff)
			}
			for _, set := range c.sets {
				if !set.period.IsZero() {
					t.Errorf("a period was sent: %+v", set)
				}
			}
		})
	})
	t.Run("a dry run changes nothing", func(t *testing.T) {
		inBubble(t, func(t *testing.T, c *fakeCloud, _ *slowStore, s *autorenew.Settings) {
			got := summary(set(t)(s.Set(t.Context(), region, ids, on, true)))
			if diff := cmp.Diff(with("on, 1 month", "on, 1 month"), got); diff != "" {
				t.Error(diff)
			}
			if len(c.sets) != 0 {
				t.Errorf("set %+v", c.sets)
			}
		})
	})
	t.Run("what does not show is reported", func(t *testing.T) {
		inBubble(t, func(t *testing.T, c *fakeCloud, _ *slowStore, s *autorenew.Settings) {
			c.ignoreSet = true
			got := summary(set(t)(s.Set(t.Context(), region, ids, on, false)))
			if diff := cmp.Diff(with("SETTING_NOT_APPLIED", "SETTING_NOT_APPLIED"), got); diff != "" {
				t.Error(diff)
			}
		})
	})
}

// lag is a refusal that contradicts the last read of a subscription.
func lag(reason ecs.Reason, code string) error {
	return &ecs.Error{Reason: reason, Message: "refused", Cloud: ecs.CloudError{Code: code}}
}

func TestSet_JustConverted(t *testing.T) {
	on := ecs.AutoRenewSetting{Status: ecs.AutoRenewOn}
	for name, refusal := range map[string]error{
		"charge type": lag(ecs.ReasonNotSubscription, "ChargeTypeViolation"),
		"status":      lag(ecs.ReasonIncorrectStatus, "IncorrectInstanceStatus"),
	} {
		t.Run(name+", for a while", func(t *testing.T) {
			inBubble(t, func(t *testing.T, c *fakeCloud, _ *slowStore, s *autorenew.Settings) {
				c.refuse, c.lagUntil = refusal, time.Now().Add(20*time.Second)
				got := summary(set(t)(s.Set(t.Context(), region, []string{"i-1"}, on, false)))
				if diff := cmp.Diff(map[string]string{"i-1": "on, 1 month"}, got); diff != "" {
					t.Error(diff)
				}
			})
		})
		t.Run(name+", when the setting is read", func(t *testing.T) {
			inBubble(t, func(t *testing.T, c *fakeCloud, _ *slowStore, s *autorenew.Settings) {
				c.refuseRead, c.lagUntil = refusal, time.Now().Add(20*time.Second)
				got := summary(set(t)(s.Set(t.Context(), region, []string{"i-1"}, on, false)))
				if diff := cmp.Diff(map[string]string{"i-1": "on, 1 month"}, got); diff != "" {
					t.Error(diff)
				}
			})
		})
		t.Run(name+", for long", func(t *testing.T) {
			inBubble(t, func(t *testing.T, c *fakeCloud, _ *slowStore, s *autorenew.Settings) {
				c.refuse, c.lagUntil = refusal, time.Now().Add(time.Hour)
				began := time.Now()
				refused := ecs.AsError(set(t)(s.Set(t.Context(), region, []string{"i-1"}, on, false))[0].Err)
				if refused == nil || refused.Reason != ecs.ReasonOperationInProgress || refused.Retry != ecs.RetryBackoff {
					t.Errorf("got %v, want a retryable OPERATION_IN_PROGRESS", refused)
				}
				if took := time.Since(began); took > time.Minute {
					t.Errorf("it took %s", took)
				}
			})
		})
	}
	t.Run("within the deadline", func(t *testing.T) {
		inBubble(t, func(t *testing.T, c *fakeCloud, _ *slowStore, s *autorenew.Settings) {
			c.refuse, c.lagUntil = lag(ecs.ReasonNotSubscription, "ChargeTypeViolation"), time.Now().Add(time.Hour)
			ctx, cancel := context.WithTimeout(t.Context(), 12*time.Second)
			defer cancel()
			results := set(t)(s.Set(ctx, region, []string{"i-1"}, on, false))
			if !ecs.HasReason(results[0].Err, ecs.ReasonOperationInProgress) || ctx.Err() != nil {
				t.Errorf("got %v (context: %v), want OPERATION_IN_PROGRESS before the deadline", results[0].Err, ctx.Err())
			}
		})
	})
	t.Run("get", func(t *testing.T) {
		inBubble(t, func(t *testing.T, c *fakeCloud, _ *slowStore, s *autorenew.Settings) {
			c.refuseRead, c.lagUntil = lag(ecs.ReasonNotSubscription, "ChargeTypeViolation"), time.Now().Add(time.Hour)
			results := s.Get(t.Context(), region, []string{"i-1", "i-payg"})
			if !ecs.HasReason(results[0].Err, ecs.ReasonOperationInProgress) || !ecs.HasReason(results[1].Err, ecs.ReasonNotSubscription) {
				t.Errorf("got %v and %v", results[0].Err, results[1].Err)
			}
		})
	})
}

// A request that is not recorded is an error, and the same request again records it.
func TestSet_StoreFails(t *testing.T) {
	inBubble(t, func(t *testing.T, c *fakeCloud, stored *slowStore, s *autorenew.Settings) {
		on := ecs.AutoRenewSetting{Status: ecs.AutoRenewOn}
		stored.saveErr = errStore
		if _, err := s.Set(t.Context(), region, []string{"i-1"}, on, false); !errors.Is(err, errStore) {
			t.Fatalf("got %v, want the error of the store", err)
		}
		stored.saveErr = nil
		set(t)(s.Set(t.Context(), region, []string{"i-1"}, on, false))
		if len(c.sets) != 1 {
			t.Errorf("the cloud was called %d times, want once", len(c.sets))
		}
		desired, err := stored.DesiredAutoRenew(t.Context(), region, []string{"i-1"})
		if err != nil || desired["i-1"].Status != ecs.AutoRenewOn {
			t.Errorf("recorded %v (%v), want status on", desired, err)
		}
	})
}

// A write that hangs ends, also if the caller's context has no end.
func TestSet_StoreHangs(t *testing.T) {
	inBubble(t, func(t *testing.T, _ *fakeCloud, stored *slowStore, s *autorenew.Settings) {
		stored.hang = true
		_, err := s.Set(t.Context(), region, []string{"i-1"}, ecs.AutoRenewSetting{Status: ecs.AutoRenewOn}, false)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the end of the write's deadline", err)
		}
	})
}

// A setting is recorded even if the caller stops waiting.
func TestSet_CallerGone(t *testing.T) {
	inBubble(t, func(t *testing.T, c *fakeCloud, stored *slowStore, s *autorenew.Settings) {
		c.ignoreSet = true // so that the read-back takes longer than the caller waits
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		_, _ = s.Set(ctx, region, []string{"i-1"}, ecs.AutoRenewSetting{Status: ecs.AutoRenewOn}, false)
		desired, err := stored.DesiredAutoRenew(t.Context(), region, []string{"i-1"})
		if err != nil || desired["i-1"].Status != ecs.AutoRenewOn {
			t.Errorf("recorded %v (%v), want status on", desired, err)
		}
	})
}

// Settings are returned without an outlook if the store fails, and that is logged.
func TestGet_StoreFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stored := &slowStore{Store: memoryStore(t), saveErr: errStore}
		defer stored.Close()
		log := &counter{}
		s := autorenew.New(newCloud(), stored, autorenew.Config{Logger: slog.New(log)})
		results := s.Get(t.Context(), region, []string{"i-1"})
		if results[0].Err != nil || results[0].Value.RawStatus != "Normal" || results[0].Value.State != ecs.AutoRenewStateUnknown {
			t.Errorf("got %+v", results[0])
		}
		if log.warnings != 1 {
			t.Errorf("%d warnings, want 1", log.warnings)
		}
	})
}

// counter counts the warnings of a log.
type counter struct {
	slog.Handler
	mu       sync.Mutex
	warnings int
}

func (c *counter) Enabled(context.Context, slog.Level) bool { return true }

func (c *counter) Handle(_ context.Context, r slog.Record) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r.Level == slog.LevelWarn {
		c.warnings++
	}
	return nil
}
