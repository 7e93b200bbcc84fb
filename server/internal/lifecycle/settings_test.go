package lifecycle_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/lifecycle"
)

func TestAutoReleaseTime_ReadBack(t *testing.T) {
	inBubble(t, lifecycle.Config{}, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
		c.add("i-1")
		at := time.Now().UTC().Truncate(time.Minute).Add(time.Hour)
		for _, want := range []time.Time{at, {}} {
			calls := 0
			c.hook = func() { calls++ }
			for range 2 {
				i, err := l.SetAutoReleaseTime(t.Context(), region, "i-1", want.Add(nonZero(want, 31*time.Second)), false)
				if err != nil || !i.AutoReleaseTime.Equal(want) {
					t.Errorf("got %s, %v, want %s", i.AutoReleaseTime, err, want)
				}
			}
			if calls != 1 {
				t.Errorf("%d calls to set it twice, want 1", calls)
			}
		}
	})
}

func nonZero(t time.Time, d time.Duration) time.Duration {
	if t.IsZero() {
		return 0
	}
	return d
}

// setters are the calls that change one setting of i-1 and return the shown
// state.
var setters = map[string]func(t *testing.T, l *lifecycle.Lifecycle, validateOnly bool) (ecs.Instance, error){
	"auto-release time": func(t *testing.T, l *lifecycle.Lifecycle, validateOnly bool) (ecs.Instance, error) {
		return l.SetAutoReleaseTime(t.Context(), region, "i-1", time.Now().Add(time.Hour), validateOnly)
	},
	"protection": func(t *testing.T, l *lifecycle.Lifecycle, validateOnly bool) (ecs.Instance, error) {
		r := l.SetDeletionProtection(t.Context(), region, []string{"i-1"}, true, validateOnly)[0]
		return r.Value, r.Err
	},
	"tags": func(t *testing.T, l *lifecycle.Lifecycle, validateOnly bool) (ecs.Instance, error) {
		r := l.SetTags(t.Context(), region, []string{"i-1"}, []ecs.Tag{{Key: "a", Value: "2"}, {Key: "c", Value: "3"}}, []string{"b"}, validateOnly)[0]
		return r.Value, r.Err
	},
	"public address": func(t *testing.T, l *lifecycle.Lifecycle, validateOnly bool) (ecs.Instance, error) {
		address, i, err := l.AllocatePublicIPAddress(t.Context(), region, "i-1", lifecycle.Once{}, validateOnly)
		if err == nil && !validateOnly && address != "203.0.113.7" {
			t.Errorf("the address is %q", address)
		}
		return i, err
	},
}

// isSet reports whether every setting of setters that belongs to name shows.
func isSet(name string, i ecs.Instance) bool {
	switch name {
	case "auto-release time":
		return !i.AutoReleaseTime.IsZero()
	case "protection":
		return i.DeletionProtection
	case "tags":
		return len(i.Tags) == 2 && slices.Contains(i.Tags, ecs.Tag{Key: "a", Value: "2"}) && slices.Contains(i.Tags, ecs.Tag{Key: "c", Value: "3"})
	}
	return len(i.Network.PublicIPAddresses) == 1
}

func TestSettings(t *testing.T) {
	tagged := func(i *ecs.Instance) { i.Tags = []ecs.Tag{{Key: "a", Value: "1"}, {Key: "b", Value: "1"}} }
	for name, set := range setters {
		try := func(what string, test func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle)) {
			t.Run(name+" "+what, func(t *testing.T) {
				inBubble(t, lifecycle.Config{}, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
					c.add("i-1", tagged)
					test(t, c, l)
				})
			})
		}
		try("shows after the cloud's lag", func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
			if i, err := set(t, l, false); err != nil || !isSet(name, i) {
				t.Errorf("%+v, %v", i, err)
			}
		})
		try("is only checked", func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
			c.hook = func() { t.Error("the cloud was asked for a change") }
			if i, err := set(t, l, true); err != nil || i.ID != "i-1" || isSet(name, i) {
				t.Errorf("%+v, %v, want it as it is", i, err)
			}
		})
		try("is repeated while the cloud lags behind a change of the charge type", func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
			if name != "auto-release time" && name != "protection" {
				return // the cloud does not refuse the others by the charge type
			}
			c.faults = []fault{asBefore, asBefore}
			if i, err := set(t, l, false); err != nil || !isSet(name, i) {
				t.Errorf("%+v, %v, want it set when the lag is over", i, err)
			}
			c.add("i-1")
			c.faults = slices.Repeat([]fault{asBefore}, 100)
			_, err := set(t, l, false)
			if e := ecs.AsError(err); e == nil || e.Reason != ecs.ReasonOperationInProgress || e.Retry == ecs.RetryNever {
				t.Errorf("a longer lag: %v, want a retryable OPERATION_IN_PROGRESS", err)
			}
		})
		try("that does not show is told", func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
			c.deaf = true
			if i, err := set(t, l, false); !ecs.HasReason(err, ecs.ReasonSettingNotApplied) {
				t.Errorf("%+v, %v, want SETTING_NOT_APPLIED", i, err)
			}
		})
		try("whose answer was lost is settled by reading", func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
			c.faults = []fault{lostReply, lostReply}
			i, err := set(t, l, false)
			if name == "tags" {
				// The first of its two calls was lost, so that the second was not made.
				if !ecs.HasReason(err, ecs.ReasonSettingNotApplied) {
					t.Errorf("%+v, %v", i, err)
				}
				return
			}
			if err != nil || !isSet(name, i) {
				t.Errorf("%+v, %v", i, err)
			}
		})
		try("that was lost is retryable", func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
			c.faults = []fault{lostRequest, lostRequest}
			if i, err := set(t, l, false); !ecs.HasReason(err, ecs.ReasonSettingNotApplied) || ecs.AsError(err).Retry == ecs.RetryNever {
				t.Errorf("%+v, %v", i, err)
			}
		})
		try("that is refused is told at once", func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
			c.faults = []fault{refused, refused}
			began := time.Now()
			if i, err := set(t, l, false); !ecs.HasReason(err, ecs.ReasonOutOfStock) || time.Since(began) > 0 {
				t.Errorf("%+v, %v after %s", i, err, time.Since(began))
			}
		})
	}
}

func TestSettings_OfSubscription(t *testing.T) {
	inBubble(t, lifecycle.Config{}, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
		c.add("i-1", paidUntil(time.Now().Add(time.Hour)))
		c.hook = func() { t.Error("the cloud was asked") }
		if _, err := l.SetAutoReleaseTime(t.Context(), region, "i-1", time.Now().Add(time.Hour), false); !ecs.HasReason(err, ecs.ReasonNotPayAsYouGo) {
			t.Errorf("auto-release time: %v", err)
		}
		if r := l.SetDeletionProtection(t.Context(), region, []string{"i-1"}, true, false)[0]; !ecs.HasReason(r.Err, ecs.ReasonNotPayAsYouGo) {
			t.Errorf("protection: %v", r.Err)
		}
		if _, err := l.SetAutoReleaseTime(t.Context(), region, "i-1", time.Time{}, false); err != nil {
			t.Errorf("to cancel what is not there: %v", err)
		}
	})
}

// A public address that the cloud would refuse is also refused in a dry run,
// with advice, and the cloud is not called.
func TestNoPublicAddress(t *testing.T) {
	for what, c := range map[string]struct {
		change func(*ecs.Instance)
		reason ecs.Reason
		says   string
	}{
		"a second one":    {func(i *ecs.Instance) { i.Network.PublicIPAddresses = []string{"203.0.113.9"} }, ecs.ReasonPublicIPAllocated, "203.0.113.9"},
		"no bandwidth":    {func(i *ecs.Instance) { i.Network.BandwidthOutMbps = 0 }, ecs.ReasonUnsupportedOperation, "spec.internet_max_bandwidth_out_mbps"},
		"a security lock": {func(i *ecs.Instance) { i.Locks = []ecs.Lock{{Reason: ecs.LockSecurity}} }, ecs.ReasonInstanceLocked, "lifted"},
		"arrears":         {func(i *ecs.Instance) { i.Locks = []ecs.Lock{{Reason: ecs.LockFinancial}} }, ecs.ReasonAccountRestricted, "pay the bill"},
		"an expired subscription": {func(i *ecs.Instance) {
			i.ChargeType, i.Locks = ecs.ChargeSubscription, []ecs.Lock{{Reason: ecs.LockFinancial}}
		}, ecs.ReasonInstanceExpired, "renew"},
		"a start": {func(i *ecs.Instance) { i.Status, i.Raw.Status = ecs.StatusStarting, "Starting" }, ecs.ReasonOperationInProgress, "Starting"},
	} {
		t.Run(what, func(t *testing.T) {
			inBubble(t, lifecycle.Config{}, func(t *testing.T, cloud *fakeCloud, l *lifecycle.Lifecycle) {
				cloud.add("i-1", c.change)
				cloud.hook = func() { t.Error("the cloud was asked for an address") }
				for _, validateOnly := range []bool{true, false} {
					_, _, err := l.AllocatePublicIPAddress(t.Context(), region, "i-1", lifecycle.Once{}, validateOnly)
					if e := ecs.AsError(err); e == nil || e.Reason != c.reason || !strings.Contains(e.Message, c.says) || e.InstanceID != "i-1" {
						t.Errorf("validate only %t: got %v, want %s that says %q", validateOnly, err, c.reason, c.says)
					}
				}
			})
		})
	}
}

func TestTags_TooMany(t *testing.T) {
	inBubble(t, lifecycle.Config{}, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
		full := func(i *ecs.Instance) {
			for n := range 20 {
				i.Tags = append(i.Tags, ecs.Tag{Key: fmt.Sprint("k", n)})
			}
		}
		c.add("i-1", full)
		c.add("i-2")
		c.add("i-3", full)
		results := l.SetTags(t.Context(), region, []string{"i-1", "i-2"}, []ecs.Tag{{Key: "new"}}, nil, false)
		if !ecs.HasReason(results[0].Err, ecs.ReasonQuotaExceeded) || results[1].Err != nil || len(results[1].Value.Tags) != 1 {
			t.Errorf("%+v", results)
		}
		// A removed tag frees a slot, and a new value for an existing key needs none.
		if r := l.SetTags(t.Context(), region, []string{"i-3"}, []ecs.Tag{{Key: "new"}, {Key: "k1", Value: "other"}}, []string{"k0"}, false)[0]; r.Err != nil || len(r.Value.Tags) != 20 {
			t.Errorf("%+v", r)
		}
	})
}

func TestRelease_OneBadIDAffectsNoOther(t *testing.T) {
	inBubble(t, lifecycle.Config{}, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
		ids := []string{"i-1", "i-none", "i-2", "i-1"}
		c.add("i-1")
		c.add("i-2")
		results := l.SetDeletionProtection(t.Context(), region, ids, true, false)
		for n, r := range results {
			if r.ID != ids[n] || (r.Err == nil) != (r.ID != "i-none") || r.Value.DeletionProtection != (r.ID != "i-none") {
				t.Errorf("result %d: %+v", n, r)
			}
		}
	})
}

func TestPower(t *testing.T) {
	var touched []string
	config := lifecycle.Config{Touched: func(_ string, ids []string) { touched = append(touched, ids...) }}
	inBubble(t, config, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
		c.add("i-1")
		c.add("i-2", running)
		if r := moved(l.Start(t.Context(), region, []string{"i-1", "i-2"}, lifecycle.Once{}, true)); r[0].Err != nil || !ecs.HasReason(r[1].Err, ecs.ReasonIncorrectStatus) || len(touched) != 0 {
			t.Errorf("validate: %+v, touched %v", r, touched)
		}
		c.faults = []fault{lostReply}
		r := moved(l.Start(t.Context(), region, []string{"i-1", "i-2", "i-none"}, lifecycle.Once{}, false))
		if r[0].Err != nil || r[0].Value.Current != ecs.StatusStarting || r[0].Value.RawCurrent != "Starting" {
			t.Errorf("a start whose answer was lost: %+v", r[0])
		}
		if !ecs.HasReason(r[1].Err, ecs.ReasonIncorrectStatus) || !ecs.HasReason(r[2].Err, ecs.ReasonInstanceNotFound) {
			t.Errorf("refused: %+v", r[1:])
		}
		c.faults = []fault{lostRequest}
		if r := moved(l.Stop(t.Context(), region, []string{"i-2"}, ecs.StopOptions{}, lifecycle.Once{}, false))[0]; !ecs.HasReason(r.Err, ecs.ReasonOperationInProgress) || ecs.AsError(r.Err).Retry == ecs.RetryNever {
			t.Errorf("a stop that was lost: %+v, want it retryable: a second one does no harm", r)
		}
		c.faults = []fault{lostReply}
		if r := moved(l.Reboot(t.Context(), region, []string{"i-2"}, false, lifecycle.Once{}, false))[0]; r.Err != nil || r.Value.Current != ecs.StatusStarting {
			t.Errorf("a reboot whose reply was lost and that shows: %+v", r)
		}
		if !slices.Equal(touched, []string{"i-1", "i-2", "i-2"}) {
			t.Errorf("touched %v", touched)
		}
	})
}
