package operator

import (
	"context"
	"fmt"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/operator/output"
)

// Catalog is `ecsd catalog`. Mount it like [Renewals].
type Catalog struct {
	Connection `embed:"" group:"common"`

	Regions regionsCommand `cmd:"" help:"List the regions of the cloud, and which of them the server serves."`
	Zones   zonesCommand   `cmd:"" help:"List the zones of a region."`
	Types   typesCommand   `cmd:"" help:"List the instance types of a region."`
	Stock   stockCommand   `cmd:"" help:"Show in which zones an instance type is available."`
}

// regionsCommand is `ecsd catalog regions`.
type regionsCommand struct {
	Served bool `help:"Only regions that the server serves."`
}

var regionColumns = []output.Column[*ecsdv1.Region]{
	{Title: "REGION", Name: "region_id", Value: func(r *ecsdv1.Region) any { return r.GetRegionId() }},
	{Title: "NAME", Name: "local_name", Value: func(r *ecsdv1.Region) any { return r.GetLocalName() }, Cut: true},
	{Title: "STATUS", Name: "status", Value: func(r *ecsdv1.Region) any { return r.GetStatus() }, Drop: 1},
	{Title: "SERVED", Name: "served", Value: func(r *ecsdv1.Region) any { return r.GetServed() }},
	{Title: "DEFAULT", Name: "is_default", Value: func(r *ecsdv1.Region) any { return r.GetIsDefault() }},
}

// Examples of the command.
func (*regionsCommand) Examples() string {
	return `ecsd catalog regions --served`
}

// Run lists the regions.
func (c *regionsCommand) Run(ctx context.Context, streams Streams, o *Catalog) error {
	s, err := o.dial(streams)
	if err != nil {
		return err
	}
	defer s.close()
	regions := func(yield func(*ecsdv1.Region, error) bool) {
		for r, err := range s.client.ListRegions(ctx, &ecsdv1.ListRegionsRequest{}) {
			if err == nil && c.Served && !r.GetServed() {
				continue
			}
			if !yield(r, err) {
				return
			}
		}
	}
	return list(ctx, s, regionColumns, regions)
}

// zonesCommand is `ecsd catalog zones`.
type zonesCommand struct {
	Region string `placeholder:"ID" help:"Region. Default: the server's default region."`
}

var zoneColumns = []output.Column[*ecsdv1.Zone]{
	{Title: "ZONE", Name: "zone_id", Value: func(z *ecsdv1.Zone) any { return z.GetZoneId() }},
	{Title: "NAME", Name: "local_name", Value: func(z *ecsdv1.Zone) any { return z.GetLocalName() }, Cut: true},
	{Title: "TYPES", Value: func(z *ecsdv1.Zone) any { return len(z.GetInstanceTypes()) }},
	{Title: "DISKS", Name: "disk_categories", Value: func(z *ecsdv1.Zone) any { return z.GetDiskCategories() }, Cut: true},
	{Name: "instance_types", Value: func(z *ecsdv1.Zone) any { return z.GetInstanceTypes() }},
}

// Examples of the command.
func (*zonesCommand) Examples() string {
	return `ecsd catalog zones --region cn-hangzhou`
}

// Run lists the zones.
func (c *zonesCommand) Run(ctx context.Context, streams Streams, o *Catalog) error {
	s, err := o.dial(streams)
	if err != nil {
		return err
	}
	defer s.close()
	return list(ctx, s, zoneColumns, s.client.ListZones(ctx, &ecsdv1.ListZonesRequest{RegionId: c.Region}))
}

// typesCommand is `ecsd catalog types`.
type typesCommand struct {
	Region string `placeholder:"ID" help:"Region. Default: the server's default region."`
	Family string `placeholder:"FAMILY" help:"Types of this family, such as ecs.g7."`
	CPU    int32  `name:"cpu" placeholder:"N" help:"Types with this number of vCPUs."`
	Memory int64  `placeholder:"GIB" help:"Types with this memory in GiB."`
}

var typeColumns = []output.Column[*ecsdv1.InstanceType]{
	{Title: "TYPE", Name: "instance_type", Value: func(t *ecsdv1.InstanceType) any { return t.GetInstanceType() }},
	{Title: "FAMILY", Name: "instance_type_family", Value: func(t *ecsdv1.InstanceType) any { return t.GetInstanceTypeFamily() }, Drop: 2},
	{Title: "VCPU", Name: "cpu", Value: func(t *ecsdv1.InstanceType) any { return t.GetCpu() }},
	{Title: "GIB", Value: func(t *ecsdv1.InstanceType) any { return fmt.Sprintf("%.4g", float64(t.GetMemoryMib())/1024) }},
	{Name: "memory_mib", Value: func(t *ecsdv1.InstanceType) any { return t.GetMemoryMib() }},
	{Title: "ARCHITECTURE", Name: "cpu_architecture", Value: func(t *ecsdv1.InstanceType) any { return t.GetCpuArchitecture() }, Drop: 3},
	{Title: "GPU", Name: "gpu_model", Value: func(t *ecsdv1.InstanceType) any { return t.GetGpuModel() }, Drop: 1},
}

// Examples of the command.
func (*typesCommand) Examples() string {
	return `ecsd catalog types --cpu 4 --memory 16`
}

// Run lists the types.
func (c *typesCommand) Run(ctx context.Context, streams Streams, o *Catalog) error {
	s, err := o.dial(streams)
	if err != nil {
		return err
	}
	defer s.close()
	request := &ecsdv1.ListInstanceTypesRequest{
		RegionId: c.Region, InstanceTypeFamily: c.Family, MinCpu: c.CPU, MaxCpu: c.CPU, MinMemoryMib: c.Memory * 1024, MaxMemoryMib: c.Memory * 1024, PageSize: batchSize,
	}
	return list(ctx, s, typeColumns, s.client.ListInstanceTypes(ctx, request))
}

// stockCommand is `ecsd catalog stock`.
type stockCommand struct {
	Type   string `arg:"" help:"Instance type, such as ecs.g7.large."`
	Region string `placeholder:"ID" help:"Region. Default: the server's default region."`
	Zone   string `placeholder:"ID" help:"Zone. Default: all zones."`
	Charge string `enum:"subscription,pay-as-you-go," default:"" placeholder:"TYPE" help:"subscription or pay-as-you-go. Default: pay-as-you-go."`
	Spot   bool   `help:"Stock for spot instances."`
}

var stockColumns = []output.Column[*ecsdv1.InstanceTypeStock]{
	{Title: "ZONE", Name: "zone_id", Value: func(t *ecsdv1.InstanceTypeStock) any { return t.GetZoneId() }},
	{Title: "TYPE", Name: "instance_type", Value: func(t *ecsdv1.InstanceTypeStock) any { return t.GetInstanceType() }},
	{Title: "STATUS", Name: "status", Value: func(t *ecsdv1.InstanceTypeStock) any { return t.GetStatus() }, Colour: func(t *ecsdv1.InstanceTypeStock) output.Colour {
		if t.GetStatus() == ecsdv1.StockStatus_STOCK_STATUS_AVAILABLE {
			return output.Good
		}
		return output.Bad
	}},
}

// Examples of the command.
func (*stockCommand) Examples() string {
	return `ecsd catalog stock ecs.g7.large`
}

// Run shows the stock.
func (c *stockCommand) Run(ctx context.Context, streams Streams, o *Catalog) error {
	s, err := o.dial(streams)
	if err != nil {
		return err
	}
	defer s.close()
	request := &ecsdv1.ListStockRequest{RegionId: c.Region, ZoneId: c.Zone, InstanceType: c.Type}
	switch c.Charge {
	case "subscription":
		request.ChargeType = ecsdv1.ChargeType_CHARGE_TYPE_SUBSCRIPTION
	case "pay-as-you-go":
		request.ChargeType = ecsdv1.ChargeType_CHARGE_TYPE_PAY_AS_YOU_GO
	}
	if c.Spot {
		request.SpotStrategy = ecsdv1.SpotStrategy_SPOT_STRATEGY_AS_PRICE_GO
	}
	return list(ctx, s, stockColumns, s.client.ListStock(ctx, request))
}
