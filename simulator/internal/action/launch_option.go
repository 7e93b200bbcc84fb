package action

import (
	"encoding/base64"
	"slices"
	"strings"
	"unicode"

	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// maxUserData limits user data, in bytes before Base64.
const maxUserData = 32 << 10

// readAccess checks password, key pair and user data. The simulator stores neither password nor user data.
func readAccess(w *World, c *Call, l *launch) *wire.Error {
	password := c.Params.Get("Password")
	inherit, _, refusal := c.boolean("PasswordInherit")
	switch {
	case refusal != nil:
		return refusal
	case inherit && password != "":
		return errPasswordInherit
	case password != "" && !validPassword(password, l.image.OSType):
		return errPassword
	}
	if refusal := checkUserData(c.Params.Get("UserData")); refusal != nil {
		return refusal
	}
	l.keyPair = c.Params.Get("KeyPairName")
	switch {
	case l.keyPair == "":
	case l.keyPair != w.Nursery.Network(c.Region).KeyPairName:
		return errNoKeyPair
	case l.image.OSType == "windows":
		return errWindowsKeyPair
	}
	return nil
}

// validPassword accepts 8 to 30 characters of at least three kinds.
func validPassword(s, osType string) bool {
	const special = "()`~!@#$%^&*-_+=|{}[]:;'<>,.?/"
	var upper, lower, digit, other int
	for _, r := range s {
		switch {
		case r > unicode.MaxASCII:
			return false
		case unicode.IsUpper(r):
			upper = 1
		case unicode.IsLower(r):
			lower = 1
		case unicode.IsDigit(r):
			digit = 1
		case strings.ContainsRune(special, r):
			other = 1
		default:
			return false
		}
	}
	return len(s) >= 8 && len(s) <= 30 && upper+lower+digit+other >= 3 &&
		(osType != "windows" || s[0] != '/')
}

func checkUserData(text string) *wire.Error {
	raw, err := base64.StdEncoding.DecodeString(text)
	switch {
	case err != nil:
		return wire.Invalid("UserData")
	case len(raw) > maxUserData:
		return errUserDataSize
	}
	return nil
}

func readBandwidth(_ *World, c *Call, l *launch) *wire.Error {
	l.internetChargeType = c.Params.Get("InternetChargeType")
	switch l.internetChargeType {
	case "":
		l.internetChargeType = "PayByTraffic"
	case "PayByTraffic", "PayByBandwidth":
	default:
		return errInternetCharge
	}
	var refusal *wire.Error
	if l.bandwidthOut, refusal = c.number("InternetMaxBandwidthOut", 0, 0, 100); refusal != nil {
		return refusal
	}
	most := max(l.bandwidthOut, 10)
	if l.bandwidthIn, refusal = c.number("InternetMaxBandwidthIn", most, 1, 200); refusal != nil {
		return errBandwidthIn
	}
	l.bandwidthIn = min(l.bandwidthIn, most)
	return nil
}

func readOptions(_ *World, c *Call, l *launch) *wire.Error {
	l.resourceGroup = c.Params.Get("ResourceGroupId")
	optimized := c.Params.Get("IoOptimized")
	if optimized != "" && optimized != "none" && optimized != "optimized" {
		if l.run {
			return errIOOptimized
		}
		return errIOOptimizedValue
	}
	l.ioOptimized = optimized != "none"
	l.httpTokens = c.Params.Get("HttpTokens")
	if l.httpTokens == "" {
		l.httpTokens = "optional"
	}
	l.noMetadata = c.Params.Get("HttpEndpoint") == "disabled"
	var refusal *wire.Error
	if l.hopLimit, refusal = c.number("HttpPutResponseHopLimit", 0, 1, maxHops); refusal != nil {
		return refusal
	}
	for _, set := range []struct {
		name    string
		values  []string
		refusal *wire.Error
	}{
		{"HttpTokens", []string{"optional", "required"}, errHTTPTokens},
		{"HttpEndpoint", []string{"enabled", "disabled"}, errHTTPEndpoint},
		{"CreditSpecification", []string{"Standard", "Unlimited"}, errCreditSpecification},
		{"SecurityEnhancementStrategy", []string{"Active", "Deactive"}, wire.Invalid("SecurityEnhancementStrategy")},
		{"Tenancy", []string{"default"}, errTenancy},
	} {
		if v := c.Params.Get(set.name); v != "" && !slices.Contains(set.values, v) {
			return set.refusal
		}
	}
	return nil
}

// absent are the parameters that name something of which the simulated
// account has none.
var absent = []struct {
	name    string
	refusal *wire.Error
}{
	{"DeploymentSetId", wire.Refuse(404, "DeploymentSet.NotFound", "The specified deployment set does not exist.")},
	{"DedicatedHostId", wire.Refuse(400, "InvalidDedicatedHostId.NotFound", "The specified DedicatedHostId does not exist.")},
	{"HpcClusterId", wire.Refuse(400, "InvalidHpcClusterId.NotFound", "The specified HpcClusterId is not found")},
	{"RamRoleName", wire.Refuse(404, "InvalidRamRole.NotFound", `The specified parameter "RAMRoleName" does not exist.`)},
	{"PrivatePoolOptions.Id", wire.Refuse(400, "Invalid.PrivatePoolOptionsId", "The specified PrivatePoolOptions.Id is invalid.")},
	{"StorageSetId", wire.Invalid("StorageSetId")},
}

// unused are the parameters that have no effect on the launch at hand. Like the cloud, the simulator rejects a value of
// another type all the same. The last ones are those of one of the two actions.
var unused = struct{ numbers, booleans, runNumbers, createBooleans []string }{
	numbers: []string{
		"Period", "AutoRenewPeriod", "SpotDuration", "DeploymentSetGroupNo", "StorageSetPartitionNumber",
	},
	booleans: []string{"AutoRenew", "HibernationOptions.Configured"},
	runNumbers: []string{
		"NetworkInterfaceQueueNumber", "Ipv6AddressCount", "CpuOptions.Core", "CpuOptions.ThreadsPerCore", "LaunchTemplateVersion",
	},
	createBooleans: []string{"UseAdditionalService"},
}

func readUnused(_ *World, c *Call, l *launch) *wire.Error {
	numbers, booleans := unused.numbers, unused.booleans
	if l.run {
		numbers = slices.Concat(numbers, unused.runNumbers)
	} else {
		booleans = slices.Concat(booleans, unused.createBooleans)
	}
	for _, name := range numbers {
		if _, refusal := c.number(name, 0, 0, 1<<31-1); refusal != nil {
			return refusal
		}
	}
	for _, name := range booleans {
		if _, _, refusal := c.boolean(name); refusal != nil {
			return refusal
		}
	}
	if text := c.Params.Get("SpotDuration"); text != "" && text != "0" && text != "1" {
		return errSpotDuration
	}
	return nil
}

func readAbsent(_ *World, c *Call, _ *launch) *wire.Error {
	for _, a := range absent {
		if c.Params.Get(a.name) != "" {
			return a.refusal
		}
	}
	return nil
}
