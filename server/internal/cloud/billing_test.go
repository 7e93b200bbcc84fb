package cloud_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/cloud"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// renewed renews an instance for a month and returns the order ID.
func renewed(t *testing.T, edge *cloud.Edge, id, token string) string {
	t.Helper()
	orderID, err := edge.Renew(soon(t), ecs.RenewOrder{RegionID: hangzhou, InstanceID: id, Period: ecs.Period{Count: 1, Unit: ecs.Month}, ClientToken: token})
	if err != nil {
		t.Fatal(err)
	}
	return orderID
}

func TestRenewalOrders(t *testing.T) {
	s, edge := simulated(t, simulator.Config{OrderLag: 5 * time.Second}, cloud.Config{})
	ids := seed(t, s, simulator.Seed{Count: 2, ChargeType: "PrePaid"})
	sent := s.Now()
	first := renewed(t, edge, ids[0], "token-1")
	before := orders(t, edge, sent, sent.Add(time.Minute))
	if len(before) != 0 {
		t.Errorf("%d orders are visible before the lag", len(before))
	}
	if _, err := s.Advance(2 * time.Hour); err != nil {
		t.Fatal(err)
	}
	second := renewed(t, edge, ids[1], "token-2")
	if _, err := s.Advance(time.Minute); err != nil {
		t.Fatal(err)
	}
	// The first order is older than the cloud's default window of an hour.
	early := orders(t, edge, sent, sent.Add(time.Minute))
	if len(early) != 1 || early[0].ID != first {
		t.Fatalf("the window of the first order has %v, want %s", early, first)
	}
	if o := early[0]; !o.Paid || o.Type != ecs.OrderRenew || !o.CreateTime.Equal(sent.Truncate(time.Second)) || o.Amount.Units == 0 || o.Amount.CurrencyCode != "CNY" {
		t.Errorf("the order is %+v", o)
	}
	all := orders(t, edge, sent, s.Now())
	if len(all) != 2 || !slices.ContainsFunc(all, func(o ecs.BilledOrder) bool { return o.ID == second }) {
		t.Errorf("the window of both orders has %v", all)
	}
	parts, err := edge.OrderDetails(soon(t), first)
	if err != nil || len(parts) != 1 {
		t.Fatalf("details: %v, %v", parts, err)
	}
	o := parts[0]
	instance, err := s.Instance(ids[0])
	if err != nil {
		t.Fatal(err)
	}
	if !o.Of(ids[0]) || o.Of(ids[1]) || !o.Until.Equal(*instance.ExpireTime) || !o.From.Before(o.Until) {
		t.Errorf("the details are %+v, want instance %s until %s", o, ids[0], instance.ExpireTime)
	}
	if changes, err := edge.ChangeOrders(soon(t), sent, s.Now()); err != nil || len(changes) != 0 {
		t.Errorf("the renewals as changes: %v, %v, want none", changes, err)
	}
	if none, err := edge.OrderDetails(soon(t), "1"); err != nil || len(none) != 0 {
		t.Errorf("an unknown order has %v, %v", none, err)
	}
}

func orders(t *testing.T, edge *cloud.Edge, since, until time.Time) []ecs.BilledOrder {
	t.Helper()
	all, err := edge.RenewalOrders(soon(t), since, until)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestRenewalOrders_SeveralPages(t *testing.T) {
	s, edge := simulated(t, simulator.Config{OrderLag: -1}, cloud.Config{})
	ids := seed(t, s, simulator.Seed{Count: 120, ChargeType: "PrePaid"})
	for i, id := range ids {
		renewed(t, edge, id, "token-"+string(rune('a'+i%26))+string(rune('a'+i/26)))
	}
	all := orders(t, edge, s.Now().Add(-time.Minute), s.Now())
	seen := map[string]bool{}
	for _, o := range all {
		seen[o.ID] = true
	}
	if len(seen) != 120 || calls(s, "QueryOrders") != 2 {
		t.Errorf("%d orders in %d calls, want 120 in 2", len(seen), calls(s, "QueryOrders"))
	}
}

func TestBilling_BalanceAndEnds(t *testing.T) {
	s, edge := simulated(t, simulator.Config{Balance: 1_234_567_89}, cloud.Config{})
	ids := seed(t, s, simulator.Seed{Count: 1, ChargeType: "PrePaid"})
	balance, err := edge.Balance(soon(t))
	if want := (ecs.Money{CurrencyCode: "CNY", Units: 1_234_567, Nanos: 890_000_000}); err != nil || balance != want {
		t.Errorf("the balance is %s, %v, want %s", balance, err, want)
	}
	ends, err := edge.SubscriptionEnds(soon(t), []string{ids[0], "i-unknown"})
	if err != nil || len(ends) != 1 {
		t.Fatalf("ends: %v, %v", ends, err)
	}
	instance, err := s.Instance(ids[0])
	if err != nil {
		t.Fatal(err)
	}
	end := ends[ids[0]]
	if !end.StopTime.Equal(instance.ExpireTime.Add(simulator.DefaultStopAfter)) || !end.ReleaseTime.Equal(instance.ExpireTime.Add(simulator.DefaultReleaseAfter)) {
		t.Errorf("it ends %+v, want after the expiry %s", end, instance.ExpireTime)
	}
}

// Errors of billing come with HTTP 200.
func TestBilling_Denied(t *testing.T) {
	s, edge := simulated(t, simulator.Config{}, cloud.Config{})
	fault(t, s, simulator.Fault{Kind: control.Denied, Action: "QueryOrders"})
	_, err := edge.RenewalOrders(soon(t), begin, begin.Add(time.Minute))
	if got := reasonOf(t, err); got != ecs.ReasonCloudPermissionDenied {
		t.Errorf("denied: %s (%v), want %s", got, err, ecs.ReasonCloudPermissionDenied)
	}
	if n := calls(s, "QueryOrders"); n != 1 {
		t.Errorf("%d calls, want 1: a denial is final", n)
	}
}

func TestBilling_ErrorsInHTTP200(t *testing.T) {
	for body, want := range map[string]ecs.Reason{
		`{"RequestId":"R1","Success":false,"Code":"Throttling.User","Message":"slow down"}`:     ecs.ReasonThrottled,
		`{"RequestId":"R1","Success":false,"Code":"NotAuthorized","Message":"not authorized"}`:  ecs.ReasonCloudPermissionDenied,
		`{"RequestId":"R1","Success":"false","Code":"InternalError","Message":"failed"}`:        ecs.ReasonCloudInternalError,
		`{"RequestId":"R1","Success":false,"Code":"NotApplicable","Message":"other site"}`:      ecs.ReasonCloudRejected,
		`{"RequestId":"R1","Success":false,"Code":null,"Message":"failed"}`:                     ecs.ReasonCloudInternalError,
		`{"RequestId":"R1","Success":true,"Code":"Success","Data":{"AvailableAmount":"a lot"}}`: ecs.ReasonCloudUnreachable,
	} {
		s := &stub{answer: func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }}
		edge := edgeTo(t, s, cloud.Config{})
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		_, err := edge.Balance(ctx)
		cancel()
		if got := reasonOf(t, err); got != want {
			t.Errorf("%s: %s (%v), want %s", body, got, err, want)
		}
	}
}

// The endpoint of one site refuses accounts of the other, whatever --site says.
func TestBilling_EndpointOfTheOtherSite(t *testing.T) {
	for _, site := range []ecs.Site{ecs.SiteChina, ecs.SiteInternational} {
		var hosts []string
		own := map[ecs.Site]string{ecs.SiteChina: "business.ap-southeast-1.aliyuncs.com", ecs.SiteInternational: "business.aliyuncs.com"}[site]
		server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			hosts = append(hosts, r.Host)
			if r.Host != own {
				_, _ = io.WriteString(w, `{"RequestId":"R1","Success":false,"Code":"NotApplicable","Message":"This API is not applicable for caller."}`)
				return
			}
			_, _ = io.WriteString(w, `{"RequestId":"R1","Success":true,"Code":"Success","Data":{"AvailableAmount":"5.00","Currency":"USD"}}`)
		}))
		transport := server.Client().Transport.(*http.Transport)
		transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, strings.TrimPrefix(server.URL, "https://"))
		}
		transport.TLSClientConfig.ServerName = "example.com" // of the test's certificate
		edge, err := cloud.NewOver(defaults(cloud.Config{Site: site}), transport)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if balance, err := edge.Balance(soon(t)); err != nil || balance.Units != 5 {
				t.Errorf("--site %s: balance %s, %v", site, balance, err)
			}
		}
		if len(hosts) != 3 || hosts[0] == own || hosts[1] != own || hosts[2] != own {
			t.Errorf("--site %s: the calls went to %v, want one to the wrong endpoint and then two to %s", site, hosts, own)
		}
		_ = edge.Close()
		server.Close()
	}
}

// A site is only a hint for the first endpoint; an account that neither serves is an error.
func TestBilling_NoSiteServes(t *testing.T) {
	s := &stub{answer: refuses(400, "NotApplicable", "This API is not applicable for caller.")}
	edge := edgeTo(t, s, cloud.Config{})
	if _, err := edge.Balance(soon(t)); reasonOf(t, err) != ecs.ReasonCloudRejected {
		t.Errorf("got %v, want CLOUD_REJECTED", err)
	}
}
