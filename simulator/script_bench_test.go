package simulator_test

import (
	"testing"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	"github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"

	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// BenchmarkScriptAt50ms is the script that ecsd's jobs are compared with: with the vendor's SDK and a cloud that takes
// 50 ms per call, it reads pages of a hundred, and then checks and renews the instances one by one. It does not wait
// for the new expiry.
func BenchmarkScriptAt50ms(b *testing.B) {
	const size = 200
	c := newCloud(b, simulator.Config{Regions: []string{"cn-hangzhou"}, Start: time.Now(), Speed: 1, Balance: 1 << 50})
	c.seed(simulator.Seed{Count: size})
	if _, err := c.AddFault(simulator.Fault{Kind: control.Slow, When: control.Before, Delay: control.Duration(50 * time.Millisecond)}); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		for token, first := "", true; first || token != ""; first = false {
			list := ecs.CreateDescribeInstancesRequest()
			list.MaxResults, list.NextToken = requests.NewInteger(100), token
			page := ecs.CreateDescribeInstancesResponse()
			c.do(list, page)
			for _, i := range page.Instances.Instance {
				look := ecs.CreateDescribeInstancesRequest()
				look.InstanceIds = `["` + i.InstanceId + `"]`
				c.do(look, ecs.CreateDescribeInstancesResponse())
				renew := ecs.CreateRenewInstanceRequest()
				renew.InstanceId, renew.Period, renew.PeriodUnit = i.InstanceId, requests.NewInteger(1), "Month"
				c.do(renew, ecs.CreateRenewInstanceResponse())
			}
			token = page.NextToken
		}
	}
	b.ReportMetric(float64(size*b.N)/b.Elapsed().Seconds(), "renewals/s")
}
