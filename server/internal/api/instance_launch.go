package api

import (
	"context"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/fingerprint"
	"github.com/ecsd-io/ecsd/server/internal/lifecycle"
)

func (s *instanceService) RunInstances(ctx context.Context, req *ecsdv1.RunInstancesRequest) (*ecsdv1.RunInstancesResponse, error) {
	var c, asNew check
	order := ecs.LaunchOrder{
		RegionID: s.regions.one(&c, req.GetRegionId()),
		Spec:     c.spec(req.GetSpec(), useRun),
		Count:    c.count(req.GetCount()),
		MinCount: c.minCount(req.GetMinCount(), req.GetCount()),
	}
	requestID := c.requestIDUnless(req.GetValidateOnly(), req.GetRequestId())
	maxPrice := c.launchLimit(req)
	// A repeated launch request, sent to learn the outcome, may have become too
	// late for its automatic release.
	asNew.region = order.RegionID
	asNew.autoRelease("spec.auto_release_time", order.Spec.AutoReleaseTime, s.clock.Now())
	if c.err() != nil {
		c.join(asNew)
		return nil, c.err()
	}
	made, err := s.lifecycle.Run(ctx, lifecycle.Launch{
		Order: order, MaxPrice: maxPrice, RequestID: requestID, Caller: call.Caller(ctx), ValidateOnly: req.GetValidateOnly(), IfNew: asNew.err(),
		Fingerprint: fingerprint.Of("RunInstances", req, order.RegionID, runDefaults),
	})
	if err != nil {
		return nil, inSpec(err)
	}
	return &ecsdv1.RunInstancesResponse{
		InstanceIds: made.IDs, Instances: s.account.instancesProto(made.Instances),
		OrderId: made.OrderID, Quote: launchQuoteProto(made.Price, order),
	}, nil
}

func (s *instanceService) CreateInstance(ctx context.Context, req *ecsdv1.CreateInstanceRequest) (*ecsdv1.CreateInstanceResponse, error) {
	var c check
	order := ecs.LaunchOrder{
		RegionID: s.regions.one(&c, req.GetRegionId()),
		Spec:     c.spec(req.GetSpec(), useCreate),
		Count:    1,
	}
	requestID := c.requestIDUnless(req.GetValidateOnly(), req.GetRequestId())
	maxPrice := c.launchLimit(req)
	if err := c.err(); err != nil {
		return nil, err
	}
	made, err := s.lifecycle.Create(ctx, lifecycle.Launch{
		Order: order, MaxPrice: maxPrice, RequestID: requestID, Caller: call.Caller(ctx), ValidateOnly: req.GetValidateOnly(),
		Fingerprint: fingerprint.Of("CreateInstance", req, order.RegionID, createDefaults),
	})
	if err != nil {
		return nil, inSpec(err)
	}
	resp := &ecsdv1.CreateInstanceResponse{OrderId: made.OrderID, Quote: launchQuoteProto(made.Price, order)}
	if len(made.IDs) > 0 {
		resp.InstanceId = made.IDs[0]
	}
	if len(made.Instances) > 0 {
		resp.Instance = s.account.instanceProto(&made.Instances[0])
	}
	return resp, nil
}

func (s *instanceService) QuoteInstances(ctx context.Context, req *ecsdv1.QuoteInstancesRequest) (*ecsdv1.QuoteInstancesResponse, error) {
	var c check
	order := ecs.LaunchOrder{
		RegionID: s.regions.one(&c, req.GetRegionId()),
		Spec:     c.spec(req.GetSpec(), useQuote),
		Count:    c.count(req.GetCount()),
	}
	c.autoRelease("spec.auto_release_time", order.Spec.AutoReleaseTime, s.clock.Now())
	if err := c.err(); err != nil {
		return nil, err
	}
	quote, err := s.lifecycle.Quote(ctx, order)
	if err != nil {
		return nil, inSpec(err)
	}
	return &ecsdv1.QuoteInstancesResponse{Quote: launchQuoteProto(&quote, order)}, nil
}

// runDefaults sets the defaults of unset fields, so that a request that sets
// them explicitly is the same request.
func runDefaults(req *ecsdv1.RunInstancesRequest) {
	if req.GetMinCount() == req.GetCount() {
		req.MinCount = 0 // all or none
	}
	if req.GetAnyPrice() {
		req.PriceLimit = nil // as builds stored it that had no such field
	}
	specDefaults(req.GetSpec())
}

func createDefaults(req *ecsdv1.CreateInstanceRequest) {
	if req.GetAnyPrice() {
		req.PriceLimit = nil
	}
	specDefaults(req.GetSpec())
}

// launchLimit checks the limit of the price of a launch: required if it buys a
// subscription, or may buy one. It returns the zero value for any price.
func (c *check) launchLimit(req interface {
	proto.Message
	GetSpec() *ecsdv1.InstanceSpec
	GetMaxPrice() *ecsdv1.Money
	GetAnyPrice() bool
	GetValidateOnly() bool
},
) ecs.Money {
	template := req.GetSpec().GetLaunchTemplate() != nil
	if template && req.GetMaxPrice() != nil {
		c.fail("max_price", "must be unset with spec.launch_template, which has no price before the launch: set any_price to true")
		return ecs.Money{}
	}
	m := req.ProtoReflect()
	given := m.WhichOneof(m.Descriptor().Oneofs().ByName("price_limit")) != nil
	charge := req.GetSpec().GetChargeType()
	required := charge == ecsdv1.ChargeType_CHARGE_TYPE_SUBSCRIPTION || template && charge == ecsdv1.ChargeType_CHARGE_TYPE_UNSPECIFIED
	if !given && (!required || req.GetValidateOnly()) {
		return ecs.Money{}
	}
	return c.limitOrAny("max_price", req)
}

// specDefaults leaves a spec with a launch template unchanged: there an unset
// field takes the value of the template.
func specDefaults(s *ecsdv1.InstanceSpec) {
	if at := s.GetAutoReleaseTime(); at != nil {
		s.AutoReleaseTime = timestamppb.New(at.AsTime().Truncate(time.Minute))
	}
	if s == nil || s.GetLaunchTemplate() != nil {
		return
	}
	if s.GetChargeType() == ecsdv1.ChargeType_CHARGE_TYPE_UNSPECIFIED {
		s.ChargeType = ecsdv1.ChargeType_CHARGE_TYPE_PAY_AS_YOU_GO
	}
	if s.GetInternetChargeType() == ecsdv1.InternetChargeType_INTERNET_CHARGE_TYPE_UNSPECIFIED {
		s.InternetChargeType = ecsdv1.InternetChargeType_INTERNET_CHARGE_TYPE_PAY_BY_TRAFFIC
	}
}

// besideSpec are the fields of a launch that are not in its spec.
var besideSpec = []string{"region_id", "count", "min_count", "request_id", "max_price", "any_price"}

// inSpec prefixes the fields of an error with their path in the request: the
// components below see only the spec.
func inSpec(err error) error {
	e := ecs.AsError(err)
	if e == nil || len(e.Violations) == 0 || grpcCode(e.Reason) != codes.InvalidArgument {
		return err
	}
	placed := *e
	placed.Violations = slices.Clone(e.Violations)
	for i, v := range placed.Violations {
		if !slices.Contains(besideSpec, v.Field) && !strings.HasPrefix(v.Field, "spec.") {
			placed.Violations[i].Field = "spec." + v.Field
		}
	}
	return &placed
}
