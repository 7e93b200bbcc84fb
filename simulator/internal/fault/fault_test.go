package fault_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/simulator/control"
	"github.com/ecsd-io/ecsd/simulator/internal/fault"
)

func nobody() []string { return nil }

func add(t *testing.T, s *fault.Faults, f control.Fault) string {
	t.Helper()
	id, err := s.Add(f)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// A fault affects matching calls only.
func TestFault_Matching(t *testing.T) {
	about := func(ids ...string) func() []string { return func() []string { return ids } }
	for _, c := range []struct {
		name           string
		fault          control.Fault
		action, region string
		instances      func() []string
		struck         bool
	}{
		{"every action", control.Fault{}, "RunInstances", "r", nobody, true},
		{"a star", control.Fault{Action: "*"}, "RunInstances", "r", nobody, true},
		{"the action", control.Fault{Action: "RunInstances"}, "RunInstances", "r", nobody, true},
		{"another action", control.Fault{Action: "RunInstances"}, "StopInstance", "r", nobody, false},
		{"the region", control.Fault{RegionID: "r"}, "RunInstances", "r", nobody, true},
		{"another region", control.Fault{RegionID: "r"}, "RunInstances", "s", nobody, false},
		{"the instance", control.Fault{InstanceID: "i-2"}, "StopInstances", "r", about("i-1", "i-2"), true},
		{"another instance", control.Fault{InstanceID: "i-3"}, "StopInstances", "r", about("i-1", "i-2"), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := fault.New(0)
			c.fault.Kind = control.Failed
			add(t, s, c.fault)
			if plan := s.Plan(c.action, c.region, c.instances); (plan.Before != nil) != c.struck {
				t.Errorf("struck: %v", plan.Before)
			}
		})
	}
}

// A fault with a count is spent after as many calls, and stays in the list.
func TestCount(t *testing.T) {
	s := fault.New(0)
	id := add(t, s, control.Fault{Kind: control.Reset, Count: 2})
	var struck []bool
	for range 4 {
		struck = append(struck, s.Plan("A", "r", nobody).Before != nil)
	}
	if !slices.Equal(struck, []bool{true, true, false, false}) {
		t.Errorf("struck: %v", struck)
	}
	if list := s.List(); len(list) != 1 || list[0].ID != id || list[0].Struck != 2 || list[0].When != control.Before {
		t.Errorf("list: %+v", list)
	}
	s.Clear()
	if !reflect.DeepEqual(s.Plan("A", "r", nobody), fault.Plan{}) || len(s.List()) != 0 {
		t.Error("cleared, it still strikes")
	}
	if again := add(t, s, control.Fault{Kind: control.Reset}); again == id {
		t.Errorf("%s is handed out twice", again)
	}
}

// Faults occur with their probability, determined by the seed.
func TestProbability(t *testing.T) {
	draw := func(seed uint64) []bool {
		s := fault.New(seed)
		add(t, s, control.Fault{Kind: control.Failed, Probability: 0.3})
		var struck []bool
		for range 2000 {
			struck = append(struck, s.Plan("A", "r", nobody).Before != nil)
		}
		return struck
	}
	one := draw(1)
	n := 0
	for _, struck := range one {
		if struck {
			n++
		}
	}
	if n < 500 || n > 700 {
		t.Errorf("%d of 2000 were struck", n)
	}
	if !slices.Equal(one, draw(1)) {
		t.Error("the same seed has another fate")
	}
	if slices.Equal(one, draw(2)) {
		t.Error("another seed has the same fate")
	}
}

// Several faults affect one call: delays add up, the oldest one responds, and a fault without effect is not spent.
func TestFault_Combined(t *testing.T) {
	s := fault.New(0)
	add(t, s, control.Fault{Kind: control.Slow, Delay: control.Duration(time.Second)})
	add(t, s, control.Fault{Kind: control.Slow, Delay: control.Duration(2 * time.Second)})
	add(t, s, control.Fault{Kind: control.Slow, Delay: control.Duration(5 * time.Second), When: control.Before})
	add(t, s, control.Fault{Kind: control.Denied})
	add(t, s, control.Fault{Kind: control.LostReply})
	add(t, s, control.Fault{Kind: control.Throttled, Count: 1})
	plan := s.Plan("A", "r", nobody)
	if plan.DelayBefore != 5*time.Second || plan.DelayAfter != 3*time.Second || !plan.Denied {
		t.Errorf("plan %+v", plan)
	}
	if plan.Before != nil || plan.After == nil || plan.After.Kind != control.LostReply {
		t.Errorf("before %v, after %v", plan.Before, plan.After)
	}
	if last := s.List()[5]; last.Struck != 0 {
		t.Errorf("the throttle struck %d times", last.Struck)
	}
}

// Invalid faults are rejected, and affect nothing.
func TestFaults_Bad(t *testing.T) {
	for _, f := range []control.Fault{
		{},
		{Kind: "flood"},
		{Kind: control.Failed, When: "during"},
		{Kind: control.Failed, Probability: 1.1},
		{Kind: control.Failed, Probability: -0.1},
		{Kind: control.Failed, Count: -1},
		{Kind: control.Failed, HTTPStatus: 200},
		{Kind: control.Slow},
		{Kind: control.Slow, Delay: control.Duration(time.Hour)},
		{Kind: control.Throttled, RetryAfter: -1},
		{Kind: control.Denied, When: control.After},
	} {
		s := fault.New(0)
		if id, err := s.Add(f); err == nil || id != "" || len(s.List()) != 0 {
			t.Errorf("%+v: id %q, error %v", f, id, err)
		}
	}
}

// A list omits an instance once; a call that names others is not affected.
func TestOmitted(t *testing.T) {
	s := fault.New(1)
	add(t, s, control.Fault{Kind: control.Omitted, Action: "DescribeInstances", InstanceID: "i-1", Count: 1})
	none := func() []string { return nil }
	if plan := s.Plan("DescribeInstances", "cn-a", func() []string { return []string{"i-2"} }); len(plan.Omitted) != 0 {
		t.Errorf("a call that names another leaves out %v", plan.Omitted)
	}
	if plan := s.Plan("DescribeInstances", "cn-a", none); !slices.Equal(plan.Omitted, []string{"i-1"}) {
		t.Errorf("a list leaves out %v", plan.Omitted)
	}
	if plan := s.Plan("DescribeInstances", "cn-a", none); len(plan.Omitted) != 0 {
		t.Errorf("the next leaves out %v", plan.Omitted)
	}
	for _, bad := range []control.Fault{{Kind: control.Omitted}, {Kind: control.Omitted, InstanceID: "i-1"}, {Kind: control.Reordered}, {Kind: control.Stale}} {
		if _, err := s.Add(bad); err == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
}
