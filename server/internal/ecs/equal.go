package ecs

import "slices"

// Equal reports whether two reads showed the same instance in the same state;
// when each was made is no part of it. A poll asks this of every instance, so
// it compares by hand what reflection would compare a hundred times slower.
func (i *Instance) Equal(o *Instance) bool {
	return i.ID == o.ID && i.Name == o.Name && i.Description == o.Description && i.HostName == o.HostName &&
		i.ResourceGroupID == o.ResourceGroupID && i.RegionID == o.RegionID && i.ZoneID == o.ZoneID &&
		i.Status == o.Status && i.Type == o.Type && i.TypeFamily == o.TypeFamily &&
		i.CPU == o.CPU && i.MemoryMiB == o.MemoryMiB && i.ImageID == o.ImageID && i.OSName == o.OSName &&
		i.ChargeType == o.ChargeType && i.ExpireTime.Equal(o.ExpireTime) && i.AutoReleaseTime.Equal(o.AutoReleaseTime) &&
		i.CreateTime.Equal(o.CreateTime) && i.StartTime.Equal(o.StartTime) &&
		slices.Equal(i.Tags, o.Tags) && slices.Equal(i.SecurityGroupIDs, o.SecurityGroupIDs) &&
		i.Network.equal(&o.Network) && i.Spot.equal(o.Spot) && slices.Equal(i.Locks, o.Locks) &&
		i.DeletionProtection == o.DeletionProtection && i.StoppedMode == o.StoppedMode && i.Raw == o.Raw
}

func (n *Network) equal(o *Network) bool {
	return n.VPCID == o.VPCID && n.VSwitchID == o.VSwitchID &&
		slices.Equal(n.PrivateIPAddresses, o.PrivateIPAddresses) && slices.Equal(n.PublicIPAddresses, o.PublicIPAddresses) &&
		n.EIPAddress == o.EIPAddress && n.BandwidthInMbps == o.BandwidthInMbps && n.BandwidthOutMbps == o.BandwidthOutMbps
}

func (s *Spot) equal(o *Spot) bool {
	return s == o || (s != nil && o != nil && *s == *o)
}
