package autorenew

import (
	"context"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/lease"
	"github.com/ecsd-io/ecsd/server/internal/rescue"
	"github.com/ecsd-io/ecsd/server/internal/sleep"
)

// Deductions counts the automatic renewals of a region, for subscriptions that
// expire within ten days or did in the last fifteen.
type Deductions struct {
	States map[ecs.AutoRenewState]int
	// Drifted counts settings that differ from the desired ones.
	Drifted int
}

const (
	// leaseName is the lease under which one replica checks.
	leaseName = "deductions"
	// checkTimeout bounds the check of one region.
	checkTimeout = 5 * time.Minute
)

// Start begins the check of all regions, which ends with Close.
func (s *Settings) Start(ctx context.Context) {
	ctx, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	if s.config.Check <= 0 {
		return
	}
	s.runs.Go(func() {
		rescue.Loop(ctx, s.config.Logger, "check of deductions", func(ctx context.Context) {
			_ = lease.Run(ctx, s.config.Leases, lease.Config{ // the error is that of ctx
				Name: leaseName, Holder: s.config.Holder, TTL: time.Minute, Try: 10 * time.Second, Logger: s.config.Logger,
			}, s.check)
		})
	})
}

// Close ends the check and waits for it.
func (s *Settings) Close() {
	if s.stop != nil {
		s.stop()
	}
	s.runs.Wait()
}

// check checks every region until ctx ends. The first check is early, but not in
// the rush of a start.
func (s *Settings) check(ctx context.Context, _ *lease.Held) error {
	defer func() {
		for _, region := range s.config.Regions {
			s.config.Checked(region, nil)
		}
	}()
	for wait := s.config.Check / 10; sleep.For(ctx, wait) == nil; wait = s.config.Check {
		for _, region := range s.config.Regions {
			found, err := s.deductions(call.InLane(ctx, call.Poll), region)
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case err != nil:
				s.config.Logger.Warn("check of automatic renewals failed", "region", region, "error", err.Error())
			default:
				s.config.Checked(region, &found)
			}
		}
	}
	return ctx.Err()
}

func (s *Settings) deductions(ctx context.Context, region string) (Deductions, error) {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	q := ecs.Query{ChargeTypes: []ecs.ChargeType{ecs.ChargeSubscription}, Expiry: near(s.config.Clock.Now().UTC())}
	found := Deductions{States: map[ecs.AutoRenewState]int{}}
	for cursor := ""; ; {
		page, err := s.cloud.InstancePage(ctx, region, q, cursor, 100)
		if err != nil {
			return Deductions{}, err
		}
		outlooks, err := s.Outlooks(ctx, page.Instances, 0)
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
