package answer

import (
	"math"
	"strconv"

	"github.com/go-faster/jx"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// ReadTypes reads a response to DescribeInstanceTypes.
func ReadTypes(body []byte) (page ecs.TypePage, requestID string, err error) {
	requestID, err = object(body, func(d *jx.Decoder, key []byte) (err error) {
		switch string(key) {
		case "NextToken":
			page.Next, err = text(d)
		case "InstanceTypes":
			err = wrapped(d, "InstanceType", func(d *jx.Decoder) error {
				kind, err := readType(d)
				if kind.ID != "" {
					page.Types = append(page.Types, kind)
				}
				return err
			})
		default:
			err = d.Skip()
		}
		return err
	})
	if err != nil {
		return ecs.TypePage{}, "", err
	}
	return page, requestID, nil
}

func readType(d *jx.Decoder) (kind ecs.InstanceType, err error) {
	var memory string
	err = fields(d, func(d *jx.Decoder, key []byte) (err error) {
		switch string(key) {
		case "InstanceTypeId":
			kind.ID, err = text(d)
		case "InstanceTypeFamily":
			kind.Family, err = text(d)
		case "CpuCoreCount":
			err = count(d, &kind.CPU)
		case "MemorySize":
			memory, err = text(d)
		case "GPUAmount":
			err = count(d, &kind.GPUCount)
		case "GPUSpec":
			kind.GPUModel, err = text(d)
		case "CpuArchitecture":
			kind.Architecture, err = text(d)
		case "BaselineCredit":
			err = count(d, &kind.BaselineCredit)
		default:
			err = d.Skip()
		}
		return err
	})
	// The size is in GiB, with a fraction for small types.
	if gib, wrong := strconv.ParseFloat(memory, 64); wrong == nil && gib > 0 && gib < 1<<20 {
		kind.MemoryMiB = int64(math.Round(gib * 1024))
	}
	return kind, err
}
