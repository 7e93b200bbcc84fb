package ledger_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	big "encoding/binary"
	"encoding/hex"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	_ "github.com/jackc/pgx/v5/stdlib" // the commits of the database are observed by a trigger
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
	"github.com/ecsd-io/ecsd/test/lib/postgres"
	"github.com/ecsd-io/ecsd/test/lib/program"
)

// The long run is one command:
//
//	go test ./test/ledger -run SpendingLimits -spending-renewals 10000 -timeout 2h -v
var spendingRenewals = flag.Int("spending-renewals", 150, "how many renewals the test of spending limits requests")

// spender is a caller with a limit in hundredths.
type spender struct {
	name  string
	limit control.Amount
	ids   []string
}

const admin = "admin"

// tokenOf returns the token of a caller.
func tokenOf(name string) string { return "ecsd_" + name + "_" + strings.Repeat("x", 43) }

// accessFile writes the access file of spenders and an administrator.
func accessFile(t *testing.T, spenders []*spender) string {
	t.Helper()
	var text strings.Builder
	entry := func(name, scopes, spend string) {
		sum := sha256.Sum256([]byte(tokenOf(name)))
		fmt.Fprintf(&text, "  - name: %s\n    tokens: [{id: %s, sha256: %q}]\n    scopes: [%s]\n%s", name, name, hex.EncodeToString(sum[:]), scopes, spend)
	}
	text.WriteString("callers:\n")
	entry(admin, `"*"`, "")
	for _, s := range spenders {
		entry(s.name, "renewals.read, renewals.pay, instances.launch", fmt.Sprintf("    spend: [{limit: %d.%02d CNY, per: year, time_zone: Asia/Shanghai}]\n", s.limit/100, s.limit%100))
	}
	path := filepath.Join(t.TempDir(), "access.yaml")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// connect returns a connection in the name of a caller.
func connect(t *testing.T, address, caller string) *grpc.ClientConn {
	t.Helper()
	name := func(ctx context.Context) context.Context {
		return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+tokenOf(caller))
	}
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithConnectParams(grpc.ConnectParams{MinConnectTimeout: 20 * time.Second}),
		grpc.WithUnaryInterceptor(func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
			return invoke(name(ctx), method, req, reply, cc, options...)
		}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// observeCommits has the database itself compare, at the end of each transaction that permits an order, the sum of the
// orders of its caller with the limit. It shares no code with the server.
func observeCommits(t *testing.T, database string, spenders []*spender) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	statements := []string{
		"CREATE TABLE limits (caller TEXT PRIMARY KEY, hundredths NUMERIC)",
		"CREATE TABLE commits (caller TEXT, hundredths NUMERIC, passed BOOLEAN)",
		`CREATE FUNCTION observe() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			INSERT INTO commits SELECT NEW.caller, s.sum, s.sum > l.hundredths FROM limits l, (
				SELECT sum(price_units * 100::numeric + price_nanos / 10000000::numeric) AS sum FROM renewals
				WHERE caller = NEW.caller AND state IN ('SUBMITTING', 'UNKNOWN', 'NEEDS_ATTENTION', 'VERIFYING', 'RENEWED', 'UNVERIFIED')) s
			WHERE l.caller = NEW.caller;
			RETURN NULL; END $$`,
		`CREATE CONSTRAINT TRIGGER observe AFTER UPDATE ON renewals DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
			WHEN (NEW.state = 'SUBMITTING' AND OLD.state <> 'SUBMITTING') EXECUTE FUNCTION observe()`,
	}
	for _, s := range spenders {
		statements = append(statements, fmt.Sprintf("INSERT INTO limits VALUES ('%s', %d)", s.name, s.limit))
	}
	for _, text := range statements {
		if _, err := db.ExecContext(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

// TestSpendingLimits_KillsOfReplicas has five callers with limits renew more than they may, through three servers that
// are killed at random, with a cloud that fails at random, and freezes spending in the middle. At no commit is a limit
// passed, no payment starts a second after the freeze, and the audit explains each charge.
func TestSpendingLimits_KillsOfReplicas(t *testing.T) {
	t.Parallel()
	c := newCloud(t, nil)
	drawn := drawSeed(t)
	all := c.seed(t, *spendingRenewals)
	price := priceOf(t, c)
	var spenders []*spender
	for n := range 5 {
		ids := all[n*len(all)/5 : (n+1)*len(all)/5]
		// A third to all of the renewals fit, in one case by the last unit, in others by one less or more.
		fit := control.Amount(len(ids)) * control.Amount(n+2) / 6
		spenders = append(spenders, &spender{name: fmt.Sprint("team-", n), limit: fit*price + control.Amount(n-2), ids: ids})
	}
	path, database := accessFile(t, spenders), postgres.Database(t)
	var servers []*program.Process
	for range 3 {
		servers = append(servers, newServer(t, c, database, "--access-file", path, "--rate", "RenewInstance=1500/1m"))
	}
	db := observeCommits(t, database, spenders)
	misbehave(t, c, "RenewInstance")

	// A server that is killed with hundreds of orders in flight needs some seconds to settle them.
	life := 500*time.Millisecond + min(time.Duration(*spendingRenewals)*time.Millisecond, 10*time.Second)
	var kills [][]harm
	for _, server := range servers {
		kills = append(kills, []harm{kill(server)})
	}
	stop := disturb(t.Context(), drawn, life, life+4*time.Second, kills...)
	random := rand.New(rand.NewPCG(drawn, 1000))
	var requests sync.WaitGroup
	var mu sync.Mutex
	var jobs []string
	for _, s := range spenders {
		for part := range 4 {
			caller := client{ecsdv1.NewRenewalServiceClient(connect(t, servers[random.IntN(3)].Address, s.name)), t}
			some := s.ids[part*len(s.ids)/4 : (part+1)*len(s.ids)/4]
			requests.Go(func() {
				job := caller.overlap(t.Context(), some, time.Time{})
				mu.Lock()
				jobs = append(jobs, job)
				mu.Unlock()
			})
		}
	}
	requests.Wait()
	for charged := 0; charged < len(all)/8 && pause(t.Context(), 50*time.Millisecond); {
		charged = len(c.Ledger(simulator.LedgerFilter{}))
	}
	frozen, unfrozen := freezeDrill(t.Context(), t, servers, random)
	began := time.Now()
	for bill, grown := 0, began; time.Since(grown) < 10*time.Second && pause(t.Context(), time.Second); {
		if n := len(c.Ledger(simulator.LedgerFilter{})); n != bill {
			bill, grown = n, time.Now()
		}
	}
	done := stop()
	c.ClearFaults()
	root := client{ecsdv1.NewRenewalServiceClient(connect(t, servers[0].Address, admin)), t}
	for _, job := range jobs {
		root.ended(job, 4*time.Minute)
	}
	e := root.evidence(c)
	t.Logf("%d kills: %s", done, e.summary())
	for _, f := range unexpected(e) {
		t.Error(f)
	}
	checkCommits(t, db)
	checkLimits(t, c, spenders, price)
	checkFreeze(t, e.sends, frozen, unfrozen)
	checkAudit(t, ecsdv1.NewAccessServiceClient(connect(t, servers[1].Address, admin)), e.bill, spenders)
}

// unexpected returns the faults of the evidence, without those that follow from the limits.
func unexpected(e evidence) (faults []string) {
	limited := map[string]bool{}
	for _, r := range e.renewals {
		if r.GetReason() == "SPEND_CAP_EXCEEDED" {
			limited[r.GetInstanceId()] = true
		}
	}
	return slices.DeleteFunc(e.check(), func(fault string) bool {
		notPaid, found := strings.CutPrefix(fault, "not paid: ")
		id, _, _ := strings.Cut(notPaid, " ")
		return limited[id] && (found || strings.HasSuffix(fault, "was to be renewed and nothing was charged"))
	})
}

// priceOf returns the price of each renewal: the instances are alike.
func priceOf(t *testing.T, c *cloud) control.Amount {
	t.Helper()
	probe := c.seed(t, 1)[0]
	c.renewByHand(t, probe)
	return c.Ledger(simulator.LedgerFilter{InstanceID: probe})[0].Amount
}

// freezeDrill freezes spending at a random server, for three seconds, and returns when the freeze had returned and when
// the request for its end was sent. It retries while servers are down.
func freezeDrill(ctx context.Context, t *testing.T, servers []*program.Process, random *rand.Rand) (frozen, unfrozen time.Time) {
	t.Helper()
	try := func(call func(context.Context, ecsdv1.AccessServiceClient) error) {
		for {
			service := ecsdv1.NewAccessServiceClient(connect(t, servers[random.IntN(len(servers))].Address, admin))
			brief, cancel := context.WithTimeout(ctx, 5*time.Second)
			err := call(brief, service)
			cancel()
			if err == nil {
				return
			}
			if !pause(ctx, 100*time.Millisecond) {
				t.Fatal(err)
			}
		}
	}
	try(func(ctx context.Context, s ecsdv1.AccessServiceClient) error {
		_, err := s.FreezeSpending(ctx, &ecsdv1.FreezeSpendingRequest{Reason: "drill"})
		return err
	})
	frozen = time.Now()
	pause(ctx, 3*time.Second)
	unfrozen = time.Now()
	try(func(ctx context.Context, s ecsdv1.AccessServiceClient) error {
		_, err := s.UnfreezeSpending(ctx, &ecsdv1.UnfreezeSpendingRequest{Reason: "the drill is over"})
		return err
	})
	return frozen, unfrozen
}

func checkCommits(t *testing.T, db *sql.DB) {
	t.Helper()
	var seen, passed int
	if err := db.QueryRowContext(t.Context(), "SELECT count(*), count(*) FILTER (WHERE passed) FROM commits").Scan(&seen, &passed); err != nil {
		t.Fatal(err)
	}
	if seen < 10 || passed > 0 {
		t.Errorf("of %d permitted orders, %d passed a limit at their commit", seen, passed)
	}
	t.Logf("%d permitted orders were compared with their limits at the commit", seen)
}

// checkLimits compares the bill of each caller with its limit, which must be used as far as whole orders can.
func checkLimits(t *testing.T, c *cloud, spenders []*spender, price control.Amount) {
	t.Helper()
	for _, s := range spenders {
		var paid control.Amount
		for _, id := range s.ids {
			for _, o := range c.Ledger(simulator.LedgerFilter{InstanceID: id}) {
				paid += o.Amount
			}
		}
		want := min(s.limit/price, control.Amount(len(s.ids))) * price
		if paid > s.limit || paid < want {
			t.Errorf("%s was charged %d of %d, want %d", s.name, paid, s.limit, want)
		}
	}
}

// checkFreeze wants no payment from a second after the freeze until its end.
func checkFreeze(t *testing.T, sends []send, frozen, unfrozen time.Time) {
	t.Helper()
	late, before := 0, 0
	for _, s := range sends {
		if s.at.After(frozen.Add(time.Second)) && s.at.Before(unfrozen) {
			late++
		}
		if s.at.Before(frozen) {
			before++
		}
	}
	if late > 0 {
		t.Errorf("%d payments started later than a second after the freeze", late)
	}
	t.Logf("%d payments before the freeze, %d after its end", before, len(sends)-before-late)
}

// checkAudit verifies the chain, and finds the records of each charge: one that permitted it, and one of its outcome.
func checkAudit(t *testing.T, service ecsdv1.AccessServiceClient, bill []control.Order, spenders []*spender) {
	t.Helper()
	records := sealedRecords(t, service)
	sent, paid := map[string][]*ecsdv1.AuditRecord{}, map[string][]*ecsdv1.AuditRecord{}
	for _, r := range records {
		switch r.GetDecision() {
		case ecsdv1.AuditDecision_AUDIT_DECISION_ORDER_SENT:
			sent[r.GetInstanceIds()[0]] = append(sent[r.GetInstanceIds()[0]], r)
		case ecsdv1.AuditDecision_AUDIT_DECISION_PAID:
			paid[r.GetInstanceIds()[0]] = append(paid[r.GetInstanceIds()[0]], r)
		}
	}
	charges := 0
	for _, s := range spenders {
		for _, id := range s.ids {
			orders := slices.DeleteFunc(slices.Clone(bill), func(o control.Order) bool { return o.InstanceID != id })
			charges += len(orders)
			if len(orders) != len(paid[id]) || len(orders) > 0 && len(sent[id]) == 0 {
				t.Errorf("%s has %d charges, and %d records of payments after %d permissions", id, len(orders), len(paid[id]), len(sent[id]))
				continue
			}
			for i, o := range orders {
				p := paid[id][i]
				if p.GetCaller() != s.name || p.GetRpc() != "CreateRenewalJob" || p.GetJobId() == "" || p.GetRequestId() == "" ||
					control.Amount(p.GetPrice().GetUnits()*100+int64(p.GetPrice().GetNanos()/10_000_000)) != o.Amount ||
					p.GetOrderId() != "" && p.GetOrderId() != o.OrderID {
					t.Errorf("charge %s of %s has the record %v", o.OrderID, id, p)
				}
			}
		}
	}
	drills := 0
	for _, r := range records {
		if r.GetRpc() == "FreezeSpending" && r.GetCaller() == admin && r.GetIdentityMethod() == "token" && r.GetNote() == "drill" {
			drills++
		}
	}
	if drills == 0 {
		t.Error("the freeze has no record")
	}
	t.Logf("%d charges are explained by %d records", charges, len(records))
}

// sealedRecords waits until every record is sealed, verifies the chain by the format in docs/access.md, and returns the
// records.
func sealedRecords(t *testing.T, service ecsdv1.AccessServiceClient) (all []*ecsdv1.AuditRecord) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	for unsealed := 1; unsealed > 0; {
		all, unsealed = nil, 0
		for token := ""; ; {
			page, err := service.ListAuditRecords(ctx, &ecsdv1.ListAuditRecordsRequest{PageSize: 1000, PageToken: token})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range page.GetRecords() {
				if r.GetBlock() == 0 {
					unsealed++
				}
			}
			all = append(all, page.GetRecords()...)
			if token = page.GetNextPageToken(); token == "" {
				break
			}
		}
		if unsealed > 0 && !pause(ctx, 500*time.Millisecond) {
			t.Fatalf("%d records are not sealed", unsealed)
		}
	}
	slices.Reverse(all)
	byBlock := map[int64][]*ecsdv1.AuditRecord{}
	for _, r := range all {
		byBlock[r.GetBlock()] = append(byBlock[r.GetBlock()], r)
	}
	var previous []byte
	for token, next := "", int64(1); ; {
		page, err := service.ListAuditBlocks(ctx, &ecsdv1.ListAuditBlocksRequest{PageSize: 1000, PageToken: token})
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range page.GetBlocks() {
			if b.GetNumber() != next || !bytes.Equal(b.GetPreviousHash(), previous) || !bytes.Equal(b.GetHash(), hashOf(b, byBlock[next])) {
				t.Fatalf("block %d of %d records is broken", b.GetNumber(), len(byBlock[next]))
			}
			previous, next = b.GetHash(), next+1
		}
		if token = page.GetNextPageToken(); token == "" {
			return all
		}
	}
}

// hashOf computes the hash of a block.
func hashOf(b *ecsdv1.AuditBlock, records []*ecsdv1.AuditRecord) []byte {
	text := []byte{1}
	add := func(to []byte, value []byte) []byte {
		return append(big.BigEndian.AppendUint32(to, uint32(len(value))), value...)
	}
	number := func(n int64) []byte { return strconv.AppendInt(nil, n, 10) }
	text = add(text, b.GetPreviousHash())
	for _, n := range []int64{b.GetNumber(), b.GetSealTime().AsTime().UnixMilli(), int64(len(records))} {
		text = add(text, number(n))
	}
	for _, r := range records {
		one := []byte{1}
		one = add(add(one, []byte(r.GetRecordId())), number(r.GetRecordTime().AsTime().UnixMilli()))
		for _, word := range []string{r.GetCaller(), r.GetIdentityMethod(), r.GetCredential(), r.GetRpc(), r.GetCallId(), r.GetRequestId(), r.GetJobId(), r.GetRegionId()} {
			one = add(one, []byte(word))
		}
		one = add(one, number(int64(len(r.GetInstanceIds()))))
		for _, id := range r.GetInstanceIds() {
			one = add(one, []byte(id))
		}
		one = add(one, []byte(r.GetPrice().GetCurrencyCode()))
		one = add(add(one, number(r.GetPrice().GetUnits())), number(int64(r.GetPrice().GetNanos())))
		one = add(one, []byte(r.GetOrderId()))
		one = add(one, []byte(strings.TrimPrefix(r.GetDecision().String(), "AUDIT_DECISION_")))
		one = add(add(one, []byte(r.GetReason())), number(int64(r.GetCode())))
		text = add(text, add(one, []byte(r.GetNote())))
	}
	sum := sha256.Sum256(text)
	return sum[:]
}

// A server on SQLite holds its limits too, over calls of RenewInstance.
func TestSpendingLimits_OneServer(t *testing.T) {
	t.Parallel()
	c := newCloud(t, nil)
	ids := c.seed(t, 5)
	price := priceOf(t, c)
	s := &spender{name: "team", limit: 3*price - 1, ids: ids}
	server := newServer(t, c, engines["sqlite"](t), "--access-file", accessFile(t, []*spender{s}))
	caller := client{ecsdv1.NewRenewalServiceClient(connect(t, server.Address, s.name)), t}
	var all sync.WaitGroup
	var refused atomic.Int64
	for _, id := range ids {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Second)
			defer cancel()
			_, err := caller.RenewInstance(ctx, &ecsdv1.RenewInstanceRequest{
				InstanceId: id, Period: oneMonth, RequestId: uuid.NewString(), PriceLimit: &ecsdv1.RenewInstanceRequest_AnyPrice{AnyPrice: true},
			})
			if err != nil {
				refused.Add(1)
				if !strings.Contains(err.Error(), "spending limit of caller team") {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if refused.Load() != 3 {
		t.Errorf("%d of 5 renewals were refused, want 3", refused.Load())
	}
	checkLimits(t, c, []*spender{s}, price)
	access := ecsdv1.NewAccessServiceClient(connect(t, server.Address, admin))
	spent, err := access.GetSpending(t.Context(), &ecsdv1.GetSpendingRequest{})
	if err != nil || len(spent.GetLimits()) != 1 {
		t.Fatalf("%v, %v", spent, err)
	}
	if l := spent.GetLimits()[0]; l.GetCaller() != "team" || l.GetLeft().GetUnits()*100+int64(l.GetLeft().GetNanos()/10_000_000) != int64(price-1) {
		t.Errorf("the limit is %v", l)
	}
	// The caller lacks the scope access.admin.
	if _, err := ecsdv1.NewAccessServiceClient(connect(t, server.Address, s.name)).FreezeSpending(t.Context(), &ecsdv1.FreezeSpendingRequest{Reason: "drill"}); err == nil {
		t.Error("a caller without the scope froze spending")
	}
	pause(t.Context(), time.Second) // refusals are written after the response
	refusals, denied := 0, 0
	for _, r := range sealedRecords(t, access) {
		if r.GetRpc() == "FreezeSpending" && r.GetDecision() == ecsdv1.AuditDecision_AUDIT_DECISION_REFUSED && r.GetReason() == "PERMISSION_DENIED" && r.GetCode() == 7 &&
			r.GetCaller() == "team" && r.GetIdentityMethod() == "token" && r.GetCredential() == "team" {
			denied++
		}
		if r.GetDecision() == ecsdv1.AuditDecision_AUDIT_DECISION_REFUSED && r.GetReason() == "SPEND_CAP_EXCEEDED" && r.GetCaller() == "team" {
			refusals++
		}
	}
	if denied != 1 {
		t.Errorf("%d refusals for want of the scope have a record, want 1", denied)
	}
	if refusals < 3 {
		t.Errorf("%d refusals have a record, want 3 or more", refusals)
	}
}
