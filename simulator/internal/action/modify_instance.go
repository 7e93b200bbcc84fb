package action

import (
	"errors"

	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

func modifyAutoReleaseTime(w *World, c *Call) *wire.Error {
	id, text := c.Params.Get("InstanceId"), c.Params.Get("AutoReleaseTime")
	switch {
	case c.Denied:
		return errForbidden
	case id == "":
		return errAutoReleaseMissing
	}
	due, fine := autoReleaseTime(text, c.Now)
	if text != "" && !fine {
		return errAutoReleaseTime
	}
	if err := w.Machine.SetAutoRelease(c.Region.ID, id, due); errors.Is(err, fleet.ErrNotFound) {
		return errNoSuchResource
	} else if err != nil {
		return refusalFor(err)
	}
	c.open("ModifyInstanceAutoReleaseTime").Close()
	return nil
}

func modifyInstanceAttribute(w *World, c *Call) *wire.Error {
	id := c.Params.Get("InstanceId")
	switch {
	case c.Denied:
		return errForbidden
	case id == "":
		return wire.Missing("InstanceId")
	}
	i, ok := w.Fleet.Find(c.Region.ID, id)
	if !ok {
		return errInstanceNotFound
	}
	change, refusal := attributes(w, c, i)
	if refusal != nil {
		return refusal
	}
	// The state of the instance is checked again when it is changed.
	var late *wire.Error
	_, err := w.Fleet.UpdateAll(c.Region.ID, []string{id}, func(i *fleet.Instance) error {
		if late = attributeState(c, i); late == nil {
			change(i)
		}
		return nil
	})
	switch {
	case err != nil:
		return refusalFor(err)
	case late != nil:
		return late
	}
	c.open("ModifyInstanceAttribute").Close()
	return nil
}

// attributeState rejects changes that the state of an instance does not permit.
func attributeState(c *Call, i *fleet.Instance) *wire.Error {
	inside := c.Params.Get("Password") != "" || c.Params.Get("HostName") != "" // changes the system itself
	switch {
	case i.Locked(fleet.LockSecurity):
		return errSecurityLocked
	case inside && (i.Status == fleet.Pending || i.Status == fleet.Starting):
		return errStatus
	case c.Params.Get("DeletionProtection") != "" && i.ChargeType != fleet.PostPaid:
		return errAttributeChargeType
	}
	return nil
}

// attributes checks the parameters and returns the change. Password and user data are checked and not stored.
func attributes(w *World, c *Call, i *fleet.Instance) (func(*fleet.Instance), *wire.Error) {
	p := c.Params
	name, nameSent := p.Lookup("InstanceName")
	description, descriptionSent := p.Lookup("Description")
	host, password := p.Get("HostName"), p.Get("Password")
	groups := p.List("SecurityGroupIds")
	switch {
	case nameSent && !validName(name):
		return nil, errInstanceName
	case !validDescription(description):
		return nil, errDescription
	case host != "" && !validHost(host, i.Image.OSType):
		return nil, errHostName
	case password != "" && !validPassword(password, i.Image.OSType):
		return nil, errPassword
	case !knownGroups(groups, w.Nursery.Network(c.Region).GroupIDs()):
		return nil, errNoGroup
	}
	if refusal := checkUserData(p.Get("UserData")); refusal != nil {
		return nil, refusal
	}
	protected, protectedSent, refusal := c.boolean("DeletionProtection")
	if refusal != nil {
		return nil, refusal
	}
	recyclable, recyclableSent, refusal := c.boolean("Recyclable")
	if refusal != nil {
		return nil, refusal
	}
	return func(i *fleet.Instance) {
		if nameSent {
			i.Name = name
		}
		if descriptionSent {
			i.Description = description
		}
		if host != "" {
			i.HostName = host
		}
		if len(groups) > 0 {
			i.SecurityGroupIDs = groups
		}
		if protectedSent {
			i.DeletionProtection = protected
		}
		if recyclableSent {
			i.Recyclable = recyclable
		}
	}, nil
}

func allocatePublicIP(w *World, c *Call) *wire.Error {
	id := c.Params.Get("InstanceId")
	switch {
	case c.Denied:
		return errForbidden
	case id == "":
		return wire.Missing("InstanceId")
	case c.Params.Get("IpAddress") != "":
		return errAddressUnknown // choosing an address requires a whitelist
	}
	address := w.Nursery.Public()
	var refused *wire.Error
	_, err := w.Fleet.UpdateAll(c.Region.ID, []string{id}, func(i *fleet.Instance) error {
		switch {
		case i.Locked(fleet.LockSecurity):
			refused = errSecurityLocked
		case i.Locked(fleet.LockFinancial):
			refused = errArrears
		case i.PublicIP.IsValid():
			refused = errAllocated
		case i.BandwidthOut == 0:
			refused = errAllocateBandwidth
		case i.Status != fleet.Running && i.Status != fleet.Stopped:
			refused = errStatus
		default:
			i.PublicIP, i.AddressFreed = address, false
		}
		return nil
	})
	switch {
	case err != nil:
		return refusalFor(err)
	case refused != nil:
		return refused
	}
	out := c.open("AllocatePublicIpAddress")
	out.Append("IpAddress", address.AppendTo)
	out.Close()
	return nil
}
