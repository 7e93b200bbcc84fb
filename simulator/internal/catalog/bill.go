package catalog

// Hour is the unit in which what is paid as it goes is priced.
const Hour Unit = "Hour"

// hoursOfMonth is how many hours of pay-as-you-go cost what a month of a
// subscription does.
const hoursOfMonth = 480

// HourOf is the list price of an hour of a type, in thousandths of a yuan.
func HourOf(t *InstanceType) int64 { return hourly(t.Month) }

// hourly turns hundredths of a yuan for a month into thousandths for an hour,
// rounded up.
func hourly(month int64) int64 { return (month*10 + hoursOfMonth - 1) / hoursOfMonth }

// Setup is what is bought together: an instance, its disks and bandwidth.
type Setup struct {
	// Type is nil where only disks are priced.
	Type *InstanceType
	// SystemDisk is nil for the disk of [DefaultDiskGiB] that every type's
	// price includes.
	SystemDisk *Disk
	DataDisks  []Disk
	// Bandwidth is bought in Mbit/s; 0 where traffic is paid for instead.
	Bandwidth int
}

// Line is one part of a price.
type Line struct {
	// Resource is the cloud's word: instanceType, systemDisk, dataDisk or
	// bandwidth.
	Resource string
	// Amount is in thousandths of a yuan.
	Amount Amount
}

// Amount is what a part costs, in thousandths of a yuan.
type Amount struct{ List, Trade int64 }

// Discount is what is taken off.
func (a Amount) Discount() int64 { return a.List - a.Trade }

// Plus adds two amounts.
func (a Amount) Plus(b Amount) Amount { return Amount{a.List + b.List, a.Trade + b.Trade} }

// Times multiplies an amount.
func (a Amount) Times(n int) Amount { return Amount{a.List * int64(n), a.Trade * int64(n)} }

// Bill prices a setup for a period; count is 1 where the unit is [Hour].
func Bill(s Setup, count int, unit Unit) []Line {
	price := func(month int64) Amount {
		if unit == Hour {
			return Amount{hourly(month) * int64(count), hourly(month) * int64(count)}
		}
		p := priceOf(month, count, unit)
		return Amount{p.List * 10, p.Trade * 10}
	}
	var lines []Line
	if s.Type != nil {
		lines = append(lines, Line{"instanceType", price(s.Type.Month)})
	}
	if s.SystemDisk != nil {
		lines = append(lines, Line{"systemDisk", price(s.SystemDisk.month())})
	}
	for _, d := range s.DataDisks {
		lines = append(lines, Line{"dataDisk", price(d.month())})
	}
	if s.Bandwidth > 0 {
		lines = append(lines, Line{"bandwidth", price(bandwidthMonth(s.Bandwidth))})
	}
	return lines
}

// Total adds the lines of a bill.
func Total(lines []Line) Amount {
	var sum Amount
	for _, l := range lines {
		sum = sum.Plus(l.Amount)
	}
	return sum
}

func (d Disk) month() int64 {
	l, _ := d.Category.level(d.Level)
	return l.Month * int64(d.GiB)
}

// bandwidthMonth is the price of a month: 23 yuan for each of the first five
// Mbit/s and 80 yuan for each further one.
func bandwidthMonth(mbps int) int64 {
	first := min(mbps, 5)
	return int64(first)*2300 + int64(mbps-first)*8000
}
