package api

import (
	"context"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/inventory"
)

// instanceService implements ecsd.v1.InstanceService: the reads in this file,
// the writes in the files instance_*.go.
type instanceService struct {
	ecsdv1.UnimplementedInstanceServiceServer
	watches
	inventory     Inventory
	lifecycle     Lifecycle
	modifications Modifications
	history       History
	tagKey        func(key string) bool
	regions       regions
	tokens        sealer
	clock         ecs.Clock
}

func (s *instanceService) GetInstance(ctx context.Context, req *ecsdv1.GetInstanceRequest) (*ecsdv1.GetInstanceResponse, error) {
	var c check
	region := s.regions.one(&c, req.GetRegionId())
	c.instanceID("instance_id", req.GetInstanceId())
	staleness := c.staleness(req.GetMaxStaleness())
	if err := c.err(); err != nil {
		return nil, err
	}
	instance, err := s.inventory.Get(ctx, region, req.GetInstanceId(), staleness)
	if err != nil {
		return nil, err
	}
	return &ecsdv1.GetInstanceResponse{Instance: s.account.instanceProto(&instance)}, nil
}

func (s *instanceService) BatchGetInstances(ctx context.Context, req *ecsdv1.BatchGetInstancesRequest) (*ecsdv1.BatchGetInstancesResponse, error) {
	var c check
	region := s.regions.one(&c, req.GetRegionId())
	c.ids("instance_ids", req.GetInstanceIds(), 1, maxIDs)
	staleness := c.staleness(req.GetMaxStaleness())
	if err := c.err(); err != nil {
		return nil, err
	}
	reads := s.inventory.BatchGet(ctx, region, req.GetInstanceIds(), staleness)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return &ecsdv1.BatchGetInstancesResponse{Results: s.account.instanceResults(reads)}, nil
}

func (s *instanceService) ListInstances(ctx context.Context, req *ecsdv1.ListInstancesRequest) (*ecsdv1.ListInstancesResponse, error) {
	var c check
	q, staleness := c.query(req.GetFilter()), c.staleness(req.GetMaxStaleness())
	walk := c.walk(s.tokens.of("ListInstances", req), s.regions.many(&c, req.GetRegionIds()), req)
	if err := c.err(); err != nil {
		return nil, err
	}
	page, err := s.inventory.List(ctx, q, walk.cursor, inventory.Limit{Count: walk.limit, Bytes: maxPageBytes, Size: s.account.instanceBytes}, staleness)
	if err != nil {
		return nil, err
	}
	return &ecsdv1.ListInstancesResponse{
		Instances: s.account.instancesProto(page.Instances), NextPageToken: walk.tokens.encode(page.Next), UnreachableRegions: unreachable(page.Unreachable),
	}, nil
}
