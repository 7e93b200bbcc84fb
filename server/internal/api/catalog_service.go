package api

import (
	"context"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// catalogService answers ecsd.v1.CatalogService.
type catalogService struct {
	ecsdv1.UnimplementedCatalogServiceServer
	catalog Catalog
	regions regions
}

func (s *catalogService) ListRegions(ctx context.Context, _ *ecsdv1.ListRegionsRequest) (*ecsdv1.ListRegionsResponse, error) {
	known, err := s.catalog.Regions(ctx)
	if err != nil {
		return nil, err
	}
	resp := &ecsdv1.ListRegionsResponse{Regions: make([]*ecsdv1.Region, len(known))}
	for i, r := range known {
		resp.Regions[i] = &ecsdv1.Region{
			RegionId: r.ID, LocalName: r.LocalName,
			Status: regionStatuses[r.RawStatus], ProviderStatus: r.RawStatus,
			Served: s.regions.serves(r.ID), IsDefault: s.regions.isDefault(r.ID),
		}
	}
	return resp, nil
}
