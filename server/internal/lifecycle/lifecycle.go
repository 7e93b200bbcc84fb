package lifecycle

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/flight"
	"github.com/ecsd-io/ecsd/server/internal/follow"
	"github.com/ecsd-io/ecsd/server/internal/lease"
	"github.com/ecsd-io/ecsd/server/internal/visibility"
)

// Cloud is the part of the edge that lifecycle uses. Its methods retry if that
// is safe, and an error's Effect reports whether anything may have changed.
// Methods on many IDs return one result per ID, in request order.
type Cloud interface {
	Instances(ctx context.Context, regionID string, ids []string) []ecs.Result[ecs.Instance]
	InstancePage(ctx context.Context, regionID string, q ecs.Query, cursor string, limit int) (ecs.Page, error)

	RunInstances(ctx context.Context, order ecs.LaunchOrder) (ecs.Launched, error)
	CreateInstance(ctx context.Context, order ecs.LaunchOrder) (ecs.Launched, error)
	InstancePrice(ctx context.Context, order ecs.LaunchOrder) (ecs.Quote, error)

	StartInstances(ctx context.Context, regionID string, ids []string, dryRun bool) []ecs.Result[ecs.Transition]
	StopInstances(ctx context.Context, regionID string, ids []string, options ecs.StopOptions, dryRun bool) []ecs.Result[ecs.Transition]
	RebootInstances(ctx context.Context, regionID string, ids []string, force, dryRun bool) []ecs.Result[ecs.Transition]
	ReactivateInstances(ctx context.Context, regionID string, ids []string) []ecs.Result[struct{}]
	DeleteInstances(ctx context.Context, regionID string, ids []string, options ecs.DeleteOptions, clientToken string, dryRun bool) []ecs.Result[struct{}]

	SetAutoReleaseTime(ctx context.Context, regionID, instanceID string, at time.Time) error
	AllocatePublicIPAddress(ctx context.Context, regionID, instanceID string) (address string, err error)
	SetDeletionProtection(ctx context.Context, regionID, instanceID string, on bool) error
	TagInstances(ctx context.Context, regionID string, ids []string, tags []ecs.Tag) []ecs.Result[struct{}]
	UntagInstances(ctx context.Context, regionID string, ids []string, keys []string) []ecs.Result[struct{}]

	Disks(ctx context.Context, regionID string, q ecs.DiskQuery, cursor string, limit int) (ecs.DiskPage, error)
	CreateSnapshot(ctx context.Context, order ecs.SnapshotOrder) (snapshotID string, err error)
	Snapshots(ctx context.Context, regionID string, q ecs.SnapshotQuery, cursor string, limit int) (ecs.SnapshotPage, error)
}

// Records is the part of the store that lifecycle uses. Acknowledged writes are
// on disk.
type Records interface {
	Requests
	SpendingLimits
	Intents
	ReleaseJobs
	visibility.Launches
	lease.Store
}

// Config holds the settings for operators. The zero value of a field means its
// default.
type Config struct {
	// MaxRelease bounds the instances of one release if the request sets no limit.
	// Default 10.
	MaxRelease int
	// Touched receives the IDs of instances that were just changed. Default none.
	Touched func(regionID string, ids []string)
	// SettleWindow is how long after a call of unknown outcome the cloud is
	// read before the call is sent again, and how long a change that was
	// accepted is waited for. Default 30 s.
	SettleWindow time.Duration
	// TrustAge is how long a token is trusted to make a call idempotent. The cloud
	// publishes no limit. Default 24 h.
	TrustAge time.Duration
	// SnapshotPatience is how long a snapshot is retried that the cloud defers
	// because another of the same disk is in progress. Default 10 min.
	SnapshotPatience time.Duration
	// SnapshotLife is how old a finished snapshot may be for a release that is
	// retried to rely on it. Default 1 h.
	SnapshotLife time.Duration
	// RecordLife is how long a record is kept after its last transition, and its
	// request gets the same response. Default 7 days.
	RecordLife time.Duration
	// ReleasePatience is how long a release job retries an instance whose error may
	// end. Default 45 min, which is less than SnapshotLife.
	ReleasePatience time.Duration
	// Clock is the cloud's. Default time.Now.
	Clock ecs.Clock
	// Logger receives events that have no caller. Default slog.Default().
	Logger *slog.Logger
}

func (c Config) withDefaults() Config {
	for _, field := range []struct {
		value *time.Duration
		def   time.Duration
	}{
		{&c.SettleWindow, 30 * time.Second},
		{&c.TrustAge, 24 * time.Hour},
		{&c.SnapshotPatience, 10 * time.Minute},
		{&c.SnapshotLife, time.Hour},
		{&c.ReleasePatience, 45 * time.Minute},
		{&c.RecordLife, 7 * 24 * time.Hour},
	} {
		if *field.value <= 0 {
			*field.value = field.def
		}
	}
	if c.MaxRelease <= 0 {
		c.MaxRelease = 10
	}
	if c.Touched == nil {
		c.Touched = func(string, []string) {}
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c
}

// Lifecycle changes instances. It is safe for concurrent use.
type Lifecycle struct {
	cloud    Cloud
	requests Requests
	limits   SpendingLimits
	intents  Intents
	jobs     ReleaseJobs
	leases   lease.Store
	visible  *visibility.Guard
	config   Config

	// ctx ends with Close.
	ctx      context.Context
	stop     context.CancelFunc
	launches *flight.Group[ecs.RequestRecord]
	releases *flight.Group[map[string]ecs.Result[Outcome]]
	powers   *flight.Group[[]Move]
	// addresses allocate public addresses.
	addresses *flight.Group[address]
	// background is the work of forget, of carryOut and of workReleaseJobs.
	background sync.WaitGroup

	// holder is unique to the life of this process.
	holder string
	feeds  *follow.Feeds[ReleasePosition, ReleaseProgress]
	// wake makes the runner of release jobs look for new ones.
	wake chan struct{}
}

// New returns a Lifecycle that works until Close. Call Resume once, before the
// first request.
func New(cloud Cloud, records Records, config Config) *Lifecycle {
	ctx, stop := context.WithCancel(context.Background())
	l := &Lifecycle{
		cloud: cloud, requests: records, limits: records, intents: records, jobs: records, leases: records,
		visible: visibility.New(records), config: config.withDefaults(), ctx: ctx, stop: stop,
		launches: flight.New[ecs.RequestRecord](ctx), releases: flight.New[map[string]ecs.Result[Outcome]](ctx),
		powers: flight.New[[]Move](ctx), addresses: flight.New[address](ctx),
		holder: uuid.NewString(), wake: make(chan struct{}, 1),
	}
	l.feeds = follow.New(ctx, records.Shared, l.readStep)
	return l
}

// Close stops the work. It waits for a paid call in progress; everything else
// continues from the records at the next start.
func (l *Lifecycle) Close() {
	l.stop()
	l.launches.Wait()
	l.releases.Wait()
	l.powers.Wait()
	l.addresses.Wait()
	l.background.Wait()
	l.feeds.Wait()
}
