package simulator_test

import (
	"slices"
	"testing"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	"github.com/aliyun/alibaba-cloud-sdk-go/services/quotas"

	"github.com/ecsd-io/ecsd/simulator"
)

// rates are the limits of the simulated account in these tests.
var rates = []simulator.Rate{
	{Action: "DescribeInstances", Calls: 100, Window: time.Minute},
	{Action: "RenewInstance", Calls: 5, Window: 10 * time.Second},
}

// quotas calls ListProductQuotas.
func (c *cloud) quotas(change func(*quotas.ListProductQuotasRequest)) *quotas.ListProductQuotasResponse {
	c.t.Helper()
	request := quotas.CreateListProductQuotasRequest()
	request.ProductCode, request.QuotaCategory = "ecs", "FlowControl"
	change(request)
	response := quotas.CreateListProductQuotasResponse()
	c.do(request, response)
	return response
}

// Quota Center lists the rates at which the simulator throttles, per region, to the vendor's SDK.
func TestQuotas_Throttle(t *testing.T) {
	c := newCloud(t, simulator.Config{Rates: rates})
	found := c.quotas(func(r *quotas.ListProductQuotasRequest) {
		r.Dimensions = &[]quotas.ListProductQuotasDimensions{{Key: "regionId", Value: "cn-shanghai"}}
	})
	if found.TotalCount != 2 || len(found.Quotas) != 2 || found.NextToken != "" {
		t.Fatalf("got %+v, want the two rates of a region", found)
	}
	for i, want := range []struct {
		action string
		calls  float64
		value  int
		unit   string
	}{{"DescribeInstances", 100, 1, "minute"}, {"RenewInstance", 5, 10, "second"}} {
		q := found.Quotas[i]
		if q.QuotaActionCode != want.action || q.TotalQuota != want.calls || q.Period.PeriodValue != want.value || q.Period.PeriodUnit != want.unit ||
			q.Dimensions["regionId"] != "cn-shanghai" || q.QuotaCategory != "FlowControl" || q.ProductCode != "ecs" {
			t.Errorf("got %+v, want %+v", q, want)
		}
	}
	if all := c.quotas(func(*quotas.ListProductQuotasRequest) {}); all.TotalCount != 6 {
		t.Errorf("%d rates in three regions, want 6", all.TotalCount)
	}
	if other := c.quotas(func(r *quotas.ListProductQuotasRequest) { r.QuotaCategory = "" }); other.TotalCount != 0 {
		t.Errorf("%d quotas of another category, want none", other.TotalCount)
	}
	for _, change := range []func(*quotas.ListProductQuotasRequest){
		func(r *quotas.ListProductQuotasRequest) { r.KeyWord = "renewinst" },
		func(r *quotas.ListProductQuotasRequest) { r.QuotaActionCode = "RenewInstance" },
	} {
		if one := c.quotas(change); one.TotalCount != 3 || one.Quotas[0].QuotaActionCode != "RenewInstance" {
			t.Errorf("got %+v, want the rate of RenewInstance in three regions", one)
		}
	}
	if other := c.quotas(func(r *quotas.ListProductQuotasRequest) { r.ProductCode = "vpc" }); other.TotalCount != 0 {
		t.Errorf("%d quotas of another product, want none", other.TotalCount)
	}
}

// The pages of a list have every rate once.
func TestQuotas_Pages(t *testing.T) {
	c := newCloud(t, simulator.Config{Rates: []simulator.Rate{{Action: "*", Calls: 9, Window: time.Minute}}})
	var names []string
	token := ""
	for {
		page := c.quotas(func(r *quotas.ListProductQuotasRequest) {
			r.NextToken, r.MaxResults = token, requests.NewInteger(20)
			r.Dimensions = &[]quotas.ListProductQuotasDimensions{{Key: "regionId", Value: "cn-hangzhou"}}
		})
		for _, q := range page.Quotas {
			names = append(names, q.QuotaActionCode)
		}
		if token = page.NextToken; token == "" {
			if page.TotalCount != len(names) {
				t.Errorf("%d rates on the pages, TotalCount %d", len(names), page.TotalCount)
			}
			break
		}
	}
	if !slices.Contains(names, "DescribeInstances") || !slices.Contains(names, "RunInstances") {
		t.Errorf("the pages lack actions: %v", names)
	}
	slices.Sort(names)
	if len(slices.Compact(slices.Clone(names))) != len(names) || len(names) < 30 {
		t.Errorf("%d rates, some of them twice: %v", len(names), names)
	}
}

// Quota Center refuses callers without permission and bad parameters.
func TestQuotas_Refused(t *testing.T) {
	c := newCloud(t, simulator.Config{})
	for _, r := range []struct {
		params values
		status int
		code   string
	}{
		{values{"ProductCode": "ecs"}, 200, ""},
		{nil, 400, "MissingParameter"},
		{values{"ProductCode": "ecs", "QuotaCategory": "Flow"}, 400, "PARAMETER.ILLEGALL"},
		{values{"ProductCode": "ecs", "NextToken": "x"}, 400, "PARAMETER.ILLEGALL"},
		{values{"ProductCode": "ecs", "MaxResults": "101"}, 400, "InvalidParameter"},
	} {
		params := values{"Version": "2020-05-10"}
		for name, value := range r.params {
			params[name] = value
		}
		if a := c.call("ListProductQuotas", params); a.status != r.status || a.code() != r.code {
			t.Errorf("%v: %d %s, want %d %s", r.params, a.status, a.body, r.status, r.code)
		}
	}
}
