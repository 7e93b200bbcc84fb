package renewal

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/sleep"
)

// Outlooks tells of each subscription how its automatic renewal goes. Where a
// setting cannot be read, its outlook is zero, and the errors are joined.
func (e *Engine) Outlooks(ctx context.Context, instances []ecs.Instance) ([]ecs.AutoRenewOutlook, error) {
	outlooks := make([]ecs.AutoRenewOutlook, len(instances))
	places := map[string][]int{}
	for i, instance := range instances {
		places[instance.RegionID] = append(places[instance.RegionID], i)
	}
	var group errgroup.Group
	errs := make(chan error, len(places))
	for region, at := range places {
		group.Go(func() error {
			some, ids := make([]ecs.Instance, len(at)), make([]string, len(at))
			for n, i := range at {
				some[n], ids[n] = instances[i], instances[i].ID
			}
			settings := e.cloud.AutoRenewSettings(ctx, region, ids)
			found, err := e.outlooks(ctx, region, some, settings)
			for n, i := range at {
				outlooks[i] = found[n]
				err = errors.Join(err, settings[n].Err)
			}
			errs <- err
			return nil
		})
	}
	_ = group.Wait() // its errors are in errs
	close(errs)
	var all error
	for err := range errs {
		all = errors.Join(all, err)
	}
	return outlooks, all
}

// outlooks holds settings of a region that were just read against the schedule,
// what was asked, and what was seen before, and remembers what is seen now. A
// setting that was not read has a zero outlook; so have all where the ledger
// fails.
func (e *Engine) outlooks(ctx context.Context, regionID string, instances []ecs.Instance, settings []Setting) ([]ecs.AutoRenewOutlook, error) {
	outlooks := make([]ecs.AutoRenewOutlook, len(instances))
	ids := make([]string, len(settings))
	for i, held := range settings {
		ids[i] = held.ID
	}
	wishes, err := e.ledger.AutoRenewWishes(ctx, regionID, ids)
	if err != nil {
		return outlooks, err
	}
	now := time.Now().UTC()
	sights, err := e.notice(ctx, regionID, instances, settings, now)
	if err != nil {
		return outlooks, err
	}
	for i, held := range settings {
		if held.Err != nil {
			continue
		}
		wish, asked := wishes[held.ID]
		since := sights[held.ID].ChangeTime
		if asked && wish.Status == ecs.AutoRenewOn && wish.OnTime.After(since) {
			since = wish.OnTime
		}
		outlooks[i].State, outlooks[i].Next = e.config.Site.AutoRenew(instances[i], held.Value, since, now)
		if asked && wish.Differs(held.Value) {
			outlooks[i].Drift = &wish
		}
	}
	return outlooks, nil
}

// Deductions are how the automatic renewals of a region go, of the subscriptions
// that expire within ten days or did in the last fifteen.
type Deductions struct {
	States map[ecs.AutoRenewState]int
	// Drifted are those of which the cloud holds another setting than was asked.
	Drifted int
}

// watchDeductions looks at every region until the engine closes. The first look
// is soon, but not in the crowd of a start.
func (e *Engine) watchDeductions() {
	for wait := e.config.DeductionCheck / 10; sleep.For(e.ctx, wait) == nil; wait = e.config.DeductionCheck {
		for _, region := range e.config.Regions {
			found, err := e.deductions(call.InLane(e.ctx, call.Poll), region)
			switch {
			case e.ctx.Err() != nil:
				return
			case err != nil:
				e.config.Logger.Warn("automatic renewals are not looked at", "region", region, "error", err.Error())
			case e.config.Observer.Deductions != nil:
				e.config.Observer.Deductions(region, found)
			}
		}
	}
}

func (e *Engine) deductions(ctx context.Context, region string) (Deductions, error) {
	q := ecs.Query{ChargeType: ecs.ChargeSubscription, Expiry: deductible(time.Now().UTC())}
	found := Deductions{States: map[ecs.AutoRenewState]int{}}
	for cursor := ""; ; {
		page, err := e.cloud.InstancePage(ctx, region, q, cursor, 100)
		if err != nil {
			return Deductions{}, err
		}
		outlooks, err := e.Outlooks(ctx, page.Instances)
		if err != nil {
			return Deductions{}, err
		}
		for _, o := range outlooks {
			found.States[o.State]++
			if o.Drift != nil {
				found.Drifted++
			}
		}
		if cursor = page.Next; cursor == "" {
			return found, nil
		}
	}
}
