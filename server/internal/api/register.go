package api

import (
	"context"

	"google.golang.org/grpc"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/inventory"
	"github.com/ecsd-io/ecsd/server/internal/renewal"
)

// Rooms are what the services call.
type Rooms struct {
	Inventory Inventory
	Catalog   Catalog
	Renewals  Renewals
	// Regions are those that this server serves; the first is the default.
	Regions []string
}

// Inventory reads instances.
type Inventory interface {
	Get(ctx context.Context, regionID, instanceID string) (ecs.Instance, error)
	BatchGet(ctx context.Context, regionID string, ids []string) []ecs.Result[ecs.Instance]
	List(ctx context.Context, q ecs.Query, cursor ecs.Cursor, limit int) (inventory.List, error)
}

// Catalog tells what the cloud offers.
type Catalog interface {
	Regions(ctx context.Context) ([]ecs.Region, error)
}

// Renewals prices, pays and sets.
type Renewals interface {
	Renew(ctx context.Context, q renewal.Request) (ecs.Renewal, error)
	Plan(ctx context.Context, q renewal.Request) (ecs.Renewal, error)
	Quote(ctx context.Context, regionID string, ids []string, p ecs.Period) ([]ecs.Result[renewal.Quote], []ecs.Money, error)
	AutoRenewSettings(ctx context.Context, regionID string, ids []string) []renewal.Setting
	SetAutoRenew(ctx context.Context, regionID string, ids []string, want ecs.AutoRenewSetting, validateOnly bool) []renewal.Setting
}

// Services are the names of what Register serves, for health.
var Services = []string{
	ecsdv1.InstanceService_ServiceDesc.ServiceName,
	ecsdv1.RenewalService_ServiceDesc.ServiceName,
	ecsdv1.CatalogService_ServiceDesc.ServiceName,
}

// Register adds the services to a gRPC server. The server must run UnaryErrors
// and StreamErrors, which turn what the handlers return into statuses.
func Register(s grpc.ServiceRegistrar, rooms Rooms) {
	served := newRegions(rooms.Regions)
	ecsdv1.RegisterInstanceServiceServer(s, &instanceService{inventory: rooms.Inventory, regions: served})
	ecsdv1.RegisterRenewalServiceServer(s, &renewalService{renewals: rooms.Renewals, inventory: rooms.Inventory, regions: served})
	ecsdv1.RegisterCatalogServiceServer(s, &catalogService{catalog: rooms.Catalog, regions: served})
}
