package action

import (
	"encoding/json"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// maxHops is the maximum of HttpPutResponseHopLimit.
const maxHops = 64

// maxListed limits the IDs or addresses in a filter of DescribeInstances.
const maxListed = 100

// instanceFilter parses every filter of DescribeInstances.
func instanceFilter(c *Call) (*fleet.Filter, *wire.Error) {
	p := c.Params
	q := &fleet.Filter{
		VPCID: p.Get("VpcId"), VSwitchID: p.Get("VSwitchId"), ZoneID: p.Get("ZoneId"),
		SecurityGroupID: p.Get("SecurityGroupId"), NetworkType: p.Get("InstanceNetworkType"),
		ChargeType: p.Get("InstanceChargeType"), InternetChargeType: p.Get("InternetChargeType"),
		Name: p.Get("InstanceName"), ImageID: p.Get("ImageId"),
		Type: p.Get("InstanceType"), TypeFamily: p.Get("InstanceTypeFamily"),
		Status: fleet.Status(p.Get("Status")), LockReason: p.Get("LockReason"),
		KeyPairName: p.Get("KeyPairName"), ResourceGroupID: p.Get("ResourceGroupId"),
		HTTPTokens: p.Get("HttpTokens"),
	}
	for _, check := range []func(*Call, *fleet.Filter) *wire.Error{
		checkValues, readIDs, readAddresses, readTags, readTimes,
	} {
		if refusal := check(c, q); refusal != nil {
			return nil, refusal
		}
	}
	return q, nil
}

// closedSets are the parameters with a fixed set of values.
var closedSets = []struct {
	name    string
	values  []string
	refusal *wire.Error
}{
	{"InstanceChargeType", []string{fleet.PrePaid, fleet.PostPaid}, errListChargeType},
	{"InternetChargeType", []string{"PayByBandwidth", "PayByTraffic"}, errListInternetCharge},
	{"InstanceNetworkType", []string{"classic", "vpc"}, errListNetworkType},
	{"Status", []string{"Pending", "Running", "Starting", "Stopping", "Stopped"}, errListStatus},
	{"LockReason", []string{
		"financial", "security", "recycling", "Recycling", "dedicatedhostfinancial", "refunded",
	}, errListLockReason},
	{"HttpTokens", []string{"optional", "required"}, wire.Invalid("HttpTokens")},
	{"HttpEndpoint", []string{"enabled", "disabled"}, wire.Invalid("HttpEndpoint")},
	// No simulated instance belongs to a cluster.
	{"HpcClusterId", nil, errHPCCluster},
}

func checkValues(c *Call, q *fleet.Filter) *wire.Error {
	for _, set := range closedSets {
		if v := c.Params.Get(set.name); v != "" && !slices.Contains(set.values, v) {
			return set.refusal
		}
	}
	if endpoint := c.Params.Get("HttpEndpoint"); endpoint != "" {
		enabled := endpoint == "enabled"
		q.Metadata = &enabled
	}
	available, sent, refusal := c.boolean("DeviceAvailable")
	if refusal != nil {
		return refusal
	}
	if sent && !available {
		q.IDs = []string{} // the disks of every simulated instance are available
	}
	if q.HopLimit, refusal = c.number("HttpPutResponseHopLimit", 0, 1, maxHops); refusal != nil {
		return refusal
	}
	optimized, sent, refusal := c.boolean("IoOptimized")
	if sent {
		q.IOOptimized = &optimized
	}
	return refusal
}

func readIDs(c *Call, q *fleet.Filter) *wire.Error {
	ids, refusal := jsonList(c, "InstanceIds")
	if q.IDs == nil {
		q.IDs = ids
	}
	return refusal
}

func readAddresses(c *Call, q *fleet.Filter) *wire.Error {
	for _, f := range []struct {
		name string
		into *[]netip.Addr
	}{
		{"PublicIpAddresses", &q.PublicIPs},
		{"PrivateIpAddresses", &q.PrivateIPs},
		{"EipAddresses", &q.EIPs},
		{"InnerIpAddresses", &q.InnerIPs},
	} {
		list, refusal := jsonList(c, f.name)
		if refusal != nil {
			return refusal
		}
		if *f.into, refusal = addresses(f.name, list); refusal != nil {
			return refusal
		}
	}
	// No simulated instance has an RDMA address.
	if rdma, refusal := jsonList(c, "RdmaIpAddresses"); refusal != nil {
		return refusal
	} else if rdma != nil {
		q.IDs = []string{}
	}
	var refusal *wire.Error
	q.IPv6s, refusal = addresses("Ipv6Address", c.Params.List("Ipv6Address"))
	return refusal
}

func addresses(name string, list []string) ([]netip.Addr, *wire.Error) {
	if list == nil {
		return nil, nil
	}
	if len(list) > maxListed {
		return nil, wire.Invalid(name)
	}
	parsed := make([]netip.Addr, 0, len(list))
	for _, text := range list {
		a, err := netip.ParseAddr(text)
		if err != nil {
			return nil, wire.Invalid(name)
		}
		parsed = append(parsed, a)
	}
	return parsed, nil
}

// jsonList parses a JSON array of strings; nil if it was not sent, empty for the empty array.
func jsonList(c *Call, name string) ([]string, *wire.Error) {
	text := c.Params.Get(name)
	if text == "" {
		return nil, nil
	}
	list := []string{}
	if err := json.Unmarshal([]byte(text), &list); err != nil || list == nil || len(list) > maxListed {
		return nil, wire.Invalid(name)
	}
	return list, nil
}

func readTags(c *Call, q *fleet.Filter) *wire.Error {
	pairs := c.Params.Pairs("Tag")
	if len(pairs) > maxTags {
		return errTagCount
	}
	for _, pair := range pairs {
		if pair.Key == "" {
			return errTagMismatch
		}
		q.Tags = append(q.Tags, fleet.TagFilter{Key: pair.Key, Value: pair.Value, AnyValue: !pair.HasValue})
	}
	return nil
}

// readTimes parses Filter.1 to Filter.4. The cloud documents one key per index; here every index accepts any key.
func readTimes(c *Call, q *fleet.Filter) *wire.Error {
	for n := 1; n <= 4; n++ {
		prefix := "Filter." + strconv.Itoa(n)
		key, value := c.Params.Get(prefix+".Key"), c.Params.Get(prefix+".Value")
		if key == "" && value == "" {
			continue
		}
		t, ok := parseTime(value)
		if !ok {
			return errFilterKey(key)
		}
		switch key {
		case "CreationStartTime":
			q.CreatedFrom = t
		case "CreationEndTime":
			q.CreatedTo = t
		case "ExpiredStartTime":
			q.ExpiresFrom = t
		case "ExpiredEndTime":
			q.ExpireTo = t
		default:
			return errFilterKey(key)
		}
	}
	return nil
}

// parseTime parses both precisions of the API.
func parseTime(s string) (time.Time, bool) {
	for _, layout := range []string{"2006-01-02T15:04Z", "2006-01-02T15:04:05Z"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
