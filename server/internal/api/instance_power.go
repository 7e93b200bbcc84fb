package api

import (
	"context"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

func (s *instanceService) StartInstances(ctx context.Context, req *ecsdv1.StartInstancesRequest) (*ecsdv1.StartInstancesResponse, error) {
	var c check
	region, ids := s.many(&c, req)
	if err := c.err(); err != nil {
		return nil, err
	}
	moves := s.lifecycle.Start(ctx, region, ids, req.GetValidateOnly())
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return &ecsdv1.StartInstancesResponse{Results: transitionResults(moves)}, nil
}

func (s *instanceService) StopInstances(ctx context.Context, req *ecsdv1.StopInstancesRequest) (*ecsdv1.StopInstancesResponse, error) {
	var c check
	region, ids := s.many(&c, req)
	options := ecs.StopOptions{Force: req.GetForce(), Mode: stoppedModes.from(req.GetStoppedMode())}
	switch req.GetStoppedMode() {
	case ecsdv1.StoppedMode_STOPPED_MODE_UNSPECIFIED, ecsdv1.StoppedMode_STOPPED_MODE_KEEP_CHARGING, ecsdv1.StoppedMode_STOPPED_MODE_STOP_CHARGING:
	default:
		c.fail("stopped_mode", "must be STOPPED_MODE_KEEP_CHARGING, STOPPED_MODE_STOP_CHARGING or unset; got %d", req.GetStoppedMode())
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	moves := s.lifecycle.Stop(ctx, region, ids, options, req.GetValidateOnly())
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return &ecsdv1.StopInstancesResponse{Results: transitionResults(moves)}, nil
}

func (s *instanceService) RebootInstances(ctx context.Context, req *ecsdv1.RebootInstancesRequest) (*ecsdv1.RebootInstancesResponse, error) {
	var c check
	region, ids := s.many(&c, req)
	if err := c.err(); err != nil {
		return nil, err
	}
	moves := s.lifecycle.Reboot(ctx, region, ids, req.GetForce(), req.GetValidateOnly())
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return &ecsdv1.RebootInstancesResponse{Results: transitionResults(moves)}, nil
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
