package market

import (
	"hash/fnv"
	"time"

	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
)

// Market is safe for concurrent use.
type Market struct{ seed uint64 }

// New returns a market.
func New(seed uint64) *Market { return &Market{seed: seed} }

// Point is a price and the moment from which it applies.
type Point struct {
	Time time.Time
	// Price is in thousandths of a yuan per hour.
	Price int64
}

// Price returns the price at a moment.
func (m *Market) Price(zone string, t *catalog.InstanceType, at time.Time) int64 {
	w := m.walk(zone, t)
	return w.price(w.changed(hourOf(at)))
}

// History returns the prices of a span: the one at its start, one per change, and the one at its end.
func (m *Market) History(zone string, t *catalog.InstanceType, from, to time.Time) []Point {
	w := m.walk(zone, t)
	points := []Point{{from.UTC(), w.price(w.changed(hourOf(from)))}}
	for h := hourOf(from) + 1; h <= hourOf(to); h++ {
		if at := timeOf(h); w.moves(h) && at.Before(to) {
			points = append(points, Point{at, w.price(h)})
		}
	}
	if to.After(from) {
		points = append(points, Point{to.UTC(), w.price(w.changed(hourOf(to)))})
	}
	return points
}

// Above returns the first moment in [from, until) at which the price is above a limit.
func (m *Market) Above(zone string, t *catalog.InstanceType, limit int64, from, until time.Time) (time.Time, bool) {
	w := m.walk(zone, t)
	if w.price(w.changed(hourOf(from))) > limit {
		return from, from.Before(until)
	}
	if limit >= w.list {
		return time.Time{}, false // the price never passes the list price
	}
	for h := hourOf(from) + 1; timeOf(h).Before(until); h++ {
		if w.moves(h) && w.price(h) > limit {
			return timeOf(h), true
		}
	}
	return time.Time{}, false
}

// walk is the course of one price. Hours are counted from the epoch.
type walk struct {
	key  uint64
	list int64
}

func (m *Market) walk(zone string, t *catalog.InstanceType) walk {
	h := fnv.New64a()
	h.Write([]byte(zone))
	h.Write([]byte{0})
	h.Write([]byte(t.ID))
	return walk{key: mix(h.Sum64() ^ mix(m.seed)), list: catalog.HourOf(t)}
}

const hoursOfDay = 24

// price returns the price that is set at an hour.
func (w walk) price(h int64) int64 {
	day, hour := h/hoursOfDay, h%hoursOfDay
	if from, to := w.peak(day); from <= hour && hour < to {
		return w.list
	}
	// Between two days' anchors, up to 25 thousandths off the line.
	share := (w.anchor(day)*(hoursOfDay-hour) + w.anchor(day+1)*hour) / hoursOfDay
	share += int64(w.draw(jitter, h)%51) - 25
	share = min(max(share, 100), 1000)
	return (w.list*share + 999) / 1000
}

// anchor returns the price at the start of a day, in thousandths of the list price: near a mean of the zone and the
// type.
func (w walk) anchor(day int64) int64 {
	middle := 150 + w.draw(middles, 0)%250
	return int64(middle + w.draw(anchors, day)%160)
}

// peak returns the hours of a day at the list price. A walk has such a day in 2 to 15.
func (w walk) peak(day int64) (from, to int64) {
	every := 2 + w.draw(rarity, 0)%14
	if w.draw(peaks, day)%every != 0 {
		return 0, 0
	}
	from = int64(w.draw(peakHour, day) % 20)
	return from, from + 1 + int64(w.draw(peakLength, day)%4)
}

// moves reports whether the price is set at an hour: at the start of each day and of each peak, after it, and at one
// hour in three.
func (w walk) moves(h int64) bool {
	day, hour := h/hoursOfDay, h%hoursOfDay
	from, to := w.peak(day)
	if hour == 0 || hour == to || hour == from {
		return true
	}
	if from < hour && hour < to {
		return false
	}
	return w.draw(change, h)%3 == 0
}

// changed returns the last hour, up to h, at which the price was set.
func (w walk) changed(h int64) int64 {
	for !w.moves(h) {
		h--
	}
	return h
}

// The kinds of random draws.
const (
	jitter = iota + 1
	middles
	anchors
	rarity
	peaks
	peakHour
	peakLength
	change
)

func (w walk) draw(what uint64, n int64) uint64 { return mix(w.key ^ what<<56 ^ uint64(n)) }

// mix spreads a number over all bits (splitmix64).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func hourOf(t time.Time) int64 { return t.Unix() / 3600 }

func timeOf(h int64) time.Time { return time.Unix(h*3600, 0).UTC() }
