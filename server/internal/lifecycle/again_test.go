package lifecycle_test

import (
	"slices"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/lifecycle"
)

func TestRun_RequestIDOfAnotherRequest(t *testing.T) {
	inBubble(t, lifecycle.Config{}, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
		if _, err := l.Run(t.Context(), order("r-1", 1)); err != nil {
			t.Fatal(err)
		}
		for _, validate := range []bool{false, true} {
			other := order("r-1", 1)
			other.Fingerprint, other.ValidateOnly = "v1:other", validate
			if _, err := l.Run(t.Context(), other); !ecs.HasReason(err, ecs.ReasonRequestIDReused) {
				t.Errorf("validate %t: got %v, want REQUEST_ID_REUSED", validate, err)
			}
		}
		if _, err := l.Create(t.Context(), order("r-1", 1)); !ecs.HasReason(err, ecs.ReasonRequestIDReused) {
			t.Errorf("another action: got %v, want REQUEST_ID_REUSED", err)
		}
		q := release([]string{"i-1"})
		q.Fingerprint = order("r-1", 1).Fingerprint
		if _, err := l.Release(t.Context(), q); !ecs.HasReason(err, ecs.ReasonRequestIDReused) {
			t.Errorf("a release: got %v, want REQUEST_ID_REUSED", err)
		}
		if c.madeBy() != 1 {
			t.Errorf("%d made, want 1", c.madeBy())
		}
	})
}

// Records of the builds before fingerprints, with the hashes that they stored.
// A change of a hash here would make a retry after the upgrade another request.
func TestRun_RecordOfAnEarlierBuild(t *testing.T) {
	const requestID = "11111111-1111-4111-8111-111111111111"
	asked := func() lifecycle.Launch {
		q := order(requestID, 2)
		q.Order.Spec.Password, q.Order.Spec.UserData = "Secret-1", []byte("#!/bin/sh")
		q.Order.Spec.ChargeType, q.Order.Spec.Period = ecs.ChargeSubscription, ecs.Period{Count: 12, Unit: ecs.Month}
		q.Order.Spec.AutoReleaseTime = time.Date(2030, 1, 2, 3, 4, 0, 0, time.UTC)
		return q
	}
	spec := func(change func(*ecs.InstanceSpec)) func(*lifecycle.Launch) {
		return func(q *lifecycle.Launch) { change(&q.Order.Spec) }
	}
	for name, change := range map[string]func(*lifecycle.Launch){
		"":           func(*lifecycle.Launch) {},
		"count":      func(q *lifecycle.Launch) { q.Order.Count = 3 },
		"region":     func(q *lifecycle.Launch) { q.Order.RegionID = "cn-beijing" },
		"type":       spec(func(s *ecs.InstanceSpec) { s.Type = "ecs.c7.large" }),
		"a password": spec(func(s *ecs.InstanceSpec) { s.Password = "Another1!" }),
		"user data":  spec(func(s *ecs.InstanceSpec) { s.UserData = []byte("#!/bin/bash") }),
		"spot":       spec(func(s *ecs.InstanceSpec) { s.Spot = &ecs.Spot{Strategy: "SpotAsPriceGo"} }),
		"tags":       spec(func(s *ecs.InstanceSpec) { s.Tags = nil }),
		"a flag":     spec(func(s *ecs.InstanceSpec) { s.DeletionProtection = true }),
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				records, c := newRecords(), newCloud()
				l := lifecycle.New(c, records, quiet)
				defer l.Close()
				err := records.CreateRequest(t.Context(), ecs.RequestRecord{
					RequestID: requestID, Action: "RunInstances", RegionID: region, State: ecs.RequestDone,
					PayloadHash: "e7ea571aba3a2ed6c0ffc9435bdea3594df51dfc43a626e55d31377bfe46158f",
					Items:       []ecs.RequestItem{{InstanceID: "i-1", State: ecs.ItemMade}},
				})
				if err != nil {
					t.Fatal(err)
				}
				q := asked()
				change(&q)
				made, err := l.Run(t.Context(), q)
				if name == "" && (err != nil || len(made.IDs) != 1) {
					t.Errorf("the same request: %+v, %v", made.IDs, err)
				}
				if name != "" && !ecs.HasReason(err, ecs.ReasonRequestIDReused) {
					t.Errorf("got %v, want REQUEST_ID_REUSED", err)
				}
				if len(c.sends) != 0 {
					t.Errorf("%d sends, want none", len(c.sends))
				}
			})
		})
	}
}

func TestRelease_RecordOfAnEarlierBuild(t *testing.T) {
	bubble(t, func(t *testing.T) {
		records, c := newRecords(), newCloud()
		l := lifecycle.New(c, records, quiet)
		defer l.Close()
		q := release([]string{"i-1"}, force, override, unexpired, save)
		err := records.CreateRequest(t.Context(), ecs.RequestRecord{
			RequestID: q.RequestID, Action: "DeleteInstances", RegionID: region, State: ecs.RequestDone,
			PayloadHash: "eb88acda070791705bb03aae72d51e612e66acf06bfeb365178d7fe10db1501a",
			Items:       []ecs.RequestItem{{InstanceID: "i-1", State: ecs.ItemReleased, Detail: "{}"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if results, err := l.Release(t.Context(), q); err != nil || results[0].Err != nil {
			t.Errorf("the same request: %+v, %v", results, err)
		}
		q.Force = false
		if _, err := l.Release(t.Context(), q); !ecs.HasReason(err, ecs.ReasonRequestIDReused) {
			t.Errorf("without force: got %v, want REQUEST_ID_REUSED", err)
		}
	})
}

// A refusal without an effect is not replayed: the same request is sent again,
// under a new token, because the cloud keeps refusing the token of a failed
// order.
func TestRun_TriesAgainAfterARefusal(t *testing.T) {
	onEachEngine(t, func(t *testing.T, open func(*testing.T) part) {
		bubble(t, func(t *testing.T) {
			records, c := open(t), newCloud()
			l := lifecycle.New(c, records, quiet)
			defer l.Close()
			c.faults = []fault{refused, refused}
			for n := range 2 {
				_, err := l.Run(t.Context(), order("r-1", 1))
				if e := ecs.AsError(err); e == nil || e.Reason != ecs.ReasonOutOfStock || e.Cloud.RequestID != "R1" || e.Facts["replayed"] != "" {
					t.Errorf("try %d: got %+v, want the cloud's refusal of this try", n, e)
				}
			}
			made, err := l.Run(t.Context(), order("r-1", 1))
			if err != nil || len(made.IDs) != 1 {
				t.Errorf("with stock: %v, %v", made.IDs, err)
			}
			again, err := l.Run(t.Context(), order("r-1", 1))
			if err != nil || !slices.Equal(again.IDs, made.IDs) {
				t.Errorf("after the success: %v, %v, want %v", again.IDs, err, made.IDs)
			}
			if len(c.sends) != 3 || c.madeBy() != 1 {
				t.Errorf("%d sends, %d made, want 3 and 1", len(c.sends), c.madeBy())
			}
			if a, b := c.sends[0].ClientToken, c.sends[1].ClientToken; a == b {
				t.Errorf("the token of a failed order was sent again: %s", a)
			}
		})
	})
}

// A launch that has become too late is not sent again after a refusal.
func TestRun_RefusedAndTooLateSince(t *testing.T) {
	inBubble(t, quiet, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
		c.faults = []fault{refused}
		_, _ = l.Run(t.Context(), order("r-1", 1))
		q := order("r-1", 1)
		q.IfNew = ecs.Errorf(ecs.ReasonInvalidField, "too late")
		if _, err := l.Run(t.Context(), q); !ecs.HasReason(err, ecs.ReasonInvalidField) || len(c.sends) != 1 {
			t.Errorf("got %v after %d sends, want it refused and not sent", err, len(c.sends))
		}
	})
}

// A token of which a send has no known outcome is not replaced, although a later
// send was refused: the first may still arrive.
func TestRun_TokenOfAnUnknownSendIsKept(t *testing.T) {
	for name, restart := range map[string]bool{"the same process": false, "another process": true} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				records, c := newRecords(), newCloud()
				l := lifecycle.New(c, records, quiet)
				defer func() { l.Close() }()
				c.faults = []fault{lostRequest, soldOut}
				if _, err := l.Run(t.Context(), order("r-1", 1)); !ecs.HasReason(err, ecs.ReasonOutOfStock) {
					t.Fatalf("got %v, want OUT_OF_STOCK", err)
				}
				if restart {
					l.Close()
					l = lifecycle.New(c, records, quiet)
				}
				late := c.sends[0] // arrives now
				if _, err := c.RunInstances(t.Context(), late); err != nil {
					t.Fatal(err)
				}
				made, err := l.Run(t.Context(), order("r-1", 1))
				if err != nil || len(made.IDs) != 1 || c.madeBy() != 1 {
					t.Errorf("%v, %v, %d made, want the one that arrived late", made.IDs, err, c.madeBy())
				}
				for _, s := range c.sends {
					if s.ClientToken != late.ClientToken {
						t.Errorf("sent under another token: %s", s.ClientToken)
					}
				}
			})
		})
	}
}

// A final failure reports that it is of an earlier call, and its time.
func TestRun_FinalFailureIsMarkedAsReplayed(t *testing.T) {
	inBubble(t, quiet, func(t *testing.T, c *fakeCloud, l *lifecycle.Lifecycle) {
		c.unreadable = true
		c.faults = []fault{lostRequest, poisoned}
		_, first := l.Run(t.Context(), order("r-1", 1))
		if e := ecs.AsError(first); e == nil || e.Reason != ecs.ReasonOutcomeUnknown || e.Facts["replayed"] != "" {
			t.Fatalf("got %+v, want OUTCOME_UNKNOWN of this call", e)
		}
		at := time.Now().UTC().Format(time.RFC3339)
		time.Sleep(time.Hour)
		sends := len(c.sends)
		_, err := l.Run(t.Context(), order("r-1", 1))
		if e := ecs.AsError(err); e == nil || e.Reason != ecs.ReasonOutcomeUnknown || e.Facts["replayed"] != "true" || e.Facts["original_time"] != at {
			t.Errorf("got %+v, want OUTCOME_UNKNOWN with replayed and the time %s", e, at)
		}
		if len(c.sends) != sends {
			t.Error("a launch of unknown outcome was sent again")
		}
	})
}
