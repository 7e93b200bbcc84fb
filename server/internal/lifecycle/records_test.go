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

func TestMain(m *testing.M) { goleak.VerifyTestMain(withDatabase{m}) }

// part is the part of the database whose request and instance IDs begin with
// its name.
type part struct{ name string }

var parts atomic.Int64

// newRecords returns an empty part of the database.
func newRecords() part { return part{fmt.Sprintf("part-%d/", parts.Add(1))} }

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
	return database.CreateRequest(ctx, p.into(r))
}

func (p part) MoveRequest(ctx context.Context, r ecs.RequestRecord, from ecs.RequestState) error {
	return database.MoveRequest(ctx, p.into(r), from)
}

func (p part) SaveRequestItems(ctx context.Context, requestID string, items []ecs.RequestItem) error {
	return database.SaveRequestItems(ctx, p.name+requestID, p.items(items))
}

func (p part) RequestByID(ctx context.Context, requestID string) (ecs.RequestRecord, error) {
	r, err := database.RequestByID(ctx, p.name+requestID)
	return p.from(r), err
}

func (p part) OpenRequests(ctx context.Context, actions ...string) ([]ecs.RequestRecord, error) {
	all, err := database.OpenRequests(ctx, actions...)
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
	found, err := database.RecentLaunches(ctx, named, since)
	recent := map[string]time.Time{}
	for id, at := range found {
		recent[strings.TrimPrefix(id, p.name)] = at
	}
	return recent, err
}

// TrimRequests removes nothing: the age of the others' records is theirs.
func (part) TrimRequests(context.Context, time.Time, int, ...string) (int, error) { return 0, nil }
