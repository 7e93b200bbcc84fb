package action

import (
	"strconv"

	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/storage"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// readDisks parses the disks of a launch, for their price and for storage.
func readDisks(w *World, c *Call, l *launch) *wire.Error {
	system, refusal := pricedSystemDisk(c)
	if refusal != nil {
		return refusal
	}
	l.setup = catalog.Setup{Type: l.kind, SystemDisk: system}
	if l.internetChargeType == "PayByBandwidth" {
		l.setup.Bandwidth = l.bandwidthOut
	}
	if l.setup.DataDisks, refusal = pricedDataDisks(c); refusal != nil {
		return refusal
	}
	first := storage.DefaultSystem()
	if system != nil {
		first.Included = false
		first.Category, first.Level, first.GiB = system.Category.ID, levelOf(*system), system.GiB
	}
	first.Name, first.Description = c.Params.Get("SystemDisk.DiskName"), c.Params.Get("SystemDisk.Description")
	l.disks = append(l.disks, first)
	for n, priced := range l.setup.DataDisks {
		d, refusal := dataDisk(w, c, n, priced)
		if refusal != nil {
			return refusal
		}
		l.disks = append(l.disks, d)
	}
	for _, d := range l.disks {
		switch {
		case d.Name != "" && !validName(d.Name):
			return errDiskName
		case !validDescription(d.Description):
			return errDiskDescription
		}
	}
	return nil
}

func dataDisk(w *World, c *Call, n int, priced catalog.Disk) (storage.Disk, *wire.Error) {
	prefix := "DataDisk." + strconv.Itoa(n+1) + "."
	d := storage.Disk{
		Category: priced.Category.ID, Level: levelOf(priced), GiB: priced.GiB,
		Name: c.Params.Get(prefix + "DiskName"), Description: c.Params.Get(prefix + "Description"),
		Device: c.Params.Get(prefix + "Device"), SnapshotID: c.Params.Get(prefix + "SnapshotId"),
		DeleteWithInstance: true,
	}
	if d.Device == "" {
		d.Device = storage.Device(n)
	}
	together, sent, refusal := c.boolean(prefix + "DeleteWithInstance")
	if refusal != nil {
		return d, refusal
	}
	if sent {
		d.DeleteWithInstance = together
	}
	if d.Encrypted, _, refusal = c.boolean(prefix + "Encrypted"); refusal != nil {
		return d, refusal
	}
	if d.SnapshotID == "" {
		return d, nil
	}
	s, ok := w.Storage.Snapshot(d.SnapshotID, c.Now)
	switch {
	case !ok || s.Disk.Region != c.Region:
		return d, errDataDiskSnapshot
	case !s.Available(c.Now):
		return d, errSnapshotNotReady
	case s.Disk.GiB > d.GiB:
		return d, errDiskTooSmall
	}
	return d, nil
}

// levelOf returns the default performance level of a disk.
func levelOf(d catalog.Disk) string {
	if d.Level == "" && d.Category.Levels != nil {
		return "PL1"
	}
	return d.Level
}

// attach stores the disks of a new instance, unless they are the default.
func (l *launch) attach(w *World, i *fleet.Instance) {
	if l.setup.SystemDisk == nil && len(l.disks) == 1 && l.disks[0].Name+l.disks[0].Description == "" {
		return
	}
	disks := make([]storage.Disk, len(l.disks))
	copy(disks, l.disks)
	disks[0].ID = storage.SystemID(i.ID)
	for n := range disks[1:] {
		disks[n+1].ID = w.Nursery.ID("d-", i.Region)
	}
	w.Storage.Attach(i.ID, disks)
}
