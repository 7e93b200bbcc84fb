package answer

import (
	"slices"

	"github.com/go-faster/jx"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// ReadZones reads a response to DescribeZones for a region, which the response
// does not name.
func ReadZones(body []byte, regionID string) (zones []ecs.Zone, requestID string, err error) {
	requestID, err = object(body, func(d *jx.Decoder, key []byte) error {
		if string(key) != "Zones" {
			return d.Skip()
		}
		return wrapped(d, "Zone", func(d *jx.Decoder) error {
			zone := ecs.Zone{RegionID: regionID}
			err := fields(d, func(d *jx.Decoder, key []byte) (err error) {
				switch string(key) {
				case "ZoneId":
					zone.ID, err = text(d)
				case "LocalName":
					zone.LocalName, err = text(d)
				case "AvailableInstanceTypes":
					err = texts(d, "InstanceTypes", &zone.InstanceTypes)
				case "AvailableDiskCategories":
					err = texts(d, "DiskCategories", &zone.DiskCategories)
				default:
					err = d.Skip()
				}
				return err
			})
			if zone.ID != "" {
				slices.Sort(zone.InstanceTypes)
				zones = append(zones, zone)
			}
			return err
		})
	})
	if err != nil {
		return nil, "", err
	}
	return zones, requestID, nil
}

// ReadStock reads a response to DescribeAvailableResource for instance types.
func ReadStock(body []byte) (stock []ecs.Stock, requestID string, err error) {
	requestID, err = object(body, func(d *jx.Decoder, key []byte) error {
		if string(key) != "AvailableZones" {
			return d.Skip()
		}
		return wrapped(d, "AvailableZone", func(d *jx.Decoder) error {
			zoneID, began := "", len(stock)
			err := fields(d, func(d *jx.Decoder, key []byte) (err error) {
				switch string(key) {
				case "ZoneId":
					zoneID, err = text(d)
				case "AvailableResources":
					err = wrapped(d, "AvailableResource", func(d *jx.Decoder) error { return readResource(d, &stock) })
				default:
					err = d.Skip()
				}
				return err
			})
			for i := range stock[began:] {
				stock[began+i].ZoneID = zoneID
			}
			return err
		})
	})
	if err != nil {
		return nil, "", err
	}
	return stock, requestID, nil
}

// readResource adds the instance types of one resource of a zone; resources of
// other kinds are left out.
func readResource(d *jx.Decoder, stock *[]ecs.Stock) error {
	kind, began := "", len(*stock)
	err := fields(d, func(d *jx.Decoder, key []byte) (err error) {
		switch string(key) {
		case "Type":
			kind, err = text(d)
		case "SupportedResources":
			err = wrapped(d, "SupportedResource", func(d *jx.Decoder) error {
				var s ecs.Stock
				err := fields(d, func(d *jx.Decoder, key []byte) (err error) {
					switch string(key) {
					case "Value":
						s.InstanceType, err = text(d)
					case "Status":
						s.RawStatus, err = text(d)
					case "StatusCategory":
						s.RawCategory, err = text(d)
					default:
						err = d.Skip()
					}
					return err
				})
				if s.InstanceType != "" {
					*stock = append(*stock, s)
				}
				return err
			})
		default:
			err = d.Skip()
		}
		return err
	})
	if kind != "" && kind != "InstanceType" {
		*stock = (*stock)[:began]
	}
	return err
}
