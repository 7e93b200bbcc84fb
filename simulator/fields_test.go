package simulator_test

import (
	"bufio"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/responses"

	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/internal/action"
)

// values are the parameters of a request.
type values map[string]string

// raw sends a request, signed by the SDK, and returns the raw response.
func (c *cloud) raw(action string, params values) map[string]any {
	c.t.Helper()
	request := &requests.RpcRequest{}
	product, version := "Ecs", "2014-05-26"
	if v := params["Version"]; v != "" {
		product, version = "Sts", v
	}
	request.InitWithApiInfo(product, version, action, "", "")
	request.Method = requests.POST
	request.QueryParams["RegionId"] = "cn-hangzhou"
	for k, v := range params {
		request.QueryParams[k] = v
	}
	response := responses.NewCommonResponse()
	c.do(request, response)
	answer := map[string]any{}
	d := json.NewDecoder(strings.NewReader(response.GetHttpContentString()))
	d.UseNumber()
	if err := d.Decode(&answer); err != nil {
		c.t.Fatalf("%s: %v", action, err)
	}
	return answer
}

// field is one leaf of an action's real response, such as Instances.Instance[].InstanceId.
type field struct{ action, path, kind string }

func readFields(t *testing.T) []field {
	t.Helper()
	file, err := os.Open("testdata/fields.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	var fields []field
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if columns := strings.Split(lines.Text(), "\t"); len(columns) == 3 {
			fields = append(fields, field{columns[0], columns[1], columns[2]})
		}
	}
	return fields
}

// leaves calls f with the path of every scalar value of a response, and of every empty object and list.
func leaves(path string, v any, f func(path string, v any)) {
	switch v := v.(type) {
	case map[string]any:
		if len(v) == 0 {
			f(path, v)
		}
		for key, member := range v {
			leaves(strings.TrimPrefix(path+"."+key, "."), member, f)
		}
	case []any:
		if len(v) == 0 {
			f(path+"[]", v)
		}
		for _, element := range v {
			leaves(path+"[]", element, f)
		}
	default:
		f(path, v)
	}
}

// blank reports whether a value is empty.
func blank(v any) bool {
	switch v := v.(type) {
	case string:
		return v == ""
	case json.Number:
		n, err := v.Float64()
		return err == nil && n == 0
	case bool:
		return !v
	case []any:
		return true
	}
	return false
}

func kindOf(v any) string {
	switch v := v.(type) {
	case string:
		return "string"
	case bool:
		return "bool"
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") {
			return "number"
		}
		return "int"
	}
	if _, list := v.([]any); list {
		return "list" // without elements
	}
	return "object"
}

// Every field of the real responses is in the simulator's, with the same kind, and has a value in some response, except
// for features that the simulated account does not have.
func TestFields_AllOfTheCloud(t *testing.T) {
	c := newCloud(t, simulator.Config{Instances: simulator.DemoInstances, RenewLag: -1, Rates: []simulator.Rate{
		{Action: "DescribeRegions", Calls: 1000, Window: time.Minute}, {Action: "DescribeZones", Calls: 1000, Window: time.Minute},
	}})
	actions := map[string]action.Action{}
	for _, p := range action.Products() {
		maps.Copy(actions, p.Actions)
	}
	type seen struct {
		kinds []string
		said  bool
	}
	carried := map[string]map[string]*seen{}
	for _, s := range scenario(c) {
		if carried[s.action] == nil {
			carried[s.action] = map[string]*seen{}
		}
		if _, simulated := actions[s.action]; !simulated {
			t.Errorf("%s: the scenario calls an action that is not simulated", s.action)
			continue
		}
		c.advance(s.after)
		answer := c.raw(s.action, s.params)
		leaves("", answer, func(path string, v any) {
			have := carried[s.action][path]
			if have == nil {
				have = &seen{}
				carried[s.action][path] = have
			}
			if k := kindOf(v); !slices.Contains(have.kinds, k) {
				have.kinds = append(have.kinds, k)
			}
			have.said = have.said || !blank(v)
		})
	}
	known := map[string]bool{}
	for _, f := range readFields(t) {
		known[f.action] = true
		if _, simulated := actions[f.action]; !simulated {
			continue
		}
		if carried[f.action] == nil {
			t.Errorf("%s: the scenario does not call it", f.action)
			carried[f.action] = map[string]*seen{}
		}
		absent := slices.ContainsFunc(absences, func(a field) bool {
			return (a.action == "" || a.action == f.action) && strings.Contains(f.path, a.path)
		})
		switch have := carried[f.action][f.path]; {
		case have == nil && absent && within(f.path, carried[f.action]):
		case have == nil:
			t.Errorf("%s: no %s", f.action, f.path)
		case absent && slices.Equal(have.kinds, []string{"list"}):
		case !slices.Contains(have.kinds, f.kind) && (f.kind != "number" || !slices.Contains(have.kinds, "int")):
			t.Errorf("%s: %s is %v, want %s", f.action, f.path, have.kinds, f.kind)
		case !have.said && !absent:
			t.Errorf("%s: %s is empty in every answer", f.action, f.path)
		}
	}
	for name := range actions {
		if !known[name] {
			t.Errorf("%s: testdata/fields.tsv does not have it", name)
		}
	}
}

// within reports whether a path lies in a list that is present, and empty in every response.
func within[T any](path string, carried map[string]T) bool {
	for n := range path {
		list := path[:n]
		if _, seen := carried[list]; !seen || !strings.HasSuffix(list, "[]") {
			continue
		}
		filled := false
		for other := range carried {
			filled = filled || strings.HasPrefix(other, list+".")
		}
		if !filled {
			return true
		}
	}
	return false
}

// absences are the fields that the simulated account does not have, by a part of the path, for one action if it is set.
// Such a field is present and empty, or lies in a list that is.
var absences = []field{
	{path: ".Promotion[]"}, {path: ".Coupon[]"}, // no promotions
	{path: "PriceWarning"}, {path: "MarketplaceImagePrice"}, {path: "ReservedInstanceHour"},
	{path: "IsContractPromotion"}, {path: "DepreciateInfo.DifferentialName"}, {path: "DepreciateInfo.StartTime"},
	// Billing: no line of credit, no sub-products, no related orders.
	{path: "Data.HostName"}, {path: "RelatedOrderId"}, {path: "ProductType"},
	{action: "QueryAccountBalance", path: "Credit"}, {action: "QueryAccountBalance", path: "QuotaLimit"},
	{action: "GetOrderDetail", path: "OriginalConfig"},
	// Quota Center: limits that are not adjusted, and no usage.
	{action: "ListProductQuotas", path: "Range"}, {action: "ListProductQuotas", path: "QuotaItems"}, {action: "ListProductQuotas", path: "Time"},
	{action: "ListProductQuotas", path: "UsageMetric"}, {action: "ListProductQuotas", path: "Detail"}, {action: "ListProductQuotas", path: "Tips"},
	{action: "ListProductQuotas", path: "TotalUsage"}, {action: "ListProductQuotas", path: "GlobalQuota"},
	{action: "ListProductQuotas", path: "Adjustable"}, {action: "ListProductQuotas", path: "Consumable"},
	{action: "GetCallerIdentity", path: "RoleId"},              // the keys are the account's
	{action: "DescribePrice", path: "SubPrices"},               // of an existing instance
	{action: "DescribeRenewalPrice", path: "SpotInstanceType"}, // spot instances are not renewed
	// Upgrades have no discount and no monthly price.
	{action: "DescribeInstanceModificationPrice", path: "SpotInstanceType"},
	{action: "DescribeInstanceModificationPrice", path: "Discount"}, {action: "DescribeInstanceModificationPrice", path: "Rule"},
	{action: "DescribeInstanceModificationPrice", path: "CheapRate"}, {action: "DescribeInstanceModificationPrice", path: "MonthPrice"},
	{action: "DescribeInstanceModificationPrice", path: "DifferentialPrice"}, {action: "DescribeInstanceModificationPrice", path: "IsShow"},
	// Images of the cloud, which are not shared or copied; networks without rules, resource groups and services.
	{action: "DescribeImages", path: "Image[].Description"}, {action: "DescribeImages", path: "ImageVersion"}, {action: "DescribeImages", path: "SupplierName"},
	{action: "DescribeImages", path: "ImageOwnerId"}, {action: "DescribeImages", path: "IsCopied"}, {action: "DescribeImages", path: "IsSubscribed"},
	{action: "DescribeImages", path: "IsSelfShared"}, {action: "DescribeImages", path: "DiskDeviceMapping[]"}, {action: "DescribeImages", path: "DetectionOptions"},
	{action: "DescribeImages", path: "Tag[]"}, {action: "DescribeImages", path: "ResourceGroupId"},
	{action: "DescribeSecurityGroups", path: "ResourceGroupId"}, {action: "DescribeSecurityGroups", path: "RuleCount"},
	{action: "DescribeSecurityGroups", path: "Service"}, {action: "DescribeVSwitches", path: "ResourceGroupId"}, {action: "DescribeVpcs", path: "UserCidr[]"},
	{path: "ResourceTypeCount.Ddh"}, {path: "ResourceTypeCount.Eni"}, {path: "ResourceTypeCount.Volume"}, // none of these
	{path: "ResourceTypeCount.ReservedInstance"}, {path: "ResourceTypeCount.SnapshotPolicy"},
	// Events of expiries alone.
	{path: "ExtendedAttribute"}, {path: "HealthStatus.Code"}, {action: "DescribeInstanceAttribute", path: "EnableJumboFrame"},
	// Fields of the classic network, of hosts and clusters, and of machines outside ECS.
	{path: "InnerIpAddress"}, {path: "RdmaIpAddress"}, {path: "ClusterId"}, {path: "VlanId"}, {path: "ISP"},
	{path: "DedicatedHostAttribute"}, {path: "DedicatedInstanceAttribute"}, {path: "NatIpAddress"},
	{path: "DeploymentSet"}, {path: "EcsCapacityReservationAttr"}, {path: "PrivatePoolOptionsId"},
	{path: "LocalStorageAmount"}, {path: "LocalStorageCapacity"},
	{path: "ActivationId"}, {path: "AgentVersion"}, {path: "Connected"}, {path: "InvocationCount"},
	{path: "LastInvokedTime"}, {path: "MachineId"}, {path: "RegistrationTime"}, {path: "SocketId"},
	{path: "HibernationOptions"}, {path: "EnableHighDensityMode"}, {path: "PrivateDnsName"},
	{path: "ImageTag[]"}, {path: "LoginAsNonRoot"}, {path: "ImageOptions.Description"}, {path: "PrefixSet[]"},
	{path: "NetworkInterface[].Description"}, {path: "NetworkInterfaceName"}, {path: "AssociatedPublicIp.AllocationId"},
	{path: "Recyclable"},
	// Disks without snapshot policies, own keys, sets, clusters and provisioned performance; snapshots of one kind, in
	// one region.
	{path: "KMSKeyId"}, {path: "ProductCode"}, {path: "AutoSnapshotPolicyId"}, {path: "BurstingEnabled"},
	{path: "DeleteAutoSnapshot"}, {path: "EnableAutomatedSnapshotPolicy"}, {path: "StorageSet"}, {path: "BdfId"},
	{path: "ProvisionedIops"}, {path: "InstantAccess"}, {path: "SourceRegionId"},
	{action: "DescribeSnapshots", path: "ResourceGroupId"}, {action: "DescribeSnapshots", path: "SourceSnapshotId"},
	{path: "Attachment[].AccessToken"}, {path: "Attachment[].DeviceIndex"}, {path: "Attachment[].Identifier"},
	{path: "Attachment[].MemberNetworkInterfaceIds"}, {path: "Attachment[].Nguid"}, {path: "Attachment[].NsId"},
	{path: "Attachment[].TargetDevice"}, {path: "Attachment[].TrunkNetworkInterfaceId"},
	// No simulated type has these.
	{action: "DescribeInstanceTypes", path: "EriQuantity"}, {action: "DescribeInstanceTypes", path: "QueuePairNumber"},
	{path: "NetworkEncryptionSupport"}, {path: "NetworkCardIndex"}, {path: "riov"}, {path: "VfQueueNumberPerEni"},
}
