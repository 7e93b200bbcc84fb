package cloud_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/ecsd-io/ecsd/server/internal/cloud"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// TestExpiry_FilteredExactly: the cloud filters by whole minutes and does not
// document the rounding, so more is requested and the surplus dropped.
func TestExpiry_FilteredExactly(t *testing.T) {
	server := &stub{answer: func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"RequestId":"R1","Instances":{"Instance":[
			{"InstanceId":"i-before","InstanceChargeType":"PrePaid","ExpiredTime":"2026-11-20T03:59Z"},
			{"InstanceId":"i-first","InstanceChargeType":"PrePaid","ExpiredTime":"2026-11-20T04:01Z"},
			{"InstanceId":"i-payg","InstanceChargeType":"PostPaid","ExpiredTime":"2026-11-20T04:01Z"},
			{"InstanceId":"i-last","InstanceChargeType":"PrePaid","ExpiredTime":"2026-11-20T05:00Z"},
			{"InstanceId":"i-after","InstanceChargeType":"PrePaid","ExpiredTime":"2026-11-20T05:01Z"}]}}`))
	}}
	edge := edgeTo(t, server, cloud.Config{})
	window := ecs.Window{After: begin.Add(30 * time.Second), Before: begin.Add(time.Hour + time.Second)}
	page, err := edge.InstancePage(soon(t), hangzhou, ecs.Query{Expiry: window}, "", 100)
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Instances) != 2 || page.Instances[0].ID != "i-first" || page.Instances[1].ID != "i-last" {
		t.Errorf("of the window came %v", page.Instances)
	}
	asked := server.asked()[0]
	for name, want := range map[string]string{
		"Filter.3.Key": "ExpiredStartTime", "Filter.3.Value": "2026-11-20T03:59Z", "Filter.4.Key": "ExpiredEndTime", "Filter.4.Value": "2026-11-20T05:01Z",
	} {
		if got := asked.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// TestPeriod_WrittenPerAction: twelve months are priced as a
// year and renewed as twelve months.
func TestPeriod_WrittenPerAction(t *testing.T) {
	server := &stub{answer: func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"RequestId":"R1","OrderId":"O1","PriceInfo":{"Price":{"TradePrice":1,"Currency":"CNY"}}}`))
	}}
	edge := edgeTo(t, server, cloud.Config{})
	// sent returns the period of the last call, in the unit named by the key.
	sent := func(unit string) string {
		all := server.asked()
		last := all[len(all)-1]
		if last.Has("ExpectedRenewDay") {
			return strings.TrimSpace("day " + last.Get("ExpectedRenewDay") + " " + last.Get("Period") + last.Get(unit))
		}
		return last.Get("Period") + " " + last.Get(unit)
	}
	for _, c := range []struct {
		period         ecs.Period
		price, renewal string // as period and unit, "" if not sent
	}{
		{ecs.Period{Count: 1, Unit: ecs.Month}, "1 Month", "1 Month"},
		{ecs.Period{Count: 12, Unit: ecs.Month}, "1 Year", "12 Month"},
		{ecs.Period{Count: 1, Unit: ecs.Year}, "1 Year", "12 Month"},
		{ecs.Period{Count: 36, Unit: ecs.Month}, "3 Year", "36 Month"},
		{ecs.Period{Count: 5, Unit: ecs.Year}, "", "60 Month"},
		{ecs.Period{Count: 2, Unit: ecs.Week}, "", "2 Week"},
		{ecs.Period{Count: 12, Unit: ecs.RenewDay}, "day 12", "day 12"},
		{ecs.Period{Count: 29, Unit: ecs.RenewDay}, "", ""},
		{ecs.Period{Count: 11, Unit: ecs.Month}, "", ""},
		{ecs.Period{Count: 10, Unit: ecs.Week}, "", ""},
		{ecs.Period{}, "", ""},
	} {
		before := len(server.asked())
		_, err := edge.RenewalPrice(soon(t), hangzhou, "i-1", c.period)
		if c.price == "" {
			if reasonOf(t, err) != ecs.ReasonPriceUnavailable || len(server.asked()) != before {
				t.Errorf("the price of %s: got %v, want PRICE_UNAVAILABLE without a call", c.period, err)
			}
		} else if got := sent("PriceUnit"); err != nil || got != c.price {
			t.Errorf("%s is priced as %q, %v, want %q", c.period, got, err, c.price)
		}
		before = len(server.asked())
		renewal := order("i-1")
		renewal.Period = c.period
		_, err = edge.Renew(soon(t), renewal)
		if c.renewal == "" {
			if reasonOf(t, err) != ecs.ReasonPeriodNotSold || len(server.asked()) != before {
				t.Errorf("a renewal by %s: got %v, want PERIOD_NOT_SOLD without a call", c.period, err)
			}
		} else if got := sent("PeriodUnit"); err != nil || got != c.renewal {
			t.Errorf("%s is renewed as %q, %v, want %q", c.period, got, err, c.renewal)
		}
	}
}

// TestSpan_OneOperation: with all its tries, below the caller's span.
func TestSpan_OneOperation(t *testing.T) {
	spans := tracetest.NewSpanRecorder()
	provider := trace.NewTracerProvider(trace.WithSpanProcessor(spans))
	edge := edgeTo(t, inTurn(internalError, fine), cloud.Config{Account: "main", TracerProvider: provider})
	ctx, parent := provider.Tracer("test").Start(soon(t), "rpc")
	if err := edge.Ping(ctx); err != nil {
		t.Fatal(err)
	}
	parent.End()
	ended := spans.Ended()
	if len(ended) != 2 || ended[0].Name() != "ecs.DescribeRegions" || ended[0].Parent().SpanID() != parent.SpanContext().SpanID() {
		t.Fatalf("the spans are %v", ended)
	}
	attributes := map[string]string{}
	for _, a := range ended[0].Attributes() {
		attributes[string(a.Key)] = a.Value.String()
	}
	for name, want := range map[string]string{
		"cloud.account": "main", "region": hangzhou, "action": "DescribeRegions", "lane": "read", "retries": "1", "ecs_request_id": "R1",
	} {
		if attributes[name] != want {
			t.Errorf("%s is %q, want %q", name, attributes[name], want)
		}
	}
}

// The largest time of a request, which many programs send for "no end", exceeds
// the years that the cloud accepts once it is rounded up.
func TestExpiry_LargestTime(t *testing.T) {
	server := &stub{answer: func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"RequestId":"R1","Instances":{"Instance":[]}}`))
	}}
	edge := edgeTo(t, server, cloud.Config{})
	end := time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	if _, err := edge.InstancePage(soon(t), hangzhou, ecs.Query{Expiry: ecs.Window{After: end, Before: end}}, "", 100); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"Filter.3.Value": "9999-12-31T23:58Z", "Filter.4.Value": "9999-12-31T23:59Z"} {
		if got := server.asked()[0].Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}
