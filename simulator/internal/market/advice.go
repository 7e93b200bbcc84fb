package market

import (
	"time"

	"github.com/ecsd-io/ecsd/simulator/internal/catalog"
)

// Span is the length of histories and of advice.
const Span = 30 * 24 * time.Hour

// Advice holds the market data of a type in a zone over the [Span] before now.
type Advice struct {
	// Discount is the mean price in percent of the list price.
	Discount int
	// Interruption is the share of the time in which a bid below the list
	// price would have been lost, in hundredths of a percent.
	Interruption int64
}

// Advise computes the advice of a type as of now.
func (m *Market) Advise(zone string, t *catalog.InstanceType, now time.Time) Advice {
	w := m.walk(zone, t)
	var sum, peaks, hours int64
	last := hourOf(now)
	price := w.price(w.changed(last - int64(Span/time.Hour)))
	for h := last - int64(Span/time.Hour) + 1; h <= last; h++ {
		if w.moves(h) {
			price = w.price(h)
		}
		sum += price
		if price == w.list {
			peaks++
		}
		hours++
	}
	return Advice{Discount: int(sum * 100 / (hours * w.list)), Interruption: peaks * 10000 / hours}
}

// Band returns the cloud's name for an interruption rate.
func (a Advice) Band() string {
	for _, band := range []struct {
		below int64
		name  string
	}{{300, "0-3%"}, {500, "3-5%"}, {1000, "5-10%"}} {
		if a.Interruption < band.below {
			return band.name
		}
	}
	return "10-100%"
}
