package simulator_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/simulator"
)

// instanceList is a response of DescribeInstances.
type instanceList struct {
	NextToken string
	Instances struct {
		Instance []struct{ InstanceId, Status string } //nolint:revive // the cloud's spelling
	}
}

func (l instanceList) ids() []string {
	var ids []string
	for _, i := range l.Instances.Instance {
		ids = append(ids, i.InstanceId)
	}
	return ids
}

func (c *cloud) listing(params values) instanceList {
	c.t.Helper()
	var l instanceList
	if a := c.call("DescribeInstances", params); a.status != 200 || json.Unmarshal([]byte(a.body), &l) != nil {
		c.t.Fatalf("DescribeInstances %v: %d %s", params, a.status, a.body)
	}
	return l
}

// A client that follows NextToken from a page by number, as the vendor's command line does with --pager, gets every
// instance once.
func TestPageToken_FollowedFromPageByNumber(t *testing.T) {
	c := newCloud(t, simulator.Config{})
	want := c.seed(simulator.Seed{Count: 151})
	for _, size := range []string{"", "7", "100"} {
		page := c.listing(values{"PageSize": size})
		got := page.ids()
		for calls := 0; page.NextToken != "" && calls < len(want); calls++ {
			page = c.listing(values{"PageSize": size, "NextToken": page.NextToken})
			got = append(got, page.ids()...)
		}
		if !slices.Equal(got, want) {
			t.Errorf("page size %q: %d instances, want %d, each once", size, len(got), len(want))
		}
	}
	if page := c.listing(values{"PageSize": "100", "PageNumber": "2"}); page.NextToken != "" {
		t.Errorf("the last page has the token %s", page.NextToken)
	}
}

func TestPageToken_TurnedOff(t *testing.T) {
	c := newCloud(t, simulator.Config{NoPageToken: true})
	c.seed(simulator.Seed{Count: 20})
	if page := c.listing(values{"PageSize": "10"}); page.NextToken != "" || len(page.ids()) != 10 {
		t.Errorf("got %d instances and token %q, want 10 and none", len(page.ids()), page.NextToken)
	}
	if page := c.listing(values{"MaxResults": "10"}); page.NextToken == "" {
		t.Error("a list by token has none")
	}
}

// A new instance is missing from lists by filter for the lag. A list by its ID has it at once, so that a client that
// creates and then looks finds it.
func TestListLag_ByFilterOnly(t *testing.T) {
	c := newCloud(t, simulator.Config{ListLag: 2 * time.Second, StartLatency: 10 * time.Second})
	id := c.run()[0]
	byID := values{"InstanceIds": `["` + id + `"]`}
	if got := c.listing(byID).Instances.Instance; len(got) != 1 || got[0].Status != "Pending" {
		t.Errorf("by ID: got %+v, want the instance, Pending", got)
	}
	if a := c.call("DescribeInstanceStatus", values{"InstanceId.1": id}); !contains(a, id) {
		t.Errorf("status by ID: %d %s", a.status, a.body)
	}
	if a := c.call("DescribeDisks", values{"InstanceId": id}); !contains(a, id) {
		t.Errorf("disks by instance: %d %s", a.status, a.body)
	}
	for _, filter := range []values{nil, {"InstanceName": "*"}, {"MaxResults": "10"}} {
		if got := c.listing(filter).ids(); len(got) != 0 {
			t.Errorf("by filter %v: got %v, want none before the lag ends", filter, got)
		}
	}
	if a := c.call("DescribeInstanceStatus", nil); contains(a, id) {
		t.Errorf("status of all: %s", a.body)
	}
	c.advance(2 * time.Second)
	if got := c.listing(nil).ids(); !slices.Equal(got, []string{id}) {
		t.Errorf("after the lag: got %v, want the instance", got)
	}
}

// With ListLagByID a list by ID lags too.
func TestListLag_ByID(t *testing.T) {
	c := newCloud(t, simulator.Config{ListLag: 2 * time.Second, ListLagByID: true})
	byID := values{"InstanceIds": `["` + c.run()[0] + `"]`}
	if got := c.listing(byID).ids(); len(got) != 0 {
		t.Errorf("got %v before the lag ends, want none", got)
	}
	c.advance(2 * time.Second)
	if got := c.listing(byID).ids(); len(got) != 1 {
		t.Errorf("got %v after the lag, want the instance", got)
	}
}

func contains(a answer, id string) bool { return strings.Contains(a.body, id) }
