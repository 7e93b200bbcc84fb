package answer

import "time"

// moment reads the cloud's UTC times, which have minutes in most fields
// (2017-12-10T04:04Z) and seconds in some. An invalid time reads as the zero
// time. It does not use time.Parse because that takes a fifth of the time of a
// page.
func moment(b []byte) time.Time {
	const minutes, seconds = len("2006-01-02T15:04Z"), len("2006-01-02T15:04:05Z")
	if len(b) != minutes && len(b) != seconds {
		return time.Time{}
	}
	if b[4] != '-' || b[7] != '-' || b[10] != 'T' || b[13] != ':' || b[len(b)-1] != 'Z' {
		return time.Time{}
	}
	year, month, day := digits(b[0:4]), digits(b[5:7]), digits(b[8:10])
	hour, minute, second := digits(b[11:13]), digits(b[14:16]), 0
	if len(b) == seconds {
		if b[16] != ':' {
			return time.Time{}
		}
		second = digits(b[17:19])
	}
	if year < 1 || month < 1 || month > 12 || day < 1 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 {
		return time.Time{}
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	if t.Day() != day {
		return time.Time{}
	}
	return t
}

// digits reads a positive number, -1 if there is another character.
func digits(b []byte) int {
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return -1
		}
		n = n*10 + int(c-'0')
	}
	return n
}
