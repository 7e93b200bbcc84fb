package answer

import (
	"github.com/go-faster/jx"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// ReadRegions reads a response to DescribeRegions.
func ReadRegions(body []byte) (regions []ecs.Region, requestID string, err error) {
	requestID, err = object(body, func(d *jx.Decoder, key []byte) error {
		if string(key) != "Regions" {
			return d.Skip()
		}
		return wrapped(d, "Region", func(d *jx.Decoder) error {
			var region ecs.Region
			err := fields(d, func(d *jx.Decoder, key []byte) (err error) {
				switch string(key) {
				case "RegionId":
					region.ID, err = text(d)
				case "LocalName":
					region.LocalName, err = text(d)
				case "RegionEndpoint":
					region.Endpoint, err = text(d)
				case "Status":
					region.RawStatus, err = text(d)
				default:
					err = d.Skip()
				}
				return err
			})
			if region.ID != "" {
				regions = append(regions, region)
			}
			return err
		})
	})
	if err != nil {
		return nil, "", err
	}
	return regions, requestID, nil
}
