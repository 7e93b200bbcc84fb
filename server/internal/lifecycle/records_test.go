package lifecycle_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/store"
	"github.com/ecsd-io/ecsd/test/lib/postgres"
)

// database is the SQLite store of all tests, because to make one takes longer
// than most of them. Each test has a part of it to itself.
var database *store.Store

type withDatabase struct{ *testing.M }

func (m withDatabase) Run() int {
	var err error
	if database, err = store.Open(context.Background(), "sqlite::memory:"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer database.Close()
	return m.M.Run()
}

func TestMain(m *testing.M) { goleak.VerifyTestMain(postgres.Main(withDatabase{m})) }

// part is the part of the database with request and instance IDs that begin
// with its name.
type part struct {
	db   *store.Store
	name string
}

var parts atomic.Int64

// newRecords returns an empty part of the database.
func newRecords() part { return partOf(database) }

// PermitSpending has nothing to do with the parts.
func (p part) PermitSpending(ctx context.Context, caller string, price *ecs.Money) error {
	return p.db.PermitSpending(ctx, caller, price)
}

func partOf(db *store.Store) part { return part{db, fmt.Sprintf("part-%d/", parts.Add(1))} }

// onEachEngine runs a test on SQLite and on PostgreSQL. The test calls open in
// its bubble, because the connections to PostgreSQL may not outlive one.
func onEachEngine(t *testing.T, test func(t *testing.T, open func(*testing.T) part)) {
	t.Run("sqlite", func(t *testing.T) {
		test(t, func(*testing.T) part { return newRecords() })
	})
	t.Run("postgres", func(t *testing.T) {
		address := postgres.Database(t)
		test(t, func(t *testing.T) part {
			db, err := store.Open(t.Context(), address)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = db.Close() })
			return partOf(db)
		})
	})
}

// into returns the record, and its items, as they are in the database.
func (p part) into(r ecs.RequestRecord) ecs.RequestRecord {
	r.RequestID, r.Items = p.name+r.RequestID, p.items(r.Items)
	return r
}

func (p part) items(items []ecs.RequestItem) []ecs.RequestItem {
	items = slices.Clone(items)
	for i := range items {
		items[i].InstanceID = p.name + items[i].InstanceID
	}
	return items
}

// from returns a record of the database as the test wrote it.
func (p part) from(r ecs.RequestRecord) ecs.RequestRecord {
	r.RequestID = strings.TrimPrefix(r.RequestID, p.name)
	for i := range r.Items {
		r.Items[i].InstanceID = strings.TrimPrefix(r.Items[i].InstanceID, p.name)
	}
	return r
}

func (p part) CreateRequest(ctx context.Context, r ecs.RequestRecord) error {
	return p.db.CreateRequest(ctx, p.into(r))
}

func (p part) MoveRequest(ctx context.Context, r ecs.RequestRecord, from ecs.RequestState) error {
	return p.db.MoveRequest(ctx, p.into(r), from)
}

func (p part) SaveRequestItems(ctx context.Context, requestID string, items []ecs.RequestItem) error {
	return p.db.SaveRequestItems(ctx, p.name+requestID, p.items(items))
}

func (p part) RequestByID(ctx context.Context, requestID string) (ecs.RequestRecord, error) {
	r, err := p.db.RequestByID(ctx, p.name+requestID)
	return p.from(r), err
}

func (p part) OpenRequests(ctx context.Context, actions ...string) ([]ecs.RequestRecord, error) {
	all, err := p.db.OpenRequests(ctx, actions...)
	var mine []ecs.RequestRecord
	for _, r := range all {
		if strings.HasPrefix(r.RequestID, p.name) {
			mine = append(mine, p.from(r))
		}
	}
	return mine, err
}

func (p part) RecentLaunches(ctx context.Context, ids []string, since time.Time) (map[string]time.Time, error) {
	var named []string
	for _, id := range ids {
		named = append(named, p.name+id)
	}
	found, err := p.db.RecentLaunches(ctx, named, since)
	recent := map[string]time.Time{}
	for id, at := range found {
		recent[strings.TrimPrefix(id, p.name)] = at
	}
	return recent, err
}

func (p part) intents(intents []ecs.SettingIntent) []ecs.SettingIntent {
	intents = slices.Clone(intents)
	for i := range intents {
		intents[i].InstanceID = p.name + intents[i].InstanceID
	}
	return intents
}

func (p part) SaveIntents(ctx context.Context, intents []ecs.SettingIntent) error {
	return p.db.SaveIntents(ctx, p.intents(intents))
}

func (p part) ExtendIntents(ctx context.Context, holder string, until time.Time) error {
	return p.db.ExtendIntents(ctx, holder, until)
}

func (p part) DropIntents(ctx context.Context, holder string, ids []string) error {
	var named []string
	for _, id := range ids {
		named = append(named, p.name+id)
	}
	return p.db.DropIntents(ctx, holder, named)
}

func (p part) Intents(ctx context.Context, regionID, setting string, ids []string) ([]ecs.SettingIntent, error) {
	var named []string
	for _, id := range ids {
		named = append(named, p.name+id)
	}
	found, err := p.db.Intents(ctx, regionID, setting, named)
	for i := range found {
		found[i].InstanceID = strings.TrimPrefix(found[i].InstanceID, p.name)
	}
	return found, err
}

// ClaimIntents also claims the intents of other parts, which are over, and
// drops them.
func (p part) ClaimIntents(ctx context.Context, holder string, now, until time.Time, limit int) ([]ecs.SettingIntent, error) {
	claimed, err := p.db.ClaimIntents(ctx, holder, now, until, limit)
	var mine []ecs.SettingIntent
	for _, i := range claimed {
		if id, ok := strings.CutPrefix(i.InstanceID, p.name); ok {
			i.InstanceID = id
			mine = append(mine, i)
		}
	}
	return mine, err
}

func (p part) CreateReleaseJob(ctx context.Context, j ecs.ReleaseJob, items []ecs.ReleaseItem) error {
	j.RequestID, items = p.name+j.RequestID, slices.Clone(items)
	for i := range items {
		items[i].InstanceID = p.name + items[i].InstanceID
	}
	return p.db.CreateReleaseJob(ctx, j, items)
}

func (p part) job(j ecs.ReleaseJob, err error) (ecs.ReleaseJob, error) {
	j.RequestID = strings.TrimPrefix(j.RequestID, p.name)
	return j, err
}

func (p part) ReleaseJob(ctx context.Context, jobID string) (ecs.ReleaseJob, error) {
	return p.job(p.db.ReleaseJob(ctx, jobID))
}

func (p part) ReleaseJobByRequest(ctx context.Context, requestID string) (ecs.ReleaseJob, error) {
	return p.job(p.db.ReleaseJobByRequest(ctx, p.name+requestID))
}

// OpenReleaseJobs leaves out the jobs of other parts.
func (p part) OpenReleaseJobs(ctx context.Context, _ int) ([]ecs.ReleaseJob, error) {
	all, err := p.db.OpenReleaseJobs(ctx, 1_000_000)
	var mine []ecs.ReleaseJob
	for _, j := range all {
		if strings.HasPrefix(j.RequestID, p.name) {
			j, _ = p.job(j, nil)
			mine = append(mine, j)
		}
	}
	return mine, err
}

func (p part) ReleaseItems(ctx context.Context, jobID string, revision int64, instanceID string, limit int) ([]ecs.ReleaseItem, error) {
	items, err := p.db.ReleaseItems(ctx, jobID, revision, p.name+instanceID, limit)
	for i := range items {
		items[i].InstanceID = strings.TrimPrefix(items[i].InstanceID, p.name)
	}
	return items, err
}

func (p part) WriteReleaseItem(ctx context.Context, worker ecs.Lease, i ecs.ReleaseItem) error {
	i.InstanceID = p.name + i.InstanceID
	return p.db.WriteReleaseItem(ctx, worker, i)
}

func (p part) Shared() bool { return p.db.Shared() }

func (p part) AcquireLease(ctx context.Context, name, holder string, ttl time.Duration) (ecs.Lease, error) {
	return p.db.AcquireLease(ctx, p.name+name, holder, ttl)
}

func (p part) RenewLease(ctx context.Context, lease ecs.Lease, ttl time.Duration, note []byte) (ecs.Lease, error) {
	return p.db.RenewLease(ctx, lease, ttl, note)
}

func (p part) ReleaseLease(ctx context.Context, lease ecs.Lease) error {
	return p.db.ReleaseLease(ctx, lease)
}

// free ends the leases of dead processes, whose time is that of the database.
func (p part) free(t *testing.T) {
	t.Helper()
	held, err := p.db.Leases(t.Context(), p.name)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range held {
		if l.Holder != "" {
			_ = p.db.ReleaseLease(t.Context(), l)
		}
	}
}

// TrimRequests removes nothing: the age of the others' records is theirs.
func (part) TrimRequests(context.Context, time.Time, int, ...string) (int, error) { return 0, nil }
