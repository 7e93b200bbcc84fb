package api

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// limit bounds one field of a request. It keeps the work for a request small
// before the first rule is checked; the rules of a field may be stricter.
type limit struct {
	// values is how many values a list or a map may hold.
	values int
	// bytes is how long each text of the field may be.
	bytes int
}

const (
	idBytes    = 64      // IDs of the cloud, regions, callers, UUIDs
	wordBytes  = 128     // IDs and names without a published grammar
	textBytes  = 4 * 128 // 128 characters
	tokenBytes = 4 << 10 // page and resume tokens
	// maxNamedIDs bounds the lists of which watch and renewal reject more, with
	// their own reasons.
	maxNamedIDs = 100_000
)

// limits bounds every list, map and text that a request can hold: by the name
// of the field or, if messages differ, by its full name. A test compares it
// with the descriptors.
var limits = map[protoreflect.FullName]limit{
	"auto_renew_statuses":            {values: maxFilterEnums},
	"caller":                         {bytes: idBytes},
	"category":                       {bytes: wordBytes},
	"charge_types":                   {values: maxFilterEnums},
	"currency_code":                  {bytes: 8},
	"data_disks":                     {values: maxDataDisks},
	"decisions":                      {values: 6},
	"description":                    {bytes: 4 * 256},
	"disk_id":                        {bytes: idBytes},
	"disk_ids":                       {values: maxFilterIDs, bytes: idBytes},
	"disk_name":                      {bytes: textBytes},
	"host_name":                      {bytes: 4 * 64},
	"image_id":                       {bytes: wordBytes},
	"instance_id":                    {bytes: idBytes},
	"instance_ids":                   {values: maxIDs, bytes: idBytes},
	"instance_name":                  {bytes: textBytes},
	"instance_type":                  {bytes: idBytes},
	"instance_type_family":           {bytes: wordBytes},
	"instance_types":                 {values: maxTypes, bytes: idBytes},
	"job_id":                         {bytes: idBytes},
	"key":                            {bytes: textBytes},
	"key_pair_name":                  {bytes: textBytes},
	"launch_template_id":             {bytes: wordBytes},
	"launch_template_name":           {bytes: textBytes},
	"lock_reasons":                   {values: maxFilterEnums},
	"note":                           {bytes: 4 * maxNote},
	"order_id":                       {bytes: idBytes},
	"page_token":                     {bytes: tokenBytes},
	"password":                       {bytes: 4 * 30},
	"performance_level":              {bytes: 8},
	"private_ip_address":             {bytes: idBytes},
	"private_ip_addresses":           {values: maxFilterValues, bytes: idBytes},
	"public_ip_addresses":            {values: maxFilterValues, bytes: idBytes},
	"provider_interruption_behavior": {bytes: idBytes},
	"provider_strategy":              {bytes: idBytes},
	"ram_role_name":                  {bytes: wordBytes},
	"region_id":                      {bytes: idBytes},
	"region_ids":                     {values: maxRegionIDs, bytes: idBytes},
	"related_id":                     {bytes: wordBytes},
	"remove_tag_keys":                {values: maxTags, bytes: textBytes},
	"renewal_id":                     {bytes: idBytes},
	"modification_id":                {bytes: idBytes},
	"request_id":                     {bytes: idBytes},
	"rpc":                            {bytes: idBytes},
	"reason":                         {bytes: 4 * maxReason},
	"resource_group_id":              {bytes: wordBytes},
	"resume_token":                   {bytes: tokenBytes},
	"security_group_id":              {bytes: wordBytes},
	"security_group_ids":             {values: maxSecurityGroups, bytes: wordBytes},
	"snapshot_id":                    {bytes: idBytes},
	"snapshot_ids":                   {values: maxFilterIDs, bytes: idBytes},
	"snapshot_name":                  {bytes: textBytes},
	"states":                         {values: maxStates},
	"statuses":                       {values: maxFilterEnums},
	"tags":                           {values: maxTags},
	"user_data":                      {bytes: maxUserData},
	"value":                          {bytes: textBytes},
	"vpc_id":                         {bytes: wordBytes},
	"vswitch_id":                     {bytes: wordBytes},
	"zone_id":                        {bytes: idBytes},
	"zone_ids":                       {values: maxZones, bytes: idBytes},

	"ecsd.v1.InstanceFilter.instance_types":      {values: maxFilterValues, bytes: idBytes},
	"ecsd.v1.InstanceFilter.zone_ids":            {values: maxFilterValues, bytes: idBytes},
	"ecsd.v1.CreateSnapshotsRequest.disk_ids":    {values: maxIDs, bytes: idBytes},
	"ecsd.v1.WatchInstancesRequest.instance_ids": {values: maxNamedIDs, bytes: idBytes},
	"ecsd.v1.NamedInstances.instance_ids":        {values: maxNamedIDs, bytes: idBytes},
}

// limitOf returns the limit of a field, and whether it has one.
func limitOf(f protoreflect.FieldDescriptor) (limit, bool) {
	if l, ok := limits[f.FullName()]; ok {
		return l, true
	}
	l, ok := limits[protoreflect.FullName(f.Name())]
	return l, ok
}

// bounded reports whether a field needs a limit: if it repeats or holds text.
func bounded(f protoreflect.FieldDescriptor) (values, text bool) {
	return f.IsList() || f.IsMap(), f.Kind() == protoreflect.StringKind || f.Kind() == protoreflect.BytesKind
}

// withinLimits checks every list, map and text of a request, and refuses fields
// that this server does not know: to drop one may widen a filter or lift a
// limit.
func withinLimits(request protoreflect.Message) error {
	var c check
	c.message("", request)
	return c.err()
}

func (c *check) message(prefix string, m protoreflect.Message) {
	c.unknown(prefix, m)
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		path := prefix + string(f.Name())
		values, text := bounded(f)
		l, _ := limitOf(f)
		switch {
		case f.IsMap():
			// No request has a map; one would be refused here and by the test.
			c.fail(path, "must hold at most %d values; got %d", l.values, v.Map().Len())
		case values && v.List().Len() > l.values:
			c.fail(path, "must hold at most %d values; got %d", l.values, v.List().Len())
		case values:
			for i := range v.List().Len() {
				c.value(func() string { return fmt.Sprintf("%s[%d]", path, i) }, f, l, v.List().Get(i))
			}
		case text || f.Message() != nil:
			c.value(func() string { return path }, f, l, v)
		}
		return true
	})
}

// value checks one text, or all of one message.
func (c *check) value(path func() string, f protoreflect.FieldDescriptor, l limit, v protoreflect.Value) {
	switch f.Kind() {
	case protoreflect.BytesKind:
		if n := len(v.Bytes()); n > l.bytes {
			c.fail(path(), "must hold at most %d bytes; got %d", l.bytes, n)
		}
	case protoreflect.StringKind:
		switch text := v.String(); {
		case len(text) > l.bytes:
			c.fail(path(), "must hold at most %d bytes; got %d", l.bytes, len(text))
		case strings.IndexByte(text, 0) >= 0:
			c.fail(path(), "must not hold a zero byte")
		}
	case protoreflect.MessageKind:
		c.message(path()+".", v.Message())
	}
}

// unknown refuses each field that the message does not have, or has with
// another wire type.
func (c *check) unknown(prefix string, m protoreflect.Message) {
	var seen []protowire.Number
	for rest := m.GetUnknown(); len(rest) > 0 && len(seen) < maxViolations; {
		number, _, n := protowire.ConsumeField(rest)
		if n < 0 {
			break // impossible: these bytes were decoded
		}
		rest = rest[n:]
		if slices.Contains(seen, number) {
			continue
		}
		seen = append(seen, number)
		c.fail(fmt.Sprintf("%s%d", prefix, number), "is unknown field %d of %s: this server does not know it; use a client of its version",
			number, m.Descriptor().FullName())
	}
}
