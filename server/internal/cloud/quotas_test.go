package cloud_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/server/internal/cloud"
	"github.com/ecsd-io/ecsd/server/internal/cloud/budget"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/simulator"
)

// burst makes calls for a minute from many callers, in two regions, and returns
// how many passed and were throttled.
func burst(t *testing.T, sim *simulator.Simulator, edge *cloud.Edge) (passed, throttled int64) {
	t.Helper()
	until := time.Now().Add(time.Minute)
	var all sync.WaitGroup
	for i := range 40 {
		region := []string{hangzhou, shanghai}[i%2]
		all.Go(func() {
			for time.Now().Before(until) {
				ctx, cancel := context.WithDeadline(t.Context(), until)
				_, _ = edge.Zones(ctx, region)
				cancel()
				time.Sleep(50 * time.Millisecond)
			}
		})
	}
	all.Wait()
	count := sim.Stats().Actions["DescribeZones"]
	return count.Calls - count.Throttled, count.Throttled
}

// With the limits of Quota Center, a new account has no throttled call in its
// first minute under load, in any region, and uses its limit. Without them it
// meets the limit.
func TestRateLimits_FirstMinute(t *testing.T) {
	for _, limits := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			sim, edge := bubbled(t, perMinute(120, "DescribeZones"), cloud.Config{})
			if limits {
				if set, err := edge.ReadRateLimits(t.Context()); err != nil || set != 2 {
					t.Errorf("%d limits are set (%v), want one in each region", set, err)
				}
			}
			passed, throttled := burst(t, sim, edge)
			if (throttled == 0) != limits {
				t.Errorf("limits %t: %d calls are throttled in the first minute", limits, throttled)
			}
			// Reads take at most four fifths of a limit; the rest is for changes.
			if limits && passed != 2*96 {
				t.Errorf("%d calls passed in two regions, want 192", passed)
			}
		})
	}
}

// Without the permission there is an error, and no limit.
func TestRateLimits_Denied(t *testing.T) {
	_, edge := simulated(t, simulator.Config{
		Rates: []simulator.Rate{{Action: "*", Calls: 9, Window: time.Minute}}, MoreKeys: []simulator.AccessKey{{ID: "ram", Secret: "ram", Denied: true}},
	}, cloud.Config{Credentials: cloud.StaticKeys("ram", "ram", "")})
	set, err := edge.ReadRateLimits(soon(t))
	if reasonOf(t, err) != ecs.ReasonCloudPermissionDenied || set != 0 {
		t.Errorf("%d limits are set (%v), want CLOUD_PERMISSION_DENIED", set, err)
	}
}

// A configured rate bounds a published limit, and a published limit a rate.
func TestRateLimits_WithRate(t *testing.T) {
	for _, c := range []struct{ rate, published, want int }{{30, 120, 30}, {120, 30, 30}} {
		synctest.Test(t, func(t *testing.T) {
			_, edge := bubbled(t, perMinute(c.published, "DescribeZones"), cloud.Config{Rates: map[string]int{"DescribeZones": c.rate}})
			if _, err := edge.Zones(t.Context(), hangzhou); err != nil { // the budget of the region is in use
				t.Fatal(err)
			}
			if _, err := edge.ReadRateLimits(t.Context()); err != nil {
				t.Fatal(err)
			}
			_, _ = edge.Zones(t.Context(), shanghai)
			for _, use := range edge.RateUse() {
				if use.Action == "DescribeZones" && use.Limit != c.want {
					t.Errorf("rate %d, published %d: the limit in %s is %d, want %d", c.rate, c.published, use.Region, use.Limit, c.want)
				}
			}
		})
	}
}

// The limits are read page by page, and converted to calls per minute. What is
// not a limit of an action that ecsd calls is left out.
func TestRateLimits_Responses(t *testing.T) {
	quota := func(code, name string, total int, period int, unit, region string, shared bool) string {
		return fmt.Sprintf(`{"QuotaActionCode":%q,"QuotaName":%q,"TotalQuota":%d,"Period":{"PeriodValue":%d,"PeriodUnit":%q},"Dimensions":{"regionId":%q},"GlobalQuota":%t}`,
			code, name, total, period, unit, region, shared)
	}
	pages := map[string]string{
		"": `"NextToken":"a","Quotas":[` + quota("q_DescribeInstances", "", 200, 60, "second", hangzhou, false) + "," +
			quota("q_x1y2", "ECS RenewInstance API", 10, 1, "second", hangzhou, false) + "," +
			quota("DescribeDisks", "", 500, 1, "minute", shanghai, false) + "," +
			quota("DescribeInstancesFullStatus", "", 7, 1, "minute", hangzhou, false) + `]`,
		"a": `"NextToken":"","Quotas":[` + quota("DescribeZones", "", 100, 1, "minute", "", true) + "," +
			quota("RunInstances", "", 0, 1, "minute", hangzhou, false) + "," +
			quota("StopInstances", "", 9, 1, "fortnight", hangzhou, false) + "," +
			quota("StartInstances", "", 6000, 1, "hour", hangzhou, false) + `]`,
	}
	_, edge := document(t, func(_ int, asked url.Values) (int, string) {
		switch asked.Get("Action") {
		case "ListProductQuotas":
			if asked.Get("ProductCode") != "ecs" || asked.Get("QuotaCategory") != "FlowControl" || asked.Get("Dimensions.1.Key") != "regionId" {
				t.Errorf("the request is %v", asked)
			}
			if asked.Get("Dimensions.1.Value") == hangzhou {
				return accepted(pages[asked.Get("NextToken")])
			}
			return accepted(`"Quotas":[]`)
		}
		return accepted(`"Zones":{"Zone":[]}`)
	})
	if set, err := edge.ReadRateLimits(soon(t)); err != nil || set != 4 {
		t.Fatalf("%d limits are set (%v), want 4", set, err)
	}
	limits, err := edge.RateLimits(soon(t), hangzhou)
	if err != nil {
		t.Fatal(err)
	}
	want := map[budget.Key]budget.Limit{
		{Region: hangzhou, Action: "DescribeInstances"}: {PerMinute: 200, Burst: true},
		{Region: hangzhou, Action: "RenewInstance"}:     {PerMinute: 600}, // ten per second, not 600 at once
		{Region: hangzhou, Action: "DescribeZones"}:     {PerMinute: 50, Burst: true},
		{Region: hangzhou, Action: "StartInstances"}:    {PerMinute: 100, Burst: true},
	}
	if diff := cmp.Diff(want, limits); diff != "" {
		t.Errorf("limits (-want +got):\n%s", diff)
	}
}

// A list that never ends is read to its bound.
func TestRateLimits_EndlessList(t *testing.T) {
	calls := 0
	server := &stub{}
	server.answer = func(w http.ResponseWriter, _ *http.Request) {
		calls++
		_, _ = io.WriteString(w, fmt.Sprintf(`{"RequestId":"R1","NextToken":"%d","Quotas":[]}`, calls))
	}
	edge := edgeTo(t, server, cloud.Config{Regions: []string{hangzhou}})
	if set, err := edge.ReadRateLimits(soon(t)); err != nil || set != 0 || calls != 20 {
		t.Errorf("%d limits after %d calls (%v), want none after 20", set, calls, err)
	}
}
