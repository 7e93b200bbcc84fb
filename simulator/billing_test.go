package simulator_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	"github.com/aliyun/alibaba-cloud-sdk-go/services/bssopenapi"

	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// orders calls QueryOrders.
func (c *cloud) orders(change func(*bssopenapi.QueryOrdersRequest)) *bssopenapi.QueryOrdersResponse {
	c.t.Helper()
	request := bssopenapi.CreateQueryOrdersRequest()
	if change != nil {
		change(request)
	}
	response := bssopenapi.CreateQueryOrdersResponse()
	c.do(request, response)
	return response
}

// detail calls GetOrderDetail.
func (c *cloud) detail(orderID string) *bssopenapi.GetOrderDetailResponse {
	c.t.Helper()
	request := bssopenapi.CreateGetOrderDetailRequest()
	request.OrderId = orderID
	response := bssopenapi.CreateGetOrderDetailResponse()
	c.do(request, response)
	return response
}

// since sets the window of orders explicitly.
func since(from, to time.Time) func(*bssopenapi.QueryOrdersRequest) {
	return func(r *bssopenapi.QueryOrdersRequest) {
		r.CreateTimeStart, r.CreateTimeEnd = from.UTC().Format("2006-01-02T15:04:05Z"), to.UTC().Format("2006-01-02T15:04:05Z")
	}
}

func TestBilling_Orders(t *testing.T) {
	c := newCloud(t, simulator.Config{OrderLag: 10 * time.Second, RenewLag: -1})
	id := c.seed(simulator.Seed{Count: 1, ChargeType: "PrePaid"})[0]
	began := c.Now()
	orderID, code := c.renew(id, "2", "token")
	if code != "" {
		t.Fatal(code)
	}
	if n := c.orders(nil).Data.TotalCount; n != 0 {
		t.Errorf("%d orders before the lag", n)
	}
	c.advance(11 * time.Second)
	list := c.orders(nil).Data.OrderList.Order
	if len(list) != 1 || list[0].OrderId != orderID || list[0].OrderType != "Renew" || list[0].PaymentStatus != "Paid" || list[0].InstanceIDs != "" {
		t.Fatalf("the list is %+v, want order %s without its instances", list, orderID)
	}
	charged := c.Ledger(simulator.LedgerFilter{})[0]
	if list[0].PretaxAmount != charged.Amount.String() {
		t.Errorf("the amount is %s, want %s", list[0].PretaxAmount, charged.Amount)
	}
	parts := c.detail(orderID).Data.OrderList.Order
	if len(parts) != 1 {
		t.Fatalf("the details have %d parts", len(parts))
	}
	var ids []string
	if err := json.Unmarshal([]byte(parts[0].InstanceIDs), &ids); err != nil || len(ids) != 1 || ids[0] != id {
		t.Errorf("the instances are %q, want JSON text with %s", parts[0].InstanceIDs, id)
	}
	instance, err := c.Instance(id)
	if err != nil {
		t.Fatal(err)
	}
	if parts[0].UsageEndTime != instance.ExpireTime.Format("2006-01-02T15:04:05Z") {
		t.Errorf("the period ends %s, want %s", parts[0].UsageEndTime, instance.ExpireTime)
	}
	// Without times, only the last hour is listed.
	c.advance(2 * time.Hour)
	if n := c.orders(nil).Data.TotalCount; n != 0 {
		t.Errorf("%d orders in the default window two hours later", n)
	}
	if n := c.orders(since(began, c.Now())).Data.TotalCount; n != 1 {
		t.Errorf("%d orders in the explicit window, want 1", n)
	}
	if n := c.orders(func(r *bssopenapi.QueryOrdersRequest) { since(began, c.Now())(r); r.OrderType = "New" }).Data.TotalCount; n != 0 {
		t.Errorf("%d new purchases, want none", n)
	}
}

// The orders of billing add up to the change of the balance, in pages as in one list.
func TestBilling_OrdersAddUp(t *testing.T) {
	c := newCloud(t, simulator.Config{OrderLag: -1})
	for _, id := range c.seed(simulator.Seed{Count: 25, ChargeType: "PrePaid"}) {
		if _, code := c.renew(id, "1", ""); code != "" {
			t.Fatal(code)
		}
	}
	seen := map[string]bool{}
	for page := 1; page <= 3; page++ {
		response := c.orders(func(r *bssopenapi.QueryOrdersRequest) {
			r.PageNum, r.PageSize = requests.NewInteger(page), requests.NewInteger(10)
		})
		if response.Data.TotalCount != 25 {
			t.Errorf("page %d: %d orders in all, want 25", page, response.Data.TotalCount)
		}
		for _, o := range response.Data.OrderList.Order {
			seen[o.OrderId] = true
		}
	}
	if len(seen) != 25 {
		t.Errorf("%d orders in three pages, want 25", len(seen))
	}
}

// Faults of billing: denied with HTTP status 200, empty without an error, late.
func TestBilling_Faults(t *testing.T) {
	c := newCloud(t, simulator.Config{OrderLag: -1})
	id := c.seed(simulator.Seed{Count: 1, ChargeType: "PrePaid"})[0]
	if _, code := c.renew(id, "1", ""); code != "" {
		t.Fatal(code)
	}
	for _, f := range []simulator.Fault{
		{Kind: "empty", Action: "QueryOrders"}, {Kind: "late", Action: "QueryOrders", Delay: control.Duration(5 * time.Minute)},
	} {
		if _, err := c.AddFault(f); err != nil {
			t.Fatal(err)
		}
		if r := c.orders(nil); r.Data.TotalCount != 0 || !r.Success {
			t.Errorf("%s: %d orders, success %t", f.Kind, r.Data.TotalCount, r.Success)
		}
		c.ClearFaults()
	}
	if _, err := c.AddFault(simulator.Fault{Kind: "denied", Action: "QueryOrders"}); err != nil {
		t.Fatal(err)
	}
	if r := c.orders(nil); r.Success || r.Code != "NotAuthorized" {
		t.Errorf("denied: success %t, code %s", r.Success, r.Code)
	}
	c.ClearFaults()
	if n := c.orders(nil).Data.TotalCount; n != 1 {
		t.Errorf("%d orders without faults, want 1", n)
	}
}

func TestBilling_SetRenewal(t *testing.T) {
	c := newCloud(t, simulator.Config{})
	id := c.seed(simulator.Seed{Count: 1, ChargeType: "PrePaid"})[0]
	request := bssopenapi.CreateSetRenewalRequest()
	request.InstanceIDs, request.RenewalStatus, request.RenewalPeriod, request.RenewalPeriodUnit = id, "AutoRenewal", requests.NewInteger(3), "M"
	response := bssopenapi.CreateSetRenewalResponse()
	c.do(request, response)
	available := bssopenapi.CreateQueryAvailableInstancesRequest()
	available.InstanceIDs = id
	listed := bssopenapi.CreateQueryAvailableInstancesResponse()
	c.do(available, listed)
	if list := listed.Data.InstanceList; !response.Success || len(list) != 1 || list[0].RenewStatus != "AutoRenewal" || list[0].RenewalDuration != 3 {
		t.Errorf("success %t, listed %+v", response.Success, list)
	}
}
