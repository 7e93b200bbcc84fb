package lifecycle_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/lifecycle"
)

// process dies at a step: at a write of its records or at a call that changes
// something in the cloud, before or after the effect. Nothing that it does later
// has an effect.
type process struct {
	mu    sync.Mutex
	steps int
	keep  bool
}

func (p *process) step(do func() error) error {
	switch left := p.left(1); {
	case left > 0:
		return do()
	case left == 0 && p.keep:
		_ = do()
	}
	return errCrash
}

// left takes steps, and returns how many are left. A process without any is
// dead.
func (p *process) left(take int) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.steps -= take
	return p.steps
}

func (p *process) kill() { p.left(1 << 20) }

type processRecords struct {
	lifecycle.Records
	*process
}

func (p processRecords) CreateRequest(ctx context.Context, r ecs.RequestRecord) error {
	return p.step(func() error { return p.Records.CreateRequest(ctx, r) })
}

func (p processRecords) MoveRequest(ctx context.Context, r ecs.RequestRecord, from ecs.RequestState) error {
	return p.step(func() error { return p.Records.MoveRequest(ctx, r, from) })
}

func (p processRecords) SaveRequestItems(ctx context.Context, id string, items []ecs.RequestItem) error {
	return p.step(func() error { return p.Records.SaveRequestItems(ctx, id, items) })
}

func (p processRecords) SaveIntents(ctx context.Context, intents []ecs.SettingIntent) error {
	return p.step(func() error { return p.Records.SaveIntents(ctx, intents) })
}

func (p processRecords) DropIntents(ctx context.Context, holder string, ids []string) error {
	return p.step(func() error { return p.Records.DropIntents(ctx, holder, ids) })
}

// ExtendIntents is no step: it comes by the clock.
func (p processRecords) ExtendIntents(ctx context.Context, holder string, until time.Time) error {
	if p.left(0) <= 0 {
		return errCrash
	}
	return p.Records.ExtendIntents(ctx, holder, until)
}

type processCloud struct {
	*fakeCloud
	*process
}

func (p processCloud) SetDeletionProtection(ctx context.Context, region, id string, on bool) error {
	return p.step(func() error { return p.fakeCloud.SetDeletionProtection(ctx, region, id, on) })
}

func (p processCloud) DeleteInstances(ctx context.Context, region string, ids []string, o ecs.DeleteOptions, token string, dryRun bool) []ecs.Result[struct{}] {
	return p.each(ids, func() (results []ecs.Result[struct{}]) {
		return p.fakeCloud.DeleteInstances(ctx, region, ids, o, token, dryRun)
	})
}

func (p processCloud) TagInstances(ctx context.Context, region string, ids []string, tags []ecs.Tag) []ecs.Result[struct{}] {
	return p.each(ids, func() []ecs.Result[struct{}] { return p.fakeCloud.TagInstances(ctx, region, ids, tags) })
}

func (p processCloud) UntagInstances(ctx context.Context, region string, ids []string, keys []string) []ecs.Result[struct{}] {
	return p.each(ids, func() []ecs.Result[struct{}] { return p.fakeCloud.UntagInstances(ctx, region, ids, keys) })
}

func (p processCloud) each(ids []string, do func() []ecs.Result[struct{}]) (results []ecs.Result[struct{}]) {
	err := p.step(func() error { results = do(); return nil })
	if err == nil {
		return results
	}
	for _, id := range ids {
		results = append(results, ecs.Result[struct{}]{ID: id, Err: err})
	}
	return results[len(results)-len(ids):]
}

// TestRelease_CrashWhileUnprotected kills a release of protected instances at
// every step, under every outcome in the cloud. Within a minute the next process
// leaves no instance that is neither protected nor released, and the same
// request ends what the first began.
func TestRelease_CrashWhileUnprotected(t *testing.T) {
	if testing.Short() {
		t.Skip("hundreds of crashes")
	}
	onEachEngine(t, func(t *testing.T, open func(*testing.T) part) {
		for _, f := range []fault{fine, refused, lostReply, lostRequest, ignored} {
			if strings.Contains(t.Name(), "postgres") && f != fine && f != refused {
				continue // the engine makes no difference to them
			}
			for step := 1; step <= 14; step++ {
				for _, keep := range []bool{false, true} {
					t.Run(fmt.Sprintf("%s, step %d, kept %t", f, step, keep), func(t *testing.T) {
						bubble(t, func(t *testing.T) { crashUnprotected(t, open, f, step, keep) })
					})
				}
			}
		}
	})
}

func crashUnprotected(t *testing.T, open func(*testing.T) part, f fault, step int, keep bool) {
	records, c := open(t), newCloud()
	ids := []string{"i-1", "i-2"}
	for _, id := range ids {
		c.add(id, protected)
	}
	q := release(ids, override)
	died := &process{steps: step, keep: keep}
	first := lifecycle.New(processCloud{c, died}, processRecords{records, died}, quiet)
	c.deleteFault = f
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	_, _ = first.Release(ctx, q)
	first.Close()
	died.kill()

	second := lifecycle.New(c, records, quiet)
	defer second.Close()
	if err := second.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Minute)
	for _, id := range ids {
		if c.living(id) && !c.held(id).DeletionProtection {
			t.Errorf("%s is there and not protected", id)
		}
	}
	if left, err := records.Intents(t.Context(), region, ecs.SettingDeletionProtection, ids); err != nil || len(left) != 0 {
		t.Errorf("intents left: %+v, %v", left, err)
	}

	c.deleteFault = fine
	results, err := second.Release(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if r.Err != nil || !r.Value.Released || c.living(r.ID) {
			t.Errorf("the same request: %+v, %v", r.Value, r.Err)
		}
	}
}

// A live release keeps its hold, however long the cloud takes.
func TestRelease_HoldOutlastsASlowCloud(t *testing.T) {
	bubble(t, func(t *testing.T) {
		records, c := newRecords(), newCloud()
		c.add("i-1", protected)
		c.lag = 0
		l, other := lifecycle.New(c, records, quiet), lifecycle.New(c, records, quiet)
		defer l.Close()
		defer other.Close()
		if err := other.Resume(t.Context()); err != nil {
			t.Fatal(err)
		}
		c.hook = func() { time.Sleep(80 * time.Second) }
		if outcome, err := one(t, l, release([]string{"i-1"}, override)); err != nil || !outcome.Released {
			t.Errorf("%+v, %v, want it released: another replica must not protect it meanwhile", outcome, err)
		}
	})
}

// Between the steps of another release an instance counts as protected.
func TestRelease_InstanceThatAnotherReleaseUnprotected(t *testing.T) {
	bubble(t, func(t *testing.T) {
		records, c := newRecords(), newCloud()
		c.add("i-1")
		l := lifecycle.New(c, records, quiet)
		defer l.Close()
		err := records.SaveIntents(t.Context(), []ecs.SettingIntent{{
			RequestID: "other", RegionID: region, InstanceID: "i-1", Setting: ecs.SettingDeletionProtection,
			Holder: "other", HeldUntil: time.Now().Add(time.Minute), CreateTime: time.Now(),
		}})
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range []lifecycle.ReleaseRequest{release([]string{"i-1"}), release([]string{"i-1"}, validate)} {
			if _, err := one(t, l, q); err == nil || err.Reason != ecs.ReasonDeletionProtected {
				t.Errorf("validate %t: got %v, want DELETION_PROTECTED", q.ValidateOnly, err)
			}
		}
	})
}

// A protection that cannot be restored at once is restored later.
func TestRelease_ProtectionRestoredLater(t *testing.T) {
	bubble(t, func(t *testing.T) {
		records, c := newRecords(), newCloud()
		c.add("i-1", protected)
		l := lifecycle.New(c, records, quiet)
		defer l.Close()
		if err := l.Resume(t.Context()); err != nil {
			t.Fatal(err)
		}
		c.faults = []fault{fine, refused, throttled, throttled} // off, delete, on, on
		if _, err := one(t, l, release([]string{"i-1"}, override)); err == nil || c.held("i-1").DeletionProtection {
			t.Fatalf("got %v, want it refused and not protected", err)
		}
		time.Sleep(5 * time.Minute)
		if !c.held("i-1").DeletionProtection {
			t.Error("the instance is still not protected")
		}
	})
}

// TestSetTags_CrashBetweenItsSteps: an instance ends with its old tags or with
// the new ones, and not with fewer.
func TestSetTags_CrashBetweenItsSteps(t *testing.T) {
	onEachEngine(t, func(t *testing.T, open func(*testing.T) part) {
		for step := 1; step <= 5; step++ {
			for _, keep := range []bool{false, true} {
				t.Run(fmt.Sprintf("step %d, kept %t", step, keep), func(t *testing.T) {
					bubble(t, func(t *testing.T) { crashSetTags(t, open, step, keep) })
				})
			}
		}
	})
}

func crashSetTags(t *testing.T, open func(*testing.T) part, step int, keep bool) {
	records, c := open(t), newCloud()
	before, after := ecs.Tag{Key: "old", Value: "1"}, ecs.Tag{Key: "new", Value: "2"}
	c.add("i-1", func(i *ecs.Instance) { i.Tags = []ecs.Tag{before} })
	died := &process{steps: step, keep: keep}
	first := lifecycle.New(processCloud{c, died}, processRecords{records, died}, quiet)
	first.SetTags(t.Context(), region, []string{"i-1"}, []ecs.Tag{after}, []string{"old"}, false)
	first.Close()
	died.kill()

	second := lifecycle.New(c, records, quiet)
	defer second.Close()
	if err := second.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Minute)
	if tags := c.held("i-1").Tags; !slices.Contains(tags, before) && !slices.Contains(tags, after) {
		t.Errorf("tags %v, want the old or the new one", tags)
	}
	if left, err := records.Intents(t.Context(), region, ecs.SettingTags, []string{"i-1"}); err != nil || len(left) != 0 {
		t.Errorf("intents left: %+v, %v", left, err)
	}
}
