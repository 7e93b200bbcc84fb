package simulator

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/ecsd-io/ecsd/simulator/control"
	"github.com/ecsd-io/ecsd/simulator/internal/account"
	"github.com/ecsd-io/ecsd/simulator/internal/action"
	"github.com/ecsd-io/ecsd/simulator/internal/auth"
	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/clock"
	"github.com/ecsd-io/ecsd/simulator/internal/endpoint"
	"github.com/ecsd-io/ecsd/simulator/internal/fault"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/label"
	"github.com/ecsd-io/ecsd/simulator/internal/lifecycle"
	"github.com/ecsd-io/ecsd/simulator/internal/market"
	"github.com/ecsd-io/ecsd/simulator/internal/seed"
	"github.com/ecsd-io/ecsd/simulator/internal/stock"
	"github.com/ecsd-io/ecsd/simulator/internal/storage"
	"github.com/ecsd-io/ecsd/simulator/internal/subscription"
	"github.com/ecsd-io/ecsd/simulator/internal/throttle"
	"github.com/ecsd-io/ecsd/simulator/internal/usage"
)

// ownerID is the number of the simulated account.
const ownerID = 1234567890123456

// firstOrder is the first order ID.
const firstOrder = 210_000_000_000_000

// Simulator is a simulated cloud and its http.Handler. All methods are safe for concurrent use.
type Simulator struct {
	clock   *clock.Clock
	world   *action.World
	faults  *fault.Faults
	nursery *seed.Nursery
	biller  *usage.Biller
	api     *endpoint.Endpoint
	control http.Handler

	closing   chan struct{}
	closeOnce sync.Once
}

var (
	_ http.Handler   = (*Simulator)(nil)
	_ control.Target = (*Simulator)(nil)
)

// New returns a simulator. It starts no goroutine and opens no port; see [Simulator.Serve].
func New(config Config) (*Simulator, error) {
	c, err := config.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("simulator: %w", err)
	}
	keys := []auth.Key{{ID: c.AccessKeyID, Secret: c.AccessKeySecret}}
	for _, k := range c.MoreKeys {
		keys = append(keys, auth.Key{ID: k.ID, Secret: k.Secret, SecurityToken: k.SecurityToken, Denied: k.Denied, EmptyLists: k.EmptyLists})
	}
	authenticator, err := auth.New(keys, c.Skew, c.Wall)
	if err != nil {
		return nil, fmt.Errorf("simulator: %w", err)
	}
	rates := map[string]throttle.Rate{}
	for _, r := range c.Rates {
		rates[r.Action] = throttle.Rate{Calls: r.Calls, Window: r.Window}
	}

	s := &Simulator{
		clock:   clock.New(c.Wall, c.Start, c.Speed),
		faults:  fault.New(c.Seed),
		closing: make(chan struct{}),
	}
	disks, spots := storage.New(c.SnapshotLatency), market.New(c.Seed)
	meter := usage.NewMeter(disks, spots, s.clock.Now())
	s.world = &action.World{
		Fleet: fleet.New(func(i *fleet.Instance, at time.Time) {
			meter.Close(i, at)
			disks.Released(i, at)
		}),
		Account: account.New(c.Balance, firstOrder),
		Tokens:  account.NewTokens(c.TokenLife),
		Stock:   new(stock.Stock),
		Storage: disks,
		Meter:   meter,
		Labels:  new(label.Labels),
		Market:  spots,
		Auth:    authenticator, OwnerID: ownerID, RenewDay: c.RenewDay, OrderLag: c.OrderLag, NoPageToken: c.NoPageToken, Rates: rates,
	}
	for _, id := range c.Regions {
		s.world.Regions = append(s.world.Regions, catalog.FindRegion(id))
	}
	s.world.Engine = subscription.New(subscription.Rules{
		Lag: c.RenewLag, StopAfter: c.StopAfter, ReleaseAfter: c.ReleaseAfter,
		BillingSchedule: c.BillingSchedule,
	}, s.clock, s.world.Fleet, s.world.Account, disks, meter)
	s.nursery = seed.New(c.Seed, s.world.Regions, s.clock.Now())
	s.world.Nursery = s.nursery
	s.world.Machine = lifecycle.New(lifecycle.Rules{
		Start: c.StartLatency, Stop: c.StopLatency, ListLag: c.ListLag, ListLagByID: c.ListLagByID, Notice: c.ReclaimNotice,
	}, s.clock, s.world.Fleet, s.world.Engine, s.nursery, s.world.Market)
	s.biller = usage.New(usage.Rules{
		StopAfter: c.ArrearsStopAfter, ReleaseAfter: c.ArrearsReleaseAfter, NoRestart: c.NoRestart,
	}, s.clock, s.world.Fleet, s.world.Account, meter, s.world.Machine)
	for range c.Instances {
		if err := s.add(s.nursery.Demo()); err != nil {
			return nil, fmt.Errorf("simulator: %w", err)
		}
	}
	s.api = endpoint.New(endpoint.Parts{
		World: s.world, Clock: s.clock, Auth: authenticator,
		Throttle: throttle.New(rates), Faults: s.faults, Products: action.Products(), Closing: s.closing,
		Read: c.read,
	})
	s.control = control.Handler(s, c.ControlHosts...)
	return s, nil
}

// ServeHTTP serves the API, and under /_simulator/ the control interface.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, control.Prefix) {
		s.control.ServeHTTP(w, r)
		return
	}
	s.api.ServeHTTP(w, r)
}

// Close ends the waits of slow calls, which then continue as if the wait were over. It is not needed with
// [Simulator.Serve], and may be called more than once.
func (s *Simulator) Close() error {
	s.closeOnce.Do(func() { close(s.closing) })
	return nil
}

func (s *Simulator) add(i *fleet.Instance) error {
	if err := s.world.Fleet.Add(i); err != nil {
		return err
	}
	now := s.clock.Now()
	s.world.Machine.Watch(i, now)
	return s.world.Engine.Track(i.ID, now)
}
