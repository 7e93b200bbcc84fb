package action

import (
	"math"
	"slices"

	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
	"github.com/ecsd-io/ecsd/simulator/internal/fleet"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

func describeImages(w *World, c *Call) *wire.Error {
	if refusal := first(listDryRun(c),
		c.oneOf("ImageOwnerAlias", errImageOwner, "system", "self", "others", "marketplace"),
		c.oneOf("Usage", errImageUsage, "instance", "none"),
		c.oneOf("OSType", errImageOS, "linux", "windows"),
		c.oneOf("Architecture", errImageArchitecture, "i386", "x86_64", "arm64"),
	); refusal != nil {
		return refusal
	}
	win, refusal := readPage(c, 100)
	if refusal != nil {
		return refusal
	}
	keep, refusal := imageFilter(w, c)
	switch {
	case c.Denied:
		return errForbidden
	case refusal != nil:
		return refusal
	}
	found := slices.DeleteFunc(namedImages(c), func(i *catalog.Image) bool { return !keep(i) })
	page, _ := pageOf(win, found)
	out := c.open("DescribeImages")
	out.Str("RegionId", c.Region.ID)
	win.writeNumbers(out, len(found))
	out.List("Images", "Image")
	for _, i := range page {
		out.Item()
		writeImage(out, i, imageUsage(w, c, i), w.Labels.Of(imageKind, i.ID, nil))
		out.End()
	}
	out.End()
	out.Close()
	return nil
}

// namedImages returns the images that a request names, or those of the cloud. An image that launches accept is also listed
// by its ID.
func namedImages(c *Call) []*catalog.Image {
	ids := listedIDs(c.Params.Get("ImageId"))
	if ids == nil {
		return slices.Clone(catalog.Images)
	}
	var named []*catalog.Image
	for _, id := range unique(ids) {
		if i := catalog.FindImage(id); i != nil {
			named = append(named, i)
		}
	}
	return named
}

// imageUsage returns instance if an instance of the region uses an image, otherwise none.
func imageUsage(w *World, c *Call, i *catalog.Image) string {
	if w.Fleet.PageByNumber(c.Region.ID, &fleet.Filter{ImageID: i.ID}, 1, 1, 0).Total > 0 {
		return "instance"
	}
	return "none"
}

// imageFilter parses the filters of DescribeImages. All images are available and without tags.
func imageFilter(w *World, c *Call) (func(*catalog.Image) bool, *wire.Error) {
	p := c.Params
	tags, refusal := tagFilters(c)
	if refusal != nil {
		return nil, refusal
	}
	from, to, refusal := creationWindow(c)
	if refusal != nil {
		return nil, refusal
	}
	if kind := p.Get("InstanceType"); kind != "" && catalog.FindInstanceType(kind) == nil {
		return nil, errType
	}
	for _, name := range []string{"IsSupportIoOptimized", "IsSupportCloudinit", "IsPublic"} {
		if value, sent, refusal := c.boolean(name); refusal != nil {
			return nil, refusal
		} else if sent && !value {
			return func(*catalog.Image) bool { return false }, nil // every image does and is
		}
	}
	if _, _, refusal := c.boolean("ShowExpired"); refusal != nil {
		return nil, refusal // no image has expired
	}
	owner, refusal := c.number("ImageOwnerId", 0, 1, math.MaxInt)
	if refusal != nil {
		return nil, refusal
	}
	status := listedIDs(p.Get("Status"))
	none := status != nil && !slices.Contains(status, "Available") || p.Get("SnapshotId") != "" || p.Get("ResourceGroupId") != "" || owner != 0 // all are the cloud's own
	return func(i *catalog.Image) bool {
		return !none && is(p.Get("ImageOwnerAlias"), i.Owner()) && is(p.Get("ImageName"), i.ID) && is(p.Get("ImageFamily"), i.Family) &&
			is(p.Get("OSType"), i.OSType) && is(p.Get("Architecture"), imageArchitecture) && (p.Get("Usage") == "" || p.Get("Usage") == imageUsage(w, c, i)) &&
			tagged(tags, w.Labels.Of(imageKind, i.ID, nil)) &&
			!i.Published().Before(from) && (to.IsZero() || !i.Published().After(to))
	}, nil
}

const imageArchitecture = "x86_64"

func writeImage(out *wire.Writer, i *catalog.Image, usage string, tags []fleet.Tag) {
	for _, field := range [][2]string{
		{"ImageId", i.ID}, {"ImageName", i.ID}, {"ImageOwnerAlias", i.Owner()}, {"ImageFamily", i.Family},
		{"OSName", i.OSName}, {"OSNameEn", i.OSNameEn}, {"OSType", i.OSType}, {"Platform", i.Platform},
		{"Architecture", imageArchitecture}, {"Status", "Available"}, {"Progress", "100%"}, {"Usage", usage},
		{"Description", ""}, {"ImageVersion", ""}, {"ProductCode", ""}, {"ResourceGroupId", ""}, {"SupplierName", ""},
		{"BootMode", "BIOS"}, {"IsSelfShared", ""},
	} {
		out.Str(field[0], field[1])
	}
	seconds(out, "CreationTime", i.Published())
	out.Int("Size", int64(i.GiB()))
	out.Int("ImageOwnerId", 0)
	out.Bool("IsPublic", i.Owner() == "system")
	out.Bool("IsCopied", false)
	out.Bool("IsSubscribed", false)
	out.Bool("IsSupportIoOptimized", true)
	out.Bool("IsSupportCloudinit", true)
	out.Bool("LoginAsNonRootSupported", i.OSType == "linux")
	out.Object("Features")
	out.Str("NvmeSupport", "supported")
	out.Str("ImdsSupport", "v2")
	for _, name := range []string{"CpuOnlineDowngrade", "CpuOnlineUpgrade", "MemoryOnlineDowngrade", "MemoryOnlineUpgrade"} {
		out.Str(name, "unsupported")
	}
	out.End()
	out.Object("DetectionOptions")
	out.Str("Status", "")
	out.List("Items", "Item")
	out.End()
	out.End()
	out.List("DiskDeviceMappings", "DiskDeviceMapping")
	out.End()
	writeResourceTags(out, tags)
}
