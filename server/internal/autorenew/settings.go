package autorenew

import (
	"context"
	"log/slog"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/lease"
)

// Cloud is the part of the cloud that this package calls. Batch calls return one
// result per ID, in request order.
type Cloud interface {
	Instances(ctx context.Context, regionID string, ids []string) []ecs.Result[ecs.Instance]
	InstancePage(ctx context.Context, regionID string, q ecs.Query, cursor string, limit int) (ecs.Page, error)
	AutoRenewSettings(ctx context.Context, regionID string, ids []string) []ecs.Result[ecs.AutoRenewSetting]
	// SetAutoRenew keeps the period of an instance if period is zero.
	SetAutoRenew(ctx context.Context, regionID string, ids []string, status ecs.AutoRenewStatus, period ecs.Period) []ecs.Result[struct{}]
}

// Store keeps the desired settings and the observations. Acknowledged writes
// are on disk.
type Store interface {
	SaveDesiredAutoRenew(ctx context.Context, desired []ecs.DesiredAutoRenew) error
	DesiredAutoRenew(ctx context.Context, regionID string, ids []string) (map[string]ecs.DesiredAutoRenew, error)
	// SaveAutoRenewObservations drops observations that expired before past.
	SaveAutoRenewObservations(ctx context.Context, observations []ecs.AutoRenewObservation, past time.Time) error
	AutoRenewObservations(ctx context.Context, regionID string, ids []string) (map[string]ecs.AutoRenewObservation, error)
	// Leases reads the leases with names that begin with the prefix.
	Leases(ctx context.Context, prefix string) ([]ecs.Lease, error)
}

// Config has the settings of an operator. The zero value of a field means its
// default.
type Config struct {
	// Site is the account's, which determines the days of deduction. Default
	// ecs.SiteChina.
	Site ecs.Site
	// Regions are checked for failing deductions every Check. Zero disables the
	// check.
	Regions []string
	Check   time.Duration
	// Leases elect the replica that checks, as Holder.
	Leases lease.Store
	Holder string
	// Checked receives the result of each check of a region, and nil if this
	// replica no longer checks. It must not block. Default none.
	Checked func(regionID string, found *Deductions)
	// Clock is the cloud's. Default time.Now.
	Clock ecs.Clock
	// Logger reports errors that no response carries. Default slog.Default().
	Logger *slog.Logger
}

// Settings reads, sets and checks automatic renewals. It is safe for concurrent
// use.
type Settings struct {
	cloud  Cloud
	store  Store
	config Config
	// recent are the settings that were last read.
	recent *lru.Cache[settingKey, recentSetting]

	mu sync.Mutex
	// checking: this replica checks, and checks are the last checks by region.
	checking bool
	checks   map[string]Check

	stop context.CancelFunc
	runs sync.WaitGroup
}

// New returns Settings. Start begins the check of deductions.
func New(cloud Cloud, store Store, config Config) *Settings {
	if config.Site == "" {
		config.Site = ecs.SiteChina
	}
	if config.Checked == nil {
		config.Checked = func(string, *Deductions) {}
	}
	if config.Logger == nil {
		config.Logger = slog.Default()
	}
	return &Settings{cloud: cloud, store: store, config: config, recent: newRecent()}
}

// Setting is a setting with its outlook.
type Setting struct {
	ecs.AutoRenewSetting
	ecs.AutoRenewOutlook
}

// storeTimeout bounds each call to the store.
const storeTimeout = 10 * time.Second

// Get reads settings: one result per ID, in request order. The cloud refuses a
// whole call for one pay-as-you-go ID, so it is called for subscriptions only. If
// the store cannot be read, the outlooks are zero and the error is logged.
func (s *Settings) Get(ctx context.Context, regionID string, ids []string) []ecs.Result[Setting] {
	reads := s.subscriptions(ctx, regionID, ids)
	settings := make([]result, len(ids))
	var good []string
	for i, read := range reads {
		settings[i].ID, settings[i].Err = read.ID, read.Err
		if read.Err == nil {
			good = append(good, read.ID)
		}
	}
	s.read(ctx, regionID, good, settings)
	for i, read := range reads {
		if read.Err == nil {
			settings[i].Err = ecs.Lagging(read.Value, settings[i].Err)
		}
	}
	return s.withOutlooks(ctx, regionID, reads, settings)
}

// result is a setting as the cloud returned it.
type result = ecs.Result[ecs.AutoRenewSetting]

// withOutlooks adds the outlooks to settings that were just read.
func (s *Settings) withOutlooks(ctx context.Context, regionID string, reads []ecs.Result[ecs.Instance], settings []result) []ecs.Result[Setting] {
	instances := make([]ecs.Instance, len(reads))
	for i, read := range reads {
		instances[i] = read.Value
	}
	outlooks, err := s.outlooks(ctx, regionID, instances, settings)
	if err != nil && ctx.Err() == nil {
		s.config.Logger.Warn("auto-renew outlooks not read", "region", regionID, "instances", len(instances), "error", err.Error())
	}
	results := withoutOutlooks(settings)
	for i, outlook := range outlooks {
		results[i].Value.AutoRenewOutlook = outlook
	}
	return results
}

func withoutOutlooks(settings []result) []ecs.Result[Setting] {
	results := make([]ecs.Result[Setting], len(settings))
	for i, r := range settings {
		results[i] = ecs.Result[Setting]{ID: r.ID, Err: r.Err, Value: Setting{AutoRenewSetting: r.Value}}
	}
	return results
}

// subscriptions reads instances. One that is no subscription has an error.
func (s *Settings) subscriptions(ctx context.Context, regionID string, ids []string) []ecs.Result[ecs.Instance] {
	reads := s.cloud.Instances(ctx, regionID, ids)
	for i, read := range reads {
		if read.Err == nil && read.Value.ChargeType != ecs.ChargeSubscription {
			reads[i].Err = ecs.Errorf(ecs.ReasonNotSubscription,
				"instance %s is pay-as-you-go; only a subscription is renewed", read.ID).On(regionID, read.ID)
		}
	}
	return reads
}

// read reads the settings of the IDs into their slots in results.
func (s *Settings) read(ctx context.Context, regionID string, ids []string, results []result) {
	if len(ids) == 0 {
		return
	}
	byID := make(map[string]result, len(ids))
	for _, r := range s.readSettings(ctx, regionID, ids, 0) {
		byID[r.ID] = r
	}
	for i, r := range results {
		if read, ok := byID[r.ID]; ok {
			results[i] = read
		}
	}
}
