package api

import (
	"context"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/fingerprint"
	"github.com/ecsd-io/ecsd/server/internal/lifecycle"
)

func (s *instanceService) ReleaseInstances(ctx context.Context, req *ecsdv1.ReleaseInstancesRequest) (*ecsdv1.ReleaseInstancesResponse, error) {
	var c check
	region, ids := s.many(&c, req)
	c.maxInstances(req.GetMaxInstances())
	requestID := c.requestIDUnless(req.GetValidateOnly(), req.GetRequestId())
	if err := c.err(); err != nil {
		return nil, err
	}
	outcomes, err := s.lifecycle.Release(ctx, lifecycle.ReleaseRequest{
		RegionID: region, IDs: ids,
		Force:                      req.GetForce(),
		OverrideDeletionProtection: req.GetOverrideDeletionProtection(),
		AllowUnexpiredSubscription: req.GetAllowUnexpiredSubscription(),
		MaxInstances:               req.GetMaxInstances(),
		ValidateOnly:               req.GetValidateOnly(),
		RequestID:                  requestID,
		Fingerprint:                fingerprint.Of("ReleaseInstances", req, region, nil),
		Caller:                     call.Caller(ctx),
	})
	if err != nil {
		return nil, err
	}
	return &ecsdv1.ReleaseInstancesResponse{Results: s.account.releaseResults(outcomes)}, nil
}
