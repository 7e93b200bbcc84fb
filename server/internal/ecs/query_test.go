package ecs_test

import (
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

func TestQuery_Matches(t *testing.T) {
	expire := time.Date(2027, 1, 2, 16, 0, 0, 0, time.UTC)
	instance := ecs.Instance{
		Name: "web-1-prod", Status: ecs.StatusRunning, ChargeType: ecs.ChargeSubscription, ZoneID: "z-1", Type: "t-1",
		Tags: []ecs.Tag{{Key: "env", Value: "prod"}, {Key: "team", Value: "a"}}, SecurityGroupIDs: []string{"sg-1", "sg-2"},
		Network: ecs.Network{
			VPCID: "vpc-1", VSwitchID: "vsw-1", PrivateIPAddresses: []string{"10.0.0.1", "10.0.0.2"},
			PublicIPAddresses: []string{"47.0.0.1"}, EIPAddress: "47.0.0.2",
		},
		Locks:           []ecs.Lock{{Reason: ecs.LockSecurity}, {Reason: ecs.LockFinancial}},
		ResourceGroupID: "rg-1", ExpireTime: expire,
	}
	payAsYouGo := ecs.Instance{Status: ecs.StatusStopped}
	for name, c := range map[string]struct {
		query           ecs.Query
		matches, others bool
	}{
		"nothing":                     {ecs.Query{}, true, true},
		"one of two statuses":         {ecs.Query{Statuses: []ecs.Status{ecs.StatusStopping, ecs.StatusRunning}}, true, false},
		"other statuses":              {ecs.Query{Statuses: []ecs.Status{ecs.StatusStopping, ecs.StatusPending}}, false, false},
		"one of two charge types":     {ecs.Query{ChargeTypes: []ecs.ChargeType{ecs.ChargePayAsYouGo, ecs.ChargeSubscription}}, true, false},
		"one of two zones":            {ecs.Query{ZoneIDs: []string{"z-0", "z-1"}}, true, false},
		"one of two types":            {ecs.Query{Types: []string{"t-0", "t-1"}}, true, false},
		"one of two locks":            {ecs.Query{Locks: []ecs.LockReason{ecs.LockRecycling, ecs.LockFinancial}}, true, false},
		"another lock":                {ecs.Query{Locks: []ecs.LockReason{ecs.LockRecycling}}, false, false},
		"its second private address":  {ecs.Query{PrivateIPs: []string{"10.0.0.9", "10.0.0.2"}}, true, false},
		"another private address":     {ecs.Query{PrivateIPs: []string{"47.0.0.1"}}, false, false},
		"its public address":          {ecs.Query{PublicIPs: []string{"47.0.0.1"}}, true, false},
		"its elastic address":         {ecs.Query{PublicIPs: []string{"47.0.0.2"}}, true, false},
		"another public address":      {ecs.Query{PublicIPs: []string{"10.0.0.1"}}, false, false},
		"its group":                   {ecs.Query{ResourceGroupID: "rg-1"}, true, false},
		"another group":               {ecs.Query{ResourceGroupID: "rg-2"}, false, false},
		"its second security group":   {ecs.Query{SecurityGroupID: "sg-2"}, true, false},
		"its network":                 {ecs.Query{VPCID: "vpc-1", VSwitchID: "vsw-1"}, true, false},
		"another switch":              {ecs.Query{VPCID: "vpc-1", VSwitchID: "vsw-2"}, false, false},
		"a pattern":                   {ecs.Query{Name: "*1*"}, true, false},
		"its whole name":              {ecs.Query{Name: "web-1-prod"}, true, false},
		"a part of its name":          {ecs.Query{Name: "web-1"}, false, false},
		"a window that begins then":   {ecs.Query{Expiry: ecs.Window{After: expire}}, true, false},
		"a window that ends then":     {ecs.Query{Expiry: ecs.Window{Before: expire}}, false, false},
		"a window that ends later":    {ecs.Query{Expiry: ecs.Window{Before: expire.Add(1)}}, true, false},
		"both tags, one of any value": {ecs.Query{Tags: []ecs.Tag{{Key: "env", Value: "prod"}, {Key: "team"}}}, true, false},
		"a tag that it lacks":         {ecs.Query{Tags: []ecs.Tag{{Key: "env", Value: "prod"}, {Key: "cost"}}}, false, false},
		"its status in another zone":  {ecs.Query{Statuses: []ecs.Status{ecs.StatusRunning}, ZoneIDs: []string{"z-0"}}, false, false},
	} {
		if got := c.query.Matches(&instance); got != c.matches {
			t.Errorf("%s: matches is %t, want %t", name, got, c.matches)
		}
		if got := c.query.Matches(&payAsYouGo); got != c.others {
			t.Errorf("%s: matches an empty pay-as-you-go instance is %t, want %t", name, got, c.others)
		}
	}
}
