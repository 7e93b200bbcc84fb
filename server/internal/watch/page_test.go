package watch_test

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/watch"
)

// pagesOf records the pages returned by a cloud, without keeping them.
type pagesOf struct {
	*fakeCloud

	mu    sync.Mutex
	pages []weak.Pointer[ecs.Instance]
}

func (c *pagesOf) ReadInstancePage(ctx context.Context, into []ecs.Instance, region string, q ecs.Query, cursor string, limit int) (ecs.Page, error) {
	page, err := c.fakeCloud.ReadInstancePage(ctx, into, region, q, cursor, limit)
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(page.Instances) > 0 {
		c.pages = append(c.pages, weak.Make(&page.Instances[0]))
	}
	return page, err
}

// A fleet with scattered changes takes no more memory than its instances: the
// memory retains the changed instance, not the page that contained it.
func TestPoll_PagesNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := &pagesOf{fakeCloud: newFakeCloud(region)}
		for i := range 20 {
			cloud.set(region, fmt.Sprint("i-", i), start)
		}
		service, err := watch.New(t.Context(), cloud, newFakeLog(), []string{region}, watch.Config{Logger: quiet})
		if err != nil {
			t.Fatal(err)
		}
		service.Start()
		for i := range 20 {
			time.Sleep(time.Minute)
			cloud.set(region, fmt.Sprint("i-", i), stop)
		}
		time.Sleep(time.Minute)
		service.Close()
		runtime.GC()
		for i, page := range cloud.pages {
			if page.Value() != nil {
				t.Errorf("page %d of %d is still in memory", i, len(cloud.pages))
			}
		}
		runtime.KeepAlive(service)
	})
}
