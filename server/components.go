package server

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/access"
	"github.com/ecsd-io/ecsd/server/internal/api"
	"github.com/ecsd-io/ecsd/server/internal/audit"
	"github.com/ecsd-io/ecsd/server/internal/autorenew"
	"github.com/ecsd-io/ecsd/server/internal/billing"
	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/catalog"
	"github.com/ecsd-io/ecsd/server/internal/changelog"
	"github.com/ecsd-io/ecsd/server/internal/cloud"
	"github.com/ecsd-io/ecsd/server/internal/disk"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/garbage"
	"github.com/ecsd-io/ecsd/server/internal/history"
	"github.com/ecsd-io/ecsd/server/internal/inventory"
	"github.com/ecsd-io/ecsd/server/internal/lease"
	"github.com/ecsd-io/ecsd/server/internal/lifecycle"
	"github.com/ecsd-io/ecsd/server/internal/modification"
	"github.com/ecsd-io/ecsd/server/internal/notify"
	"github.com/ecsd-io/ecsd/server/internal/payment"
	"github.com/ecsd-io/ecsd/server/internal/readiness"
	"github.com/ecsd-io/ecsd/server/internal/renewal"
	"github.com/ecsd-io/ecsd/server/internal/spending"
	"github.com/ecsd-io/ecsd/server/internal/spot"
	"github.com/ecsd-io/ecsd/server/internal/store"
	"github.com/ecsd-io/ecsd/server/internal/telemetry"
	"github.com/ecsd-io/ecsd/server/internal/visibility"
	"github.com/ecsd-io/ecsd/server/internal/watch"
	"github.com/ecsd-io/ecsd/simulator"
)

// The parts that services need to be SERVING.
const (
	partStore   = "store"
	partCloud   = "cloud"
	partBilling = "billing" // of no service
)

// needs lists the parts that each service requires. A service that is not in it
// has no health; a test compares the table with the services.
var needs = map[string][]string{
	ecsdv1.InstanceService_ServiceDesc.ServiceName: {partCloud, partStore},
	ecsdv1.RenewalService_ServiceDesc.ServiceName:  {partCloud, partStore},
	ecsdv1.SpotService_ServiceDesc.ServiceName:     {partCloud, partStore},
	ecsdv1.DiskService_ServiceDesc.ServiceName:     {partCloud},
	ecsdv1.AccessService_ServiceDesc.ServiceName:   {partStore},
	ecsdv1.CatalogService_ServiceDesc.ServiceName:  {partCloud},
}

// A connection to the cloud counts as alive if it responded in the last ten
// seconds. Otherwise it is probed, and it is down after three unanswered
// probes, which is half a minute. An idle server probes six times per minute.
const (
	cloudFresh    = 10 * time.Second
	cloudFailures = 3
)

// notifyStaleness is the age up to which notifications rely on the memory of a
// region.
const notifyStaleness = 10 * time.Minute

// components are the components behind the services, from the edge upward.
type components struct {
	edge          *cloud.Edge
	store         *store.Store
	inventory     *inventory.Inventory
	lifecycle     *lifecycle.Lifecycle
	renewals      *renewal.Engine
	modifications *modification.Engine
	autoRenew     *autorenew.Settings
	spot          *spot.Market
	disks         *disk.Disks
	catalog       *catalog.Catalog
	watch         *watch.Service
	changes       *history.History
	clock         ecs.Clock
	logger        *slog.Logger

	// bills is nil without --billing, and bill reads it.
	bills *billing.Bills
	bill  background

	spending *spending.Spending
	refusals *audit.Recorder

	history    background
	audit      background
	account    *account
	rateLimits *rateLimits

	// notifier is nil without --notify, and notifications sends.
	notifier      *notify.Notifier
	notifications background
}

// openComponents opens the components. The edge is first, so that a setting that it
// refuses leaves no database behind. file returns the access file in force, nil
// for none.
func openComponents(ctx context.Context, cfg Config, logger *slog.Logger, metrics *telemetry.Metrics, tracing *telemetry.Tracing, clock ecs.Clock, file func() *access.File) (_ *components, err error) {
	receivers, err := openNotifications(cfg.Notify, cfg.Regions)
	if err != nil {
		return nil, err
	}
	general, ofRegion, err := endpoints(cfg.Endpoints)
	if err != nil {
		return nil, &ConfigError{Rule: "--endpoint: " + err.Error()}
	}
	edgeConfig := cloud.Config{
		Regions: cfg.Regions, Endpoint: general, RegionEndpoints: ofRegion, EndpointScheme: cfg.Scheme, VPC: cfg.Network == networkVPC,
		Site:           ecs.Site(cfg.Site),
		Rates:          perMinute(cfg.Rates),
		Logger:         logger,
		Observer:       cloud.Observer{Ended: func(e cloud.CallEnd) { metrics.Cloud(observed(e)) }},
		TracerProvider: tracing.Provider,
	}
	if cfg.Simulate {
		edgeConfig.Credentials = cloud.StaticKeys(simulator.DefaultAccessKeyID, simulator.DefaultAccessKeySecret, "")
	}
	var recorder *history.Recorder // set before the first call, like ledger
	var ledger *store.Store
	edgeConfig.Owner = func(ctx context.Context, accountID string) (string, error) {
		return ledger.CloudAccount(ctx, accountID)
	}
	edgeConfig.Changing = func(ctx context.Context, regionID, action string, instanceIDs []string) func([]string) {
		return recorder.Changing(ctx, regionID, action, instanceIDs)
	}
	edge, err := cloud.New(edgeConfig)
	if err != nil {
		return nil, &ConfigError{Rule: err.Error()}
	}
	defer func() {
		if err != nil {
			edge.Close()
		}
	}()
	ledger, err = store.Open(ctx, cfg.Database)
	if err != nil {
		return nil, fmt.Errorf("--database %s: %w", store.Redact(cfg.Database), err)
	}
	defer func() {
		if err != nil {
			ledger.Close()
		}
	}()
	recorder = history.NewRecorder(ledger, logger)
	caps, callers := spendingLimits(file)
	ledger.LimitSpending(caps)
	visible := visibility.New(ledger)
	account := newAccount(edge.AccountID, logger)
	var collector garbage.Collector
	watcher, err := watch.New(ctx, edge, ledger, cfg.Regions, watch.Config{
		PollInterval: cfg.PollInterval, MaxWatches: cfg.MaxWatches, MaxWatchesPerCaller: cfg.Limits.WatchesPerCaller,
		MaxIDs: cfg.Limits.WatchedIDs, Hidden: visible.Hidden, Logger: logger,
		Encode: api.EncodeChange(account.ID), Quiet: func() { collector.Quiet() }, Observer: watchObserver(metrics),
	})
	if err != nil {
		return nil, fmt.Errorf("--database %s: %w", store.Redact(cfg.Database), err)
	}
	metrics.Watches(func() int { return watcher.Stats().Watches }, func() map[string]time.Time { return watcher.Stats().Observed })
	metrics.Renewals(ledger.RenewalLoad)
	metrics.Budget(func() []telemetry.RateUse { return rateUse(edge) })
	settings := autorenew.New(edge, ledger, autorenew.Config{
		Site: ecs.Site(cfg.Site), Regions: cfg.Regions, Check: cfg.Limits.DeductionCheck, Leases: ledger, Holder: uuid.NewString(),
		Checked: deductionObserver(metrics), Clock: clock, Logger: logger,
	})
	var engine *renewal.Engine // set before the first job
	var bills *billing.Bills
	var evidence payment.Bills // nil is none
	var changeEvidence modification.Bills
	var balance func(context.Context) ecs.Money
	if cfg.Billing {
		bills = billing.New(edge, ledger, billing.Config{
			Holder: uuid.NewString(), Changed: func(jobID string) { engine.Changed(jobID) },
			Settle: func(ctx context.Context, renewalID string, paid payment.Decided) error {
				_, err := engine.Resolve(ctx, renewalID, paid)
				return err
			}, Clock: clock, Logger: logger,
		})
		evidence, changeEvidence, balance = bills, bills, bills.Balance
	}
	outlook := newOutlook(watcher, ledger, cfg.Regions, clock)
	metrics.Expiring(expiring(outlook))
	engine = renewal.New(visibleEdge{edge, visible, outlook}, ledger, renewal.Config{
		Limits: payment.Limits{SettleWindow: cfg.RenewalSettle, TrustAge: cfg.RenewalTrust}, MaxJobSize: cfg.Limits.JobSize, Regions: cfg.Regions, Touched: watcher.Touch, Logger: logger,
		Bills: evidence, Balance: balance, Observer: renewalObserver(metrics), Clock: clock,
	})
	r := &components{
		edge: edge, store: ledger, watch: watcher, changes: history.New(ledger, ecs.Site(cfg.Site), clock), clock: clock, logger: logger,
		inventory: inventory.New(visibility.Reader{Cloud: edge, Guard: visible}, settings, watcher),
		lifecycle: lifecycle.New(edge, ledger, lifecycle.Config{MaxRelease: cfg.MaxRelease, Touched: watcher.Touch, Clock: clock, Logger: logger}),
		renewals:  engine,
		bills:     bills,
		modifications: modification.New(visibleEdge{edge, visible, outlook}, ledger, modification.Config{
			Limits: modification.Limits{SettleWindow: cfg.RenewalSettle, TrustAge: cfg.RenewalTrust}, Bills: changeEvidence,
			Regions: cfg.Regions, Touched: watcher.Touch, Clock: clock, Logger: logger,
		}),
		autoRenew: settings,
		spending:  spending.New(ledger, callers),
		refusals:  audit.NewRecorder(ledger, logger),
		spot:      spot.New(edge),
		disks:     disk.New(edge),
		catalog:   catalog.New(edge),
		account:   account, rateLimits: newRateLimits(edge.ReadRateLimits, logger),
	}
	metrics.Account(r.account.ID)
	if bills != nil {
		r.bill.name, r.bill.run = "billing", bills.Run
	}
	if receivers != nil {
		var sent func(receiver, outcome string) // set before the first send
		r.notifier = notify.New(notify.Sources{Fleet: watcher, Settings: settings, Ledger: ledger}, ledger, notify.Config{
			File: receivers, Regions: cfg.Regions, Holder: uuid.NewString(), StoreID: ledger.ID(), Check: cfg.Limits.NotifyCheck,
			MaxStaleness: max(notifyStaleness, 3*cfg.PollInterval), AccountID: r.account.ID,
			Sent: func(receiver, outcome string) { sent(receiver, outcome) }, Clock: clock, Logger: logger,
		})
		sent = metrics.Notifications(receiverLoads(r.notifier))
		r.notifications.name, r.notifications.run = "notifications", r.notifier.Run
	}
	metrics.Audit(ledger.AuditHead)
	r.audit.name, r.audit.run = "seal of the audit", func(ctx context.Context) {
		keeper := audit.Keeper{Chain: ledger, Retention: cfg.AuditRetention, Logger: logger}
		_ = lease.Run(ctx, ledger, lease.Config{Name: "audit", Holder: uuid.NewString(), Logger: logger}, // the error is that of ctx
			func(ctx context.Context, held *lease.Held) error { return keeper.Run(ctx, held.Lease) })
	}
	r.history.name, r.history.run = "removal of old changes", func(ctx context.Context) {
		_ = lease.Run(ctx, ledger, lease.Config{ // the error is that of ctx
			Name: "history", Holder: uuid.NewString(), TTL: time.Minute, Try: 10 * time.Second, Logger: logger,
		}, func(ctx context.Context, _ *lease.Held) error {
			ledger.KeepHistory(ctx, changelog.History{Age: cfg.History, MaxChanges: cfg.Limits.HistoryChanges}, logger)
			return ctx.Err()
		})
	}
	return r, nil
}

// visibleEdge is an edge with reads by ID that wait for instances that ecsd
// launched and that the cloud does not show yet.
type visibleEdge struct {
	*cloud.Edge
	visible *visibility.Guard
	outlook *inventory.Outlook
}

func (e visibleEdge) Instances(ctx context.Context, regionID string, ids []string) []ecs.Result[ecs.Instance] {
	return visibility.Reader{Cloud: e.Edge, Guard: e.visible}.Instances(ctx, regionID, ids)
}

// RenewGrant waits for the right to send one paid call to the region.
func (e visibleEdge) RenewGrant(ctx context.Context, regionID string) (payment.Grant, error) {
	grant, err := e.Edge.RenewGrant(ctx, regionID)
	if err != nil {
		return nil, err
	}
	return grant, nil
}

// ModifyGrant waits for the right to send one call of an action to the region.
func (e visibleEdge) ModifyGrant(ctx context.Context, regionID, action string) (modification.Grant, error) {
	grant, err := e.Edge.ModifyGrant(ctx, regionID, action)
	if err != nil {
		return nil, err
	}
	return grant, nil
}

// start resumes the work of an earlier process.
func (r *components) start(ctx context.Context) error {
	r.account.start(ctx)
	r.rateLimits.start(ctx)
	if err := r.account.wait(ctx); err != nil {
		return err
	}
	r.rateLimits.wait(ctx)
	if err := r.renewals.Resume(ctx); err != nil {
		return fmt.Errorf("take up the renewals in progress: %w", err)
	}
	if err := r.lifecycle.Resume(ctx); err != nil {
		return fmt.Errorf("take up the launches in progress: %w", err)
	}
	r.modifications.Start()
	r.history.start(ctx)
	if r.bills != nil {
		r.bill.start(ctx)
	}
	r.audit.start(ctx)
	r.autoRenew.Start(ctx)
	if r.notifier != nil {
		r.notifications.start(ctx)
	}
	r.watch.Start()
	return nil
}

func (r *components) register(server grpc.ServiceRegistrar, cfg Config, tagKey func(string) bool, report func() readiness.Report) {
	components := api.Components{
		TagKey: tagKey,
		Status: api.Status{
			Version: Version(), Start: time.Now(), Report: report, Regions: r.watch.Regions, Rates: r.rates, AutoRenewals: r.autoRenew.Checks, Load: r.store.RenewalLoad,
			Plans: r.renewals.Pricing,
		},
		Inventory: r.inventory, Lifecycle: r.lifecycle, Modifications: r.modifications, AutoRenew: r.autoRenew,
		Renewals: r.renewals, RenewalRecords: renewal.NewReader(r.store), RenewalPreviews: renewal.NewPreviews(r.store),
		Spot: r.spot, Disks: r.disks, Catalog: r.catalog, Watcher: r.watch, History: r.changes, Spending: r.spending, Audit: r.store, Regions: cfg.Regions,
		WatchLife: cfg.Limits.AgeGrace, Clock: r.clock, Logger: r.logger, StoreID: r.store.ID(), AccountID: r.account.ID,
	}
	if r.notifier != nil {
		components.Status.Receivers = r.notifier.Receivers
	}
	if r.bills != nil {
		components.SubscriptionEnds = r.bills.SubscriptionEnds
	}
	api.Register(server, components)
}

// parts are the parts that health depends on.
func (r *components) parts() []readiness.Part {
	parts := []readiness.Part{
		{Name: partStore, Check: r.store.Ping},
		{Name: partCloud, Failures: cloudFailures, Check: func(ctx context.Context) error {
			if time.Since(r.edge.LastAnswer()) < cloudFresh {
				return nil
			}
			return r.edge.Ping(call.InLane(ctx, call.Poll))
		}},
	}
	if r.bills != nil {
		parts = append(parts, readiness.Part{Name: partBilling, Optional: true, Check: r.bills.Check})
	}
	return parts
}

// drains returns the functions that announce the stop of the server, in order:
// each ends the streams of its component with a reason, within ctx.
func (r *components) drains() []func(context.Context) {
	return []func(context.Context){
		func(context.Context) { r.watch.Drain() },
		func(context.Context) { r.renewals.Drain() },
		func(context.Context) { r.lifecycle.Drain() },
	}
}

// close closes the components from the top down. Payments in progress are
// advanced to a state that a restart can resume.
func (r *components) close() error {
	r.notifications.close()
	r.watch.Close()
	r.lifecycle.Close()
	r.renewals.Close()
	r.modifications.Close()
	r.autoRenew.Close()
	r.bill.close()
	r.edge.Close()
	r.account.close()
	r.rateLimits.close()
	r.history.close()
	r.refusals.Close() // before the last seal
	r.audit.close()
	if err := r.store.Close(); err != nil {
		return fmt.Errorf("close the database: %w", err)
	}
	return nil
}

// watchObserver counts the events of the watches.
func watchObserver(metrics *telemetry.Metrics) watch.Observer {
	return watch.Observer{
		Polled: func(regionID string, _ time.Time, _ bool, failure *ecs.Error) {
			reason := ""
			if failure != nil {
				reason = string(failure.Reason)
			}
			metrics.Polled(regionID, reason)
		},
		Changed: metrics.Changed, Delivered: metrics.Delivered, SlowReader: metrics.SlowReader,
	}
}

// lanes are the words that metrics use.
var lanes = map[call.Lane]string{call.Poll: "poll", call.Read: "read", call.Write: "write"}

// observed converts the edge's record of one call for the metrics. If a call
// has no response, its reason replaces the code.
func observed(e cloud.CallEnd) telemetry.CloudCall {
	code := e.Code
	if code == "" {
		code = string(e.Reason)
	}
	return telemetry.CloudCall{
		Action: e.Action, Region: e.Region, Lane: lanes[e.Lane], Code: code,
		Duration: e.Duration, Waited: e.Waited, Throttled: e.Throttled,
	}
}

// rateUse is the edge's rate budget as the metrics take it.
func rateUse(edge *cloud.Edge) []telemetry.RateUse {
	var all []telemetry.RateUse
	for _, u := range edge.RateUse() {
		all = append(all, telemetry.RateUse{Action: u.Action, Region: u.Region, Granted: u.Granted, Limit: u.Limit, Waiting: u.Waiting})
	}
	return all
}

// rates is the edge's rate budget as the API takes it.
func (r *components) rates() []api.RateUse {
	var all []api.RateUse
	for _, u := range r.edge.RateUse() {
		all = append(all, api.RateUse{Action: u.Action, RegionID: u.Region, Granted: u.Granted, Limit: u.Limit, Waiting: u.Waiting})
	}
	return all
}

// autoRenewStates are the states as the metrics and the contract name them.
var autoRenewStates = map[ecs.AutoRenewState]string{
	ecs.AutoRenewStateUnknown: "UNSPECIFIED", ecs.AutoRenewStateOff: "OFF",
	ecs.AutoRenewStateScheduled: "SCHEDULED", ecs.AutoRenewStateFailing: "FAILING",
}

func renewalObserver(metrics *telemetry.Metrics) payment.Observer {
	return payment.Observer{
		Ended: metrics.RenewalsEnded, Paid: metrics.RenewalPaid,
	}
}

// deductionObserver reports the automatic renewals of a region, for as long as
// this replica checks them.
func deductionObserver(metrics *telemetry.Metrics) func(region string, found *autorenew.Deductions) {
	return func(region string, found *autorenew.Deductions) {
		if found == nil {
			metrics.ForgetAutoRenewals(region)
			return
		}
		for state, name := range autoRenewStates {
			metrics.AutoRenewals(region, name, found.States[state])
		}
		metrics.AutoRenewDrift(region, found.Drifted)
	}
}
