package simulator_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/responses"
	"github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"

	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
	"github.com/ecsd-io/ecsd/simulator/internal/action"
)

// exercise is a request of an action, and for each parameter a value that must make a difference.
type exercise struct {
	action string
	// base are the parameters of the request. $NAME is an ID of the fixture.
	base values
	// vary maps a parameter to the value that replaces that of the base; "-" removes it. More parameters of the changed
	// request may follow as &NAME=VALUE.
	vary values
	// twice sends the request twice, as a client token needs.
	twice bool
}

// fixture is a cloud with the same state in every test, and the IDs of what is in it.
func fixture(t *testing.T, read func(action, parameter string)) (*cloud, map[string]string) {
	rates := []simulator.Rate{{Action: "RenewInstance", Calls: 1000, Window: time.Minute}, {Action: "RunInstances", Calls: 1000, Window: time.Minute}}
	c := newCloud(t, simulator.WithRead(simulator.Config{ListLag: -1, StartLatency: -1, StopLatency: -1, RenewLag: -1, Instances: 30, Rates: rates}, read))
	named := func(name string) func(*ecs.RunInstancesRequest) {
		return func(r *ecs.RunInstancesRequest) {
			r.InstanceName, r.Tag = name, &[]ecs.RunInstancesTag{{Key: "name", Value: name}}
		}
	}
	network, err := c.Network("")
	if err != nil {
		t.Fatal(err)
	}
	soon := control.Duration(30 * time.Hour)
	// A default disk, two of its own, and one that outlives its instance.
	ids := map[string]string{
		"payg": c.run(named("payg"), withManyParts)[0],
		"sub": c.run(named("sub"), withManyParts, func(r *ecs.RunInstancesRequest) {
			r.InstanceChargeType, r.Period, r.SystemDiskDiskName = "PrePaid", "1", "root"
		})[0],
		"spot":    c.run(named("spot"), func(r *ecs.RunInstancesRequest) { r.SpotStrategy = "SpotAsPriceGo" })[0],
		"stopped": c.seed(simulator.Seed{ChargeType: "PostPaid", Status: "Stopped"})[0],
		"overdue": c.seed(simulator.Seed{ChargeType: "PostPaid", Status: "Stopped", LockReason: "financial"})[0],
		"resized": c.seed(simulator.Seed{})[0],
		"ending":  c.seed(simulator.Seed{ExpireAfter: &soon})[0],
		"group":   network.SecurityGroupIDs[1],
		"switch":  network.VSwitches[1].VSwitchID,
		"vpc":     network.VPCID,
	}
	ids["both"] = c.seed(simulator.Seed{SecurityGroupIDs: network.SecurityGroupIDs[:2]})[0]
	gone := c.run(func(r *ecs.RunInstancesRequest) {
		r.DataDisk = &[]ecs.RunInstancesDataDisk{{Category: "cloud_ssd", Size: "20", DeleteWithInstance: "false", Encrypted: "true"}}
	})[0]
	c.release(gone, force)
	ids["disk"] = "d-" + ids["payg"][len("i-"):]
	for name, owner := range map[string]string{"data": ids["payg"], "subdata": ids["sub"]} {
		for _, d := range c.disks(func(r *ecs.DescribeDisksRequest) { r.InstanceId, r.DiskType = owner, "data" }) {
			ids[name] = d.DiskId
		}
	}
	for _, d := range c.disks(func(r *ecs.DescribeDisksRequest) { r.Status = "Available" }) {
		ids["loose"] = d.DiskId
	}
	ids["order"] = c.Ledger(simulator.LedgerFilter{})[0].OrderID
	ids["spare"] = "d-" + ids["stopped"][len("i-"):]
	c.advance(time.Hour)
	for _, disk := range []string{ids["disk"], "d-" + ids["sub"][len("i-"):]} {
		if ids["snapshot"], err = c.snapshotOf(disk); err != nil {
			t.Fatal(err)
		}
		c.advance(time.Hour)
	}
	if _, err := c.snapshotOf(ids["disk"]); err != nil { // in progress
		t.Fatal(err)
	}
	return c, ids
}

func (c *cloud) snapshotOf(disk string) (string, error) {
	id, code := c.snapshot(disk, "")
	if code != "" {
		return "", fmt.Errorf("snapshot of %s: %s", disk, code)
	}
	return id, nil
}

// outcome is the response of a request, or its error, and the state of the cloud afterwards.
func (c *cloud) outcome(name string, params values) string {
	c.t.Helper()
	request := &requests.RpcRequest{}
	version := "2014-05-26"
	for _, p := range action.Products() {
		if _, ok := p.Actions[name]; ok {
			version = p.Version
		}
	}
	request.InitWithApiInfo("Ecs", version, name, "", "")
	request.Method = requests.POST
	request.QueryParams["RegionId"] = "cn-hangzhou"
	for k, v := range params {
		request.QueryParams[k] = v
	}
	response := responses.NewCommonResponse()
	if code := c.code(request, response); code != "" {
		return "refused: " + code
	}
	return requestID.ReplaceAllString(response.GetHttpContentString(), "")
}

var requestID = regexp.MustCompile(`"RequestId":"[^"]*"`)

// state is what a change of an action shows in.
func (c *cloud) state() string {
	c.t.Helper()
	ledger, err := json.Marshal(c.Ledger(simulator.LedgerFilter{}))
	if err != nil {
		c.t.Fatal(err)
	}
	network, err := json.Marshal(c.outcome("DescribeSecurityGroups", nil) + c.outcome("DescribeVpcs", nil) + c.outcome("DescribeVSwitches", nil))
	if err != nil {
		c.t.Fatal(err)
	}
	all := []string{string(ledger), c.Balance().String(), string(network)}
	for _, name := range []string{"DescribeInstances", "DescribeDisks", "DescribeSnapshots"} {
		all = append(all, c.outcome(name, values{"PageSize": "100"}))
	}
	for _, kind := range []string{"disk", "snapshot"} {
		all = append(all, c.outcome("ListTagResources", values{"ResourceType": kind, "TagFilter.1.TagKey": "*"}))
	}
	all = append(all, c.outcome("DescribeInstanceAutoRenewAttribute", values{"RenewalStatus": "AutoRenewal"}))
	return strings.Join(all, "\n")
}

// reads reports whether the action changes nothing.
func (e exercise) reads() bool {
	return strings.HasPrefix(e.action, "Describe") || strings.HasPrefix(e.action, "List") || strings.HasPrefix(e.action, "Query")
}

// site is a cloud with its fixture.
type site struct {
	*cloud
	ids map[string]string
}

// run sends the request to a cloud, a new one unless it only reads, and returns everything that it shows in.
func (e exercise) run(t *testing.T, shared site, params values, read func(action, parameter string)) string {
	t.Helper()
	c, ids := shared.cloud, shared.ids
	if !e.reads() {
		c, ids = fixture(t, read)
	}
	sent := substitute(params, ids)
	shown := c.outcome(e.action, sent)
	if e.twice {
		shown += c.outcome(e.action, sent)
	}
	if !e.reads() {
		c.advance(time.Minute)
		shown += c.state()
	}
	return shown
}

// substitute replaces the names of the fixture by its IDs, longer names first: one may begin with another.
func substitute(params values, ids map[string]string) values {
	names := slices.SortedFunc(maps.Keys(ids), func(a, b string) int { return len(b) - len(a) })
	sent := values{}
	for k, v := range params {
		for _, name := range names {
			v = strings.ReplaceAll(v, "$"+name, ids[name])
		}
		sent[k] = v
	}
	return sent
}

// changed returns the request with another value of a parameter.
func (e exercise) changed(name string) values {
	sent := maps.Clone(e.base)
	if sent == nil {
		sent = values{}
	}
	first, more, _ := strings.Cut(e.vary[name], "&")
	sent[name] = first
	for more != "" {
		var pair string
		pair, more, _ = strings.Cut(more, "&")
		k, v, _ := strings.Cut(pair, "=")
		sent[k] = v
	}
	maps.DeleteFunc(sent, func(_, v string) bool { return v == "-" })
	return sent
}

var number = regexp.MustCompile(`\.\d+`)

// general replaces the numbers in a parameter: Tag.1.Key is Tag.N.Key. Tags have the same keys in lower case.
func general(parameter string) string {
	parameter = number.ReplaceAllString(parameter, ".N")
	for _, key := range []string{"Key", "Value"} {
		parameter = strings.Replace(parameter, "Tag.N."+strings.ToLower(key), "Tag.N."+key, 1)
	}
	return parameter
}

// Every parameter that an action reads, or that the SDK's request of the action has, makes a difference, or is among the
// parameters that have no effect here.
func TestParameters_AllHaveAnEffect(t *testing.T) {
	read := map[string]map[string]bool{}
	covered := map[string]map[string]bool{}
	note := func(in map[string]map[string]bool, name, parameter string) {
		if in[name] == nil {
			in[name] = map[string]bool{}
		}
		in[name][general(parameter)] = true
	}
	reading := func(name, parameter string) { note(read, name, parameter) }
	shared, ids := fixture(t, reading)
	for _, e := range exercises {
		before := e.run(t, site{shared, ids}, e.base, reading)
		for parameter := range e.vary {
			note(covered, e.action, parameter)
			after := e.run(t, site{shared, ids}, e.changed(parameter), reading)
			if after == before {
				t.Errorf("%s: %s=%s changes nothing: %.200s", e.action, parameter, e.vary[parameter], after)
			}
		}
		for parameter := range sdkParameters(e.action) {
			note(read, e.action, parameter)
		}
	}
	for _, product := range action.Products() {
		for name := range product.Actions {
			if _, ok := covered[name]; !ok && !slices.Contains(withoutParameters, name) {
				t.Errorf("%s: no parameter is exercised", name)
			}
		}
	}
	for name := range covered {
		for _, parameter := range slices.Sorted(maps.Keys(read[name])) {
			if !covered[name][parameter] && !ignored(name, parameter) {
				t.Errorf("%s: no case for %s", name, parameter)
			}
		}
	}
}

// ignored reports whether a parameter has no effect here.
func ignored(name, parameter string) bool {
	return slices.ContainsFunc(withoutEffect, func(w [2]string) bool {
		return (w[0] == "" || slices.Contains(strings.Fields(w[0]), name)) &&
			(parameter == w[1] || strings.HasSuffix(w[1], ".") && strings.HasPrefix(parameter, w[1]))
	})
}

// sdkParameters returns the parameters of the SDK's request of an action.
func sdkParameters(name string) map[string]bool {
	all := map[string]bool{}
	request, ok := sdkRequests[name]
	if !ok {
		request, ok = moreRequests[name]
	}
	if ok {
		collect(reflect.TypeOf(request).Elem(), "", all)
	}
	return all
}

func collect(t reflect.Type, prefix string, into map[string]bool) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, tagged := f.Tag.Lookup("name")
		if !tagged {
			continue
		}
		kind := f.Type
		if kind.Kind() == reflect.Pointer {
			kind = kind.Elem()
		}
		switch {
		case kind.Kind() == reflect.Slice && kind.Elem().Kind() == reflect.Struct:
			collect(kind.Elem(), prefix+name+".N.", into)
		case kind.Kind() == reflect.Slice:
			into[prefix+name+".N"] = true
		case kind.Kind() == reflect.Struct:
			collect(kind, prefix+name+".", into)
		default:
			into[general(prefix+name)] = true
		}
	}
}

// A number or a boolean of an action is rejected if it is none, whether it has an effect on the request or not.
func TestParameters_Typed(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range exercises {
		if _, known := sdkRequests[e.action]; !known || seen[e.action] {
			continue
		}
		seen[e.action] = true
		c, ids := fixture(t, nil)
		request := reflect.TypeOf(sdkRequests[e.action]).Elem()
		for i := range request.NumField() {
			f := request.Field(i)
			name := f.Tag.Get("name")
			if f.Type != reflect.TypeFor[requests.Integer]() && f.Type != reflect.TypeFor[requests.Boolean]() || ignored(e.action, general(name)) {
				continue
			}
			sent := substitute(e.base, ids)
			sent[name] = "abc"
			if got := c.outcome(e.action, sent); !strings.HasPrefix(got, "refused: ") {
				t.Errorf("%s: %s=abc is accepted: %.100s", e.action, name, got)
			}
		}
	}
}
