package answer

import (
	"time"

	"github.com/go-faster/jx"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// ReadDisks reads a response to DescribeDisks.
func ReadDisks(body []byte) (page ecs.DiskPage, requestID string, err error) {
	w := make(words, 32)
	requestID, err = object(body, func(d *jx.Decoder, key []byte) (err error) {
		switch string(key) {
		case "NextToken":
			page.Next, err = text(d)
		case "Disks":
			err = wrapped(d, "Disk", func(d *jx.Decoder) error {
				disk, err := w.readDisk(d)
				if disk.ID != "" {
					page.Disks = append(page.Disks, disk)
				}
				return err
			})
		default:
			err = d.Skip()
		}
		return err
	})
	if err != nil {
		return ecs.DiskPage{}, "", err
	}
	return page, requestID, nil
}

func (w words) readDisk(d *jx.Decoder) (disk ecs.Disk, err error) {
	var chargeType, attachedTo string
	err = fields(d, func(d *jx.Decoder, key []byte) (err error) {
		switch string(key) {
		case "DiskId":
			disk.ID, err = text(d)
		case "DiskName":
			disk.Name, err = text(d)
		case "RegionId":
			disk.RegionID, err = w.word(d)
		case "ZoneId":
			disk.ZoneID, err = w.word(d)
		case "InstanceId":
			disk.InstanceID, err = text(d)
		case "Attachments":
			err = wrapped(d, "Attachment", func(d *jx.Decoder) error {
				return fields(d, func(d *jx.Decoder, key []byte) (err error) {
					if string(key) != "InstanceId" || attachedTo != "" {
						return d.Skip()
					}
					attachedTo, err = text(d)
					return err
				})
			})
		case "Device":
			disk.Device, err = w.word(d)
		case "Type":
			disk.Type, err = w.word(d)
		case "Category":
			disk.Category, err = w.word(d)
		case "Status":
			disk.RawStatus, err = w.word(d)
		case "Size":
			err = count(d, &disk.SizeGiB)
		case "DiskChargeType":
			chargeType, err = w.word(d)
		case "DeleteWithInstance":
			disk.DeleteWithInstance, err = boolean(d)
		case "Encrypted":
			disk.Encrypted, err = boolean(d)
		case "PerformanceLevel":
			disk.PerformanceLevel, err = w.word(d)
		case "CreationTime":
			disk.CreateTime, err = instant(d)
		case "ExpiredTime":
			disk.ExpireTime, err = instant(d)
		case "Tags":
			disk.Tags, err = w.tags(d)
		default:
			err = d.Skip()
		}
		return err
	})
	if disk.InstanceID == "" {
		// A disk that several instances may share names them only here.
		disk.InstanceID = attachedTo
	}
	if disk.ChargeType = chargeTypes[chargeType]; disk.ChargeType != ecs.ChargeSubscription {
		disk.ExpireTime = time.Time{} // the same sentinel as an instance's
	}
	return disk, err
}

// instant reads a time.
func instant(d *jx.Decoder) (time.Time, error) {
	b, err := raw(d)
	return moment(b), err
}
