package follow_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/ecsd-io/ecsd/server/internal/follow"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// counter is a job that counts from 1 to its end. A step has at most ten numbers.
type counter struct {
	mu sync.Mutex
	// at is the last number, end the last of all.
	at, end int
	// reads are the reads with numbers, by their position.
	reads map[int]int
}

func (c *counter) read(_ context.Context, _ string, after int) (*follow.Step[int, []int], error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	last := min(c.at, after+10)
	s := &follow.Step[int, []int]{
		Next: last, Revision: int64(c.at), Changed: last > after, More: last == after+10, Ended: last == c.end,
	}
	for n := after + 1; n <= last; n++ {
		s.Value = append(s.Value, n)
	}
	if s.Changed {
		c.reads[after]++
	}
	return s, nil
}

// count adds numbers until the end, some at a time, and reports each time to the
// followers.
func (c *counter) count(some int, every time.Duration, feeds *follow.Feeds[int, []int]) {
	for {
		time.Sleep(every)
		c.mu.Lock()
		c.at = min(c.end, c.at+some)
		over := c.at == c.end
		c.mu.Unlock()
		feeds.Changed("j")
		if over {
			return
		}
	}
}

// Followers that are slower than others share their reads: each position is read once,
// and each follower receives every number once, in order.
func TestFollow_SlowFollowersShareReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		job := &counter{end: 300, reads: map[int]int{}}
		feeds := follow.New(ctx, func() bool { return false }, job.read)
		defer feeds.Wait()
		defer cancel()
		var running sync.WaitGroup
		received := make([][]int, 5)
		for i := range received {
			running.Go(func() {
				err := feeds.Follow(ctx, "j", 0, func(s *follow.Step[int, []int]) error {
					received[i] = append(received[i], s.Value...)
					time.Sleep(time.Duration(i) * 110 * time.Millisecond)
					return nil
				})
				if err != nil {
					t.Errorf("follower %d: %v", i, err)
				}
			})
		}
		running.Go(func() { job.count(3, 100*time.Millisecond, feeds) })
		running.Wait()
		for i, numbers := range received {
			if len(numbers) != job.end || !slices.IsSorted(numbers) {
				t.Errorf("follower %d received %d numbers, want the %d of the job in order: %v", i, len(numbers), job.end, numbers)
			}
		}
		for at, n := range job.reads {
			if n != 1 {
				t.Errorf("the numbers after %d were read %d times, want once", at, n)
			}
		}
	})
}

// A follower that begins late receives the job as it is, though its first steps
// were read for others.
func TestFollow_LateFollower(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		job := &counter{end: 40, reads: map[int]int{}}
		feeds := follow.New(ctx, func() bool { return false }, job.read)
		defer feeds.Wait()
		defer cancel()
		var running sync.WaitGroup
		follower := func() {
			var last int
			err := feeds.Follow(ctx, "j", 0, func(s *follow.Step[int, []int]) error {
				if len(s.Value) > 0 {
					last = s.Value[len(s.Value)-1]
				}
				return nil
			})
			if err != nil || last != job.end {
				t.Errorf("the last number is %d, %v; want %d", last, err, job.end)
			}
		}
		running.Go(follower)
		running.Go(func() { job.count(7, 10*time.Second, feeds) })
		time.Sleep(35 * time.Second)
		running.Go(follower)
		running.Wait()
	})
}
