package lifecycle_test

import (
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/ecsd-io/ecsd/simulator/internal/account"
	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/clock"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/lifecycle"
	"github.com/ecsd-io/ecsd/simulator/internal/market"
	"github.com/ecsd-io/ecsd/simulator/internal/storage"
	"github.com/ecsd-io/ecsd/simulator/internal/subscription"
	"github.com/ecsd-io/ecsd/simulator/internal/usage"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	startTakes = 10 * time.Second
	stopTakes  = 5 * time.Second
	notice     = 30 * time.Second
)

var hangzhou = catalog.FindRegion("cn-hangzhou")

type addresses struct{}

func (addresses) Public() netip.Addr { return netip.MustParseAddr("47.97.0.1") }

type calm struct{}

func (calm) Above(string, *catalog.InstanceType, int64, time.Time, time.Time) (time.Time, bool) {
	return time.Time{}, false
}

// world is a machine and its dependencies.
type world struct {
	clock   *clock.Clock
	fleet   *fleet.Fleet
	machine *lifecycle.Machine
	made    int
}

func newWorld() *world {
	begin := time.Date(2026, 11, 20, 4, 0, 0, 0, time.UTC)
	c := clock.New(func() time.Time { return begin }, begin, 0)
	f := fleet.New(nil)
	disks := storage.New(0)
	engine := subscription.New(subscription.Rules{ReleaseAfter: time.Hour}, c, f, account.New(0, 0), disks, usage.NewMeter(disks, market.New(0), c.Now()))
	return &world{clock: c, fleet: f, machine: lifecycle.New(lifecycle.Rules{
		Start: startTakes, Stop: stopTakes, Notice: notice,
	}, c, f, engine, addresses{}, calm{})}
}

func (w *world) launch(run bool, autoRelease time.Time) (string, error) {
	w.made++
	i := &fleet.Instance{
		ID: fmt.Sprintf("i-%d", w.made), Region: hangzhou, ZoneID: "cn-hangzhou-h", NetworkType: "vpc",
		Type: catalog.FindInstanceType("ecs.g7.large"), Image: catalog.Images[0], ChargeType: fleet.PostPaid,
		Spot: fleet.Spot{Strategy: "SpotAsPriceGo"}, AutoRelease: autoRelease,
	}
	id := i.ID
	_, err := w.machine.Launch([]*fleet.Instance{i}, subscription.Purchase{Action: "RunInstances"}, run, w.clock.Now())
	return id, err
}

// life is the expected state of an instance, computed independently of the machine: its status, the scheduled changes,
// and whether it was ever Running.
type life struct {
	status      fleet.Status
	up          bool
	coming      []coming
	autoRelease time.Time
	protected   bool
	secured     bool
	reclaimed   time.Time
}

type coming struct {
	at time.Time
	to fleet.Status
}

func (l *life) goes(coming ...coming) { l.coming = coming }

// pass advances to the time, and reports whether the instance still exists.
func (l *life) pass(now time.Time) bool {
	for len(l.coming) > 0 && !l.coming[0].at.After(now) {
		l.status = l.coming[0].to
		l.up = l.up || l.status == fleet.Running
		l.coming = l.coming[1:]
	}
	return (l.autoRelease.IsZero() || l.autoRelease.After(now)) && (l.reclaimed.IsZero() || l.reclaimed.After(now))
}

func (l *life) initializing() bool {
	return l.status == fleet.Pending || l.status == fleet.Starting && !l.up
}

// refusal returns the expected error of an operation, nil if it must succeed or the life is over.
func (l *life) refusal(operation string, forced bool) error {
	switch {
	case l == nil:
		return fleet.ErrNotFound
	case operation == "release" && l.initializing():
		return lifecycle.ErrInitializing
	case l.secured:
		return lifecycle.ErrSecurityLocked
	case operation == "release" && l.protected:
		return lifecycle.ErrProtected
	case operation == "release" && (l.status == fleet.Stopped || forced && l.status == fleet.Running):
		return nil
	case operation == "start" && l.status == fleet.Stopped && l.reclaimed.IsZero():
		return nil
	case (operation == "stop" || operation == "reboot") && l.status == fleet.Running:
		return nil
	}
	return lifecycle.ErrStatus
}

// begin applies an accepted operation other than a release.
func (l *life) begin(operation string, forced bool, now time.Time) {
	switch operation {
	case "start", "reboot":
		l.status = fleet.Starting
		l.goes(coming{now.Add(startTakes), fleet.Running})
	case "stop":
		l.status = fleet.Stopping
		takes := stopTakes
		if forced {
			takes = stopTakes / 5
		}
		l.goes(coming{now.Add(takes), fleet.Stopped})
	}
}

// For any sequence of operations on instances and delays, the machine accepts, rejects and changes them as the model
// does.
func TestMachine_AgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld()
		lives := map[string]*life{}
		var ids []string
		pick := func(t *rapid.T) string {
			if len(ids) == 0 {
				t.Skip("no instance")
			}
			return rapid.SampledFrom(ids).Draw(t, "id")
		}
		operate := func(operation string) func(*rapid.T) {
			return func(t *rapid.T) {
				id, forced := pick(t), rapid.Bool().Draw(t, "forced")
				op := map[string]lifecycle.Operation{
					"start": lifecycle.Start(), "stop": lifecycle.Stop(forced, false),
					"reboot": lifecycle.Reboot(), "release": lifecycle.Release(forced, false),
				}[operation]
				now := w.clock.Settle()
				l := lives[id]
				want := l.refusal(operation, forced)
				if err := w.machine.Check(op, hangzhou.ID, []string{id}, now); !errors.Is(err, want) {
					t.Fatalf("check %s of %s: %v, want %v", operation, id, err, want)
				}
				if _, err := w.machine.Do(op, hangzhou.ID, []string{id}, now); !errors.Is(err, want) {
					t.Fatalf("%s of %s: %v, want %v", operation, id, err, want)
				}
				if want != nil {
					return
				}
				if operation == "release" {
					delete(lives, id)
					return
				}
				l.begin(operation, forced, now)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"launch": func(t *rapid.T) {
				run, now := rapid.Bool().Draw(t, "run"), w.clock.Settle()
				l := &life{status: fleet.Pending}
				if rapid.IntRange(0, 3).Draw(t, "auto-release") == 0 {
					l.autoRelease = now.Add(time.Minute)
				}
				id, err := w.launch(run, l.autoRelease)
				if err != nil {
					t.Fatal(err)
				}
				l.goes(coming{now.Add(startTakes / 5), fleet.Stopped})
				if run {
					l.goes(coming{now.Add(startTakes / 5), fleet.Starting}, coming{now.Add(startTakes), fleet.Running})
				}
				lives[id], ids = l, append(ids, id)
			},
			"start": operate("start"), "stop": operate("stop"), "reboot": operate("reboot"), "release": operate("release"),
			"wait": func(t *rapid.T) {
				now := w.clock.Advance(time.Duration(rapid.IntRange(0, 12).Draw(t, "seconds")) * time.Second)
				for id, l := range lives {
					if !l.pass(now) {
						delete(lives, id)
					}
				}
			},
			"by hand": func(t *rapid.T) {
				id := pick(t)
				l := lives[id]
				if l == nil {
					t.Skip("gone")
				}
				switch rapid.IntRange(0, 3).Draw(t, "what") {
				case 0:
					l.protected = !l.protected
				case 1:
					l.secured = !l.secured
				case 2: // a status change voids the schedule
					to := rapid.SampledFrom([]fleet.Status{fleet.Running, fleet.Stopped}).Draw(t, "status")
					if l.status != to {
						l.status = to
						l.goes()
					}
					l.up = true
				case 3:
					if l.reclaimed.IsZero() {
						l.reclaimed = w.clock.Now().Add(notice)
						if err := w.machine.Reclaim(id, w.clock.Now()); err != nil {
							t.Fatal(err)
						}
					}
				}
				_, err := w.fleet.Update(id, func(i *fleet.Instance) {
					i.DeletionProtection = l.protected
					i.Unlock(fleet.LockSecurity)
					if l.secured {
						i.LockFor(fleet.LockSecurity, "")
					}
					if i.Become(l.status); l.up && i.Start.IsZero() {
						i.Start = w.clock.Now()
					}
				})
				if err != nil {
					t.Fatal(err)
				}
			},
			"": func(t *rapid.T) {
				w.clock.Settle()
				if w.fleet.Len() != len(lives) {
					t.Fatalf("%d instances, want %d", w.fleet.Len(), len(lives))
				}
				for id, l := range lives {
					i, ok := w.fleet.Get(id)
					if !ok || i.Status != l.status {
						t.Fatalf("%s is there %v: %v, want %s", id, ok, i, l.status)
					}
				}
			},
		})
	})
}

// A batch is accepted as a whole or not at all, also during concurrent changes of the same instances.
func TestBatch_Atomic(t *testing.T) {
	w := newWorld()
	var ids []string
	for range 20 {
		id, err := w.launch(true, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	now := w.clock.Advance(time.Minute)
	var wins sync.WaitGroup
	var mu sync.Mutex
	winners := 0
	for range 8 {
		wins.Go(func() {
			outcomes, err := w.machine.Do(lifecycle.Stop(false, false), hangzhou.ID, ids, now)
			mu.Lock()
			defer mu.Unlock()
			if err == nil && len(outcomes) == len(ids) {
				winners++
			} else if !errors.Is(err, lifecycle.ErrStatus) {
				t.Errorf("%v", err)
			}
		})
	}
	wins.Wait()
	if winners != 1 {
		t.Errorf("%d stops were accepted, want 1", winners)
	}
	now = w.clock.Advance(time.Minute)
	release := lifecycle.Release(false, false)
	if _, err := w.machine.Do(release, hangzhou.ID, append(ids[:19:19], "i-unknown"), now); !errors.Is(err, fleet.ErrNotFound) || w.fleet.Len() != 20 {
		t.Errorf("%v, %d left", err, w.fleet.Len())
	}
	if _, err := w.machine.Do(release, hangzhou.ID, ids, now); err != nil || w.fleet.Len() != 0 {
		t.Errorf("%v, %d left", err, w.fleet.Len())
	}
}
