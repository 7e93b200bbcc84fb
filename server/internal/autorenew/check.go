package autorenew

import (
	"context"
	"encoding/json"
	"maps"
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

// Check is the last check of a region.
type Check struct {
	Deductions
	// Time is when the check ended.
	Time time.Time
}

// Checks returns the last check of each region, by any replica. A region that was
// not checked is missing.
func (s *Settings) Checks(ctx context.Context) (map[string]Check, error) {
	s.mu.Lock()
	own, checking := maps.Clone(s.checks), s.checking
	s.mu.Unlock()
	if checking {
		return own, nil
	}
	found, err := s.store.Leases(ctx, leaseName)
	if err != nil {
		return nil, err
	}
	for _, l := range found {
		if l.Name == leaseName {
			return checksOf(l.Note), nil
		}
	}
	return nil, nil
}

// note is the note of the lease: the checks, for the other replicas and for the
// next holder.
func (s *Settings) note() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.checks == nil {
		return nil
	}
	text, err := json.Marshal(s.checks)
	if err != nil {
		return nil // a year beyond 9999
	}
	return text
}

func checksOf(note []byte) map[string]Check {
	checks := map[string]Check{}
	if json.Unmarshal(note, &checks) != nil {
		return nil // there is no note
	}
	return checks
}

// checked keeps the result of a check of a region, and reports it.
func (s *Settings) checked(region string, found Deductions) {
	s.mu.Lock()
	s.checks[region] = Check{Deductions: found, Time: time.Now().UTC()}
	s.mu.Unlock()
	s.config.Checked(region, &found)
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
				Name: leaseName, Holder: s.config.Holder, TTL: time.Minute, Try: 10 * time.Second, Note: s.note, Logger: s.config.Logger,
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
func (s *Settings) check(ctx context.Context, held *lease.Held) error {
	s.mu.Lock()
	s.checking = true
	if s.checks = checksOf(held.Lease().Note); s.checks == nil {
		s.checks = map[string]Check{}
	}
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.checking = false // the note remains, for the release of the lease
		s.mu.Unlock()
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
				s.checked(region, found)
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
