package ecs

import "strings"

// refusedFields maps the cloud's codes to request fields, by the part of the
// code before its first dot or by the whole code. A field has the path that the
// contract gives it below a launch's spec or at the head of a request.
var refusedFields = map[string]string{
	"InvalidInstanceType":              "instance_type",
	"InvalidParams.InstanceType":       "instance_type",
	"InvalidParams.ZoneId":             "zone_ids",
	"InvalidParams.StartTime":          "start_time",
	"InvalidParams.EndTime":            "end_time",
	"InvalidParams.NetworkType":        "network_type",
	"InvalidParams.OSType":             "os_type",
	"InvalidAmount":                    "count",
	"InvalidMaxAmount":                 "count",
	"InvalidParam.Amount":              "count",
	"InvalidMinAmount":                 "min_count",
	"InvalidInstanceName":              "instance_name",
	"InvalidParams.InstanceNameExceed": "instance_name",
	"InvalidHostName":                  "host_name",
	"HOSTNAME_ILLEGAL":                 "host_name",
	"InvalidParams.HostnameExceed":     "host_name",
	"InvalidPassword":                  "password",
	"InvalidHostPassword":              "password",
	"InvalidPasswordParam":             "password",
	"InvalidUserData":                  "user_data",
	"InvalidPeriod":                    "period",
	"InvalidPeriodUnit":                "period",
	"InvalidExpectedRenewDay":          "target_expire_day",
	"InvalidParam.ExpectedRenewDay":    "target_expire_day",
	"InvalidAutoRenewPeriod":           "auto_renew_period",
	"InvalidAutoReleaseTime":           "auto_release_time",
	"InvalidSpotStrategy":              "spot.strategy",
	"InvalidSpotPriceLimit":            "spot.price_limit",
	"InvalidSpotDuration":              "spot.duration",
	"InvalidSpotInterruptionBehavior":  "spot.interruption_behavior",
	"InvalidSpotPrepaid":               "spot",
	"InvalidSpotParam.EmptyZoneID":     "zone_id",
	"InvalidSystemDiskCategory":        "system_disk.category",
	"InvalidSystemDiskSize":            "system_disk.size_gib",
	"InvalidDisk.SystemDiskSize":       "system_disk.size_gib",
	"InvalidDataDiskCategory":          "data_disks",
	"InvalidDataDiskSize":              "data_disks",
	"InstanceDiskNumLimitExceed":       "data_disks",
	"InstanceDiskNumber":               "data_disks",
	"InvalidInternetChargeType":        "internet_charge_type",
	"InvalidInternetMaxBandwidthOut":   "internet_max_bandwidth_out_mbps",
	"InvalidPrivateIpAddress":          "private_ip_address",
	"Duplicate.TagKey":                 "tags",
	"NumberExceed.Tags":                "tags",
	"InvalidTagKey":                    "tags",
	"InvalidTagValue":                  "tags",
}

// RefusedField returns the request field that an error code of the cloud refers
// to, "" if none or unknown.
func RefusedField(code string) string {
	if field := refusedFields[code]; field != "" {
		return field
	}
	parameter, _, _ := strings.Cut(code, ".")
	return refusedFields[parameter]
}

// BadInput reports whether the reason is that the request itself is wrong,
// whatever the state of the cloud and of ecsd.
func (r Reason) BadInput() bool {
	switch r {
	case ReasonInvalidField, ReasonInvalidPageToken, ReasonInvalidResumeToken, ReasonUnknownRegion, ReasonPeriodNotSold, ReasonJobTooLarge:
		return true
	}
	return false
}

// NameField names the field that the cloud refused, if the error is about bad
// input and the code identifies it.
func (e *Error) NameField() {
	if field := RefusedField(e.Cloud.Code); field != "" && e.Reason.BadInput() {
		e.Violations = []Violation{{Field: field, Rule: e.Message}}
	}
}
