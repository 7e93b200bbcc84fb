package modification_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/modification"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

// Every kind of change ends with the instance changed by one order, whatever
// fails in the first send, and the same request returns the same modification.
func TestModify_OnceWhateverFails(t *testing.T) {
	for name, kind := range changes {
		for _, f := range []fault{"", lostReply, lostRequest, poisoned} {
			t.Run(fmt.Sprint(name, ", ", f), func(t *testing.T) {
				inBubble(t, kind.cloud, func(t *testing.T, c *fakeCloud, _ *store.Store, e *modification.Engine) {
					c.faults = []fault{f}
					first, err := e.Modify(t.Context(), request(kind.change))
					if err != nil || first.State != ledger.ModificationSucceeded {
						t.Fatalf("got %s, %v", first.State, err)
					}
					again, err := e.Modify(t.Context(), request(kind.change))
					if err != nil || again.ID != first.ID || again.Encode() != first.Encode() {
						t.Errorf("the request again: %s, %v, want %s", again.Encode(), err, first.Encode())
					}
					if len(c.orders) != 1 {
						t.Errorf("%d orders, want 1", len(c.orders))
					}
					if i := c.truth(); i.Type != first.After.InstanceType || i.ChargeType != first.After.ChargeType {
						t.Errorf("the instance is %v of type %s, the modification shows %+v", i.ChargeType, i.Type, first.After)
					}
					if f == lostReply && (len(c.sends) != 1 || first.OrderID != "") {
						t.Errorf("%d sends, order %q: the effect shows, so it is not sent again", len(c.sends), first.OrderID)
					}
					if f == lostRequest && (len(c.sends) != 2 || c.sends[0].ClientToken != c.sends[1].ClientToken) {
						t.Errorf("sends %v, want the same token twice", c.sends)
					}
					if name == "downgrade" && !c.orders[0].Downgrade {
						t.Error("sent as an upgrade")
					}
				})
			})
		}
	}
}

// The same request is made at another process, which changes the instance after this one has looked for its record and
// before it has read the instance. That the instance is changed already is no refusal of the request.
func TestModify_DoneByAnotherProcess(t *testing.T) {
	for name, kind := range changes {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, c := memoryStore(t), kind.cloud()
				defer s.Close()
				here, there := modification.New(c, s, quiet), modification.New(c, s, quiet)
				defer here.Close()
				defer there.Close()
				c.hooks["read"] = func() {
					if _, err := there.Modify(t.Context(), request(kind.change)); err != nil {
						t.Error(err)
					}
				}
				m, err := here.Modify(t.Context(), request(kind.change))
				if err != nil || m.State != ledger.ModificationSucceeded {
					t.Errorf("%s, %v", m.State, err)
				}
				if len(c.orders) != 1 {
					t.Errorf("%d orders, want 1", len(c.orders))
				}
			})
		})
	}
}

// A refusal with nothing paid is not remembered as an answer: the same request
// tries again, with another token.
func TestModify_RefusedAndRequestedAgain(t *testing.T) {
	for _, f := range []fault{throttled, refused} {
		inBubble(t, newCloud, func(t *testing.T, c *fakeCloud, _ *store.Store, e *modification.Engine) {
			c.faults = []fault{f}
			_, err := e.Modify(t.Context(), request(changes["to a subscription"].change))
			refusal := ecs.AsError(err)
			if refusal == nil || refusal.Effect != ecs.EffectNone || (f == throttled) != (refusal.Retry != ecs.RetryNever) {
				t.Fatalf("%s: %v", f, err)
			}
			m, err := e.Modify(t.Context(), request(changes["to a subscription"].change))
			if err != nil || m.State != ledger.ModificationSucceeded || len(c.orders) != 1 {
				t.Errorf("%s, again: %s, %v, %d orders", f, m.State, err, len(c.orders))
			}
			if len(c.sends) != 2 || c.sends[0].ClientToken == c.sends[1].ClientToken {
				t.Errorf("%s: sends %v, want two tokens", f, c.sends)
			}
		})
	}
}

// A refusal that contradicts the read before it may pass: the cloud still applies
// an earlier change.
func TestModify_RefusedForAnEarlierState(t *testing.T) {
	inBubble(t, changes["upgrade"].cloud, func(t *testing.T, c *fakeCloud, _ *store.Store, e *modification.Engine) {
		c.faults = []fault{lagging}
		_, err := e.Modify(t.Context(), request(changes["upgrade"].change))
		if refusal := ecs.AsError(err); refusal == nil || refusal.Reason != ecs.ReasonOperationInProgress || refusal.Retry != ecs.RetryBackoff {
			t.Errorf("got %v, want OPERATION_IN_PROGRESS to be retried", err)
		}
	})
}

func TestModify_RequestIDReused(t *testing.T) {
	inBubble(t, newCloud, func(t *testing.T, c *fakeCloud, _ *store.Store, e *modification.Engine) {
		if _, err := e.Modify(t.Context(), request(changes["to a subscription"].change)); err != nil {
			t.Fatal(err)
		}
		other := request(ledger.Change{InstanceType: "ecs.c7.large"}, func(q *modification.Request) { q.Fingerprint = "v1:2" })
		for name, do := range map[string]func(context.Context, modification.Request) (ledger.Modification, error){"Modify": e.Modify, "Plan": e.Plan} {
			if _, err := do(t.Context(), other); !ecs.HasReason(err, ecs.ReasonRequestIDReused) {
				t.Errorf("%s: %v, want REQUEST_ID_REUSED", name, err)
			}
		}
		if len(c.orders) != 1 {
			t.Errorf("%d orders", len(c.orders))
		}
	})
}

// The limit holds for the price at the gate, also if it rose after the first
// read, and for a price in another currency.
func TestModify_PriceOverLimit(t *testing.T) {
	limit := func(m ecs.Money) func(*modification.Request) {
		return func(q *modification.Request) { q.MaxPrice = m }
	}
	for name, test := range map[string]struct {
		max  ecs.Money
		want ecs.Reason
	}{
		"at the limit":      {yuan(100), ""},
		"over the limit":    {yuan(99), ecs.ReasonPriceExceedsLimit},
		"in other currency": {ecs.Money{CurrencyCode: "USD", Units: 1000}, ecs.ReasonCurrencyMismatch},
	} {
		for _, kind := range []string{"to a subscription", "upgrade", "type of pay-as-you-go"} {
			t.Run(name+", "+kind, func(t *testing.T) {
				inBubble(t, changes[kind].cloud, func(t *testing.T, c *fakeCloud, s *store.Store, e *modification.Engine) {
					_, planned := e.Plan(t.Context(), request(changes[kind].change, limit(test.max)))
					_, err := e.Modify(t.Context(), request(changes[kind].change, limit(test.max)))
					for _, err := range []error{planned, err} {
						if test.want == "" && err != nil || test.want != "" && !ecs.HasReason(err, test.want) {
							t.Errorf("got %v, want reason %q", err, test.want)
						}
					}
					if _, err := s.ModificationByRequest(t.Context(), "q-1"); test.want != "" && (len(c.sends) != 0 || !errors.Is(err, ecs.ErrNoRecord)) {
						t.Errorf("%d sends, record %v, want nothing sent or stored", len(c.sends), err)
					}
				})
			})
		}
	}
}

// A person changes the instance between the price and the send. The price is read
// again for the new setup, and holds for it.
func TestModify_ChangedBetweenPriceAndSend(t *testing.T) {
	inBubble(t, newCloud, func(t *testing.T, c *fakeCloud, _ *store.Store, e *modification.Engine) {
		c.hooks["grant"] = func() {
			c.change(func(i *ecs.Instance) { i.Type = "ecs.g7.4xlarge" })
			c.price = yuan(900)
		}
		_, err := e.Modify(t.Context(), request(changes["to a subscription"].change, func(q *modification.Request) { q.MaxPrice = yuan(100) }))
		if !ecs.HasReason(err, ecs.ReasonPriceExceedsLimit) || len(c.sends) != 0 {
			t.Errorf("%v, %d sends, want the price of the new type refused", err, len(c.sends))
		}
	})
	for name, test := range map[string]struct {
		change func(*ecs.Instance)
		want   ecs.Reason
	}{
		"made a subscription": {func(i *ecs.Instance) {
			i.ChargeType, i.ExpireTime = ecs.ChargeSubscription, time.Now().Add(time.Hour)
		}, ecs.ReasonNotPayAsYouGo},
		"locked":          {func(i *ecs.Instance) { i.Locks = []ecs.Lock{{Reason: ecs.LockSecurity}} }, ecs.ReasonInstanceLocked},
		"to be released":  {func(i *ecs.Instance) { i.AutoReleaseTime = time.Now().Add(time.Hour) }, ecs.ReasonUnsupportedOperation},
		"on another move": {func(i *ecs.Instance) { i.Status = ecs.StatusStarting }, ecs.ReasonOperationInProgress},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, newCloud, func(t *testing.T, c *fakeCloud, _ *store.Store, e *modification.Engine) {
				c.hooks["grant"] = func() { c.change(test.change) }
				_, err := e.Modify(t.Context(), request(changes["to a subscription"].change))
				if !ecs.HasReason(err, test.want) || len(c.sends) != 0 {
					t.Errorf("%v, %d sends, want reason %s and nothing sent", err, len(c.sends), test.want)
				}
			})
		})
	}
}

// A read that is older than five seconds when the intent is on disk does not
// permit a send.
func TestModify_SlowRead(t *testing.T) {
	inBubble(t, newCloud, func(t *testing.T, c *fakeCloud, _ *store.Store, e *modification.Engine) {
		c.hooks["grant"] = func() { c.hooks["read"] = func() { time.Sleep(6 * time.Second) } }
		m, err := e.Modify(t.Context(), request(changes["to a subscription"].change))
		if err != nil || m.State != ledger.ModificationSucceeded || len(c.sends) != 1 {
			t.Errorf("%s, %v, %d sends", m.State, err, len(c.sends))
		}
		if len(m.Attempts) != 1 {
			t.Errorf("%d attempts, want 1: the slow read led to none", len(m.Attempts))
		}
	})
}

// A price request that waits for the rate budget for longer than a price is valid
// delays the change, but does not repeat it for ever.
func TestModify_SlowPrice(t *testing.T) {
	inBubble(t, newCloud, func(t *testing.T, c *fakeCloud, _ *store.Store, e *modification.Engine) {
		var slow func()
		slow = func() { time.Sleep(95 * time.Second); c.hooks["price"] = slow }
		c.hooks["price"] = slow
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		m, err := e.Modify(ctx, request(changes["to a subscription"].change))
		if err != nil || m.State != ledger.ModificationSucceeded || len(c.sends) != 1 {
			t.Errorf("%s, %v, %d sends", m.State, err, len(c.sends))
		}
	})
}

// An effect that something else had is not taken for the order's.
func TestModify_UnknownAndChangedByAnother(t *testing.T) {
	for kind, by := range map[string]func(*ecs.Instance){
		"to a subscription": func(i *ecs.Instance) {
			i.ChargeType, i.ExpireTime = ecs.ChargeSubscription, time.Now().AddDate(1, 0, 0)
		},
		"upgrade": func(i *ecs.Instance) { i.Type = "ecs.c7.large" },
	} {
		inBubble(t, changes[kind].cloud, func(t *testing.T, c *fakeCloud, _ *store.Store, e *modification.Engine) {
			c.faults = []fault{lostRequest}
			c.hooks["send"] = func() { time.AfterFunc(10*time.Second, func() { c.change(by) }) }
			began := time.Now()
			m, err := e.Modify(t.Context(), request(changes[kind].change))
			if took := time.Since(began); took > 2*time.Minute {
				t.Errorf("%s: settled after %s, want soon after the settle window", kind, took)
			}
			refusal := ecs.AsError(err)
			if m.State != ledger.ModificationNeedsAttention || refusal == nil || refusal.Effect != ecs.EffectUnknown || len(c.sends) != 1 {
				t.Errorf("%s: %s, %v, %d sends, want NEEDS_ATTENTION after one send", kind, m.State, err, len(c.sends))
			}
			if _, err := e.Modify(t.Context(), request(changes[kind].change)); !ecs.HasReason(err, ecs.ReasonOutcomeUnknown) || len(c.sends) != 1 {
				t.Errorf("%s, again: %v, %d sends", kind, err, len(c.sends))
			}
		})
	}
}

// An accepted order that does not show ends UNVERIFIED. It is never sent again,
// and blocks another of the instance for a day.
func TestModify_Unverified(t *testing.T) {
	inBubble(t, changes["upgrade"].cloud, func(t *testing.T, c *fakeCloud, _ *store.Store, e *modification.Engine) {
		c.lag = 100 * time.Hour
		m, err := e.Modify(t.Context(), request(changes["upgrade"].change))
		if err != nil || m.State != ledger.ModificationUnverified || m.OrderID == "" {
			t.Fatalf("%s, %v", m.State, err)
		}
		other := request(changes["upgrade"].change, func(q *modification.Request) { q.RequestID = "q-2" })
		if _, err := e.Modify(t.Context(), other); !ecs.HasReason(err, ecs.ReasonOperationInProgress) {
			t.Errorf("another: %v, want OPERATION_IN_PROGRESS", err)
		}
		if len(c.sends) != 1 {
			t.Errorf("%d sends, want 1", len(c.sends))
		}
	})
}

// Two modifications of an instance at the same time: one is sent.
func TestModify_TwoAtOnce(t *testing.T) {
	inBubble(t, newCloud, func(t *testing.T, c *fakeCloud, _ *store.Store, e *modification.Engine) {
		outcomes := make(chan error, 2)
		for n := range 2 {
			go func() {
				_, err := e.Modify(t.Context(), request(changes["to a subscription"].change, func(q *modification.Request) { q.RequestID = fmt.Sprint("q-", n) }))
				outcomes <- err
			}()
		}
		failed := 0
		for range 2 {
			if err := <-outcomes; err != nil {
				failed++
				if !ecs.HasReason(err, ecs.ReasonOperationInProgress) {
					t.Errorf("got %v, want OPERATION_IN_PROGRESS", err)
				}
			}
		}
		if failed != 1 || len(c.orders) != 1 {
			t.Errorf("%d failed, %d orders, want 1 and 1", failed, len(c.orders))
		}
	})
}

// A modification continues after its caller left, and is returned to the next.
func TestModify_CallerLeaves(t *testing.T) {
	inBubble(t, newCloud, func(t *testing.T, c *fakeCloud, _ *store.Store, e *modification.Engine) {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		if _, err := e.Modify(ctx, request(changes["to a subscription"].change)); !ecs.HasReason(err, ecs.ReasonDeadlineExceeded) {
			t.Errorf("got %v, want DEADLINE_EXCEEDED", err)
		}
		m, err := e.Modify(t.Context(), request(changes["to a subscription"].change))
		if err != nil || m.State != ledger.ModificationSucceeded || len(c.sends) != 1 {
			t.Errorf("again: %s, %v, %d sends", m.State, err, len(c.sends))
		}
	})
}

// A caller that leaves before the order is sent stops it.
func TestModify_CallerLeavesBefore(t *testing.T) {
	inBubble(t, newCloud, func(t *testing.T, c *fakeCloud, _ *store.Store, e *modification.Engine) {
		ctx, cancel := context.WithCancel(t.Context())
		c.hooks["grant"] = func() { cancel(); synctest.Wait() }
		if _, err := e.Modify(ctx, request(changes["to a subscription"].change)); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if len(c.sends) != 0 {
			t.Errorf("%d sends for a caller that left", len(c.sends))
		}
	})
}

func TestCheck(t *testing.T) {
	now := time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC)
	subscription := func(i *ecs.Instance) { i.ChargeType, i.ExpireTime = ecs.ChargeSubscription, now.Add(time.Hour) }
	running := func(i *ecs.Instance) { i.Status = ecs.StatusRunning }
	for name, test := range map[string]struct {
		kind      string
		downgrade bool
		change    []func(*ecs.Instance)
		want      ecs.Reason
	}{
		"stopped, to a subscription": {kind: "to a subscription"},
		"running, to a subscription": {kind: "to a subscription", change: []func(*ecs.Instance){running}},
		"spot":                       {kind: "to a subscription", change: []func(*ecs.Instance){func(i *ecs.Instance) { i.Spot = &ecs.Spot{} }}, want: ecs.ReasonUnsupportedOperation},
		"already pay-as-you-go":      {kind: "to pay-as-you-go", want: ecs.ReasonNotSubscription},
		"to pay-as-you-go":           {kind: "to pay-as-you-go", change: []func(*ecs.Instance){subscription, running}},
		"expired": {kind: "to pay-as-you-go", change: []func(*ecs.Instance){subscription, func(i *ecs.Instance) { i.ExpireTime = now }},
			want: ecs.ReasonInstanceExpired},
		"overdue": {kind: "to a subscription", change: []func(*ecs.Instance){func(i *ecs.Instance) { i.Locks = []ecs.Lock{{Reason: ecs.LockFinancial}} }},
			want: ecs.ReasonAccountRestricted},
		"same type":              {kind: "upgrade", change: []func(*ecs.Instance){func(i *ecs.Instance) { i.Type = "ecs.g7.xlarge" }}, want: ecs.ReasonUnsupportedOperation},
		"running, pay-as-you-go": {kind: "upgrade", change: []func(*ecs.Instance){running}, want: ecs.ReasonIncorrectStatus},
		"running, upgrade":       {kind: "upgrade", change: []func(*ecs.Instance){subscription, running}},
		"running, downgrade":     {kind: "downgrade", downgrade: true, change: []func(*ecs.Instance){subscription, running}, want: ecs.ReasonIncorrectStatus},
		"stopped, downgrade":     {kind: "downgrade", downgrade: true, change: []func(*ecs.Instance){subscription}},
	} {
		i := newCloud().instance
		for _, f := range test.change {
			f(&i)
		}
		refusal := modification.Check(changes[test.kind].change, i, test.downgrade, now)
		if (refusal == nil) != (test.want == "") || refusal != nil && refusal.Reason != test.want {
			t.Errorf("%s: %v, want reason %q", name, refusal, test.want)
		}
	}
}
