package simulator_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	"github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"
	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/simulator"
)

// instant is a cloud whose changes are visible at once.
func instant(t testing.TB) *cloud {
	t.Helper()
	return newCloud(t, simulator.Config{ListLag: -1, StartLatency: -1, StopLatency: -1, RenewLag: -1})
}

// convert changes the charge type of an instance and returns the fee and the error code.
func (c *cloud) convert(id string, change func(*ecs.ModifyInstanceChargeTypeRequest)) (fee, code string) {
	c.t.Helper()
	request := ecs.CreateModifyInstanceChargeTypeRequest()
	request.InstanceIds = fmt.Sprintf("[%q]", id)
	change(request)
	response := ecs.CreateModifyInstanceChargeTypeResponse()
	if code = c.code(request, response); code != "" {
		return "", code
	}
	return response.FeeOfInstances.FeeOfInstance[0].Fee, ""
}

// toPayAsYouGo is the change to pay-as-you-go.
func toPayAsYouGo(r *ecs.ModifyInstanceChargeTypeRequest) { r.InstanceChargeType = "PostPaid" }

// toSubscription is the change to a subscription of some months.
func toSubscription(months int) func(*ecs.ModifyInstanceChargeTypeRequest) {
	return func(r *ecs.ModifyInstanceChargeTypeRequest) { r.Period = requests.NewInteger(months) }
}

// Each order has its type: the ledger distinguishes purchases, renewals, changes and refunds.
func TestLedger_OrderTypes(t *testing.T) {
	c := instant(t)
	id := c.run(func(r *ecs.RunInstancesRequest) { r.InstanceChargeType, r.Period = "PrePaid", "1" })[0]
	if _, code := c.renew(id, "1", ""); code != "" {
		t.Fatal(code)
	}
	pause := func() { c.advance(6 * time.Minute) } // a change is rejected for five minutes after another
	for _, kind := range []string{"ecs.g7.xlarge", "ecs.g7.large"} {
		c.change(id, simulator.Change{Status: ref("Stopped")})
		if _, code := c.resize(id, kind, nil); code != "" {
			t.Fatal(code)
		}
		pause()
	}
	if _, code := c.convert(id, toPayAsYouGo); code != "" {
		t.Fatal(code)
	}
	pause()
	if _, code := c.convert(id, toSubscription(1)); code != "" {
		t.Fatal(code)
	}
	var got []string
	for _, o := range c.Ledger(simulator.LedgerFilter{}) {
		got = append(got, string(o.Type))
	}
	if diff := cmp.Diff([]string{"New", "Renew", "Upgrade", "Degrade", "Refund", "Convert"}, got); diff != "" {
		t.Errorf("types of the orders (-want +got):\n%s", diff)
	}
}
