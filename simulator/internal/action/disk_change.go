package action

import (
	"strings"

	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/storage"
	"github.com/ecsd-io/ecsd/simulator/internal/subscription"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// readMount parses the instance and the disk of AttachDisk and DetachDisk.
func readMount(w *World, c *Call) (*fleet.Instance, storage.Disk, *wire.Error) {
	if c.Denied {
		return nil, storage.Disk{}, errForbidden
	}
	for _, name := range []string{"InstanceId", "DiskId"} {
		if c.Params.Get(name) == "" {
			return nil, storage.Disk{}, wire.Missing(name)
		}
	}
	i, ok := w.Fleet.Find(c.Region.ID, c.Params.Get("InstanceId"))
	if !ok {
		return nil, storage.Disk{}, errInstanceNotFound
	}
	d, ok := findDisk(w, c, c.Params.Get("DiskId"))
	if !ok {
		return nil, storage.Disk{}, errDiskUnknown
	}
	return i, d, nil
}

// attachDisk attaches a pay-as-you-go disk. It stays pay-as-you-go, also at a subscription.
func attachDisk(w *World, c *Call) *wire.Error {
	i, d, refusal := readMount(w, c)
	if refusal != nil {
		return refusal
	}
	together, _, refusal := c.boolean("DeleteWithInstance")
	if refusal != nil {
		return refusal
	}
	have, device := w.Storage.Of(i), c.Params.Get("Device")
	if device == "" {
		device = freeDevice(have)
	}
	switch letter, named := strings.CutPrefix(device, "/dev/xvd"); {
	case !named || len(letter) != 1 || !strings.Contains(devices, letter):
		return errDevice
	case d.InstanceID != "":
		return errDiskBusy
	case d.ZoneID != i.ZoneID:
		return errDiskOtherZone
	case hasDevice(have, device):
		return errDeviceUsed
	}
	if refusal := mountable(w, i); refusal != nil {
		return refusal
	}
	refusal = changeDisks(w, c, i, func() error {
		w.Meter.CloseDisk(d, c.Now)
		return w.Storage.Mount(i, d.ID, func(d *storage.Disk) {
			d.Device, d.Mounted, d.DeleteWithInstance, d.PayAsYouGo, d.System = device, c.Now, together, true, false
		})
	})
	if refusal != nil {
		return refusal
	}
	c.open(c.Name).Close()
	return nil
}

// changeDisks changes the disks of an instance without a charge.
func changeDisks(w *World, c *Call, i *fleet.Instance, change func() error) *wire.Error {
	return diskRefusal(w.Engine.ChangeDisks(i.ID, change, c.Now))
}

// detachDisk detaches a pay-as-you-go data disk. Of an instance's system disk this is not simulated.
func detachDisk(w *World, c *Call) *wire.Error {
	i, d, refusal := readMount(w, c)
	if refusal != nil {
		return refusal
	}
	if _, _, refusal := c.boolean("DeleteWithInstance"); refusal != nil {
		return refusal
	}
	switch {
	case d.InstanceID != i.ID:
		return errDiskElsewhere
	case d.System:
		return errDiskSystem
	case !d.Portable():
		return errDiskNotPortable
	case i.Locked(fleet.LockSecurity):
		return errSecurityLocked
	case i.Locked(fleet.LockFinancial):
		return errArrears
	case i.Status != fleet.Running && i.Status != fleet.Stopped:
		return errStatus
	}
	if refusal := changeDisks(w, c, i, func() error { return w.Storage.Unmount(i, d.ID, c.Now) }); refusal != nil {
		return refusal
	}
	c.open(c.Name).Close()
	return nil
}

// deleteDisk deletes a disk without an instance. The cloud ignores an unknown one.
func deleteDisk(w *World, c *Call) *wire.Error {
	id := c.Params.Get("DiskId")
	switch {
	case c.Denied:
		return errForbidden
	case id == "":
		return wire.Missing("DiskId")
	}
	d, ok := findDisk(w, c, id)
	switch {
	case !ok:
	case d.InstanceID != "" && d.System:
		return errDiskSystem
	case d.InstanceID != "" && !d.Portable():
		return errDiskNotPortable
	case d.InstanceID != "":
		return errDiskBusy
	case w.Storage.Saving(id, c.Now):
		return errDiskSaving
	default:
		if gone, ok := w.Storage.Remove(id); ok {
			w.Meter.CloseDisk(gone, c.Now)
		}
	}
	c.open(c.Name).Close()
	return nil
}

// maxModified is the maximum count of disks per change of attributes.
const maxModified = 100

func modifyDiskAttribute(w *World, c *Call) *wire.Error {
	p := c.Params
	ids := p.List("DiskIds")
	switch one := p.Get("DiskId"); {
	case c.Denied:
		return errForbidden
	case one != "" && len(ids) > 0:
		return errDiskBoth
	case one != "":
		ids = []string{one}
	case len(ids) == 0:
		return wire.Missing("DiskId")
	case len(ids) > maxModified:
		return wire.Invalid("DiskIds.N")
	}
	change, refusal := diskAttributes(c)
	if refusal != nil {
		return refusal
	}
	owners := make([]*fleet.Instance, len(ids))
	for n, id := range ids {
		d, ok := findDisk(w, c, id)
		if !ok {
			return errDiskUnknown
		}
		if owners[n], ok = w.Fleet.Find(c.Region.ID, d.InstanceID); !ok {
			owners[n] = nil
		}
	}
	for n, id := range ids {
		if err := w.Storage.ChangeDisk(owners[n], id, change); err != nil {
			return errDiskUnknown // deleted in between
		}
	}
	c.open(c.Name).Close()
	return nil
}

// diskAttributes returns the requested change.
func diskAttributes(c *Call) (func(*storage.Disk), *wire.Error) {
	name, nameSent := c.Params.Lookup("DiskName")
	description, descriptionSent := c.Params.Lookup("Description")
	type flag struct{ value, sent bool }
	flags := map[string]flag{}
	changes := nameSent || descriptionSent
	for _, key := range []string{"DeleteWithInstance", "DeleteAutoSnapshot", "EnableAutoSnapshot"} {
		value, sent, refusal := c.boolean(key)
		if refusal != nil {
			return nil, refusal
		}
		flags[key] = flag{value, sent}
		changes = changes || sent
	}
	switch {
	case nameSent && name != "" && !validName(name):
		return nil, errNewDiskName
	case !validDescription(description):
		return nil, errDiskChangeDescription
	case !changes:
		return nil, errDiskNothing
	}
	return func(d *storage.Disk) {
		if nameSent {
			d.Name = name
		}
		if descriptionSent {
			d.Description = description
		}
		if f := flags["DeleteWithInstance"]; f.sent {
			d.DeleteWithInstance = f.value
		}
		if f := flags["DeleteAutoSnapshot"]; f.sent {
			d.DeleteAutoSnapshot = f.value
		}
		if f := flags["EnableAutoSnapshot"]; f.sent {
			d.NoAutoSnapshot = !f.value
		}
	}, nil
}

// maxConvertedDisks is the maximum count of disks per change of the charge type.
const maxConvertedDisks = 16

// modifyDiskChargeType converts data disks of a subscription: to subscriptions until its expiry, which it pays for, or to
// pay-as-you-go, for a refund.
func modifyDiskChargeType(w *World, c *Call) *wire.Error {
	id, to := c.Params.Get("InstanceId"), c.Params.Get("DiskChargeType")
	if to == "" {
		to = fleet.PrePaid
	}
	ids, refusal := jsonList(c, "DiskIds")
	ids = unique(ids)
	switch {
	case c.Denied:
		return errForbidden
	case id == "":
		return wire.Missing("InstanceId")
	case refusal != nil, len(ids) == 0, len(ids) > maxConvertedDisks:
		return errDiskConvertedIDs
	case to != fleet.PrePaid && to != fleet.PostPaid:
		return errDiskConvertedTo
	case !validToken(c.Params.Get("ClientToken")):
		return errToken
	}
	if autoPay, sent, refusal := c.boolean("AutoPay"); refusal != nil || sent && !autoPay {
		return wire.Invalid("AutoPay") // the simulated account has no one to pay an order later
	}
	dryRun, _, refusal := c.boolean("DryRun")
	switch {
	case refusal != nil:
		return refusal
	case dryRun:
		return first(convertibleDisks(w, c, id, ids, to), errDryRun)
	}
	orderID, refusal := once(w, c, generalTokenWords, func(token string) (string, *wire.Error) {
		if refusal := convertibleDisks(w, c, id, ids, to); refusal != nil {
			return "", refusal
		}
		i, _ := w.Fleet.Find(c.Region.ID, id)
		set := func(hourly bool) error {
			for _, disk := range ids {
				if err := w.Storage.ChangeDisk(i, disk, func(d *storage.Disk) { d.PayAsYouGo = hourly }); err != nil {
					return err
				}
			}
			return nil
		}
		order, err := w.Engine.OrderDisks(subscription.DiskOrder{
			Action: c.Name, RegionID: c.Region.ID, InstanceID: id, ClientToken: token,
			Change: func() error { return set(to == fleet.PostPaid) },
			Undo:   func() { _ = set(to != fleet.PostPaid) },
		}, c.Now)
		return order.OrderID, diskRefusal(err)
	})
	if refusal != nil {
		return refusal
	}
	out := c.open(c.Name)
	out.Str("OrderId", orderID)
	out.Close()
	return nil
}

// convertibleDisks rejects disks with a charge type that cannot be changed.
func convertibleDisks(w *World, c *Call, instanceID string, ids []string, to string) *wire.Error {
	i, ok := w.Fleet.Find(c.Region.ID, instanceID)
	switch {
	case !ok:
		return errInstanceNotFound
	case i.ChargeType != fleet.PrePaid:
		return errChargeType
	case i.Locked(fleet.LockSecurity):
		return errSecurityLocked
	case i.Locked(fleet.LockFinancial), !i.PaidUntil.After(c.Now):
		return errArrears
	}
	for _, id := range ids {
		d, ok := findDisk(w, c, id)
		switch {
		case !ok:
			return errDiskUnknown
		case d.InstanceID != instanceID:
			return errDiskElsewhere
		case d.System:
			return errDiskSystem
		case d.ChargeType == to:
			return errDiskConvertedTo
		}
	}
	return nil
}

// resizeDisk makes a disk larger. It has its effect at once, also offline, which in the cloud needs a reboot.
func resizeDisk(w *World, c *Call) *wire.Error {
	p := c.Params
	id := p.Get("DiskId")
	switch {
	case c.Denied:
		return errForbidden
	case id == "":
		return wire.Missing("DiskId")
	case p.Get("NewSize") == "":
		return wire.Missing("NewSize")
	case !validToken(p.Get("ClientToken")):
		return errToken
	}
	size, refusal := c.number("NewSize", 0, 1, 1<<20)
	if refusal != nil {
		return errDiskTooLarge
	}
	if refusal := c.oneOf("Type", errResizeKind, "offline", "online"); refusal != nil {
		return refusal
	}
	orderID, refusal := once(w, c, generalTokenWords, func(token string) (string, *wire.Error) {
		d, ok := findDisk(w, c, id)
		if !ok {
			return "", errDiskUnknown
		}
		i, ok := w.Fleet.Find(c.Region.ID, d.InstanceID)
		if !ok {
			i = nil
		}
		if refusal := resizable(w, c, d, i, size); refusal != nil {
			return "", refusal
		}
		return growDisk(w, c, d, i, size, token)
	})
	if refusal != nil {
		return refusal
	}
	out := c.open(c.Name)
	out.Str("OrderId", orderID)
	out.Close()
	return nil
}

func resizable(w *World, c *Call, d storage.Disk, i *fleet.Instance, size int) *wire.Error {
	category := catalog.FindDiskCategory(d.Category)
	largest := category.Data.Max
	if d.System {
		largest = category.System.Max
	}
	switch {
	case size <= d.GiB:
		return errDiskNotLarger
	case size > largest:
		return errDiskTooLarge
	case w.Storage.Saving(d.ID, c.Now):
		return errDiskSaving
	case i == nil:
		return nil
	case i.Locked(fleet.LockSecurity):
		return errSecurityLocked
	case i.Locked(fleet.LockFinancial):
		return errArrears
	case c.Params.Get("Type") == "online" && i.Status != fleet.Running:
		return errResizeOnline
	case i.Status != fleet.Running && i.Status != fleet.Stopped:
		return errStatus
	}
	return nil
}

// growDisk resizes a disk. A subscription disk is paid for until the expiry of its instance; then there is an order.
func growDisk(w *World, c *Call, d storage.Disk, i *fleet.Instance, size int, token string) (orderID string, refusal *wire.Error) {
	grown := func(d *storage.Disk) { d.GiB, d.Included = size, false }
	if i == nil {
		w.Meter.CloseDisk(d, c.Now)
		return "", diskRefusal(w.Storage.ChangeDisk(nil, d.ID, func(d *storage.Disk) { grown(d); d.UsedFrom = c.Now }))
	}
	if d.ChargeType != fleet.PrePaid {
		return "", changeDisks(w, c, i, func() error { return w.Storage.ChangeDisk(i, d.ID, grown) })
	}
	order, err := w.Engine.OrderDisks(subscription.DiskOrder{
		Action: c.Name, RegionID: c.Region.ID, InstanceID: i.ID, ClientToken: token,
		Change: func() error { return w.Storage.ChangeDisk(i, d.ID, grown) },
		Undo: func() {
			_ = w.Storage.ChangeDisk(i, d.ID, func(now *storage.Disk) { now.GiB, now.Included = d.GiB, d.Included })
		},
	}, c.Now)
	return order.OrderID, diskRefusal(err)
}
