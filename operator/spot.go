package operator

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/ecsd-io/ecsd/client"
	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/operator/output"
)

// Spot is `ecsd spot`. Mount it like [Renewals].
type Spot struct {
	Connection `embed:"" group:"common"`

	Prices   spotPricesCommand   `cmd:"" help:"Show the spot prices of an instance type per zone, the cheapest first."`
	Advice   spotAdviceCommand   `cmd:"" help:"Show the discount and the reclaim rate of instance types per zone."`
	Reclaims spotReclaimsCommand `cmd:"" help:"Print spot instances that the cloud reclaims, as it announces them. Ctrl-C ends it."`
}

// spotPricesCommand is `ecsd spot prices`.
type spotPricesCommand struct {
	Type   string   `arg:"" help:"Instance type, such as ecs.g7.large."`
	Region string   `placeholder:"ID" help:"Region. Default: the server's default region."`
	Zone   []string `placeholder:"ID" help:"Zone (repeatable). Default: all zones."`
	Since  span     `placeholder:"SPAN" help:"Length of the history, up to 30d. Default: 7d."`
}

var spotPriceColumns = []output.Column[*ecsdv1.SpotPrices]{
	{Title: "ZONE", Name: "zone_id", Value: func(p *ecsdv1.SpotPrices) any { return p.GetZoneId() }},
	{Title: "LATEST", Name: "latest_price", Value: func(p *ecsdv1.SpotPrices) any { return p.GetSummary().GetLatestPrice() }},
	{Title: "OF LIST PRICE", Name: "list_price_percent", Value: func(p *ecsdv1.SpotPrices) any { return fmt.Sprintf("%.1f%%", p.GetSummary().GetListPricePercent()) }, Drop: 1},
	{Title: "LOWEST", Name: "min_price", Value: func(p *ecsdv1.SpotPrices) any { return p.GetSummary().GetMinPrice() }, Drop: 3},
	{Title: "MEAN", Name: "mean_price", Value: func(p *ecsdv1.SpotPrices) any { return p.GetSummary().GetMeanPrice() }, Drop: 2},
	{Title: "HIGHEST", Name: "max_price", Value: func(p *ecsdv1.SpotPrices) any { return p.GetSummary().GetMaxPrice() }, Drop: 4},
	{Name: "list_price", Value: func(p *ecsdv1.SpotPrices) any { return p.GetSummary().GetListPrice() }},
	{Name: "currency", Value: func(p *ecsdv1.SpotPrices) any { return p.GetSummary().GetLatestPrice().GetCurrencyCode() }},
}

// Examples of the command.
func (*spotPricesCommand) Examples() string {
	return `# The cheapest zone:
ecsd spot prices ecs.g7.large`
}

// Run shows the prices.
func (c *spotPricesCommand) Run(ctx context.Context, streams Streams, o *Spot) error {
	s, err := o.dial(streams)
	if err != nil {
		return err
	}
	defer s.close()
	request := &ecsdv1.ListSpotPricesRequest{RegionId: c.Region, InstanceType: c.Type, ZoneIds: c.Zone, SummaryOnly: true}
	if c.Since > 0 {
		request.StartTime = timestamppb.New(time.Now().Add(-time.Duration(c.Since)))
	}
	answer, err := ask(ctx, s.client.Spot().ListSpotPrices, request)
	if err != nil {
		return s.failed(ctx, err)
	}
	zones := slices.DeleteFunc(answer.GetZones(), func(p *ecsdv1.SpotPrices) bool { return p.GetSummary().GetLatestPrice() == nil })
	slices.SortStableFunc(zones, func(a, b *ecsdv1.SpotPrices) int {
		return compareMoney(a.GetSummary().GetLatestPrice(), b.GetSummary().GetLatestPrice())
	})
	return output.List(s.out, spotPriceColumns, output.Of(zones))
}

// compareMoney orders amounts of one currency.
func compareMoney(a, b *ecsdv1.Money) int {
	if a.GetUnits() != b.GetUnits() {
		return int(a.GetUnits() - b.GetUnits())
	}
	return int(a.GetNanos() - b.GetNanos())
}

// spotAdviceCommand is `ecsd spot advice`.
type spotAdviceCommand struct {
	Type   []string `arg:"" optional:"" help:"Instance types. Default: those of --cpu and --memory."`
	Region string   `placeholder:"ID" help:"Region. Default: the server's default region."`
	Zone   string   `placeholder:"ID" help:"Zone. Default: all zones."`
	CPU    int32    `name:"cpu" placeholder:"N" help:"Instance types with at least this number of vCPUs, with --memory."`
	Memory int64    `placeholder:"GIB" help:"Instance types with at least this memory in GiB, with --cpu."`
}

// Examples of the command.
func (*spotAdviceCommand) Examples() string {
	return `ecsd spot advice --cpu 4 --memory 16`
}

// Validate checks the flags.
func (c *spotAdviceCommand) Validate() error {
	if sized := c.CPU > 0 && c.Memory > 0; sized == (len(c.Type) > 0) || (c.CPU > 0) != (c.Memory > 0) {
		return errors.New("give either instance types, or --cpu and --memory")
	}
	return nil
}

var spotAdviceColumns = []output.Column[*ecsdv1.SpotAdvice]{
	{Title: "ZONE", Name: "zone_id", Value: func(a *ecsdv1.SpotAdvice) any { return a.GetZoneId() }},
	{Title: "TYPE", Name: "instance_type", Value: func(a *ecsdv1.SpotAdvice) any { return a.GetInstanceType() }},
	{Title: "OF LIST PRICE", Name: "average_price_percent", Value: func(a *ecsdv1.SpotAdvice) any { return fmt.Sprintf("%d%%", a.GetAveragePricePercent()) }},
	{Title: "RECLAIMED", Name: "interruption_rate_percent", Value: func(a *ecsdv1.SpotAdvice) any { return fmt.Sprintf("%.1f%%", a.GetInterruptionRatePercent()) }},
}

// Run shows the advice.
func (c *spotAdviceCommand) Run(ctx context.Context, streams Streams, o *Spot) error {
	s, err := o.dial(streams)
	if err != nil {
		return err
	}
	defer s.close()
	request := &ecsdv1.ListSpotAdviceRequest{RegionId: c.Region, ZoneId: c.Zone}
	if len(c.Type) > 0 {
		request.Selection = &ecsdv1.ListSpotAdviceRequest_Types{Types: &ecsdv1.InstanceTypeNames{InstanceTypes: c.Type}}
	} else {
		request.Selection = &ecsdv1.ListSpotAdviceRequest_MinSize{MinSize: &ecsdv1.InstanceSize{Cpu: c.CPU, MemoryMib: c.Memory * 1024}}
	}
	answer, err := ask(ctx, s.client.Spot().ListSpotAdvice, request)
	if err != nil {
		return s.failed(ctx, err)
	}
	return output.List(s.out, spotAdviceColumns, output.Of(answer.GetAdvice()))
}

// spotReclaimsCommand is `ecsd spot reclaims`.
type spotReclaimsCommand struct {
	regions `embed:""`
}

// Examples of the command.
func (*spotReclaimsCommand) Examples() string {
	return `timeout --preserve-status -s INT 1 ecsd spot reclaims || true`
}

// Run prints the reclaims until it is interrupted.
func (c *spotReclaimsCommand) Run(ctx context.Context, streams Streams, o *Spot) error {
	s, err := o.dial(streams)
	if err != nil {
		return err
	}
	defer s.close()
	watch := s.client.WatchReclaims(ctx, &ecsdv1.WatchReclaimsRequest{RegionIds: c.Region})
	return events(ctx, s, watch, func(event client.ReclaimEvent) error {
		switch e := event.(type) {
		case *client.ReclaimNotice:
			return s.line(&ecsdv1.WatchReclaimsResponse{Revision: e.Revision, Event: &ecsdv1.WatchReclaimsResponse_Notice{Notice: &ecsdv1.ReclaimNotice{
				InstanceId: e.InstanceID, RegionId: e.RegionID, ZoneId: e.ZoneID, ObservedTime: timestamppb.New(e.ObservedTime), ReleaseTimeEstimate: timestamppb.New(e.ReleaseTimeEstimate),
			}}}, fmt.Sprintf("%s  %s  %s  reclaimed until %s", s.out.Second(e.ObservedTime), e.RegionID, e.InstanceID, s.out.Second(e.ReleaseTimeEstimate)))
		case *client.ReclaimEnded:
			return s.line(reclaimEnd(e), fmt.Sprintf("%s  %s  %s  %s", s.out.Second(time.Now()), e.RegionID, e.InstanceID, reclaimOutcomes[e.Outcome]))
		}
		return nil
	})
}

var reclaimOutcomes = map[client.ReclaimOutcome]string{
	client.ReclaimOutcomeReleased:  "released",
	client.ReclaimOutcomeWithdrawn: "not reclaimed",
	client.ReclaimOutcomeStopped:   "stopped",
	client.ReclaimOutcomeUnknown:   "ended; read the instance for its outcome",
}

// reclaimEnd returns the message of an outcome.
func reclaimEnd(e *client.ReclaimEnded) *ecsdv1.WatchReclaimsResponse {
	m := &ecsdv1.WatchReclaimsResponse{Revision: e.Revision}
	switch e.Outcome {
	case client.ReclaimOutcomeStopped:
		m.Event = &ecsdv1.WatchReclaimsResponse_Stopped{Stopped: &ecsdv1.ReclaimStopped{InstanceId: e.InstanceID, RegionId: e.RegionID}}
	case client.ReclaimOutcomeWithdrawn:
		m.Event = &ecsdv1.WatchReclaimsResponse_Withdrawn{Withdrawn: &ecsdv1.ReclaimWithdrawn{InstanceId: e.InstanceID, RegionId: e.RegionID}}
	default:
		m.Event = &ecsdv1.WatchReclaimsResponse_Released{Released: &ecsdv1.ReclaimReleased{InstanceId: e.InstanceID, RegionId: e.RegionID}}
	}
	return m
}
