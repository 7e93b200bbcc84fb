package api

import (
	"context"
	"log/slog"
	"time"

	"google.golang.org/grpc"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/autorenew"
	"github.com/ecsd-io/ecsd/server/internal/changelog"
	"github.com/ecsd-io/ecsd/server/internal/disk"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/history"
	"github.com/ecsd-io/ecsd/server/internal/inventory"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/lifecycle"
	"github.com/ecsd-io/ecsd/server/internal/modification"
	"github.com/ecsd-io/ecsd/server/internal/payment"
	"github.com/ecsd-io/ecsd/server/internal/renewal"
	"github.com/ecsd-io/ecsd/server/internal/spot"
	"github.com/ecsd-io/ecsd/server/internal/watch"
)

// Components are the components that the services call.
type Components struct {
	Inventory Inventory
	Lifecycle Lifecycle
	// Modifications changes charge types and instance types.
	Modifications Modifications
	Renewals      Renewals
	// RenewalRecords reads the jobs and renewals.
	RenewalRecords RenewalRecords
	// RenewalPreviews keeps plans for their later pages.
	RenewalPreviews RenewalPreviews
	AutoRenew       AutoRenew
	Spot            Spot
	Disks           Disks
	Catalog         Catalog
	Watcher         Watcher
	History         History
	Status          Status
	Spending        Spending
	Audit           Audit
	// WatchLife is the minimum life of an aged connection. A watch ends before, to
	// be resumed at another one; 0 has it last for ever.
	WatchLife time.Duration
	// Regions are the served regions; the first is the default.
	Regions []string
	// AccountID returns the ID of the cloud account, "" as long as it is not known;
	// nil if it never is.
	AccountID func() string
	// StoreID is the ID of the database, which page tokens are sealed with.
	StoreID string
	// TagKey reports whether the limits of a caller use a tag key, which only
	// access.admin may change; nil if no key is used.
	TagKey func(key string) bool
	// SubscriptionEnds returns when the billing of the account plans to stop and release
	// subscriptions, by instance ID; nil if it is not read.
	SubscriptionEnds func(ctx context.Context, instanceIDs []string) map[string]ecs.SubscriptionEnd
	// Clock is the cloud's, nil for time.Now. Windows of expiry are relative to it.
	Clock ecs.Clock
	// Logger takes the errors that no response carries.
	Logger *slog.Logger
}

// Inventory reads instances.
type Inventory interface {
	Get(ctx context.Context, regionID, instanceID string, maxStaleness time.Duration) (ecs.Instance, error)
	BatchGet(ctx context.Context, regionID string, ids []string, maxStaleness time.Duration) []ecs.Result[ecs.Instance]
	List(ctx context.Context, q ecs.Query, cursor ecs.Cursor, limit inventory.Limit, maxStaleness time.Duration) (inventory.List, error)
	ListExpiring(ctx context.Context, q ecs.Query, cursor ecs.Cursor, limit inventory.Limit, maxStaleness time.Duration) (inventory.Expiring, error)
}

// Lifecycle makes, starts, stops, changes and releases instances.
type Lifecycle interface {
	Run(ctx context.Context, q lifecycle.Launch) (lifecycle.Launched, error)
	Create(ctx context.Context, q lifecycle.Launch) (lifecycle.Launched, error)
	Quote(ctx context.Context, order ecs.LaunchOrder) (ecs.Quote, error)
	Start(ctx context.Context, regionID string, ids []string, once lifecycle.Once, validateOnly bool) ([]ecs.Result[ecs.Transition], error)
	Stop(ctx context.Context, regionID string, ids []string, options ecs.StopOptions, once lifecycle.Once, validateOnly bool) ([]ecs.Result[ecs.Transition], error)
	Reboot(ctx context.Context, regionID string, ids []string, force bool, once lifecycle.Once, validateOnly bool) ([]ecs.Result[ecs.Transition], error)
	Reactivate(ctx context.Context, regionID string, ids []string, validateOnly bool) []ecs.Result[ecs.Transition]
	Release(ctx context.Context, q lifecycle.ReleaseRequest) ([]ecs.Result[lifecycle.Outcome], error)
	CreateReleaseJob(ctx context.Context, q lifecycle.ReleaseRequest, note string) (lifecycle.ReleaseJobView, error)
	CheckReleaseJob(ctx context.Context, q lifecycle.ReleaseRequest) ([]ecs.Result[lifecycle.Outcome], error)
	ReleaseJob(ctx context.Context, jobID string) (lifecycle.ReleaseJobView, []lifecycle.ReleaseItemView, error)
	FollowReleaseJob(ctx context.Context, jobID string, from lifecycle.ReleasePosition, send func(*lifecycle.ReleaseStep) error) error
	SetAutoReleaseTime(ctx context.Context, regionID, instanceID string, at time.Time, validateOnly bool) (ecs.Instance, error)
	AllocatePublicIPAddress(ctx context.Context, regionID, instanceID string, once lifecycle.Once, validateOnly bool) (address string, _ ecs.Instance, _ error)
	SetDeletionProtection(ctx context.Context, regionID string, ids []string, on, validateOnly bool) []ecs.Result[ecs.Instance]
	SetTags(ctx context.Context, regionID string, ids []string, set []ecs.Tag, removeKeys []string, validateOnly bool) []ecs.Result[ecs.Instance]
}

// Modifications changes the charge type and the type of instances.
type Modifications interface {
	Modify(ctx context.Context, q modification.Request) (ledger.Modification, error)
	Plan(ctx context.Context, q modification.Request) (ledger.Modification, error)
	List(ctx context.Context, f ledger.ModificationFilter, after ledger.Cursor, limit int) ([]ledger.Modification, error)
	Resolve(ctx context.Context, id string, decision modification.Decided) (ledger.Modification, error)
}

// Spot returns the places and prices of spot instances.
type Spot interface {
	Zones(ctx context.Context, regionID string, types ...string) ([]spot.Zone, error)
	Prices(ctx context.Context, q spot.PriceRequest) (spot.History, error)
	Advice(ctx context.Context, regionID string, q ecs.SpotAdviceQuery) ([]ecs.SpotAdvice, error)
}

// Disks reads disks and makes snapshots of them.
type Disks interface {
	List(ctx context.Context, regionID string, q ecs.DiskQuery, cursor string, limit int) (ecs.DiskPage, error)
	ListSnapshots(ctx context.Context, regionID string, q ecs.SnapshotQuery, cursor string, limit int) (ecs.SnapshotPage, error)
	CreateSnapshots(ctx context.Context, regionID string, diskIDs []string, options disk.SnapshotOptions, requestID string) []ecs.Result[string]
	CheckSnapshots(ctx context.Context, regionID string, diskIDs []string) []ecs.Result[string]
}

// Catalog lists the offers of the cloud.
type Catalog interface {
	Regions(ctx context.Context) ([]ecs.Region, error)
	Zones(ctx context.Context, regionID string) ([]ecs.Zone, error)
	InstanceTypes(ctx context.Context, regionID string, q ecs.TypeQuery, cursor string, limit int) (ecs.TypePage, error)
	Stock(ctx context.Context, regionID string, q ecs.StockQuery) ([]ecs.Stock, error)
}

// Watcher reports changes of instances.
type Watcher interface {
	Watch(ctx context.Context, f *watch.Filter, d watch.Delivery, resumeToken string, beat watch.Heartbeat) (*watch.Subscription, error)
	Wait(ctx context.Context, regionID string, ids []string, want ecs.Status) ([]ecs.Result[ecs.Instance], error)
	Reserve(ctx context.Context) (release func(), err error)
}

// History lists changes of instances.
type History interface {
	List(ctx context.Context, q changelog.Query) (history.Page, error)
}

// Renewals prices and pays.
type Renewals interface {
	Renew(ctx context.Context, q renewal.Request) (ledger.Renewal, error)
	Plan(ctx context.Context, q renewal.Request) (ledger.Renewal, error)
	Cost(ctx context.Context, r ledger.Renewal) renewal.Plan
	Create(ctx context.Context, q renewal.JobRequest) (renewal.Job, error)
	Preview(ctx context.Context, q renewal.JobRequest) (renewal.Job, renewal.Plan, error)
	Cancel(ctx context.Context, jobID, caller, note string) (renewal.Job, error)
	Follow(ctx context.Context, jobID string, from renewal.Position, send func(*renewal.Step) error) error
	Resolve(ctx context.Context, renewalID string, decision payment.Decided) (ledger.Renewal, error)
	Quote(ctx context.Context, regionID string, ids []string, p ecs.Period) ([]ecs.Result[renewal.Quote], []ecs.Money, error)
}

// RenewalRecords reads the jobs and renewals.
type RenewalRecords interface {
	Job(ctx context.Context, jobID string) (renewal.Job, error)
	Jobs(ctx context.Context, f ledger.JobFilter, after ledger.Cursor, limit int) ([]renewal.Job, error)
	Renewals(ctx context.Context, f ledger.Filter, after ledger.Cursor, limit int) ([]ledger.Renewal, error)
	Selection(ctx context.Context, jobID string) ([]byte, error)
	Recent(ctx context.Context, instances []ecs.Instance) (map[string]ledger.Prior, error)
}

// RenewalPreviews keeps plans for their later pages.
type RenewalPreviews interface {
	Keep(ctx context.Context, parts [][]byte) (id string, err error)
	Kept(ctx context.Context, id string, part int) ([]byte, error)
}

// AutoRenew reads and sets automatic renewals.
type AutoRenew interface {
	Outlooks(ctx context.Context, instances []ecs.Instance, maxStaleness time.Duration) ([]ecs.AutoRenewOutlook, error)
	Get(ctx context.Context, regionID string, ids []string) []ecs.Result[autorenew.Setting]
	Set(ctx context.Context, regionID string, ids []string, want ecs.AutoRenewSetting, validateOnly bool) ([]ecs.Result[autorenew.Setting], error)
}

// Services are the names of the registered services, for health.
var Services = []string{
	ecsdv1.AccessService_ServiceDesc.ServiceName,
	ecsdv1.InstanceService_ServiceDesc.ServiceName,
	ecsdv1.RenewalService_ServiceDesc.ServiceName,
	ecsdv1.SpotService_ServiceDesc.ServiceName,
	ecsdv1.DiskService_ServiceDesc.ServiceName,
	ecsdv1.CatalogService_ServiceDesc.ServiceName,
}

// Register adds the services to a gRPC server. The server must run UnaryErrors
// and StreamErrors, which convert the errors of the handlers to statuses, and
// encode by Codec.
func Register(registrar grpc.ServiceRegistrar, components Components) {
	components = components.bounded()
	s, served := guarded{registrar}, newRegions(components.Regions)
	tokens := newSealer(components.StoreID)
	ecsdv1.RegisterInstanceServiceServer(s, &instanceService{watches: watches{components.Watcher, life(components.WatchLife), components.AccountID}, inventory: components.Inventory, lifecycle: components.Lifecycle, modifications: components.Modifications, history: components.History, tagKey: components.TagKey, regions: served, tokens: tokens, clock: components.Clock})
	ecsdv1.RegisterRenewalServiceServer(s, &renewalService{renewals: components.Renewals, records: components.RenewalRecords, previews: components.RenewalPreviews, autoRenew: components.AutoRenew, watcher: components.Watcher, inventory: components.Inventory, regions: served, life: life(components.WatchLife), logger: components.Logger, tokens: tokens, account: components.AccountID, ends: components.SubscriptionEnds, clock: components.Clock})
	ecsdv1.RegisterSpotServiceServer(s, &spotService{watches: watches{components.Watcher, life(components.WatchLife), components.AccountID}, spot: components.Spot, regions: served, clock: components.Clock})
	ecsdv1.RegisterDiskServiceServer(s, &diskService{disks: components.Disks, regions: served, tokens: tokens})
	ecsdv1.RegisterAccessServiceServer(s, &accessService{status: components.Status, spending: components.Spending, audit: components.Audit, regions: components.Regions, tokens: tokens})
	ecsdv1.RegisterCatalogServiceServer(s, &catalogService{catalog: components.Catalog, regions: served, tokens: tokens})
}
