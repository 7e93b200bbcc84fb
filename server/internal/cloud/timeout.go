package cloud

import "time"

// timeouts limits one try of an action, from the vendor's own table
// (sdk/api_timeout.go). That table gives DescribeInstances 10 s, but a full
// page of a busy region has been seen to take longer. Batched calls, which the
// table does not name, have the limits of the single calls.
var timeouts = map[string]time.Duration{
	"DescribeInstances":                  15 * time.Second,
	"DescribeInstanceStatus":             26 * time.Second,
	"DescribeRegions":                    19 * time.Second,
	"RenewInstance":                      30 * time.Second,
	"DescribeRenewalPrice":               16 * time.Second,
	"DescribeInstanceAutoRenewAttribute": 17 * time.Second,
	"ModifyInstanceAutoRenewAttribute":   16 * time.Second,
	"RunInstances":                       86 * time.Second,
	"CreateInstance":                     86 * time.Second,
	"CreateSnapshot":                     86 * time.Second,
	"StartInstances":                     46 * time.Second,
	"StopInstances":                      27 * time.Second,
	"RebootInstances":                    27 * time.Second,
	"DeleteInstances":                    66 * time.Second,
	"DescribeZones":                      60 * time.Second,
	"QueryOrders":                        10 * time.Second,
	"GetOrderDetail":                     10 * time.Second,
}

// defaultTimeout is for an action that the table does not name.
const defaultTimeout = 20 * time.Second

func (c Config) timeout(action string) time.Duration {
	if t := c.Timeouts[action]; t > 0 {
		return t
	}
	if t := timeouts[action]; t > 0 {
		return t
	}
	return defaultTimeout
}
