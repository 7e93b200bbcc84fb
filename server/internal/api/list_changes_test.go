package api

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/changelog"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/history"
)

// manyChanges is a history of changes of instances of some size, by ID.
type manyChanges struct {
	count, size int
	err         error
}

func (m manyChanges) List(_ context.Context, q changelog.Query) (history.Page, error) {
	var page history.Page
	for i := range m.count {
		id := fmt.Sprintf("i-%05d", i)
		if id <= q.After.InstanceID {
			continue
		}
		if len(page.Changes) == q.Limit {
			page.More = true
			break
		}
		entry := changelog.Entry{Position: changelog.Position{Revision: 1, ID: 7}, RegionID: "cn-hangzhou", CommitTime: time.Now(), Change: changelog.Change{InstanceID: id}}
		after := &ecs.Instance{ID: id, RegionID: "cn-hangzhou", Description: strings.Repeat("x", m.size), Status: ecs.StatusRunning}
		page.Changes = append(page.Changes, history.Change{Entry: entry, After: after})
	}
	return page, m.err
}

// A page ends at 2 MiB, and the next one continues after its last change.
func TestListChanges_PageBytes(t *testing.T) {
	s := &instanceService{history: manyChanges{count: 1000, size: 5000}, regions: newRegions([]string{"cn-hangzhou"})}
	var ids []string
	for token, pages := "", 0; ; pages++ {
		page, err := s.ListChanges(t.Context(), &ecsdv1.ListChangesRequest{PageSize: 1000, PageToken: token})
		if err != nil {
			t.Fatal(err)
		}
		if size := proto.Size(page); size > maxPageBytes || len(page.GetChanges()) == 0 {
			t.Fatalf("a page has %d changes in %d bytes, want at most %d bytes", len(page.GetChanges()), size, maxPageBytes)
		}
		for _, c := range page.GetChanges() {
			ids = append(ids, c.GetInstanceId())
		}
		if token = page.GetNextPageToken(); token == "" {
			if pages < 2 {
				t.Errorf("5 MB came in %d pages, want at least 3", pages+1)
			}
			break
		}
	}
	if len(ids) != 1000 || !slices.IsSorted(ids) || len(slices.Compact(ids)) != 1000 {
		t.Errorf("%d changes, want each of 1,000 once, in order", len(ids))
	}
}

// A page that the history no longer holds is an invalid page token.
func TestListChanges_TrimmedPage(t *testing.T) {
	for _, cause := range []error{changelog.ErrTrimmed, changelog.ErrLost} {
		s := &instanceService{history: manyChanges{err: fmt.Errorf("list: %w", cause)}, regions: newRegions([]string{"cn-hangzhou"})}
		_, err := s.ListChanges(t.Context(), &ecsdv1.ListChangesRequest{})
		if !ecs.HasReason(err, ecs.ReasonInvalidPageToken) {
			t.Errorf("%v: got %v, want INVALID_PAGE_TOKEN", cause, err)
		}
		if other := errors.Unwrap(err); errors.Is(other, cause) {
			t.Errorf("the error %v shows its cause to callers", err)
		}
	}
}

// Fields that differ are named in the order of the message, whatever their kind.
func TestChangedFields(t *testing.T) {
	plain := func() *ecs.Instance { return &ecs.Instance{ID: "i-1", Status: ecs.StatusRunning} }
	for want, change := range map[string]func(*ecs.Instance){
		"":                                  func(i *ecs.Instance) { i.ObservedTime = time.Now() },
		"status":                            func(i *ecs.Instance) { i.Status = ecs.StatusStopped },
		"tags":                              func(i *ecs.Instance) { i.Tags = []ecs.Tag{{Key: "k"}} },
		"expire_time":                       func(i *ecs.Instance) { i.ExpireTime = time.Now() },
		"instance_name,deletion_protection": func(i *ecs.Instance) { i.Name, i.DeletionProtection = "n", true },
	} {
		now := plain()
		change(now)
		var a account
		if got := strings.Join(changedFields(a.instanceProto(plain()), a.instanceProto(now)), ","); got != want {
			t.Errorf("changed %q, want %q", got, want)
		}
	}
}
