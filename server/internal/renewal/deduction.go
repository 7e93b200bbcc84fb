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
			ids := make([]string, len(at))
			for n, i := range at {
				ids[n] = instances[i].ID
			}
			wishes, err := e.ledger.AutoRenewWishes(ctx, region, ids)
			if err != nil {
				errs <- err
				return nil
			}
			for n, read := range e.cloud.AutoRenewSettings(ctx, region, ids) {
				if err = errors.Join(err, read.Err); read.Err == nil {
					outlooks[at[n]] = e.outlook(instances[at[n]], read.Value, wishes)
				}
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

// outlook holds a setting against the schedule, and against what was asked.
func (e *Engine) outlook(instance ecs.Instance, held ecs.AutoRenewSetting, wishes map[string]ecs.AutoRenewWish) (o ecs.AutoRenewOutlook) {
	now := time.Now().UTC()
	if (held.Status == ecs.AutoRenewOff || held.Status == ecs.AutoRenewNever) && instance.ExpireTime.Before(now.Add(deductAhead)) {
		e.seenOff.off(instance.ID, now)
	}
	wish, asked := wishes[instance.ID]
	on := e.seenOff.last(instance.ID)
	if asked && wish.Status == ecs.AutoRenewOn && wish.OnTime.After(on) {
		on = wish.OnTime
	}
	o.State, o.Next = e.config.Site.AutoRenew(instance, held, on, now)
	if asked && wish.Differs(held) {
		o.Drift = &wish
	}
	return o
}

// What expires in this time, or did, is near enough for a deduction to be due
// on either site.
const (
	deductAhead  = 10 * 24 * time.Hour
	deductBehind = 15 * 24 * time.Hour
)

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
		e.seenOff.forget(time.Now().Add(-deductAhead - deductBehind))
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
	now := time.Now().UTC()
	q := ecs.Query{ChargeType: ecs.ChargeSubscription, Expiry: ecs.Window{After: now.Add(-deductBehind), Before: now.Add(deductAhead)}}
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
