package action

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/storage"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// diskFilter selects disks; every set field must match.
type diskFilter struct {
	ids                                     []string // nil is unset
	instanceID, kind, category, status      string
	zoneID, name, chargeType, snapshotID    string
	lockReason, resourceGroup               string
	kmsKeyID, snapshotPolicyID, multiAttach string
	// shared, deleteAuto, auto and policy are the boolean filters of features.
	shared, deleteAuto, auto, policy        *bool
	deleteWithInstance, portable, encrypted *bool
	tags                                    []fleet.TagFilter
	from, to                                time.Time
}

var diskStatuses = []string{"In_use", "Available", "Attaching", "Detaching", "Creating", "ReIniting", "All"}

func readDiskFilter(c *Call) (*diskFilter, *wire.Error) {
	p := c.Params
	f := &diskFilter{
		instanceID: p.Get("InstanceId"), kind: p.Get("DiskType"), category: p.Get("Category"), status: p.Get("Status"),
		zoneID: p.Get("ZoneId"), name: p.Get("DiskName"), chargeType: p.Get("DiskChargeType"),
		snapshotID: p.Get("SnapshotId"), lockReason: p.Get("LockReason"), resourceGroup: p.Get("ResourceGroupId"),
		kmsKeyID: p.Get("KMSKeyId"), snapshotPolicyID: p.Get("AutoSnapshotPolicyId"), multiAttach: p.Get("MultiAttach"),
	}
	categories := []string{"all"}
	for _, d := range catalog.DiskCategories {
		categories = append(categories, d.ID)
	}
	if refusal := first(
		c.oneOf("DiskType", errDiskType, "all", "system", "data"),
		c.oneOf("Category", errDiskCategory, append(categories, "cloud_regional_disk_auto", "local_ssd_pro", "local_hdd_pro", "ephemeral_ssd", "ephemeral")...),
		c.oneOf("Status", errDiskStatus, diskStatuses...),
		c.oneOf("DiskChargeType", errDiskChargeType, fleet.PrePaid, fleet.PostPaid),
		c.oneOf("LockReason", errListLockReason, "financial", "security"),
		c.oneOf("MultiAttach", wire.Invalid("MultiAttach"), notShared, "Enabled", "LegacyShared"),
		c.oneOf("ZoneId", errDiskZone, c.Region.Zones...),
	); refusal != nil {
		return nil, refusal
	}
	var refusal *wire.Error
	if f.ids, refusal = jsonList(c, "DiskIds"); refusal != nil {
		return nil, errDiskIDs
	}
	for _, b := range []struct {
		name string
		into **bool
	}{
		{"DeleteWithInstance", &f.deleteWithInstance}, {"Portable", &f.portable}, {"Encrypted", &f.encrypted},
		{"EnableShared", &f.shared}, {"DeleteAutoSnapshot", &f.deleteAuto}, {"EnableAutoSnapshot", &f.auto},
		{"EnableAutomatedSnapshotPolicy", &f.policy},
	} {
		value, sent, refusal := c.boolean(b.name)
		if refusal != nil {
			return nil, refusal
		}
		if sent {
			*b.into = &value
		}
	}
	if f.tags, refusal = tagFilters(c); refusal != nil {
		return nil, refusal
	}
	f.from, f.to, refusal = creationWindow(c)
	return f, refusal
}

// instances returns the instances with disks that can match; nil for any.
func (f *diskFilter) instances(w *World) []string {
	switch {
	case f.ids != nil:
		owners := []string{}
		for _, id := range f.ids {
			owners = append(owners, w.Storage.Owner(id))
		}
		return owners
	case f.instanceID != "":
		return []string{f.instanceID}
	}
	return nil
}

func (f *diskFilter) match(at found) bool {
	d, i := at.disk, at.owner
	status := "In_use"
	if i == nil {
		status = "Available"
	}
	return (f.ids == nil || slices.Contains(f.ids, d.ID)) &&
		is(f.instanceID, d.InstanceID) && is(f.zoneID, d.ZoneID) && is(f.snapshotID, d.SnapshotID) &&
		is(f.chargeType, d.ChargeType) && (f.name == "" || nameMatches(f.name, d.Name)) &&
		(f.status == "" || f.status == "All" || f.status == status) &&
		(f.category == "" || f.category == "all" || f.category == d.Category) &&
		(f.kind == "" || f.kind == "all" || (f.kind == "system") == d.System) &&
		same(f.deleteWithInstance, d.DeleteWithInstance) && same(f.portable, d.Portable()) && same(f.encrypted, d.Encrypted) &&
		(f.lockReason == "" || i != nil && i.Locked(f.lockReason)) &&
		(f.resourceGroup == "" || i != nil && i.ResourceGroupID == f.resourceGroup) &&
		f.matchFeatures(d) && tagged(f.tags, d.Tags) &&
		!d.Creation.Before(f.from) && (f.to.IsZero() || !d.Creation.After(f.to))
}

// notShared is the MultiAttach of every simulated disk.
const notShared = "Disabled"

// matchFeatures matches what every simulated disk has alike: no own key, no snapshot policy, one instance at most.
func (f *diskFilter) matchFeatures(d storage.Disk) bool {
	return f.kmsKeyID == "" && f.snapshotPolicyID == "" && is(f.multiAttach, notShared) && same(f.shared, false) &&
		same(f.policy, false) && same(f.deleteAuto, d.DeleteAutoSnapshot) && same(f.auto, !d.NoAutoSnapshot)
}

func is(want, have string) bool { return want == "" || want == have }

func same(want *bool, have bool) bool { return want == nil || *want == have }

// nameMatches matches a pattern in which * at either end matches any characters.
func nameMatches(pattern, name string) bool {
	core := strings.Trim(pattern, "*")
	switch begins, ends := !strings.HasPrefix(pattern, "*"), !strings.HasSuffix(pattern, "*"); {
	case begins && ends:
		return name == core
	case begins:
		return strings.HasPrefix(name, core)
	case ends:
		return strings.HasSuffix(name, core)
	}
	return strings.Contains(name, core)
}

func tagged(want []fleet.TagFilter, have []fleet.Tag) bool {
	for _, w := range want {
		if !slices.ContainsFunc(have, func(t fleet.Tag) bool { return t.Key == w.Key && (w.AnyValue || t.Value == w.Value) }) {
			return false
		}
	}
	return true
}

func tagFilters(c *Call) ([]fleet.TagFilter, *wire.Error) {
	var q fleet.Filter
	refusal := readTags(c, &q)
	return q.Tags, refusal
}

// creationWindow reads Filter.1 and Filter.2.
func creationWindow(c *Call) (from, to time.Time, refusal *wire.Error) {
	for n := 1; n <= 2; n++ {
		prefix := "Filter." + strconv.Itoa(n)
		key, value := c.Params.Get(prefix+".Key"), c.Params.Get(prefix+".Value")
		if key == "" && value == "" {
			continue
		}
		t, ok := parseTime(value)
		switch {
		case ok && key == "CreationStartTime":
			from = t
		case ok && key == "CreationEndTime":
			to = t
		default:
			return from, to, errFilterKey(key)
		}
	}
	return from, to, nil
}
