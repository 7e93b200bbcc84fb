package catalog

// DiskCategory is a kind of cloud disk that is sold.
type DiskCategory struct {
	// ID is such as cloud_essd.
	ID string
	// System and Data are the sizes on sale in GiB for either use; a maximum of 0 means none.
	System, Data DiskSizes
	// Month is the list price per GiB and month, in hundredths of a yuan.
	Month int64
	// Volume is the older name of the category.
	Volume string
	// Levels are the performance levels, nil if there are none.
	Levels []PerformanceLevel
}

// DiskSizes are the sizes of a disk in GiB, both ends included.
type DiskSizes struct{ Min, Max int }

// Holds reports whether a size is sold.
func (s DiskSizes) Holds(gib int) bool { return s.Max > 0 && s.Min <= gib && gib <= s.Max }

// PerformanceLevel is one of the levels of a category.
type PerformanceLevel struct {
	ID string
	// Min is the minimum size in GiB.
	Min int
	// Month is as in [DiskCategory].
	Month int64
}

// DefaultDiskGiB is the size of the system disk that the price of every type
// includes.
const DefaultDiskGiB = 40

// DiskCategories are the categories on sale, with the sizes of the public tables; the prices have the magnitude of the
// real ones.
var DiskCategories = []*DiskCategory{
	{ID: "cloud_essd", System: DiskSizes{1, 2048}, Data: DiskSizes{1, 65536}, Month: 100, Volume: "san_essd", Levels: []PerformanceLevel{
		{ID: "PL0", Min: 1, Month: 50},
		{ID: "PL1", Min: 20, Month: 100},
		{ID: "PL2", Min: 461, Month: 200},
		{ID: "PL3", Min: 1261, Month: 400},
	}},
	{ID: "cloud_auto", System: DiskSizes{1, 2048}, Data: DiskSizes{1, 65536}, Month: 60, Volume: "san_auto"},
	{ID: "cloud_essd_entry", System: DiskSizes{10, 2048}, Data: DiskSizes{10, 32768}, Month: 40, Volume: "san_essd_entry"},
	{ID: "cloud_ssd", System: DiskSizes{20, 2048}, Data: DiskSizes{20, 32768}, Month: 100, Volume: "san_ssd"},
	{ID: "cloud_efficiency", System: DiskSizes{20, 2048}, Data: DiskSizes{20, 32768}, Month: 35, Volume: "san_efficiency"},
	{ID: "cloud", System: DiskSizes{20, 500}, Data: DiskSizes{5, 2000}, Month: 30, Volume: "ephemeral"},
}

// FindDiskCategory returns the category with an ID, or nil.
func FindDiskCategory(id string) *DiskCategory {
	for _, c := range DiskCategories {
		if c.ID == id {
			return c
		}
	}
	return nil
}

// DiskCategoryIDs returns the IDs of the categories.
func DiskCategoryIDs() []string {
	var ids []string
	for _, c := range DiskCategories {
		ids = append(ids, c.ID)
	}
	return ids
}

// level returns a performance level; the empty id is PL1.
func (c *DiskCategory) level(id string) (PerformanceLevel, bool) {
	if c.Levels == nil {
		return PerformanceLevel{ID: id, Min: 0, Month: c.Month}, id == ""
	}
	if id == "" {
		id = "PL1"
	}
	for _, l := range c.Levels {
		if l.ID == id {
			return l, true
		}
	}
	return PerformanceLevel{}, false
}

// Disk is a disk to be priced.
type Disk struct {
	Category *DiskCategory
	// Level is the performance level, "" for the default of the category.
	Level string
	GiB   int
}

// LevelSold reports whether the category has the disk's level, and sells a
// disk of that size with it.
func (d Disk) LevelSold() (level, size bool) {
	l, ok := d.Category.level(d.Level)
	return ok, ok && d.GiB >= l.Min
}
