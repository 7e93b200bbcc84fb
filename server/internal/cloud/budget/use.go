package budget

import "time"

// Use is how much of a budget is used.
type Use struct {
	Key
	// Granted is how many calls left in the present minute.
	Granted int
	// Limit is the limit per minute, 0 if unknown.
	Limit int
	// Waiting is how many calls wait.
	Waiting int
}

// Use reads how much of each budget is used that was, lately.
func (b *Budget) Use() []Use {
	now := time.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	all := make([]Use, 0, len(b.buckets))
	for key, k := range b.buckets {
		k.roll(now)
		all = append(all, Use{Key: key, Granted: k.total(), Limit: k.limit, Waiting: k.waiting})
	}
	return all
}
