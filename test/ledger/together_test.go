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
	"github.com/ecsd-io/ecsd/test/postgres"
)

// Two jobs at two servers, two callers of RenewInstance and a person in the
// console renew the same instances at once. Each charge is one that somebody
// asked for and whose renewal knows it, and who was not needed any more is told
// why.
func TestAllAtOnce(t *testing.T) {
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
		t.Errorf("nobody was skipped: %v", skips)
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

// renewAlone renews one instance by RenewInstance. It says whether that was
// refused because another renewal is under way, or came first.
func (c client) renewAlone(id string) (refused int, err error) {
	ctx, cancel := context.WithTimeout(c.t.Context(), 50*time.Second)
	defer cancel()
	_, err = c.RenewInstance(ctx, &ecsdv1.RenewInstanceRequest{InstanceId: id, Period: oneMonth, RequestId: uuid.NewString()})
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok && (info.GetReason() == "RENEWAL_IN_PROGRESS" || info.GetReason() == "ALREADY_RENEWED") {
			return 1, nil
		}
	}
	return 0, err
}
