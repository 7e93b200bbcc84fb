package api

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"google.golang.org/protobuf/types/known/durationpb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

const (
	maxDiskGiB       = 65536
	maxRetentionDays = 65536
	day              = 24 * time.Hour
)

var performanceLevels = []string{"", "PL0", "PL1", "PL2", "PL3"}

// systemDisk checks the system disk.
func (c *check) systemDisk(d *ecsdv1.DiskSpec) ecs.DiskSpec {
	if d == nil {
		return ecs.DiskSpec{}
	}
	if d.GetSnapshotId() != "" {
		c.fail("spec.system_disk.snapshot_id", "must be unset: a system disk is made from the image")
	}
	if d.GetKeepWithInstance() {
		c.fail("spec.system_disk.keep_with_instance", "must be false: a system disk is released with its instance")
	}
	return c.disk("spec.system_disk", d)
}

func (c *check) dataDisks(disks []*ecsdv1.DiskSpec) []ecs.DiskSpec {
	if len(disks) > maxDataDisks {
		c.fail("spec.data_disks", "must hold at most %d disks; got %d", maxDataDisks, len(disks))
		return nil
	}
	checked := make([]ecs.DiskSpec, len(disks))
	for i, d := range disks {
		checked[i] = c.disk(fmt.Sprintf("spec.data_disks[%d]", i), d)
	}
	return checked
}

func (c *check) disk(field string, d *ecsdv1.DiskSpec) ecs.DiskSpec {
	if n := d.GetSizeGib(); n < 0 || n > maxDiskGiB {
		c.fail(field+".size_gib", "must be 0 (meaning the least that fits) to %d; got %d", maxDiskGiB, n)
	}
	if !slices.Contains(performanceLevels, d.GetPerformanceLevel()) {
		c.fail(field+".performance_level", "must be PL0, PL1, PL2, PL3 or empty; got %s", quoted(d.GetPerformanceLevel()))
	}
	if d.GetSnapshotId() != "" {
		c.snapshotID(field+".snapshot_id", d.GetSnapshotId())
	}
	return ecs.DiskSpec{
		Name:             c.text(field+".disk_name", d.GetDiskName(), 2, 128),
		Category:         c.word(field+".category", d.GetCategory()),
		SizeGiB:          d.GetSizeGib(),
		PerformanceLevel: d.GetPerformanceLevel(),
		SnapshotID:       d.GetSnapshotId(),
		Encrypted:        d.GetEncrypted(),
		KeepWithInstance: d.GetKeepWithInstance(),
	}
}

func (c *check) diskID(field, id string) {
	if !ecs.ValidDiskID(id) {
		c.fail(field, "%s; got %s", ecs.DiskIDRule, quoted(id))
	}
}

func (c *check) snapshotID(field, id string) {
	if !ecs.ValidSnapshotID(id) {
		c.fail(field, "%s; got %s", ecs.SnapshotIDRule, quoted(id))
	}
}

// snapshotName checks the name of a snapshot; empty is none.
func (c *check) snapshotName(field, name string) string {
	if c.text(field, name, 2, 128) == "" {
		return ""
	}
	if first, _ := utf8.DecodeRuneInString(name); !unicode.IsLetter(first) || strings.HasPrefix(name, "auto") {
		c.fail(field, "must begin with a letter, and not with auto, which the cloud keeps for automatic snapshots; got %s", quoted(name))
	}
	return name
}

// retention checks a snapshot retention and returns it in days, 0 for
// unlimited.
func (c *check) retention(field string, d *durationpb.Duration) int32 {
	if d == nil {
		return 0
	}
	span := d.AsDuration()
	if d.CheckValid() != nil || span%day != 0 || span < day || span/day > maxRetentionDays {
		c.fail(field, "must be whole days, 1 to %d, such as 604800s for 7 days; leave it unset to keep them", maxRetentionDays)
		return 0
	}
	return int32(span / day)
}
