package auth

import (
	"hash/maphash"
	"sync"
	"time"
)

// nonceLimit is the count of nonces per generation. Two generations of 64-bit hashes stay under 10 MiB; a replay older
// than that many requests is not detected.
const nonceLimit = 1 << 17

// nonces stores used nonces for at least life, or for [nonceLimit] later requests, whichever is less.
type nonces struct {
	life time.Duration
	seed maphash.Seed

	mu       sync.Mutex
	young    map[uint64]struct{}
	old      map[uint64]struct{}
	turnover time.Time
}

func newNonces(life time.Duration) *nonces {
	return &nonces{life: life, seed: maphash.MakeSeed(), young: map[uint64]struct{}{}}
}

// use stores a nonce and reports whether it is new.
func (n *nonces) use(keyID, nonce string, now time.Time) bool {
	var h maphash.Hash
	h.SetSeed(n.seed)
	h.WriteString(keyID)
	h.WriteByte(0)
	h.WriteString(nonce)
	sum := h.Sum64()

	n.mu.Lock()
	defer n.mu.Unlock()
	if now.Sub(n.turnover) >= n.life || len(n.young) >= nonceLimit {
		n.old, n.young, n.turnover = n.young, make(map[uint64]struct{}), now
	}
	if _, used := n.young[sum]; used {
		return false
	}
	if _, used := n.old[sum]; used {
		return false
	}
	n.young[sum] = struct{}{}
	return true
}
