package renewal_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/payment"
	"github.com/ecsd-io/ecsd/server/internal/renewal"
)

// A caller with limits decides about its own renewals only; another one does
// not exist for it.
func TestResolve_OfAnotherCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		records := memoryStore(t)
		defer records.Close()
		c := newCloud()
		c.faults = []fault{lostRequest, lostRequest}
		e := started(t, c, records, renewal.Config{Limits: payment.Limits{TrustAge: 90 * time.Second}, Logger: quiet.Logger})
		defer e.Close()
		q := month("r-1", "i-1")
		q.Caller = "billing"
		r, _ := e.Renew(t.Context(), q)
		if r.State != ledger.NeedsAttention {
			t.Fatalf("the renewal is %s", r.State)
		}
		decision := payment.Decided{Resolution: payment.MarkNotPaid, By: "web", Note: "OPS-8", OnlyOf: "web"}
		if _, err := e.Resolve(t.Context(), r.ID, decision); !ecs.HasReason(err, ecs.ReasonRenewalNotFound) {
			t.Errorf("by another caller: %v, want RENEWAL_NOT_FOUND", err)
		}
		decision.OnlyOf = "billing"
		if _, err := e.Resolve(t.Context(), r.ID, decision); err != nil {
			t.Errorf("by the caller: %v", err)
		}
	})
}
