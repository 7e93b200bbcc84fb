package ledger_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/status"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/test/lib/postgres"
)

// Two jobs at two servers, two callers of RenewInstance and manual orders in the console renew the same instances
// concurrently. Each charge belongs to one renewal, and an unpaid renewal has the reason.
func TestPayments_AllFaultsAtOnce(t *testing.T) {
	t.Parallel()
	c := newCloud(t, nil)
	ids, database := c.seed(t, 20), postgres.Database(t)
	var callers []client
	for range 2 {
		callers = append(callers, dial(t, newServer(t, c, database).Address))
	}
	var mu sync.Mutex
	var hands, jobs []string
	refused := 0
	begin := make(chan struct{})
	var all sync.WaitGroup
	for _, caller := range callers {
		all.Go(func() {
			<-begin
			job := caller.create(ids, nil)
			mu.Lock()
			jobs = append(jobs, job)
			mu.Unlock()
			caller.ended(job, 60*time.Second)
		})
		for _, id := range ids[:10] {
			all.Go(func() {
				<-begin
				n, err := caller.renewAlone(id)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				refused += n
				mu.Unlock()
			})
		}
	}
	for _, id := range ids[5:15] {
		all.Go(func() {
			<-begin
			order := c.renewByHand(t, id)
			mu.Lock()
			hands = append(hands, order)
			mu.Unlock()
		})
	}
	close(begin)
	all.Wait()

	bill, ours := c.Ledger(simulator.LedgerFilter{}), callers[0].renewals("")
	skips := map[string]int{}
	for _, r := range ours {
		if r.GetState() == ecsdv1.RenewalState_RENEWAL_STATE_SKIPPED {
			skips[r.GetReason()]++
		}
	}
	v := compare(bill, ours, hands...)
	t.Logf("%s; skipped %v; %d callers were refused, nothing stored", v, skips, refused)
	if !v.clean() || v.unnamed > 0 {
		t.Errorf("the comparison says %s", v)
	}
	if skips["ALREADY_RENEWED"]+skips["RENEWAL_IN_PROGRESS"] == 0 {
		t.Errorf("no caller was skipped: %v", skips)
	}
	for _, f := range callers[0].evidence(c).check() {
		t.Error(f)
	}
	perInstance := map[string]int{}
	for _, r := range ours {
		if paid(r) {
			perInstance[r.GetInstanceId()]++
		}
	}
	for _, id := range ids {
		if perInstance[id] == 0 && len(c.Ledger(simulator.LedgerFilter{InstanceID: id})) == 0 {
			t.Errorf("%s was asked for by all and renewed by none", id)
		}
	}
}

// renewAlone renews one instance by RenewInstance. It reports whether that was rejected because another renewal is in
// progress, or came first.
func (c client) renewAlone(id string) (refused int, err error) {
	ctx, cancel := context.WithTimeout(c.t.Context(), 50*time.Second)
	defer cancel()
	_, err = c.RenewInstance(ctx, &ecsdv1.RenewInstanceRequest{InstanceId: id, Period: oneMonth, RequestId: uuid.NewString(), PriceLimit: &ecsdv1.RenewInstanceRequest_AnyPrice{AnyPrice: true}})
	if reason := reasonOf(err); reason == "RENEWAL_IN_PROGRESS" || reason == "ALREADY_RENEWED" {
		return 1, nil
	}
	return 0, err
}

// reasonOf returns the reason of an error of ecsd, empty for any other and for nil.
func reasonOf(err error) string {
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			return info.GetReason()
		}
	}
	return ""
}

// The network delivers paid calls twice, and the response is the one to the second copy: SignatureNonceUsed, which
// reveals nothing about the first.
func TestRenewInstance_DeliveredTwice(t *testing.T) {
	t.Parallel()
	c := newCloud(t, nil)
	c.twice.Store(1000)
	ids := c.seed(t, 6)
	caller := dial(t, newServer(t, c, engines["sqlite"](t)).Address)
	caller.ended(caller.create(ids[:5], nil), time.Minute)
	if _, err := caller.renewAlone(ids[5]); err != nil {
		t.Errorf("a single renewal: %v", err)
	}
	e := caller.evidence(c)
	t.Log(e.summary())
	for _, f := range e.check() {
		t.Error(f)
	}
	for _, r := range e.renewals {
		if r.GetState() != ecsdv1.RenewalState_RENEWAL_STATE_RENEWED {
			t.Errorf("want RENEWED: %v", r)
		}
		if code := r.GetAttempts()[0].GetEcsCode(); code != "SignatureNonceUsed" {
			t.Errorf("the network delivered it once: the first response was %q", code)
		}
	}
	if len(e.bill) != len(ids) {
		t.Errorf("%d charges, want %d", len(e.bill), len(ids))
	}
}
