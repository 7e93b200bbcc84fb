package action

import (
	"strconv"

	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// maxDataDisks is the maximum count of data disks per new instance.
const maxDataDisks = 16

// defaultDisk is the default category of a disk.
const defaultDisk = "cloud_essd"

// pricedSystemDisk parses SystemDisk; nil if nothing of it was sent, because the price of a type includes a disk.
func pricedSystemDisk(c *Call) (*catalog.Disk, *wire.Error) {
	category, level := c.Params.Get("SystemDisk.Category"), c.Params.Get("SystemDisk.PerformanceLevel")
	if category == "" && level == "" && c.Params.Get("SystemDisk.Size") == "" {
		return nil, nil
	}
	if category == "" {
		category = defaultDisk
	}
	d := &catalog.Disk{Category: catalog.FindDiskCategory(category), Level: level}
	if d.Category == nil {
		return nil, errSystemDiskCategory
	}
	var refusal *wire.Error
	if d.GiB, refusal = c.number("SystemDisk.Size", catalog.DefaultDiskGiB, 0, 1<<20); refusal != nil {
		return nil, errSystemDiskSize
	}
	sold, size := d.LevelSold()
	switch {
	case !sold:
		return nil, wire.Invalid("SystemDisk.PerformanceLevel")
	case !size, d.GiB < d.Category.System.Min:
		return nil, errSystemDiskSmall
	case d.GiB > d.Category.System.Max:
		return nil, errSystemDiskLarge
	}
	return d, nil
}

// sizesAfter rejects a size that is no number of a data disk after a gap, which otherwise has no effect.
func (c *Call) sizesAfter(n int) *wire.Error {
	for ; n <= maxDataDisks; n++ {
		if _, refusal := c.number("DataDisk."+strconv.Itoa(n)+".Size", 0, 1, 1<<20); refusal != nil {
			return errDataDiskSize
		}
	}
	return nil
}

// pricedDataDisks parses DataDisk.1, DataDisk.2 and so on.
func pricedDataDisks(c *Call) ([]catalog.Disk, *wire.Error) {
	var disks []catalog.Disk
	for n := 1; ; n++ {
		prefix := "DataDisk." + strconv.Itoa(n) + "."
		category, size := c.Params.Get(prefix+"Category"), c.Params.Get(prefix+"Size")
		if category == "" && size == "" {
			return disks, c.sizesAfter(n)
		}
		if n > maxDataDisks {
			return nil, errDataDiskCount
		}
		if category == "" {
			category = defaultDisk
		}
		d := catalog.Disk{Category: catalog.FindDiskCategory(category), Level: c.Params.Get(prefix + "PerformanceLevel")}
		if d.Category == nil {
			return nil, errDataDiskCategory
		}
		var refusal *wire.Error
		if d.GiB, refusal = c.number(prefix+"Size", 0, 1, 1<<20); refusal != nil {
			return nil, errDataDiskSize
		}
		sold, fits := d.LevelSold()
		switch {
		case !sold:
			return nil, wire.Invalid(prefix + "PerformanceLevel")
		case !fits, !d.Category.Data.Holds(d.GiB):
			return nil, errDataDiskSize
		}
		disks = append(disks, d)
	}
}
