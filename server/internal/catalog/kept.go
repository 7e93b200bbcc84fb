package catalog

import (
	"context"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"
)

// maxKept bounds the number of cached results of one kind, so that callers with
// ever new queries do not fill the memory.
const maxKept = 256

// kept caches results of one kind by query.
type kept[T any] struct {
	fresh time.Duration
	// evenOld allows an expired result if the cloud does not respond.
	evenOld bool
	flight  singleflight.Group
	cache   *lru.Cache[string, cached[T]]
}

type cached[T any] struct {
	value  T
	readAt time.Time
}

func keep[T any](fresh time.Duration, evenOld bool) *kept[T] {
	cache, err := lru.New[string, cached[T]](maxKept)
	if err != nil {
		panic(err) // a size below 1
	}
	return &kept[T]{fresh: fresh, evenOld: evenOld, cache: cache}
}

// get returns the cached result, or reads it once for all waiting callers.
func (k *kept[T]) get(ctx context.Context, key string, read func(context.Context) (T, error)) (T, error) {
	var none T
	held, ok := k.cache.Get(key)
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
		k.cache.Add(key, cached[T]{value, time.Now()})
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
