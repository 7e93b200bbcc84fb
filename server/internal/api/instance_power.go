package api

import (
	"context"

	"google.golang.org/protobuf/proto"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/fingerprint"
	"github.com/ecsd-io/ecsd/server/internal/lifecycle"
)

func (s *instanceService) StartInstances(ctx context.Context, req *ecsdv1.StartInstancesRequest) (*ecsdv1.StartInstancesResponse, error) {
	var c check
	region, ids := s.many(&c, req)
	once := onceFor(ctx, &c, "StartInstances", region, req)
	if err := c.err(); err != nil {
		return nil, err
	}
	moves, err := s.lifecycle.Start(ctx, region, ids, once, req.GetValidateOnly())
	if err != nil {
		return nil, err
	}
	return &ecsdv1.StartInstancesResponse{Results: transitionResults(moves)}, nil
}

func (s *instanceService) StopInstances(ctx context.Context, req *ecsdv1.StopInstancesRequest) (*ecsdv1.StopInstancesResponse, error) {
	var c check
	region, ids := s.many(&c, req)
	once := onceFor(ctx, &c, "StopInstances", region, req)
	options := ecs.StopOptions{Force: req.GetForce(), Mode: stoppedModes.from(req.GetStoppedMode())}
	switch req.GetStoppedMode() {
	case ecsdv1.StoppedMode_STOPPED_MODE_UNSPECIFIED, ecsdv1.StoppedMode_STOPPED_MODE_KEEP_CHARGING, ecsdv1.StoppedMode_STOPPED_MODE_STOP_CHARGING:
	default:
		c.fail("stopped_mode", "must be STOPPED_MODE_KEEP_CHARGING, STOPPED_MODE_STOP_CHARGING or unset; got %d", req.GetStoppedMode())
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	moves, err := s.lifecycle.Stop(ctx, region, ids, options, once, req.GetValidateOnly())
	if err != nil {
		return nil, err
	}
	return &ecsdv1.StopInstancesResponse{Results: transitionResults(moves)}, nil
}

func (s *instanceService) RebootInstances(ctx context.Context, req *ecsdv1.RebootInstancesRequest) (*ecsdv1.RebootInstancesResponse, error) {
	var c check
	region, ids := s.many(&c, req)
	once := onceFor(ctx, &c, "RebootInstances", region, req)
	if err := c.err(); err != nil {
		return nil, err
	}
	moves, err := s.lifecycle.Reboot(ctx, region, ids, req.GetForce(), once, req.GetValidateOnly())
	if err != nil {
		return nil, err
	}
	return &ecsdv1.RebootInstancesResponse{Results: transitionResults(moves)}, nil
}

// onceFor identifies a request that may have an ID.
func onceFor[M interface {
	proto.Message
	GetRequestId() string
}](ctx context.Context, c *check, method, region string, req M,
) lifecycle.Once {
	id := c.optionalRequestID(req.GetRequestId())
	if id == "" {
		return lifecycle.Once{}
	}
	return lifecycle.Once{RequestID: id, Fingerprint: fingerprint.Of(method, req, region, nil), Caller: call.Caller(ctx)}
}

// many checks the common fields of calls on many instances of a region.
func (s *instanceService) many(c *check, req interface {
	GetRegionId() string
	GetInstanceIds() []string
}) (region string, ids []string) {
	region = s.regions.one(c, req.GetRegionId())
	c.ids("instance_ids", req.GetInstanceIds(), 1, maxIDs)
	return region, req.GetInstanceIds()
}
