package action

import (
	"errors"
	"slices"
	"strings"

	"github.com/ecsd-io/ecsd/simulator/internal/account"
	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/storage"
	"github.com/ecsd-io/ecsd/simulator/internal/subscription"
	"github.com/ecsd-io/ecsd/simulator/internal/usage"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// disks returns the actions that create, change and delete disks. A change has its effect at once: a disk is never
// Creating, Attaching or Detaching.
func disks() map[string]Action {
	return map[string]Action{
		"CreateDisk":           {Handler: createDisk, OwnGate: true},
		"AttachDisk":           {Handler: attachDisk, AnyRegion: true},
		"DetachDisk":           {Handler: detachDisk, AnyRegion: true},
		"DeleteDisk":           {Handler: deleteDisk, AnyRegion: true},
		"ModifyDiskAttribute":  {Handler: modifyDiskAttribute},
		"ModifyDiskChargeType": {Handler: modifyDiskChargeType, OwnGate: true},
		"ResizeDisk":           {Handler: resizeDisk, AnyRegion: true, OwnGate: true},
	}
}

// oldestCategory is the category of a disk that is created without one.
const oldestCategory = "cloud"

// createDisk creates a pay-as-you-go disk in a zone, or a subscription disk of a subscription.
func createDisk(w *World, c *Call) *wire.Error {
	p := c.Params
	if c.Denied {
		return errForbidden
	}
	d, refusal := readNewDisk(w, c)
	if refusal != nil {
		return refusal
	}
	zone, instance := p.Get("ZoneId"), p.Get("InstanceId")
	switch {
	case zone != "" && instance != "":
		return errDiskPlaces
	case zone == "" && instance == "":
		return wire.Missing("ZoneId")
	case zone != "" && !slices.Contains(c.Region.Zones, zone):
		return errDiskNoZone
	case !validToken(p.Get("ClientToken")):
		return errToken
	}
	answer, refusal := once(w, c, generalTokenWords, func(token string) (string, *wire.Error) {
		d.ID = w.Nursery.ID("d-", c.Region)
		if instance != "" {
			order, refusal := buyDisk(w, c, instance, d, token)
			return d.ID + " " + order, refusal
		}
		d.ZoneID, d.ChargeType = zone, fleet.PostPaid
		switch balance := w.Account.Balance(); {
		case balance < 0:
			return "", errLaunchArrears
		case int64(balance)*10 < usage.DiskHour(d):
			return "", errBalance
		}
		w.Storage.Create(d)
		return d.ID + " ", nil
	})
	if refusal != nil {
		return refusal
	}
	id, order, _ := strings.Cut(answer, " ")
	out := c.open(c.Name)
	out.Str("DiskId", id)
	out.Str("OrderId", order)
	out.Close()
	return nil
}

// readNewDisk parses the attributes of a new disk.
func readNewDisk(w *World, c *Call) (storage.Disk, *wire.Error) {
	p := c.Params
	d := storage.Disk{
		Name: p.Get("DiskName"), Description: p.Get("Description"), Category: p.Get("DiskCategory"), Level: p.Get("PerformanceLevel"),
		SnapshotID: p.Get("SnapshotId"), Region: c.Region, Made: c.Now, Creation: c.Now, UsedFrom: c.Now, DeleteAutoSnapshot: true,
	}
	if d.Category == "" {
		d.Category = oldestCategory
	}
	priced := catalog.Disk{Category: catalog.FindDiskCategory(d.Category), Level: d.Level}
	tags := p.Pairs("Tag")
	switch {
	case d.Name != "" && !validName(d.Name):
		return d, errNewDiskName
	case !validDescription(d.Description):
		return d, errNewDiskDescription
	case priced.Category == nil:
		return d, errNewDiskCategory
	case p.Get("Size") == "" && d.SnapshotID == "":
		return d, errNewDiskSizeMissing
	case len(tags) > maxTags:
		return d, errTagCount
	}
	if refusal := checkTags(tags); refusal != nil {
		return d, refusal
	}
	d.Tags = tagList(tags)
	var refusal *wire.Error
	if d.Encrypted, _, refusal = c.boolean("Encrypted"); refusal != nil {
		return d, refusal
	}
	if d.GiB, refusal = c.number("Size", 0, 1, 1<<20); refusal != nil {
		return d, errNewDiskSize
	}
	if refusal := fromSnapshot(w, c, &d); refusal != nil {
		return d, refusal
	}
	priced.GiB = d.GiB
	sold, fits := priced.LevelSold()
	switch {
	case !sold:
		return d, wire.Invalid("PerformanceLevel")
	case !fits, !priced.Category.Data.Holds(d.GiB):
		return d, errNewDiskSize
	}
	d.Level = levelOf(priced)
	return d, nil
}

// fromSnapshot checks the snapshot that a disk is created from, and takes its size unless the disk has one.
func fromSnapshot(w *World, c *Call, d *storage.Disk) *wire.Error {
	if d.SnapshotID == "" {
		return nil
	}
	s, ok := w.Storage.Snapshot(d.SnapshotID, c.Now)
	switch {
	case !ok || s.Disk.Region != c.Region:
		return errNewDiskSnapshot
	case s.Disk.System:
		return errNewDiskSystemSnapshot
	case !s.Available(c.Now):
		return errSnapshotNotReady
	case d.GiB == 0:
		d.GiB = s.Disk.GiB
	case d.GiB < s.Disk.GiB:
		return errDiskTooSmall
	}
	return nil
}

// buyDisk adds a subscription disk to a subscription, which pays for it until its expiry.
func buyDisk(w *World, c *Call, instance string, d storage.Disk, token string) (orderID string, refusal *wire.Error) {
	i, ok := w.Fleet.Find(c.Region.ID, instance)
	if !ok {
		return "", errInstanceNotFound
	}
	if i.ChargeType != fleet.PrePaid {
		return "", errChargeType // the disks of a pay-as-you-go instance are pay-as-you-go
	}
	if refusal := mountable(w, i); refusal != nil {
		return "", refusal
	}
	d.Device, d.Mounted, d.DeleteWithInstance = freeDevice(w.Storage.Of(i)), c.Now, true
	order, err := w.Engine.OrderDisks(subscription.DiskOrder{
		Action: c.Name, RegionID: c.Region.ID, InstanceID: instance, ClientToken: token,
		Change: func() error { w.Storage.MountNew(i, d); return nil },
		Undo:   func() { _ = w.Storage.Drop(i, d.ID) },
	}, c.Now)
	return order.OrderID, diskRefusal(err)
}

// diskRefusal returns the error for a change that failed.
func diskRefusal(err error) *wire.Error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, storage.ErrGone):
		return errDiskBusy
	case errors.Is(err, account.ErrArrears):
		return errLaunchArrears
	}
	return refusalFor(err)
}

// mountable rejects an instance that cannot get another disk.
func mountable(w *World, i *fleet.Instance) *wire.Error {
	switch {
	case i.Locked(fleet.LockSecurity):
		return errSecurityLocked
	case i.Locked(fleet.LockFinancial):
		return errArrears
	case i.Status != fleet.Running && i.Status != fleet.Stopped:
		return errStatus
	case len(w.Storage.Of(i)) > maxDataDisks:
		return errDiskLimit
	}
	return nil
}

// devices are the last letters of the names that data disks can have.
const devices = "bcdefghijklmnopqrstuvwxyz"

// freeDevice returns the first device name that no disk has.
func freeDevice(disks []storage.Disk) string {
	for n := range devices {
		if name := storage.Device(n); !hasDevice(disks, name) {
			return name
		}
	}
	return "" // there are more names than disks
}

func hasDevice(disks []storage.Disk, name string) bool {
	return slices.ContainsFunc(disks, func(d storage.Disk) bool { return d.Device == name })
}
