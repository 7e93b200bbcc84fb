package budget

import "time"

// Limit is a limit that the cloud publishes for a key.
type Limit struct {
	// PerMinute is the number of calls per minute, at least 1.
	PerMinute int
	// Burst: the calls of a minute may leave at once. If the cloud counts in
	// windows shorter than a minute they may not, and the start stays slow.
	Burst bool
}

// Publish sets the limits of keys. A key without a limit keeps the one that it
// had. A configured rate that is lower still holds, and so does a lower limit
// that was learned from throttling.
func (b *Budget) Publish(limits map[Key]Limit) {
	now := time.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	for key, limit := range limits {
		if limit.PerMinute < 1 {
			continue
		}
		b.published[key] = limit
		if k := b.buckets[key]; k != nil {
			k.roll(now)
			k.bound(b.limit(key))
			k.pump(now)
		}
	}
}

// limit returns the lower of the configured and the published limit of a key,
// zero if there is none. Under lock.
func (b *Budget) limit(key Key) Limit {
	rate, published := b.config.Rates[key.Action], b.published[key]
	if rate > 0 && (published.PerMinute == 0 || rate < published.PerMinute) {
		return Limit{PerMinute: rate, Burst: true}
	}
	return published
}

// bound sets the highest limit of a bucket. What was learned below it stays.
func (k *bucket) bound(limit Limit) {
	if k.limit == 0 || k.limit > limit.PerMinute || k.limit == k.ceiling {
		k.limit = limit.PerMinute
	}
	k.ceiling = limit.PerMinute
	if limit.Burst {
		k.proven = max(k.proven, k.limit)
	}
}
