package answer

import (
	"time"

	"github.com/go-faster/jx"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

type setInstance func(r *instanceReader, d *jx.Decoder, i *ecs.Instance, spot *ecs.Spot) error

// instanceFields are the decoded fields of an instance; the rest is skipped.
var instanceFields = map[string]setInstance{
	"InstanceId":         own(func(i *ecs.Instance, _ *ecs.Spot) *string { return &i.ID }),
	"InstanceName":       own(func(i *ecs.Instance, _ *ecs.Spot) *string { return &i.Name }),
	"Description":        own(func(i *ecs.Instance, _ *ecs.Spot) *string { return &i.Description }),
	"HostName":           own(func(i *ecs.Instance, _ *ecs.Spot) *string { return &i.HostName }),
	"ResourceGroupId":    shared(func(i *ecs.Instance, _ *ecs.Spot) *string { return &i.ResourceGroupID }),
	"RegionId":           shared(func(i *ecs.Instance, _ *ecs.Spot) *string { return &i.RegionID }),
	"ZoneId":             shared(func(i *ecs.Instance, _ *ecs.Spot) *string { return &i.ZoneID }),
	"Status":             shared(func(i *ecs.Instance, _ *ecs.Spot) *string { return &i.Raw.Status }),
	"InstanceChargeType": shared(func(i *ecs.Instance, _ *ecs.Spot) *string { return &i.Raw.ChargeType }),
	"StoppedMode":        shared(func(i *ecs.Instance, _ *ecs.Spot) *string { return &i.Raw.StoppedMode }),
	"InstanceType":       shared(func(i *ecs.Instance, _ *ecs.Spot) *string { return &i.Type }),
	"InstanceTypeFamily": shared(func(i *ecs.Instance, _ *ecs.Spot) *string { return &i.TypeFamily }),
	"ImageId":            shared(func(i *ecs.Instance, _ *ecs.Spot) *string { return &i.ImageID }),
	"OSName":             shared(func(i *ecs.Instance, _ *ecs.Spot) *string { return &i.OSName }),
	"SpotStrategy":       shared(func(_ *ecs.Instance, s *ecs.Spot) *string { return &s.Strategy }),
	"SpotInterruptionBehavior": shared(func(_ *ecs.Instance, s *ecs.Spot) *string {
		return &s.InterruptionBehavior
	}),
	"SpotPriceLimit": shared(func(_ *ecs.Instance, s *ecs.Spot) *string { return &s.PriceLimit }),

	"ExpiredTime":     at(func(i *ecs.Instance) *time.Time { return &i.ExpireTime }),
	"AutoReleaseTime": at(func(i *ecs.Instance) *time.Time { return &i.AutoReleaseTime }),
	"CreationTime":    at(func(i *ecs.Instance) *time.Time { return &i.CreateTime }),
	"StartTime":       at(func(i *ecs.Instance) *time.Time { return &i.StartTime }),

	// The cloud sends the number of vCPUs twice, as Cpu and CPU.
	"Cpu": func(_ *instanceReader, d *jx.Decoder, i *ecs.Instance, _ *ecs.Spot) error { return count(d, &i.CPU) },
	"CPU": func(_ *instanceReader, d *jx.Decoder, i *ecs.Instance, _ *ecs.Spot) error {
		if i.CPU != 0 {
			return d.Skip()
		}
		return count(d, &i.CPU)
	},
	"Memory": func(_ *instanceReader, d *jx.Decoder, i *ecs.Instance, _ *ecs.Spot) (err error) {
		i.MemoryMiB, err = number(d)
		return err
	},
	"InternetChargeType": shared(func(i *ecs.Instance, _ *ecs.Spot) *string { return &i.Network.InternetChargeType }),
	"InternetMaxBandwidthIn": func(_ *instanceReader, d *jx.Decoder, i *ecs.Instance, _ *ecs.Spot) error {
		return count(d, &i.Network.BandwidthInMbps)
	},
	"InternetMaxBandwidthOut": func(_ *instanceReader, d *jx.Decoder, i *ecs.Instance, _ *ecs.Spot) error {
		return count(d, &i.Network.BandwidthOutMbps)
	},
	"SpotDuration": func(_ *instanceReader, d *jx.Decoder, _ *ecs.Instance, s *ecs.Spot) error {
		hours, err := number(d)
		s.ProtectedFor = time.Duration(hours) * time.Hour
		return err
	},
	"DeletionProtection": func(_ *instanceReader, d *jx.Decoder, i *ecs.Instance, _ *ecs.Spot) (err error) {
		i.DeletionProtection, err = boolean(d)
		return err
	},
	"SecurityGroupIds": func(r *instanceReader, d *jx.Decoder, i *ecs.Instance, _ *ecs.Spot) error {
		return wrapped(d, "SecurityGroupId", func(d *jx.Decoder) error {
			id, err := r.word(d)
			i.SecurityGroupIDs = append(i.SecurityGroupIDs, id)
			return err
		})
	},
	"PublicIpAddress": func(_ *instanceReader, d *jx.Decoder, i *ecs.Instance, _ *ecs.Spot) error {
		return texts(d, "IpAddress", &i.Network.PublicIPAddresses)
	},
	// The private address of classic networks, long closed to new instances.
	"InnerIpAddress": func(_ *instanceReader, d *jx.Decoder, i *ecs.Instance, _ *ecs.Spot) error {
		return texts(d, "IpAddress", &i.Network.PrivateIPAddresses)
	},
	"EipAddress": func(_ *instanceReader, d *jx.Decoder, i *ecs.Instance, _ *ecs.Spot) error {
		return fields(d, func(d *jx.Decoder, key []byte) (err error) {
			if string(key) != "IpAddress" {
				return d.Skip()
			}
			i.Network.EIPAddress, err = text(d)
			return err
		})
	},
	"VpcAttributes":  readVPC,
	"Tags":           readTags,
	"OperationLocks": readLocks,
}

func own(field func(*ecs.Instance, *ecs.Spot) *string) setInstance {
	return func(_ *instanceReader, d *jx.Decoder, i *ecs.Instance, spot *ecs.Spot) (err error) {
		*field(i, spot), err = text(d)
		return err
	}
}

func shared(field func(*ecs.Instance, *ecs.Spot) *string) setInstance {
	return func(r *instanceReader, d *jx.Decoder, i *ecs.Instance, spot *ecs.Spot) (err error) {
		*field(i, spot), err = r.word(d)
		return err
	}
}

func at(field func(*ecs.Instance) *time.Time) setInstance {
	return func(_ *instanceReader, d *jx.Decoder, i *ecs.Instance, _ *ecs.Spot) error {
		b, err := raw(d)
		*field(i) = moment(b)
		return err
	}
}

func count(d *jx.Decoder, field *int32) error {
	n, err := number(d)
	*field = int32(min(max(n, 0), 1<<31-1))
	return err
}

func readVPC(r *instanceReader, d *jx.Decoder, i *ecs.Instance, _ *ecs.Spot) error {
	return fields(d, func(d *jx.Decoder, key []byte) (err error) {
		switch string(key) {
		case "VpcId":
			i.Network.VPCID, err = r.word(d)
		case "VSwitchId":
			i.Network.VSwitchID, err = r.word(d)
		case "PrivateIpAddress":
			err = texts(d, "IpAddress", &i.Network.PrivateIPAddresses)
		default:
			err = d.Skip()
		}
		return err
	})
}

func readTags(r *instanceReader, d *jx.Decoder, i *ecs.Instance, _ *ecs.Spot) (err error) {
	i.Tags, err = r.tags(d)
	return err
}

func readLocks(r *instanceReader, d *jx.Decoder, i *ecs.Instance, _ *ecs.Spot) error {
	return wrapped(d, "LockReason", func(d *jx.Decoder) error {
		var lock ecs.Lock
		err := fields(d, func(d *jx.Decoder, key []byte) (err error) {
			switch string(key) {
			case "LockReason":
				lock.RawReason, err = r.word(d)
			case "LockMsg":
				lock.Message, err = text(d)
			default:
				err = d.Skip()
			}
			return err
		})
		lock.Reason = lockReason(lock.RawReason)
		if lock.RawReason != "" {
			i.Locks = append(i.Locks, lock)
		}
		return err
	})
}
