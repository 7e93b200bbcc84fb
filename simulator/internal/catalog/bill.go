package catalog

import "time"

// Hour is the price unit of pay-as-you-go.
const Hour Unit = "Hour"

// hoursOfMonth is the count of pay-as-you-go hours that cost as much as a month of a subscription.
const hoursOfMonth = 480

// HourOf returns the list price of an hour of a type, in thousandths of a yuan.
func HourOf(t *InstanceType) int64 { return hourly(t.Month) }

// HourOfDisk returns the list price of an hour of a disk, in thousandths of a yuan.
func HourOfDisk(d Disk) int64 { return hourly(d.month()) }

// HourOfBandwidth returns the list price of an hour of bandwidth, in thousandths of a yuan.
func HourOfBandwidth(mbps int) int64 { return hourly(bandwidthMonth(mbps)) }

// hourly converts hundredths of a yuan per month to thousandths per hour, rounded up.
func hourly(month int64) int64 { return (month*10 + hoursOfMonth - 1) / hoursOfMonth }

// Setup is one purchase: an instance, its disks and bandwidth.
type Setup struct {
	// Type is nil if only disks are priced.
	Type *InstanceType
	// SystemDisk is nil for the disk of [DefaultDiskGiB] that every type's
	// price includes.
	SystemDisk *Disk
	DataDisks  []Disk
	// Bandwidth is bought in Mbit/s; 0 if traffic is billed instead.
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

// Amount is the price of a part, in thousandths of a yuan.
type Amount struct{ List, Trade int64 }

// Discount returns the deduction from the list price.
func (a Amount) Discount() int64 { return a.List - a.Trade }

// Plus adds two amounts.
func (a Amount) Plus(b Amount) Amount { return Amount{a.List + b.List, a.Trade + b.Trade} }

// Times multiplies an amount.
func (a Amount) Times(n int) Amount { return Amount{a.List * int64(n), a.Trade * int64(n)} }

// Bill returns the price of a setup for a period; count is 1 if the unit is [Hour].
func Bill(s Setup, count int, unit Unit) []Line {
	return s.bill(func(month int64) Amount {
		if unit == Hour {
			return Amount{hourly(month) * int64(count), hourly(month) * int64(count)}
		}
		p := priceOf(month, count, unit)
		return Amount{p.List * 10, p.Trade * 10}
	})
}

// BillBetween returns the price of a setup from one instant to another by the day, at a thirtieth of a month. Fractions
// of a cent are rounded up.
func BillBetween(s Setup, from, until time.Time) []Line {
	days := int64((until.Sub(from) + 24*time.Hour - 1) / (24 * time.Hour))
	return s.bill(func(month int64) Amount {
		p := (month*days + 29) / 30 * 10
		return Amount{p, p}
	})
}

// bill returns the lines of a setup; price maps the price of a month in hundredths of a yuan to an amount.
func (s Setup) bill(price func(month int64) Amount) []Line {
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

// bandwidthMonth returns the monthly price: 23 yuan for each of the first five Mbit/s and 80 yuan for each further one.
func bandwidthMonth(mbps int) int64 {
	first := min(mbps, 5)
	return int64(first)*2300 + int64(mbps-first)*8000
}
