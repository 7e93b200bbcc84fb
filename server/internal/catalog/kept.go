package catalog

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// maxKept bounds the number of cached answers, so that callers with ever new
// queries do not fill the memory.
const maxKept = 256

// kept caches results of one kind by query.
type kept[T any] struct {
	fresh time.Duration
	// evenOld allows an expired result if the cloud does not respond.
	evenOld bool
	flight  singleflight.Group

	mu      sync.Mutex
	answers map[string]answer[T]
}

type answer[T any] struct {
	value  T
	readAt time.Time
}

func keep[T any](fresh time.Duration, evenOld bool) *kept[T] {
	return &kept[T]{fresh: fresh, evenOld: evenOld, answers: map[string]answer[T]{}}
}

// get returns the cached result, or reads it once for all waiting callers.
func (k *kept[T]) get(ctx context.Context, key string, read func(context.Context) (T, error)) (T, error) {
	var none T
	held, ok := k.held(key)
	if ok && time.Since(held.readAt) < k.fresh {
		return held.value, nil
	}
	// The read belongs to all waiting callers, so the end of one caller does not
	// end it; the time-out of the edge bounds it.
	result := k.flight.DoChan(key, func() (any, error) {
		value, err := read(context.WithoutCancel(ctx))
		if err != nil {
			return nil, err
		}
		k.put(key, answer[T]{value, time.Now()})
		return value, nil
	})
	select {
	case <-ctx.Done():
		return none, ctx.Err()
	case r := <-result:
		switch {
		case r.Err == nil:
			return r.Val.(T), nil
		case ok && k.evenOld:
			return held.value, nil
		}
		return none, r.Err
	}
}

func (k *kept[T]) held(key string) (answer[T], bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	a, ok := k.answers[key]
	return a, ok
}

// put caches a result; if the cache is full, the oldest is dropped.
func (k *kept[T]) put(key string, a answer[T]) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, there := k.answers[key]; !there && len(k.answers) >= maxKept {
		oldest, readAt := "", a.readAt
		for other, held := range k.answers {
			if !held.readAt.After(readAt) {
				oldest, readAt = other, held.readAt
			}
		}
		delete(k.answers, oldest)
	}
	k.answers[key] = a
}
