package cloud

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	"github.com/aliyun/alibaba-cloud-sdk-go/services/bssopenapi"

	"github.com/ecsd-io/ecsd/server/internal/cloud/answer"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// The endpoints of the billing API, one per site of the cloud. Each serves the
// accounts of its own site only.
const (
	billingChina         = "business.aliyuncs.com"
	billingInternational = "business.ap-southeast-1.aliyuncs.com"
)

const (
	// ordersPerPage is the size of a page of orders, and maxOrderPages the pages
	// that one read of a window takes.
	ordersPerPage = 100
	maxOrderPages = 20
	// notApplicable is the code with which an endpoint refuses an account of the
	// other site.
	notApplicable = "NotApplicable"
	// billingTime is the form of times in requests.
	billingTime = "2006-01-02T15:04:05Z"
	productECS  = "ecs"
)

// site is the endpoint of the billing API that serves the account.
type site struct{ other atomic.Bool }

// host returns the endpoint: that of the configuration if it is not one of the
// cloud's own, else that of the account's site, unless it was not applicable.
func (c Config) billingHost(other bool) string {
	if host := c.foreign(); host != "" {
		return host
	}
	if (c.Site == ecs.SiteInternational) != other {
		return billingInternational
	}
	return billingChina
}

// RenewalOrders returns the orders of renewals that were created from since
// until until, without their instances, by one call per hundred. It is complete
// only as far as the cloud shows orders: it may show one minutes late. The window
// is always named, because the cloud would take the last hour.
func (e *Edge) RenewalOrders(ctx context.Context, since, until time.Time) ([]ecs.BilledOrder, error) {
	return e.orders(ctx, ecs.OrderRenew, since, until)
}

// ChangeOrders is RenewalOrders for all orders that are no renewals. The cloud does
// not publish the types of all of them, so that it reads the renewals too.
func (e *Edge) ChangeOrders(ctx context.Context, since, until time.Time) ([]ecs.BilledOrder, error) {
	all, err := e.orders(ctx, "", since, until)
	return slices.DeleteFunc(all, ecs.BilledOrder.Renews), err
}

// orders lists the orders of a type, of all types if it is "".
func (e *Edge) orders(ctx context.Context, orderType string, since, until time.Time) ([]ecs.BilledOrder, error) {
	var orders []ecs.BilledOrder
	for number := 1; number <= maxOrderPages; number++ {
		var page answer.OrderPage
		err := e.bill(ctx, "QueryOrders", func() requests.AcsRequest {
			r := bssopenapi.CreateQueryOrdersRequest()
			r.CreateTimeStart, r.CreateTimeEnd = since.UTC().Format(billingTime), until.UTC().Add(time.Second-1).Format(billingTime)
			r.OrderType, r.ProductCode = orderType, productECS
			r.PageNum, r.PageSize = requests.NewInteger(number), requests.NewInteger(ordersPerPage)
			return r
		}, func(body []byte) (requestID string, err error) {
			page, requestID, err = answer.ReadOrders(body)
			return requestID, err
		})
		if err != nil {
			return nil, err
		}
		orders = append(orders, page.Orders...)
		if len(page.Orders) == 0 || int64(len(orders)) >= page.Total {
			break
		}
	}
	return orders, nil
}

// OrderDetails returns the parts of an order, with their instances; none if the
// cloud does not show them yet.
func (e *Edge) OrderDetails(ctx context.Context, orderID string) ([]ecs.BilledOrder, error) {
	var page answer.OrderPage
	err := e.bill(ctx, "GetOrderDetail", func() requests.AcsRequest {
		r := bssopenapi.CreateGetOrderDetailRequest()
		r.OrderId = orderID
		return r
	}, func(body []byte) (requestID string, err error) {
		page, requestID, err = answer.ReadOrders(body)
		return requestID, err
	})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(page.Orders, func(o ecs.BilledOrder) bool { return o.ID != orderID }), nil
}

// Balance returns what the account can pay now, credit included.
func (e *Edge) Balance(ctx context.Context) (balance ecs.Money, err error) {
	err = e.bill(ctx, "QueryAccountBalance", func() requests.AcsRequest {
		return bssopenapi.CreateQueryAccountBalanceRequest()
	}, func(body []byte) (requestID string, err error) {
		balance, requestID, err = answer.ReadBalance(body)
		return requestID, err
	})
	return balance, err
}

// SubscriptionEnds returns when the cloud stops and releases subscriptions that
// are not renewed, by instance ID, by one call per hundred. It lacks those that
// the billing API does not show.
func (e *Edge) SubscriptionEnds(ctx context.Context, ids []string) (map[string]ecs.SubscriptionEnd, error) {
	ends := make(map[string]ecs.SubscriptionEnd, len(ids))
	for some := range slices.Chunk(ids, maxIDs) {
		err := e.bill(ctx, "QueryAvailableInstances", func() requests.AcsRequest {
			r := bssopenapi.CreateQueryAvailableInstancesRequest()
			r.ProductCode, r.InstanceIDs = productECS, strings.Join(some, ",")
			r.PageNum, r.PageSize = requests.NewInteger(1), requests.NewInteger(len(some))
			return r
		}, func(body []byte) (requestID string, err error) {
			return answer.ReadSubscriptionEnds(body, ends)
		})
		if err != nil {
			return nil, err
		}
	}
	return ends, nil
}

// bill makes one call to the billing API. If its endpoint does not serve the
// account, the call goes to that of the other site, and so do all later ones.
func (e *Edge) bill(ctx context.Context, action string, write func() requests.AcsRequest, read func([]byte) (string, error)) error {
	call := func(other bool) error {
		return e.do(ctx, operation{
			action: action, region: e.config.Regions[0], host: e.config.billingHost(other),
			write: write, read: read, refusal: answer.ReadBillingRefused,
		})
	}
	other := e.site.other.Load()
	err := call(other)
	failure := ecs.AsError(err)
	if failure == nil || failure.Cloud.Code != notApplicable || e.config.billingHost(!other) == e.config.billingHost(other) {
		return err
	}
	second := call(!other)
	if again := ecs.AsError(second); again != nil && again.Cloud.Code == notApplicable {
		return err // neither serves it
	}
	if e.site.other.CompareAndSwap(other, !other) {
		e.log.InfoContext(ctx, "billing endpoint of the other site used", "host", e.config.billingHost(!other),
			"resolve", fmt.Sprintf("set --site to the site of the account, if it is not %s", e.config.Site))
	}
	return second
}
