package watch

import "time"

// Heartbeat keeps the stream of a watch alive before its first batch. The zero
// value sends nothing.
type Heartbeat struct {
	// Interval is the longest time without a message, also after the first batch.
	Interval time.Duration
	// Send reports to the watcher that the watch waits to begin. Its error ends
	// the watch.
	Send func() error
}

// start begins the heartbeats; the caller must stop them.
func (h Heartbeat) start() *beats {
	if h.Interval <= 0 {
		return &beats{}
	}
	return &beats{send: h.Send, ticker: time.NewTicker(h.Interval)}
}

// beats are the heartbeats of one watch that waits.
type beats struct {
	send   func() error
	ticker *time.Ticker
}

// due returns a channel that receives when a heartbeat is due.
func (b *beats) due() <-chan time.Time {
	if b.ticker == nil {
		return nil
	}
	return b.ticker.C
}

func (b *beats) stop() {
	if b.ticker != nil {
		b.ticker.Stop()
	}
}
