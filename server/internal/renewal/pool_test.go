package renewal

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// Groups of more than a hundred are of whole hundreds, which are looked at in
// calls that are full.
func TestPoolLetsInWholeCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pool{limit: mostSlots}
		var in atomic.Int64
		for range 350 {
			go func() {
				s, err := p.take(t.Context(), "i-1")
				if err != nil {
					return
				}
				in.Add(1)
				time.Sleep(time.Second)
				s.release()
			}()
		}
		for _, want := range []int64{200, 300, 350} {
			time.Sleep(2 * groupGathers)
			synctest.Wait()
			if in.Load() != want {
				t.Errorf("%d were let in so far, want %d", in.Load(), want)
			}
			time.Sleep(time.Second)
		}
	})
}
