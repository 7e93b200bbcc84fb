package ledger_test

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
	"github.com/ecsd-io/ecsd/test/lib/program"
)

// The long run is one command:
//
//	go test ./test/ledger -run Modifications -modifications 2000 -timeout 2h -v
var modifications = flag.Int("modifications", 50, "how many instances each test of modifications changes, there and back")

// killing is how long servers are killed in each round.
func killing() time.Duration {
	return 3*time.Second + time.Duration(*modifications)*40*time.Millisecond
}

// turn is a modification and the one that undoes it, with the orders that they make.
type turn struct {
	from        simulator.Seed
	there, back target
}

// target is what a modification changes an instance to.
type target struct {
	charge       ecsdv1.ChargeType
	instanceType string
	order        control.OrderType
	// charges is set if the order has a price, and refunds if it returns money.
	charges, refunds bool
}

var (
	toSubscription = target{charge: ecsdv1.ChargeType_CHARGE_TYPE_SUBSCRIPTION, order: control.OrderConversion, charges: true}
	toPayAsYouGo   = target{charge: ecsdv1.ChargeType_CHARGE_TYPE_PAY_AS_YOU_GO, order: control.OrderRefund, refunds: true}
)

// turns has one order of each type per instance, so that the type tells the modification.
var turns = []turn{
	{simulator.Seed{ChargeType: "PostPaid"}, toSubscription, toPayAsYouGo},
	{simulator.Seed{}, toPayAsYouGo, toSubscription},
	{
		simulator.Seed{InstanceType: "ecs.g7.large", Status: "Stopped"},
		target{instanceType: "ecs.g7.xlarge", order: control.OrderUpgrade, charges: true},
		target{instanceType: "ecs.g7.large", order: control.OrderDowngrade, refunds: true},
	},
	{
		simulator.Seed{InstanceType: "ecs.g7.large", Status: "Stopped"},
		target{instanceType: "ecs.c7.large", order: control.OrderDowngrade, refunds: true},
		target{instanceType: "ecs.g7.large", order: control.OrderUpgrade, charges: true},
	},
	{
		simulator.Seed{InstanceType: "ecs.g7.large", Status: "Stopped", ChargeType: "PostPaid"},
		target{instanceType: "ecs.g7.xlarge", order: control.OrderUpgrade},
		target{instanceType: "ecs.g7.large", order: control.OrderDowngrade},
	},
}

// unlimited is the limit of a spender whose orders all fit.
const unlimited control.Amount = 1 << 40

// change is one request for a modification, and its outcome.
type change struct {
	target

	id, requestID string
	by            *spender
	// rival is set if another request wants the same, so that either of them can be refused.
	rival bool

	mu sync.Mutex
	// done are the responses, refused is the final error.
	done    []*ecsdv1.InstanceModification
	refused error
}

// request sends the request once.
func (c *change) request(ctx context.Context, service ecsdv1.InstanceServiceClient) (*ecsdv1.InstanceModification, error) {
	if c.instanceType != "" {
		response, err := service.ModifyInstanceType(ctx, &ecsdv1.ModifyInstanceTypeRequest{
			InstanceId: c.id, InstanceType: c.instanceType, RequestId: c.requestID,
			PriceLimit: &ecsdv1.ModifyInstanceTypeRequest_AnyPrice{AnyPrice: true},
		})
		return response.GetModification(), err
	}
	request := &ecsdv1.ModifyChargeTypeRequest{InstanceId: c.id, ChargeType: c.charge, RequestId: c.requestID}
	if c.charges {
		request.Period, request.PriceLimit = oneMonth, &ecsdv1.ModifyChargeTypeRequest_AnyPrice{AnyPrice: true}
	}
	response, err := service.ModifyChargeType(ctx, request)
	return response.GetModification(), err
}

// repeat sends the request to random servers until one responds with its end.
func (c *change) repeat(t *testing.T, services []ecsdv1.InstanceServiceClient, random *rand.Rand) {
	for giveUp := time.Now().Add(killing() + 90*time.Second); ; {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		m, err := c.request(ctx, services[random.IntN(len(services))])
		cancel()
		switch status.Code(err) {
		case codes.OK, codes.FailedPrecondition, codes.InvalidArgument, codes.AlreadyExists, codes.NotFound, codes.PermissionDenied:
			c.mu.Lock()
			defer c.mu.Unlock()
			if err == nil {
				c.done = append(c.done, m)
			} else {
				c.refused = err
			}
			return
		}
		if !pause(t.Context(), time.Duration(100+random.IntN(300))*time.Millisecond) || time.Now().After(giveUp) {
			t.Errorf("request %s for %s has no end: %v", c.requestID, c.id, err)
			return
		}
	}
}

// TestModifications_RandomKills changes instances there and back while servers are killed at random, with a cloud that
// fails at random. Each request is repeated by two callers at once, and some have a rival. At the end each charge and
// each refund belongs to one modification, and the spending and the audit explain it.
func TestModifications_RandomKills(t *testing.T) {
	for engine, replicas := range map[string]int{"sqlite": 1, "postgres": 3} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			c, database := newCloud(t, nil), engines[engine](t)
			drawn := drawSeed(t)
			random := rand.New(rand.NewPCG(drawn, 1000))
			spenders := []*spender{{name: "team-0", limit: unlimited}, {name: "team-1", limit: unlimited}, {name: "team-2"}}
			rounds := c.changes(t, spenders, random)
			for _, s := range spenders[2:] { // some of its orders are refused
				s.limit = control.Amount(len(s.ids)) * 150_00
			}
			path := accessFile(t, spenders)
			var servers []*program.Process
			var kills [][]harm
			for range replicas {
				server := newServer(t, c, database, "--access-file", path)
				servers = append(servers, server)
				kills = append(kills, []harm{kill(server, func() { endHolds(t, database, "modifications") })})
			}
			services := map[*spender][]ecsdv1.InstanceServiceClient{}
			for _, s := range spenders {
				for _, server := range servers {
					services[s] = append(services[s], ecsdv1.NewInstanceServiceClient(connect(t, server.Address, s.name)))
				}
			}
			misbehave(t, c, "ModifyInstanceChargeType", "ModifyPrepayInstanceSpec", "ModifyInstanceSpec")
			began, done := time.Now(), int64(0)
			for n, changes := range rounds {
				if n > 0 { // the cloud refuses a second change of an instance for some minutes
					if _, err := c.Advance(10 * time.Minute); err != nil {
						t.Fatal(err)
					}
				}
				stop := disturb(t.Context(), drawn+uint64(n), 300*time.Millisecond, 2*time.Second, kills...)
				var killer sync.WaitGroup
				killer.Go(func() {
					pause(t.Context(), killing())
					done += stop()
					last := rand.New(rand.NewPCG(drawn, uint64(2000+n)))
					for _, k := range kills { // a server claims the work of the dead when it starts
						k[0](t.Context(), last)
						done++
					}
				})
				requestAll(t, changes, services, random.Uint64())
				killer.Wait()
				t.Logf("round %d has ended after %s", n+1, time.Since(began).Round(time.Second))
			}
			c.ClearFaults()
			all := slices.Concat(rounds[:]...)
			bill := c.Ledger(simulator.LedgerFilter{})
			for _, r := range all { // after the end, a repeated request finds its modification
				if len(r.done) > 0 {
					r.repeat(t, services[r.by], random)
				}
			}
			if n := len(c.Ledger(simulator.LedgerFilter{})); n != len(bill) {
				t.Errorf("%d orders were made by repeated requests", n-len(bill))
			}
			root := connect(t, servers[0].Address, admin)
			e := modificationEvidence{bill: bill, changes: all, modifications: listModifications(t, root)}
			t.Logf("%d kills, %s: %s", done, time.Since(began).Round(time.Second), e.summary())
			for _, f := range e.check() {
				t.Error(f)
			}
			checkSpent(t, root, bill, spenders)
			e.checkAudit(t, sealedRecords(t, ecsdv1.NewAccessServiceClient(root)))
		})
	}
}

// changes creates the instances, and returns the requests for their modifications in two rounds.
func (c *cloud) changes(t *testing.T, spenders []*spender, random *rand.Rand) (rounds [2][]*change) {
	t.Helper()
	for n, turn := range turns {
		turn.from.Count = (*modifications + n) / len(turns)
		ids, err := c.Seed(turn.from)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range ids {
			by := spenders[random.IntN(len(spenders))]
			by.ids = append(by.ids, id)
			for round, to := range []target{turn.there, turn.back} {
				requests := 1
				if random.IntN(4) == 0 {
					requests = 2
				}
				for range requests {
					rounds[round] = append(rounds[round], &change{target: to, id: id, requestID: uuid.NewString(), by: by, rival: requests > 1})
				}
			}
		}
	}
	return rounds
}

// requestAll has each change requested twice, at random times and at most a hundred at once, until it has ended.
func requestAll(t *testing.T, changes []*change, services map[*spender][]ecsdv1.InstanceServiceClient, seed uint64) {
	t.Helper()
	slots := make(chan struct{}, 100)
	var requests sync.WaitGroup
	for n, r := range changes {
		for twin := range 2 {
			requests.Go(func() {
				random := rand.New(rand.NewPCG(seed, uint64(2*n+twin)))
				pause(t.Context(), time.Duration(random.Int64N(int64(killing()))))
				slots <- struct{}{}
				defer func() { <-slots }()
				r.repeat(t, services[r.by], random)
			})
		}
	}
	requests.Wait()
}

func listModifications(t *testing.T, root *grpc.ClientConn) (all []*ecsdv1.InstanceModification) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Second)
	defer cancel()
	for token := ""; ; {
		page, err := ecsdv1.NewInstanceServiceClient(root).ListModifications(ctx, &ecsdv1.ListModificationsRequest{PageSize: 100, PageToken: token})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page.GetModifications()...)
		if token = page.GetNextPageToken(); token == "" {
			return all
		}
	}
}

// modificationEvidence is the final state of the cloud and of the ledger. Its checks share no code with the server.
type modificationEvidence struct {
	bill          []control.Order
	changes       []*change
	modifications []*ecsdv1.InstanceModification
}

// accepted reports whether a modification was paid or refunded according to our ledger.
func accepted(m *ecsdv1.InstanceModification) bool {
	return m.GetState() == ecsdv1.InstanceModificationState_INSTANCE_MODIFICATION_STATE_SUCCEEDED ||
		m.GetState() == ecsdv1.InstanceModificationState_INSTANCE_MODIFICATION_STATE_UNVERIFIED
}

// of returns the modification of a request, nil if there is none.
func (e modificationEvidence) of(r *change) *ecsdv1.InstanceModification {
	for _, m := range e.modifications {
		if m.GetRequestId() == r.requestID {
			return m
		}
	}
	return nil
}

// orders returns the orders on the bill that a request may have made: those of its type for its instance.
func (e modificationEvidence) orders(r *change) []control.Order {
	return slices.DeleteFunc(slices.Clone(e.bill), func(o control.Order) bool { return o.InstanceID != r.id || o.Type != r.order })
}

// check compares the bill with the modifications, and returns the faults.
func (e modificationEvidence) check() (faults []string) {
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	explained := map[string]*ecsdv1.InstanceModification{} // by order ID
	for _, r := range e.changes {
		m, orders := e.of(r), e.orders(r)
		e.checkResponses(fault, r, m)
		switch {
		case !accepted(m):
			if m != nil && m.GetState() != ecsdv1.InstanceModificationState_INSTANCE_MODIFICATION_STATE_FAILED {
				fault("not ended: %v", m)
			}
			if m.GetOrderId() != "" {
				fault("not accepted, and has an order: %v", m)
			}
		case len(orders) != 1:
			fault("%d orders on the bill, want one, for %v", len(orders), m)
		case explained[orders[0].OrderID] != nil:
			fault("order %s is that of two modifications: %v and %v", orders[0].OrderID, explained[orders[0].OrderID], m)
		default:
			explained[orders[0].OrderID] = m
			checkAmounts(fault, r, m, orders[0])
		}
	}
	for _, o := range e.bill {
		if explained[o.OrderID] == nil {
			fault("order %s of %s over %s is in no modification", o.OrderID, o.InstanceID, o.Amount)
		}
	}
	if len(e.modifications) > len(e.changes) {
		fault("%d modifications of %d requests", len(e.modifications), len(e.changes))
	}
	return faults
}

// checkResponses compares what the callers were told with the ledger.
func (e modificationEvidence) checkResponses(fault func(string, ...any), r *change, m *ecsdv1.InstanceModification) {
	for _, d := range r.done {
		if d.GetModificationId() != m.GetModificationId() || !accepted(d) || !accepted(m) {
			fault("the response was %v, the ledger has %v", d, m)
		}
	}
	switch reason := reasonOf(r.refused); {
	case r.refused == nil:
	// Its twin may have been permitted after the order of another request had failed.
	case reason == "SPEND_CAP_EXCEEDED" && r.charges && r.by.limit < unlimited:
	case accepted(m):
		fault("refused by %v, the ledger has %v", r.refused, m)
	// Somebody else was first, or the change that this one undoes was refused.
	case slices.Contains([]string{"NOT_PAY_AS_YOU_GO", "NOT_SUBSCRIPTION", "UNSUPPORTED_OPERATION"}, reason) && (r.rival || r.by.limit < unlimited):
	default:
		fault("request %s for %s to %s was refused by %v", r.requestID, r.id, cmp.Or(r.instanceType, r.charge.String()), r.refused)
	}
}

// checkAmounts compares a modification with its order.
func checkAmounts(fault func(string, ...any), r *change, m *ecsdv1.InstanceModification, o control.Order) {
	switch price, refund := fen(m.GetPrice()), fen(m.GetRefund()); {
	case m.GetOrderId() != "" && m.GetOrderId() != o.OrderID:
		fault("order %s on the bill is that of %v", o.OrderID, m)
	case r.charges && price != o.Amount || r.charges && price <= 0:
		fault("order %s cost %s: %v", o.OrderID, o.Amount, m)
	case r.refunds && o.Amount >= 0:
		fault("order %s refunded %s: %v", o.OrderID, -o.Amount, m)
	// The cloud reports the refund of a change to pay-as-you-go, in a response that can be lost.
	case r.charge == ecsdv1.ChargeType_CHARGE_TYPE_PAY_AS_YOU_GO && m.GetOrderId() != "" && refund != -o.Amount, refund != 0 && refund != -o.Amount:
		fault("order %s refunded %s, the modification says %s: %v", o.OrderID, -o.Amount, refund, m)
	}
}

// summary counts the ends of the requests, for the log of a test.
func (e modificationEvidence) summary() string {
	ends := map[string]int{}
	for _, r := range e.changes {
		ends[cmp.Or(reasonOf(r.refused), e.of(r).GetState().String())]++
	}
	unnamed := 0
	for _, m := range e.modifications {
		if accepted(m) && m.GetOrderId() == "" {
			unnamed++
		}
	}
	return fmt.Sprintf("%d orders, %d of them without a known ID, %d requests %v", len(e.bill), unnamed, len(e.changes), ends)
}

// checkSpent compares the spending of the callers with the bill.
func checkSpent(t *testing.T, root *grpc.ClientConn, bill []control.Order, spenders []*spender) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Second)
	defer cancel()
	spending, err := ecsdv1.NewAccessServiceClient(root).GetSpending(ctx, &ecsdv1.GetSpendingRequest{})
	if err != nil || len(spending.GetLimits()) != len(spenders) {
		t.Fatalf("%v, %v", spending, err)
	}
	for n, s := range spenders {
		var charged control.Amount // refunds are not spending
		for _, o := range bill {
			if slices.Contains(s.ids, o.InstanceID) {
				charged += max(o.Amount, 0)
			}
		}
		l := spending.GetLimits()[n]
		if l.GetCaller() != s.name || fen(l.GetSpent()) != charged || fen(l.GetReserved()) != 0 || charged > s.limit {
			t.Errorf("%s was charged %s of %s, and has spent %v", s.name, charged, s.limit, l)
		}
	}
}

// checkAudit finds the records of each order, and no others of payments.
func (e modificationEvidence) checkAudit(t *testing.T, records []*ecsdv1.AuditRecord) {
	t.Helper()
	sent, paid := map[string]int{}, map[string][]*ecsdv1.AuditRecord{}
	for _, r := range records {
		switch r.GetDecision() {
		case ecsdv1.AuditDecision_AUDIT_DECISION_ORDER_SENT:
			sent[r.GetRequestId()]++
		case ecsdv1.AuditDecision_AUDIT_DECISION_PAID:
			paid[r.GetRequestId()] = append(paid[r.GetRequestId()], r)
		}
	}
	for _, r := range e.changes {
		m := e.of(r)
		if !accepted(m) {
			if len(paid[r.requestID]) > 0 {
				t.Errorf("not accepted, and has a record of a payment: %v, %v", m, paid[r.requestID])
			}
			continue
		}
		if len(paid[r.requestID]) != 1 || sent[r.requestID] == 0 {
			t.Errorf("%d records of payments and %d of sends for %v", len(paid[r.requestID]), sent[r.requestID], m)
			continue
		}
		rpc, price := "ModifyChargeType", control.Amount(0)
		if r.instanceType != "" {
			rpc = "ModifyInstanceType"
		}
		if r.charges {
			price = fen(m.GetPrice())
		}
		p := paid[r.requestID][0]
		if p.GetRpc() != rpc || p.GetCaller() != r.by.name || !slices.Equal(p.GetInstanceIds(), []string{r.id}) || fen(p.GetPrice()) != price || p.GetOrderId() != m.GetOrderId() {
			t.Errorf("the record %v is of %v", p, m)
		}
	}
}
