package action

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/storage"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

func createSnapshot(w *World, c *Call) *wire.Error {
	id := c.Params.Get("DiskId")
	snapshot := &storage.Snapshot{Name: c.Params.Get("SnapshotName"), Description: c.Params.Get("Description"), ResourceGroupID: c.Params.Get("ResourceGroupId")}
	tags := c.Params.Pairs("Tag")
	switch {
	case c.Denied:
		return errForbidden
	case id == "":
		return wire.Missing("DiskId")
	case !validToken(c.Params.Get("ClientToken")):
		return errToken
	case snapshot.Name != "" && (!validName(snapshot.Name) || strings.HasPrefix(snapshot.Name, "auto")):
		return errSnapshotName
	case !validDescription(snapshot.Description):
		return errSnapshotDescription
	case len(tags) > maxTags:
		return errSnapshotTags
	}
	var refusal *wire.Error
	if snapshot.RetentionDays, refusal = c.number("RetentionDays", 0, 1, 65536); refusal != nil {
		return refusal
	}
	if refusal := checkTags(tags); refusal != nil {
		return refusal
	}
	var holder fleet.Instance
	for _, t := range tags {
		holder.SetTag(t.Key, t.Value)
	}
	snapshot.Tags = holder.Tags

	answer, refusal := once(w, c, snapshotTokenWords, func(string) (string, *wire.Error) {
		if snapshot.Disk, refusal = snapshotDisk(w, c, id); refusal != nil {
			return "", refusal
		}
		snapshot.ID = w.Nursery.ID("s-", c.Region)
		switch err := w.Storage.Take(snapshot, c.Now); {
		case errors.Is(err, storage.ErrBusy):
			return "", errSnapshotBusy
		case errors.Is(err, storage.ErrQuota):
			return "", errSnapshotQuota
		}
		return snapshot.ID, nil
	})
	if refusal != nil {
		return refusal
	}
	out := c.open("CreateSnapshot")
	out.Str("SnapshotId", answer)
	out.Close()
	return nil
}

// snapshotDisk returns a disk that can have a snapshot: it has been in use, and its instance is at rest and not locked
// for security.
func snapshotDisk(w *World, c *Call, id string) (storage.Disk, *wire.Error) {
	for _, d := range w.Storage.Loose(c.Region.ID) {
		if d.ID == id {
			return d, nil
		}
	}
	i, ok := w.Fleet.Find(c.Region.ID, w.Storage.Owner(id))
	if !ok {
		return storage.Disk{}, errDiskNotFound
	}
	for _, d := range w.Storage.Of(i) {
		if d.ID != id {
			continue
		}
		switch {
		case i.Locked(fleet.LockSecurity):
			return d, errSnapshotLocked
		case i.Start.IsZero():
			return d, errSnapshotNeverUsed
		case i.Status != fleet.Running && i.Status != fleet.Stopped:
			return d, errSnapshotStatus
		}
		return d, nil
	}
	return storage.Disk{}, errDiskNotFound
}

func describeSnapshots(w *World, c *Call) *wire.Error {
	match, refusal := snapshotFilter(c)
	if refusal != nil {
		return refusal
	}
	if refusal := listDryRun(c); refusal != nil {
		return refusal
	}
	window, refusal := readWindow(c, 10, 100)
	if refusal != nil {
		return refusal
	}
	var page []*storage.Snapshot
	var next fleet.Cursor
	total := 0
	if !c.Denied {
		for _, s := range w.Storage.Snapshots(c.Region.ID, c.Now) {
			if s.Number <= window.from.After || !match(s) {
				continue
			}
			total++
			if window.byToken && len(page) == window.size {
				next = fleet.Cursor{After: page[len(page)-1].Number, Listed: 1}
				break
			}
			if total > window.skip && len(page) < window.size {
				page = append(page, s)
			}
		}
	}
	out := c.open("DescribeSnapshots")
	window.write(out, next, total)
	out.List("Snapshots", "Snapshot")
	for _, s := range page {
		out.Item()
		writeSnapshot(out, c, s)
		out.End()
	}
	out.End()
	out.Close()
	return nil
}

// snapshotFilter parses the filters of DescribeSnapshots.
func snapshotFilter(c *Call) (func(*storage.Snapshot) bool, *wire.Error) {
	p := c.Params
	if refusal := first(
		c.oneOf("Status", errSnapshotListStatus, "progressing", "accomplished", "failed", "all"),
		c.oneOf("SnapshotType", errSnapshotType, "auto", "user", "all"),
		c.oneOf("SourceDiskType", errSnapshotDiskType, "system", "data", "System", "Data"),
		c.oneOf("Usage", errSnapshotUsage, "image", "disk", "image_disk", "none"),
		c.oneOf("Category", errSnapshotCategory, "Standard", "Flash", "standard", "flash"),
	); refusal != nil {
		return nil, refusal
	}
	ids, refusal := jsonList(c, "SnapshotIds")
	if refusal != nil {
		return nil, errSnapshotIDs
	}
	tags, refusal := tagFilters(c)
	if refusal != nil {
		return nil, refusal
	}
	from, to, refusal := creationWindow(c)
	if refusal != nil {
		return nil, refusal
	}
	encrypted, _, refusal := c.boolean("Encrypted")
	if refusal != nil {
		return nil, refusal
	}
	disk, instance, name := p.Get("DiskId"), p.Get("InstanceId"), p.Get("SnapshotName")
	status, kind := p.Get("Status"), strings.ToLower(p.Get("SourceDiskType"))
	links, refusal := jsonList(c, "SnapshotLinkId")
	if refusal != nil {
		links = []string{p.Get("SnapshotLinkId")} // the older form is a single ID
	}
	// There are no automatic, used or local snapshots here, and none with an own key.
	none := p.Get("SnapshotType") == "auto" || p.Get("Usage") != "" && p.Get("Usage") != "none" ||
		strings.EqualFold(p.Get("Category"), "flash") || p.Get("KMSKeyId") != ""
	return func(s *storage.Snapshot) bool {
		return !none && (ids == nil || slices.Contains(ids, s.ID)) &&
			is(disk, s.Disk.ID) && is(p.Get("ResourceGroupId"), s.ResourceGroupID) &&
			(links == nil || slices.Contains(links, linkID(s))) && is(instance, s.Disk.InstanceID) &&
			(name == "" || nameMatches(name, s.Name)) &&
			(status == "" || status == "all" || status == snapshotStatus(c, s)) &&
			(kind == "" || kind == diskKind(s.Disk)) && (!encrypted || s.Disk.Encrypted) &&
			tagged(tags, s.Tags) && !s.Creation.Before(from) && (to.IsZero() || !s.Creation.After(to))
	}, nil
}

func writeSnapshot(out *wire.Writer, c *Call, s *storage.Snapshot) {
	progress := s.Progress(c.Now)
	out.Str("SnapshotId", s.ID)
	out.Str("SnapshotName", s.Name)
	out.Str("Description", s.Description)
	out.Str("Status", snapshotStatus(c, s))
	out.Append("Progress", func(b []byte) []byte { return append(strconv.AppendInt(b, int64(progress), 10), '%') })
	out.Bool("Available", progress == 100)
	out.Int("RemainTime", int64(s.Remaining(c.Now).Seconds()))
	out.Second("CreationTime", s.Creation)
	out.Second("LastModifiedTime", s.Creation)
	out.Int("RetentionDays", int64(s.RetentionDays))
	out.Str("SourceDiskId", s.Disk.ID)
	out.Str("SourceDiskType", diskKind(s.Disk))
	out.Append("SourceDiskSize", func(b []byte) []byte { return strconv.AppendInt(b, int64(s.Disk.GiB), 10) })
	out.Str("SourceStorageType", "disk")
	out.Str("SourceRegionId", "")
	out.Str("SourceSnapshotId", "")
	out.Str("RegionId", s.Disk.Region.ID)
	out.Str("SnapshotType", "user")
	out.Str("Category", "standard")
	out.Str("Usage", "none")
	out.Str("SnapshotLinkId", linkID(s))
	out.Str("SnapshotSN", s.ID[2:])
	out.Str("ProductCode", "")
	out.Str("ResourceGroupId", s.ResourceGroupID)
	out.Bool("Encrypted", s.Disk.Encrypted)
	out.Str("KMSKeyId", "")
	out.Bool("InstantAccess", false)
	out.Int("InstantAccessRetentionDays", 0)
	writeResourceTags(out, s.Tags)
}

// linkID returns the ID of the chain of a disk's snapshots.
func linkID(s *storage.Snapshot) string { return "sl-" + s.Disk.ID[2:] }

func snapshotStatus(c *Call, s *storage.Snapshot) string {
	if s.Available(c.Now) {
		return "accomplished"
	}
	return "progressing"
}

func diskKind(d storage.Disk) string {
	if d.System {
		return "system"
	}
	return "data"
}

// deleteSnapshot deletes a snapshot, or cancels one that is being made. The cloud ignores an unknown one. Disks that were
// created from it keep it, unless Force is set.
func deleteSnapshot(w *World, c *Call) *wire.Error {
	id := c.Params.Get("SnapshotId")
	force, _, refusal := c.boolean("Force")
	switch {
	case c.Denied:
		return errForbidden
	case id == "":
		return wire.Missing("SnapshotId")
	case refusal != nil:
		return refusal
	}
	s, ok := w.Storage.Snapshot(id, c.Now)
	if ok && s.Disk.Region == c.Region {
		if !force && w.Storage.Sourced(id) {
			return errSnapshotInUse
		}
		w.Storage.Delete(id)
	}
	c.open(c.Name).Close()
	return nil
}
