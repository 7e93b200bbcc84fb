package action

import (
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

func describeInstanceStatus(w *World, c *Call) *wire.Error {
	number, refusal := c.number("PageNumber", 1, 1, 1<<24)
	if refusal != nil {
		return refusal
	}
	size, refusal := c.number("PageSize", 10, 1, 50)
	if refusal != nil {
		return refusal
	}
	filter := &fleet.Filter{ZoneID: c.Params.Get("ZoneId"), IDs: c.Params.List("InstanceId")}
	if len(filter.IDs) > maxListed {
		return wire.Invalid("InstanceId")
	}
	if c.Params.Get("ClusterId") != "" {
		filter.IDs = []string{} // no simulated instance belongs to a cluster
	}
	var page fleet.Page
	if !c.Denied {
		page = w.Fleet.PageByNumber(c.Region.ID, filter, number, size, 0)
	}
	out := c.open("DescribeInstanceStatus")
	out.Int("TotalCount", int64(page.Total))
	out.Int("PageNumber", int64(number))
	out.Int("PageSize", int64(size))
	out.List("InstanceStatuses", "InstanceStatus")
	for _, i := range page.Instances {
		out.Item()
		out.Str("InstanceId", i.ID)
		out.Str("Status", string(i.Status))
		out.End()
	}
	out.End()
	out.Close()
	return nil
}
