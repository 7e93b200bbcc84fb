package lifecycle_test

import (
	"context"
	"fmt"
	"os"
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

// part is the part of the database whose request ids begin with its name.
type part struct{ name string }

var parts atomic.Int64

// newRecords returns an empty part of the database.
func newRecords() part { return part{fmt.Sprintf("part-%d/", parts.Add(1))} }

func (p part) CreateRequest(ctx context.Context, r ecs.RequestRecord) error {
	r.RequestID = p.name + r.RequestID
	return database.CreateRequest(ctx, r)
}

func (p part) MoveRequest(ctx context.Context, r ecs.RequestRecord, from ecs.RequestState) error {
	r.RequestID = p.name + r.RequestID
	return database.MoveRequest(ctx, r, from)
}

func (p part) SaveRequestItems(ctx context.Context, requestID string, items []ecs.RequestItem) error {
	return database.SaveRequestItems(ctx, p.name+requestID, items)
}

func (p part) RequestByID(ctx context.Context, requestID string) (ecs.RequestRecord, error) {
	r, err := database.RequestByID(ctx, p.name+requestID)
	r.RequestID = strings.TrimPrefix(r.RequestID, p.name)
	return r, err
}

func (p part) OpenRequests(ctx context.Context, actions ...string) ([]ecs.RequestRecord, error) {
	all, err := database.OpenRequests(ctx, actions...)
	var mine []ecs.RequestRecord
	for _, r := range all {
		var ok bool
		if r.RequestID, ok = strings.CutPrefix(r.RequestID, p.name); ok {
			mine = append(mine, r)
		}
	}
	return mine, err
}

// TrimRequests removes nothing: the age of the others' records is theirs.
func (part) TrimRequests(context.Context, time.Time, int, ...string) (int, error) { return 0, nil }
