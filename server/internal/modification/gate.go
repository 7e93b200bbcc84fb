package modification

import (
	"context"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

const (
	// sendTimeout bounds one send; closeGrace is how long a closing engine waits
	// for it. Past it the outcome is unknown and settled by the next start.
	sendTimeout = time.Minute
	closeGrace  = 10 * time.Second
	// billTimeout bounds the wait for the bill: a bill that does not respond delays
	// neither a settlement nor a send.
	billTimeout = 2 * time.Second
	// maxPasses bounds the passes of the gate that end because the instance was
	// changed between the read of the price and the last read, or because the
	// reads were too slow.
	maxPasses = 5
)

// Grant is permission to send one order now.
type Grant interface {
	// Send sends the order once. An error's Effect reports whether it may have had
	// an effect.
	Send(ctx context.Context, order ecs.ModifyOrder) (ecs.Modified, error)
	// Release returns the grant if it was not used.
	Release()
}

// priced is the price of a change of an instance.
type priced struct {
	amount    ecs.Money
	downgrade bool
	setup     ledger.Setup
	// at is the time of the response: the request can wait for the rate budget
	// longer than a price is valid.
	at time.Time
}

// pass takes a modification through the gate: the price first, then a rate
// grant, then a fresh read, then the intent, then the send. Nothing waits between
// the read and the send but the transaction of the intent.
func (r *run) pass(ctx context.Context) error {
	m := r.m
	if err := r.frozen(ctx); err != nil {
		return r.advance(ctx, Refused{err})
	}
	p, err := r.engine.price(ctx, m)
	if err != nil {
		return r.advance(ctx, Refused{ecs.AsRefusal(err)})
	}
	order := ecs.ModifyOrder{
		RegionID: m.RegionID, InstanceID: m.InstanceID, From: p.setup.ChargeType, To: m.Change.ChargeType, Period: m.Change.Period,
		InstanceType: m.Change.InstanceType, Downgrade: p.downgrade,
	}
	grant, err := r.engine.cloud.ModifyGrant(ctx, m.RegionID, order.Action())
	if err != nil {
		return r.advance(ctx, Refused{ecs.AsRefusal(err)})
	}
	defer grant.Release()
	began := time.Now()
	read, orders := r.evidence(ctx)
	if read.Err != nil {
		return r.advance(ctx, Refused{ecs.AsRefusal(read.Err)})
	}
	if m.State != ledger.ModificationUnknown && !r.commit() {
		return context.Canceled
	}
	permitted := time.Now()
	if err := r.advance(ctx, Gated{
		Price: p.amount, PriceTime: p.at, Downgrade: p.downgrade, Priced: p.setup, Instance: read.Value, ReadTime: began, Orders: orders,
	}); err != nil || r.step != Send {
		return err
	}
	// A freeze may have come after a commit that was reported late.
	late := time.Since(permitted) > ledger.MaxPermitAge && r.frozen(ctx) != nil
	if late || time.Since(began) > ledger.MaxReadAge {
		return r.advance(ctx, Unsent{})
	}
	sending, cancel := r.sendContext(ctx)
	defer cancel()
	order.ClientToken = r.m.ClientToken
	modified, err := grant.Send(sending, order)
	r.engine.config.Touched(m.RegionID, []string{m.InstanceID})
	in := Sent{Modified: modified}
	if err != nil {
		in.Err = ecs.AsRefusal(ecs.Lagging(read.Value, err))
	}
	return r.advance(ctx, in)
}

// frozen returns why nothing may be paid now, nil if spending is not frozen. The
// store refuses the intent as well: this spares the calls to the cloud.
func (r *run) frozen(ctx context.Context) *ecs.Error {
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	err := r.engine.records.PermitSpending(ctx, r.m.Caller, nil)
	if err == nil {
		return nil
	}
	if refused := ecs.AsError(spendRefusal(err, r.m)); refused != nil {
		return refused
	}
	return &ecs.Error{
		Reason: ecs.ReasonStoreUnavailable, Message: "whether spending is frozen could not be read; nothing was paid", Retry: ecs.RetryBackoff, Cause: err,
		RegionID: r.m.RegionID, InstanceID: r.m.InstanceID,
	}
}

// sendContext returns the context of a send. Neither a caller nor a closing
// engine ends it at once, but it is bounded.
func (r *run) sendContext(ctx context.Context) (context.Context, context.CancelFunc) {
	sending, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendTimeout)
	stop := context.AfterFunc(r.engine.ctx, func() { time.AfterFunc(closeGrace, cancel) })
	return sending, func() { stop(); cancel() }
}

// price reads the instance and then the price of its change.
func (e *Engine) price(ctx context.Context, m ledger.Modification) (priced, error) {
	read := e.cloud.Instances(ctx, m.RegionID, []string{m.InstanceID})[0]
	if read.Err != nil {
		return priced{}, read.Err
	}
	i := read.Value
	// Checked before the price is read, because the cloud prices no change that it
	// would refuse. The direction is not known yet.
	if refusal := Check(m.Change, i, false, e.config.Clock.Now()); refusal != nil && m.State != ledger.ModificationUnknown {
		return priced{}, refusal
	}
	p := priced{setup: ledger.SetupOf(i)}
	var err error
	switch to := m.Change; {
	case to.ChargeType == ecs.ChargePayAsYouGo:
		// It is refunded.
	case to.ChargeType == ecs.ChargeSubscription:
		p.amount, err = e.newPrice(ctx, i, ecs.InstanceSpec{Type: i.Type, ChargeType: ecs.ChargeSubscription, Period: to.Period})
	case i.ChargeType == ecs.ChargePayAsYouGo:
		p.amount, err = e.newPrice(ctx, i, ecs.InstanceSpec{Type: to.InstanceType, ChargeType: ecs.ChargePayAsYouGo})
	default:
		p.amount, p.downgrade, err = e.resizePrice(ctx, i, to.InstanceType)
	}
	if ecs.HasReason(err, ecs.ReasonPriceUnavailable) && m.MaxPrice.IsZero() {
		err = nil // any price is allowed
	}
	p.at = time.Now()
	return p, err
}

// newPrice reads the price of a new instance with the system disk and the
// bandwidth of an existing one: the cloud prices the change of an existing
// instance no other way. Data disks do not change and are no part of it.
func (e *Engine) newPrice(ctx context.Context, i ecs.Instance, spec ecs.InstanceSpec) (ecs.Money, error) {
	disks, err := e.cloud.Disks(ctx, i.RegionID, ecs.DiskQuery{InstanceID: i.ID, Type: "system"}, "", 1)
	if err != nil {
		return ecs.Money{}, err
	}
	spec.ZoneID = i.ZoneID
	if i.Network.InternetChargeType == "PayByBandwidth" {
		spec.InternetChargeType, spec.InternetBandwidthOutMbps = i.Network.InternetChargeType, i.Network.BandwidthOutMbps
	}
	if len(disks.Disks) > 0 {
		d := disks.Disks[0]
		spec.ImageID = i.ImageID // the cloud prices a system disk by its image
		spec.SystemDisk = ecs.DiskSpec{Category: d.Category, SizeGiB: d.SizeGiB, PerformanceLevel: d.PerformanceLevel}
	}
	quote, err := e.cloud.InstancePrice(ctx, ecs.LaunchOrder{RegionID: i.RegionID, Spec: spec, Count: 1})
	return quote.Price, err
}

// resizePrice reads the price of another type for a subscription. The cloud
// prices upgrades only: if it refuses, the monthly prices of both types show
// whether the change is a downgrade, which costs nothing.
func (e *Engine) resizePrice(ctx context.Context, i ecs.Instance, instanceType string) (price ecs.Money, downgrade bool, err error) {
	quote, err := e.cloud.UpgradePrice(ctx, i.RegionID, i.ID, instanceType)
	if err == nil {
		return quote.Price, false, nil
	}
	if refusal := ecs.AsRefusal(err); refusal.Retry != ecs.RetryNever || refusal.Reason == ecs.ReasonInstanceNotFound {
		return ecs.Money{}, false, err
	}
	monthly := func(of string) (ecs.Money, error) {
		return e.newPrice(ctx, i, ecs.InstanceSpec{Type: of, ChargeType: ecs.ChargeSubscription, Period: ecs.Period{Count: 1, Unit: ecs.Month}})
	}
	before, old := monthly(i.Type)
	after, failed := monthly(instanceType)
	if old != nil || failed != nil {
		return ecs.Money{}, false, err
	}
	if cheaper, mismatch := after.Cmp(before); mismatch != nil || cheaper >= 0 {
		return ecs.Money{}, false, err
	}
	return ecs.Money{CurrencyCode: after.CurrencyCode}, true, nil
}
