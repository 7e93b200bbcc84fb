package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/server/internal/audit"
	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/changelog"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

// audited lists all records, oldest first, as "RPC decision caller instances".
func audited(t *testing.T, s *store.Store, f audit.Filter) []string {
	t.Helper()
	found, err := s.ListAudit(t.Context(), f, "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(found)
	words := []string{}
	for _, r := range found {
		word := fmt.Sprintf("%s %s by %s", r.RPC, r.Decision, r.Caller)
		for _, id := range r.InstanceIDs {
			word += " " + id
		}
		if !r.Price.IsZero() {
			word += " for " + r.Price.String()
		}
		if r.OrderID != "" {
			word += " as " + r.OrderID
		}
		if r.Reason != "" {
			word += fmt.Sprintf(" because %s (%d)", r.Reason, r.Code)
		}
		words = append(words, word)
	}
	return words
}

// Every order has a record of its permission and one of its outcome, in the
// transaction of either.
func TestAudit_OrdersOfAJob(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		s.LimitSpending(limited(yuan(100, 0)))
		p := newPayer(t, s, "j", yuan(40, 0), "i-1", "i-2", "i-3", "i-4")
		p.moves("i-1", ledger.Submitting, ledger.Verifying, ledger.Renewed)
		p.moves("i-2", ledger.Submitting, ledger.Unknown, ledger.NeedsAttention)
		if err := p.move(t.Context(), "i-3", ledger.Submitting); !errors.Is(err, ledger.ErrSpendCap) {
			t.Fatal(err)
		}
		r := p.all["i-3"]
		r.Failure.Reason = ecs.ReasonSpendCapExceeded
		p.all["i-3"] = r
		p.moves("i-3", ledger.Skipped)
		p.moves("i-4", ledger.Skipped) // it was renewed by another: nothing was decided about it
		decided := p.all["i-2"]
		decided.Decisions = []ledger.Decision{{Resolution: "MARK_NOT_PAID", By: "root", Note: "CC-1"}}
		decided.Failure.Reason = ecs.ReasonMarkedNotPaid
		p.all["i-2"] = decided
		p.moves("i-2", ledger.Failed)
		want := []string{
			"CreateRenewalJob ALLOWED by team-a for CNY 160.00",
			"CreateRenewalJob ORDER_SENT by team-a i-1 for CNY 40.00",
			"CreateRenewalJob PAID by team-a i-1 for CNY 40.00",
			"CreateRenewalJob ORDER_SENT by team-a i-2 for CNY 40.00",
			"CreateRenewalJob UNKNOWN by team-a i-2 for CNY 40.00",
			"CreateRenewalJob REFUSED by team-a i-3 for CNY 40.00 because SPEND_CAP_EXCEEDED (9)",
			"ResolveRenewal NOT_PAID by root i-2 for CNY 40.00 because MARKED_NOT_PAID (0)",
		}
		if diff := cmp.Diff(want, audited(t, s, audit.Filter{})); diff != "" {
			t.Errorf("the records differ (-want +got):\n%s", diff)
		}
		for id, n := range map[string]int{"j": len(want), "another": 0} {
			if found := audited(t, s, audit.Filter{RelatedID: id}); len(found) != n {
				t.Errorf("related to %s: %d records, want %d", id, len(found), n)
			}
		}
	})
}

// Each ID of a record finds all records that have it, and no others.
func TestAudit_RelatedTo(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		ctx := call.With(t.Context(), &call.Call{Caller: "team-a", Method: "CancelRenewalJob", RequestID: "call-1"})
		for id, paid := range map[string][]string{"j": {"i-1", "i-2"}, "j2": {"i-4", "i-5"}} {
			p := newPayer(t, s, id, yuan(40, 0), append(paid, "i-3")...)
			for n, instance := range paid {
				r := p.all[instance]
				r.OrderID = fmt.Sprintf("%s-order-%d", id, n)
				p.all[instance] = r
				p.moves(instance, ledger.Submitting, ledger.Verifying, ledger.Renewed)
			}
			if _, err := s.CancelRenewalJob(ctx, id, ledger.Cancellation{By: "team-a"}); err != nil {
				t.Fatal(err)
			}
		}
		record := func(r audit.Record) audit.Record { // of a call or an order without a job
			r.ID, r.Time, r.Caller = audit.NewID(), time.Now(), "team-a"
			return r
		}
		err := s.WriteAuditRecords(t.Context(), []audit.Record{
			record(audit.Record{RPC: "StopInstances", Decision: audit.Allowed, CallID: "call-2", RequestID: "stop", InstanceIDs: []string{"i-1", "i-2"}}),
			record(audit.Record{RPC: "ModifyInstanceType", Decision: audit.OrderSent, RequestID: "resize", InstanceIDs: []string{"i-1"}}),
			record(audit.Record{RPC: "ModifyInstanceType", Decision: audit.Paid, RequestID: "resize", OrderID: "order-resize", InstanceIDs: []string{"i-1"}}),
			record(audit.Record{RPC: "ReleaseInstances", Decision: audit.Refused, CallID: "call-3"}),
		})
		if err != nil {
			t.Fatal(err)
		}
		all, err := s.ListAudit(t.Context(), audit.Filter{}, "", 1000)
		if err != nil {
			t.Fatal(err)
		}
		related := map[string][]string{"i-1": nil, "another": nil}
		for _, r := range all {
			ids := []string{r.CallID, r.RequestID, r.JobID, r.OrderID}
			slices.Sort(ids)
			for _, id := range slices.Compact(ids) {
				if id != "" {
					related[id] = append(related[id], r.ID)
				}
			}
		}
		if len(related["j"]) != 6 || len(related["j-order-1"]) == 0 || len(related["call-1"]) != 2 {
			t.Errorf("the records are %+v", all)
		}
		for id, want := range related {
			var found []string
			for after, more := "", true; more; {
				page, err := s.ListAudit(t.Context(), audit.Filter{RelatedID: id}, after, 2)
				if err != nil {
					t.Fatal(err)
				}
				for _, r := range page {
					found = append(found, r.ID)
					after = r.ID
				}
				more = len(page) > 0
			}
			if diff := cmp.Diff(want, found); diff != "" {
				t.Errorf("related to %s (-want +got):\n%s", id, diff)
			}
		}
	})
}

// A transaction that is undone leaves no record.
func TestAudit_UndoneWithItsTransaction(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		p := newPayer(t, s, "j", yuan(40, 0), "i-1")
		before := audited(t, s, audit.Filter{})
		stale := p.all["i-1"]
		stale.State = ledger.Submitting
		results, err := s.AdvanceRenewals(t.Context(), p.worker, "j", []ledger.Transition{{Renewal: stale, From: ledger.Unknown}})
		if err != nil || !errors.Is(results[0], ecs.ErrStateMoved) {
			t.Fatal(results, err)
		}
		if err := s.CreateRenewalJob(t.Context(), job("j", ecs.Money{}), nil); !errors.Is(err, ecs.ErrRequestIDTaken) {
			t.Fatal(err)
		}
		m := submitted("q-1", "i-1")
		written(t, s, m, "", nil)
		written(t, s, m, "", ecs.ErrRequestIDTaken)
		if diff := cmp.Diff(append(before, "ModifyChargeType ORDER_SENT by team-a i-1 for CNY 103.50"), audited(t, s, audit.Filter{})); diff != "" {
			t.Errorf("the records differ (-want +got):\n%s", diff)
		}
	})
}

// Launches, modifications, calls that change instances, and changes of the freeze
// have records.
func TestAudit_OtherCalls(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		launchIs(t, s, "l-1", "", ecs.RequestOpen, yuan(50, 0), nil)
		done := ecs.RequestRecord{
			RequestID: "l-1", Action: "RunInstances", Caller: "team-a", State: ecs.RequestDone, Wanted: 2, OrderID: "o-1",
			Items: []ecs.RequestItem{{InstanceID: "i-1", State: ecs.ItemMade}, {InstanceID: "i-2", State: ecs.ItemMade}},
		}
		if err := s.MoveRequest(t.Context(), done, ecs.RequestOpen); err != nil {
			t.Fatal(err)
		}
		launchIs(t, s, "l-2", "", ecs.RequestOpen, ecs.Money{}, nil)
		launchIs(t, s, "l-2", ecs.RequestOpen, ecs.RequestFailed, ecs.Money{}, nil)
		m := submitted("q-1", "i-1")
		written(t, s, m, "", nil)
		m = in(m, ledger.ModificationVerifying)
		m.OrderID = "o-2"
		written(t, s, m, ledger.ModificationSubmitting, nil)
		ctx := call.With(t.Context(), &call.Call{Caller: "ops", RequestID: "call-1", Method: "StopInstances", MessageID: "q-2"})
		stop := changelog.Cause{ID: "c-1", RegionID: "cn-hangzhou", Action: "StopInstances", Method: "StopInstances", Caller: "ops", CallID: "call-1", RequestID: "q-2"}
		if err := s.RecordCause(ctx, stop, []string{"i-1", "i-2"}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.SetSpendFreeze(ctx, ledger.Freeze{Frozen: true, By: "root", Reason: "drill", Time: start}); err != nil {
			t.Fatal(err)
		}
		want := []string{
			"RunInstances ORDER_SENT by team-a for CNY 50.00",
			"RunInstances PAID by team-a i-1 i-2 for CNY 50.00 as o-1",
			"RunInstances ORDER_SENT by team-a",
			"RunInstances NOT_PAID by team-a because OUT_OF_STOCK (0)",
			"ModifyChargeType ORDER_SENT by team-a i-1 for CNY 103.50",
			"ModifyChargeType PAID by team-a i-1 for CNY 103.50 as o-2",
			"StopInstances ALLOWED by ops i-1 i-2",
			"FreezeSpending ALLOWED by root",
		}
		if diff := cmp.Diff(want, audited(t, s, audit.Filter{})); diff != "" {
			t.Errorf("the records differ (-want +got):\n%s", diff)
		}
		for name, c := range map[string]struct {
			f    audit.Filter
			want []int
		}{
			"caller":      {audit.Filter{Caller: "ops"}, []int{6}},
			"RPC":         {audit.Filter{RPC: "RunInstances"}, []int{0, 1, 2, 3}},
			"instance":    {audit.Filter{InstanceID: "i-2"}, []int{1, 6}},
			"one of many": {audit.Filter{InstanceID: "i-1"}, []int{1, 4, 5, 6}},
			"decisions":   {audit.Filter{Decisions: []audit.Decision{audit.Paid, audit.NotPaid}}, []int{1, 3, 5}},
			"all at once": {audit.Filter{Caller: "team-a", RPC: "ModifyChargeType", InstanceID: "i-1", Decisions: []audit.Decision{audit.Paid}}, []int{5}},
			"later":       {audit.Filter{Start: time.Now().Add(time.Hour)}, nil},
			"earlier":     {audit.Filter{End: time.Now().Add(-time.Hour)}, nil},
		} {
			some := []string{}
			for _, i := range c.want {
				some = append(some, want[i])
			}
			if diff := cmp.Diff(some, audited(t, s, c.f)); diff != "" {
				t.Errorf("by %s (-want +got):\n%s", name, diff)
			}
		}
	})
}

// chain is a store with sealed records, and the lease of its sealer.
type chain struct {
	*store.Store
	lease ecs.Lease
}

func newChain(t *testing.T, s *store.Store) chain {
	t.Helper()
	lease, err := s.AcquireLease(t.Context(), "audit", "p", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return chain{s, lease}
}

// write writes records.
func (c chain) write(t *testing.T, n int) {
	t.Helper()
	var records []audit.Record
	for i := range n {
		records = append(records, audit.Record{
			ID: audit.NewID(), Time: time.Now().UTC(), Caller: "team-a", Method: "token", Credential: "b1", RPC: "StopInstances", CallID: "c", RequestID: "q",
			RegionID: "cn-hangzhou", InstanceIDs: []string{fmt.Sprint("i-", i), "i-x"}[:1+i%2], Price: yuan(int64(i), 5), Decision: audit.Allowed, Note: "CC-1",
		})
	}
	if err := c.WriteAuditRecords(t.Context(), records); err != nil {
		t.Fatal(err)
	}
}

// seal seals blocks of 3 until nothing is left.
func (c chain) seal(t *testing.T) {
	t.Helper()
	for {
		b, err := c.SealAudit(t.Context(), c.lease, 3)
		if err != nil {
			t.Fatal(err)
		}
		if b.Number == 0 {
			return
		}
	}
}

// verify returns the number of the first broken block, 0 for none.
func (c chain) verify(t *testing.T) int64 {
	t.Helper()
	blocks, err := c.AuditBlocks(t.Context(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	var previous *audit.Block
	for i, b := range blocks {
		records, err := c.ListAudit(t.Context(), audit.Filter{Block: b.Number}, "", 1000)
		if err != nil {
			t.Fatal(err)
		}
		slices.Reverse(records)
		var broken *audit.BrokenError
		if err := audit.Verify(previous, b, records); errors.As(err, &broken) {
			return broken.Number
		}
		previous = &blocks[i]
	}
	return 0
}

// Whoever changes, adds, moves or removes one record or one block of a sealed
// chain breaks it, and the first broken block is named.
func TestAudit_TamperingIsFound(t *testing.T) {
	for name, c := range map[string]struct {
		statement string
		broken    int64
	}{
		"nothing":                 {"UPDATE audit_records SET caller = caller", 0},
		"a record removed":        {"DELETE FROM audit_records WHERE record_id = (SELECT max(record_id) FROM audit_records WHERE block = 2)", 2},
		"a record added":          {"INSERT INTO audit_records SELECT record_id || 'x', block, record_time, caller, method, credential, rpc, call_id, request_id, job_id, region_id, instance_id, instance_ids, currency_code, price_units, price_nanos, order_id, decision, reason, code, note FROM audit_records WHERE record_id = (SELECT max(record_id) FROM audit_records WHERE block = 2)", 2},
		"a record moved":          {"UPDATE audit_records SET block = 3 WHERE record_id = (SELECT max(record_id) FROM audit_records WHERE block = 2)", 2},
		"a record unsealed":       {"UPDATE audit_records SET block = 0 WHERE record_id = (SELECT max(record_id) FROM audit_records WHERE block = 3)", 3},
		"a block removed":         {"DELETE FROM audit_blocks WHERE block = 2", 3},
		"the first block removed": {"DELETE FROM audit_blocks WHERE block = 1", 2},
		"a block and its records": {"DELETE FROM audit_records WHERE block = 2; DELETE FROM audit_blocks WHERE block = 2", 3},
		"a hash":                  {"UPDATE audit_blocks SET hash = previous_hash WHERE block = 2", 2},
		"a time of a seal":        {"UPDATE audit_blocks SET seal_time = seal_time + 1 WHERE block = 2", 2},
		"a removal pretended":     {"DELETE FROM audit_records WHERE block = 2; UPDATE audit_blocks SET removed = 1 WHERE block = 2", 2},
	} {
		t.Run(name, func(t *testing.T) { tampered(t, c.statement, c.broken) })
	}
	onEach(t, func(t *testing.T, s *store.Store) {
		c := newChain(t, s)
		c.write(t, 9)
		c.seal(t)
		const first = " WHERE record_id = (SELECT min(record_id) FROM audit_records WHERE block = 2)"
		for _, column := range []string{
			"record_time", "price_units", "price_nanos", "code", "caller", "method", "credential", "rpc", "call_id", "request_id", "job_id", "region_id",
			"instance_id", "currency_code", "order_id", "decision", "reason", "note",
		} {
			change, undo := column+" || 'x'", "substr("+column+", 1, length("+column+") - 1)"
			if slices.Contains([]string{"record_time", "price_units", "price_nanos", "code"}, column) {
				change, undo = column+" + 1", column+" - 1"
			}
			for _, step := range []struct {
				value string
				want  int64
			}{{change, 2}, {undo, 0}} {
				if err := s.Tamper(t.Context(), "UPDATE audit_records SET "+column+" = "+step.value+first); err != nil {
					t.Fatal(err)
				}
				if got := c.verify(t); got != step.want {
					t.Errorf("%s set to %s: the first broken block is %d, want %d", column, step.value, got, step.want)
				}
			}
		}
		if err := s.Tamper(t.Context(), `UPDATE audit_records SET instance_ids = '["i-0"]' WHERE instance_ids <> '' AND block = 2`); err != nil {
			t.Fatal(err)
		}
		if got := c.verify(t); got != 2 {
			t.Errorf("the instances changed: the first broken block is %d, want 2", got)
		}
	})
}

// tampered runs a statement on a chain of three blocks and wants the first broken
// one.
func tampered(t *testing.T, statement string, want int64) {
	onEach(t, func(t *testing.T, s *store.Store) {
		c := newChain(t, s)
		c.write(t, 9)
		c.seal(t)
		if got := c.verify(t); got != 0 {
			t.Fatalf("block %d of a new chain is broken", got)
		}
		if err := s.Tamper(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
		if got := c.verify(t); got != want {
			t.Errorf("the first broken block is %d, want %d", got, want)
		}
	})
}

// A block that was sealed anew after a change of a record agrees with itself: the
// next one does not continue it.
func TestAudit_ResealedBlockIsFound(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		c := newChain(t, s)
		c.write(t, 9)
		c.seal(t)
		blocks, err := s.AuditBlocks(t.Context(), 0, 10)
		if err != nil || len(blocks) != 3 {
			t.Fatal(blocks, err)
		}
		if err := s.Tamper(t.Context(), "UPDATE audit_records SET caller = 'other' WHERE block = 2"); err != nil {
			t.Fatal(err)
		}
		records, err := s.ListAudit(t.Context(), audit.Filter{Block: 2}, "", 10)
		if err != nil {
			t.Fatal(err)
		}
		slices.Reverse(records)
		again := audit.Seal(blocks[0], audit.Block{Time: blocks[1].Time}, records)
		if err := s.Tamper(t.Context(), fmt.Sprintf("UPDATE audit_blocks SET hash = '%x' WHERE block = 2", again.Hash)); err != nil {
			t.Fatal(err)
		}
		if got := c.verify(t); got != 3 {
			t.Errorf("the first broken block is %d, want 3", got)
		}
	})
}

// A sealer that lost its lease seals nothing, so that two never continue one block.
func TestAudit_SealIsFenced(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		c := newChain(t, s)
		c.write(t, 1)
		old := c.lease
		old.Epoch--
		if _, err := s.SealAudit(t.Context(), old, 3); !errors.Is(err, ecs.ErrLeaseLost) {
			t.Errorf("a seal under an old lease: %v, want ErrLeaseLost", err)
		}
		if err := s.TrimAudit(t.Context(), old, time.Now().Add(time.Hour)); err != nil {
			t.Errorf("nothing to trim: %v", err)
		}
		c.seal(t)
		if err := s.TrimAudit(t.Context(), old, time.Now().Add(time.Hour)); !errors.Is(err, ecs.ErrLeaseLost) {
			t.Errorf("a removal under an old lease: %v, want ErrLeaseLost", err)
		}
	})
}

// The chain survives the removal of its oldest records, and what follows stays
// verifiable.
func TestAudit_RetentionKeepsTheChain(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		c := newChain(t, s)
		c.write(t, 6)
		c.seal(t)
		cut := time.Now().Add(time.Millisecond)
		time.Sleep(5 * time.Millisecond)
		c.write(t, 3)
		c.seal(t)
		if err := s.TrimAudit(t.Context(), c.lease, cut); err != nil {
			t.Fatal(err)
		}
		c.write(t, 2)
		c.seal(t)
		if got := c.verify(t); got != 0 {
			t.Errorf("block %d is broken after the removal", got)
		}
		blocks, err := s.AuditBlocks(t.Context(), 0, 10)
		if err != nil || len(blocks) != 3 || blocks[0].Number != 2 || !blocks[0].Removed || blocks[2].Number != 4 {
			t.Errorf("the blocks are %+v, %v; want 2 without its records, 3 and 4", blocks, err)
		}
		if found := audited(t, s, audit.Filter{}); len(found) != 5 {
			t.Errorf("%d records are left, want 5", len(found))
		}
		if err := s.Tamper(t.Context(), "DELETE FROM audit_records WHERE record_id = (SELECT min(record_id) FROM audit_records)"); err != nil {
			t.Fatal(err)
		}
		if got := c.verify(t); got != 3 {
			t.Errorf("the first broken block is %d, want 3", got)
		}
	})
}

// A page continues after its last record.
func TestAudit_Pages(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		c := newChain(t, s)
		c.write(t, 7)
		var all []string
		for after := ""; ; {
			page, err := s.ListAudit(context.WithoutCancel(t.Context()), audit.Filter{}, after, 3)
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			for _, r := range page {
				all = append(all, r.ID)
			}
			after = page[len(page)-1].ID
		}
		if len(all) != 7 || !slices.IsSortedFunc(all, func(a, b string) int { return strings.Compare(b, a) }) {
			t.Errorf("the pages have %q, want 7 records, newest first", all)
		}
	})
}
