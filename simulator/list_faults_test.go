package simulator_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	"github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"

	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

func (c *cloud) fault(f simulator.Fault) {
	c.t.Helper()
	if _, err := c.AddFault(f); err != nil {
		c.t.Fatal(err)
	}
}

// statuses lists the IDs with their statuses.
func (c *cloud) statuses(change func(*ecs.DescribeInstancesRequest)) []string {
	c.t.Helper()
	request := ecs.CreateDescribeInstancesRequest()
	request.PageSize = "100"
	if change != nil {
		change(request)
	}
	response := ecs.CreateDescribeInstancesResponse()
	c.do(request, response)
	var all []string
	for _, i := range response.Instances.Instance {
		all = append(all, i.InstanceId+" "+i.Status)
	}
	return all
}

// A stale read shows the instances of some seconds ago: their attributes, those that are released since, and not those
// that are new since. A read without the fault shows the present, and nothing is older than the fault.
func TestFaultStale_ReadsThePast(t *testing.T) {
	c := newCloud(t, simulator.Config{StopLatency: -1, ListLag: -1})
	ids := c.seed(simulator.Seed{Count: 3})
	running := []string{ids[0] + " Running", ids[1] + " Running", ids[2] + " Running"}
	stopped := "Stopped"
	change := func(id string, change simulator.Change) {
		t.Helper()
		if err := c.Change(id, change); err != nil {
			t.Fatal(err)
		}
	}
	change(ids[2], simulator.Change{Status: &stopped})
	running[2] = ids[2] + " Stopped"
	c.fault(simulator.Fault{Kind: control.Stale, Action: "DescribeInstances", Delay: control.Duration(5 * time.Second)})
	if got := c.statuses(nil); !slices.Equal(got, running) {
		t.Errorf("a stale read without a change since the fault: %v", got)
	}
	c.advance(time.Second)
	change(ids[0], simulator.Change{Status: &stopped})
	c.advance(time.Second)
	change(ids[1], simulator.Change{Vanish: true})
	fresh := c.seed(simulator.Seed{})[0]
	byID := func(r *ecs.DescribeInstancesRequest) { r.InstanceIds = fmt.Sprintf("[%q,%q]", ids[1], fresh) }
	for _, step := range []struct {
		pass time.Duration
		list []string
		byID []string
	}{
		{0, running, running[1:2]},
		{3 * time.Second, running, running[1:2]},
		{time.Second, []string{ids[0] + " Stopped", running[1], running[2]}, running[1:2]},
		{time.Second, []string{ids[0] + " Stopped", running[2], fresh + " Running"}, []string{fresh + " Running"}},
	} {
		c.advance(step.pass)
		if got := c.statuses(nil); !slices.Equal(got, step.list) {
			t.Errorf("%s: listed %v, want %v", c.Now().Sub(start), got, step.list)
		}
		if got := c.statuses(byID); !slices.Equal(got, step.byID) {
			t.Errorf("%s: by ID %v, want %v", c.Now().Sub(start), got, step.byID)
		}
	}
	c.advance(time.Second)
	change(ids[2], simulator.Change{Vanish: true})
	if got := c.statuses(nil); len(got) != 3 {
		t.Errorf("just after a release %v", got)
	}
	c.ClearFaults()
	if got := c.statuses(nil); len(got) != 2 {
		t.Errorf("without the fault %v", got)
	}
}

// A stale fault leaves calls that change something alone.
func TestFaultStale_WritesAreFresh(t *testing.T) {
	c := newCloud(t, simulator.Config{StopLatency: -1})
	id := c.seed(simulator.Seed{ChargeType: "PostPaid"})[0]
	c.fault(simulator.Fault{Kind: control.Stale, Delay: control.Duration(time.Minute)})
	if code := c.call("StopInstance", values{"InstanceId": id}).code(); code != "" {
		t.Fatal(code)
	}
	if got := c.statuses(nil); got[0] != id+" Running" {
		t.Errorf("read %v", got)
	}
	if code := c.call("StopInstance", values{"InstanceId": id}).code(); code != "IncorrectInstanceStatus" {
		t.Errorf("a second stop sees a stale status: %q", code)
	}
	if code := c.call("ModifyInstanceAttribute", values{"InstanceId": id, "InstanceName": "renamed"}).code(); code != "" {
		t.Fatal(code)
	}
	if i, err := c.Instance(id); err != nil || i.InstanceName != "renamed" {
		t.Errorf("the change is lost: %+v (%v)", i, err)
	}
}

// A list in a random order: by token every instance comes exactly once, by number some repeat and some are missing.
func TestFaultReorder(t *testing.T) {
	c := newCloud(t, simulator.Config{})
	ids := c.seed(simulator.Seed{Count: 60})
	c.fault(simulator.Fault{Kind: control.Reordered, Action: "DescribeInstances"})
	byToken := func(size string) (all []string, inOrder bool) {
		t.Helper()
		for token := ""; ; {
			request := ecs.CreateDescribeInstancesRequest()
			request.MaxResults, request.NextToken = requests.Integer(size), token
			response := ecs.CreateDescribeInstancesResponse()
			c.do(request, response)
			for _, i := range response.Instances.Instance {
				all = append(all, i.InstanceId)
			}
			if token = response.NextToken; token == "" {
				return all, slices.Equal(all, ids)
			}
		}
	}
	all, inOrder := byToken("20")
	if inOrder {
		t.Error("by token, the order is that of the creation")
	}
	slices.Sort(all)
	if want := slices.Sorted(slices.Values(ids)); !slices.Equal(all, want) {
		t.Errorf("by token, %d instances: some repeat or are missing", len(all))
	}
	seen := map[string]int{}
	for page := 1; page <= 3; page++ {
		got := c.statuses(func(r *ecs.DescribeInstancesRequest) {
			r.PageSize, r.PageNumber = "20", requests.NewInteger(page)
		})
		if len(got) != 20 {
			t.Errorf("page %d has %d", page, len(got))
		}
		for _, text := range got {
			seen[text]++
		}
	}
	if len(seen) == 60 {
		t.Error("by number, no instance is missing")
	}
}

// A page drops one instance, another one at random in each, and its total and token do not change.
func TestFaultOmit_AnyInstance(t *testing.T) {
	c := newCloud(t, simulator.Config{})
	ids := c.seed(simulator.Seed{Count: 30})
	c.fault(simulator.Fault{Kind: control.Omitted, Action: "DescribeInstances"})
	if got := c.statuses(func(r *ecs.DescribeInstancesRequest) { r.InstanceIds = fmt.Sprintf("[%q]", ids[0]) }); len(got) != 1 {
		t.Errorf("by ID %v", got)
	}
	missing := map[string]bool{}
	for range 8 {
		got := c.statuses(nil)
		if len(got) != 29 {
			t.Fatalf("%d of 30 are listed", len(got))
		}
		for _, id := range ids {
			if !slices.Contains(got, id+" Running") {
				missing[id] = true
			}
		}
	}
	if len(missing) < 3 {
		t.Errorf("always the same are left out: %v", missing)
	}
}

// An instance that a fault names is left out of lists and of reads that name it; a read that names others is complete.
func TestFaultOmit_NamedInstance(t *testing.T) {
	c := newCloud(t, simulator.Config{})
	ids := c.seed(simulator.Seed{Count: 3})
	c.fault(simulator.Fault{Kind: control.Omitted, Action: "DescribeInstances", InstanceID: ids[1]})
	named := func(ids ...string) func(*ecs.DescribeInstancesRequest) {
		return func(r *ecs.DescribeInstancesRequest) { r.InstanceIds = `["` + strings.Join(ids, `","`) + `"]` }
	}
	for name, r := range map[string]struct {
		got  []string
		want []string
	}{
		"a list":    {c.statuses(nil), []string{ids[0] + " Running", ids[2] + " Running"}},
		"by its ID": {c.statuses(named(ids[1], ids[2])), []string{ids[2] + " Running"}},
		"by others": {c.statuses(named(ids[0], ids[2])), []string{ids[0] + " Running", ids[2] + " Running"}},
	} {
		if !slices.Equal(r.got, r.want) {
			t.Errorf("%s: %v, want %v", name, r.got, r.want)
		}
	}
	if got := c.Faults()[0].Struck; got != 2 {
		t.Errorf("struck %d times, want 2", got)
	}
}
