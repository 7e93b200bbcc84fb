package spot

import (
	"slices"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Summary summarizes a series. Its sums are exact, and rounded once at the end.
type Summary struct {
	// Points is the number of prices.
	Points int64
	// Latest is the newest price, First the oldest.
	Latest, First ecs.SpotPrice
	// Min and Max are the lowest and the highest price, each with its first
	// occurrence.
	Min, Max ecs.SpotPrice
	// Mean is the mean of the points to a billionth, halves away from zero. Points
	// are not weighted by their duration.
	Mean ecs.Money
	// LatestShare and MeanShare are the latest and the mean price as a share of
	// the latest list price, in hundredths of a percent; 0 if the cloud returns no
	// list price.
	LatestShare, MeanShare int64

	sum ecs.Money
}

// add takes a point into the series.
func (s *Series) add(p ecs.SpotPrice, keep bool) error {
	if keep {
		s.Points = append(s.Points, p)
	}
	return s.Summary.add(p)
}

// finish ends the series.
func (s *Series) finish() {
	slices.SortStableFunc(s.Points, func(a, b ecs.SpotPrice) int { return a.Time.Compare(b.Time) })
	s.Summary.finish()
}

// add takes a point into the summary. The points may come in any order.
func (m *Summary) add(p ecs.SpotPrice) error {
	m.Points++
	if m.Points == 1 {
		m.Latest, m.First, m.Min, m.Max, m.sum = p, p, p, p, p.Price
		return nil
	}
	var err error
	if m.sum, err = m.sum.Add(p.Price); err != nil {
		return err
	}
	if !p.Time.Before(m.Latest.Time) {
		m.Latest = p
	}
	if p.Time.Before(m.First.Time) {
		m.First = p
	}
	// The currencies were compared by Add.
	if low, _ := p.Price.Cmp(m.Min.Price); low < 0 || (low == 0 && p.Time.Before(m.Min.Time)) {
		m.Min = p
	}
	if high, _ := p.Price.Cmp(m.Max.Price); high > 0 || (high == 0 && p.Time.Before(m.Max.Time)) {
		m.Max = p
	}
	return nil
}

func (m *Summary) finish() {
	m.Mean = m.sum.Div(m.Points)
	list := m.Latest.ListPrice
	m.LatestShare = m.Latest.Price.Share(list, 10_000)
	m.MeanShare = m.Mean.Share(list, 10_000)
}
