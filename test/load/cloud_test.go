package load_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/simulator"
)

// cloud is a simulator that reports each complete list of the region.
type cloud struct {
	*simulator.Simulator

	endpoint string
	ids      []string
	pages    int
	swept    chan sweep // only the newest

	mu    sync.Mutex
	page  int
	lists int64
}

// sweep is one complete list of the region.
type sweep struct {
	// at is the time of its end, in nanoseconds of Unix time.
	at int64
	// lists counts the lists so far, calls all calls to the cloud so far.
	lists, calls int64
}

func newCloud(t testing.TB, instances int) *cloud {
	t.Helper()
	sim, err := simulator.New(simulator.Config{Regions: []string{hangzhou}})
	if err != nil {
		t.Fatal(err)
	}
	c := &cloud{Simulator: sim, pages: (instances + 99) / 100, swept: make(chan sweep, 1)}
	if c.ids, err = sim.Seed(simulator.Seed{Count: instances, Tags: map[string]string{"env": "prod", "team": "web"}}); err != nil {
		t.Fatal(err)
	}
	served := httptest.NewServer(c)
	t.Cleanup(func() {
		sim.Close()
		served.Close()
	})
	c.endpoint = strings.TrimPrefix(served.URL, "http://")
	return c
}

// ServeHTTP responds, and counts the pages of the list.
func (c *cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.Simulator.ServeHTTP(w, r)
	q := r.URL.Query()
	if q.Get("Action") != "DescribeInstances" || q.Has("InstanceIds") {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.page++; !q.Has("NextToken") {
		c.page = 1
	}
	if c.page == c.pages {
		select {
		case <-c.swept:
		default:
		}
		c.lists++
		c.swept <- sweep{at: time.Now().UnixNano(), lists: c.lists, calls: c.Stats().Calls}
	}
}

// sweep waits for the end of the next list.
func (c *cloud) sweep(t testing.TB) sweep {
	t.Helper()
	select {
	case <-c.swept: // an outdated one
	default:
	}
	select {
	case s := <-c.swept:
		return s
	case <-time.After(time.Minute):
		t.Fatal("the region is not listed")
		return sweep{}
	}
}

// rename changes instances.
func (c *cloud) rename(t testing.TB, name string, ids []string) {
	t.Helper()
	for _, id := range ids {
		if err := c.Change(id, simulator.Change{InstanceName: &name}); err != nil {
			t.Fatal(err)
		}
	}
}
