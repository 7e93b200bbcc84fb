package operator

import (
	"context"
	"errors"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/operator/output"
)

// Expiring is `ecsd expiring`. Mount it like [Renewals].
type Expiring struct {
	Connection `embed:"" group:"common"`
	regions    `embed:""`
	window     `embed:""`
	filters    `embed:""`

	Expired bool          `default:"true" negatable:"" help:"Include expired instances that can still be renewed." group:"Which instances:"`
	MaxAge  time.Duration `default:"1m" placeholder:"DURATION" help:"Maximum age of the list; 0s reads the cloud now. Default ${default}."`
	Limit   int           `default:"0" placeholder:"N" help:"Maximum number of instances; 0 for all. Default ${default}."`
}

// window is a window of expiry.
type window struct {
	Within       span   `placeholder:"SPAN" help:"End of the window, from now, such as 14d, 2w or 36h. Default: 30d." group:"Which instances:" xor:"end"`
	ExpireBefore moment `placeholder:"TIME" help:"End of the window: a date, from 00:00 UTC+8, or 2026-12-01T08:00:00+08:00." group:"Which instances:" xor:"end"`
	ExpireAfter  moment `placeholder:"TIME" help:"Start of the window. Default: 15 days ago, which includes expired instances that can still be renewed." group:"Which instances:"`
}

// defaultWindow is the window of lists.
const defaultWindow = 30 * 24 * time.Hour

// Examples of the command.
func (*Expiring) Examples() string {
	return `# Everything that expires within 30 days, the earliest first:
ecsd expiring
# What the cloud does not renew, as CSV:
ecsd expiring --within 14d --tag env=prod -o csv
# What expired and is released unless it is renewed:
ecsd expiring --within 1h`
}

// Validate checks the flags.
func (c *Expiring) Validate() error {
	return errors.Join(c.Connection.Validate(), c.check(), notNegative("--limit", c.Limit), notNegative("--max-age", c.MaxAge))
}

var expiringColumns = []output.Column[*ecsdv1.ExpiringInstance]{
	{Title: "EXPIRES", Name: "expire_time", Value: func(e *ecsdv1.ExpiringInstance) any { return e.GetInstance().GetExpireTime() }, Colour: expiryColour},
	{Title: "NAME", Name: "instance_name", Value: func(e *ecsdv1.ExpiringInstance) any { return e.GetInstance().GetInstanceName() }, Cut: true},
	{Title: "INSTANCE", Name: "instance_id", Value: func(e *ecsdv1.ExpiringInstance) any { return e.GetInstance().GetInstanceId() }},
	{Title: "REGION", Name: "region_id", Value: func(e *ecsdv1.ExpiringInstance) any { return e.GetInstance().GetRegionId() }, Region: true, Drop: 3},
	{Title: "AUTO-RENEW", Name: "auto_renew", Value: func(e *ecsdv1.ExpiringInstance) any { return renewWord(e) }, Colour: renewColour, Drop: 1},
	{Title: "STOPS", Name: "stop_time", Value: func(e *ecsdv1.ExpiringInstance) any { return e.GetStopTime() }, Drop: 4},
	{Title: "RELEASED", Name: "release_time", Value: func(e *ecsdv1.ExpiringInstance) any { return e.GetReleaseTime() }, Drop: 2},
	{Title: "RENEWED", Name: "recent_renewal_id", Value: func(e *ecsdv1.ExpiringInstance) any { return e.GetRecentRenewal().GetRenewalId() }, Cut: true, Drop: 5},
	{Name: "instance_type", Value: func(e *ecsdv1.ExpiringInstance) any { return e.GetInstance().GetInstanceType() }},
	{Name: "tags", Value: func(e *ecsdv1.ExpiringInstance) any { return tagWords(e.GetInstance().GetTags()) }},
	{Name: "next_deduction_time", Value: func(e *ecsdv1.ExpiringInstance) any { return e.GetNextDeductionTime() }},
}

// renewWord returns the state of auto-renewal, or drift.
func renewWord(e *ecsdv1.ExpiringInstance) string {
	switch {
	case e.GetDrift() != nil:
		return "DRIFT"
	case e.GetAutoRenewState() != ecsdv1.AutoRenewState_AUTO_RENEW_STATE_UNSPECIFIED:
		return output.Enum(e.GetAutoRenewState())
	}
	return output.Enum(e.GetAutoRenewStatus())
}

func renewColour(e *ecsdv1.ExpiringInstance) output.Colour {
	switch {
	case e.GetDrift() != nil, e.GetAutoRenewState() == ecsdv1.AutoRenewState_AUTO_RENEW_STATE_FAILING:
		return output.Bad
	case e.GetAutoRenewState() == ecsdv1.AutoRenewState_AUTO_RENEW_STATE_SCHEDULED:
		return output.Good
	}
	return output.Plain
}

// expiryColour marks what has expired, and what expires within a week and is not renewed by the cloud.
func expiryColour(e *ecsdv1.ExpiringInstance) output.Colour {
	left := time.Until(e.GetInstance().GetExpireTime().AsTime())
	switch {
	case left < 0:
		return output.Bad
	case left < 7*24*time.Hour && e.GetAutoRenewState() != ecsdv1.AutoRenewState_AUTO_RENEW_STATE_SCHEDULED:
		return output.Warn
	}
	return output.Plain
}

// request describes the list.
func (c *Expiring) request() *ecsdv1.ListExpiringInstancesRequest {
	request := &ecsdv1.ListExpiringInstancesRequest{
		RegionIds: c.Region, Filter: c.mustFilter(), ExpireStartTime: timestamp(c.ExpireAfter), PageSize: batchSize, MaxStaleness: durationpb.New(c.MaxAge),
	}
	if !c.Expired {
		request.IncludeExpired = &c.Expired
	}
	switch {
	case c.Within > 0:
		request.WindowEnd = &ecsdv1.ListExpiringInstancesRequest_Within{Within: durationpb.New(time.Duration(c.Within))}
	case !time.Time(c.ExpireBefore).IsZero():
		request.WindowEnd = &ecsdv1.ListExpiringInstancesRequest_ExpireEndTime{ExpireEndTime: timestamp(c.ExpireBefore)}
	default:
		request.WindowEnd = &ecsdv1.ListExpiringInstancesRequest_Within{Within: durationpb.New(defaultWindow)}
	}
	return request
}

// Run lists what expires, in order of expiry.
func (c *Expiring) Run(ctx context.Context, streams Streams) error {
	s, err := c.dial(streams)
	if err != nil {
		return err
	}
	defer s.close()
	return list(ctx, s, expiringColumns, output.Limit(c.Limit, s.client.ListExpiringInstances(ctx, c.request())))
}
