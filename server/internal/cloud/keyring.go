package cloud

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/cloud/scrub"
)

const (
	// keysFresh is how long keys are used without a new request to their source.
	keysFresh = 10 * time.Second
	// keysGood is how long they may be used during a new request to the source.
	// The SDK renews temporary keys 180 s before their end, so its keys live at
	// least that long.
	keysGood = 150 * time.Second
	// keysPatience bounds one question to a source that has no bound itself.
	keysPatience = 30 * time.Second
	// keysPause is the least time between two questions after a failure, so
	// that a thousand waiting calls do not become a thousand questions.
	keysPause = time.Second
)

// keyring holds the keys in use. One request to the source runs at a time, for
// all waiting callers; a caller leaves when its own context ends; valid keys
// are used while they are renewed. An idle keyring runs no goroutine.
type keyring struct {
	source Credentials
	scrub  *scrub.Scrubber
	start  func(func(context.Context)) bool
	// verify returns an error if the keys must not be used. It is called for new
	// keys before their first use, and again with each request to the source.
	verify func(context.Context, *signer) error

	mu      sync.Mutex
	signer  *signer
	taken   time.Time
	failure error
	failed  time.Time
	asking  chan struct{}
	// newest has the last keys of the source, also if they were refused.
	newest *signer
}

// get returns a signer with valid keys, requesting them if needed.
func (k *keyring) get(ctx context.Context) (*signer, error) {
	for {
		k.mu.Lock()
		age := time.Since(k.taken)
		if k.signer != nil && age < keysFresh {
			defer k.mu.Unlock()
			return k.signer, nil
		}
		if k.failure != nil && time.Since(k.failed) < keysPause {
			defer k.mu.Unlock()
			if k.signer != nil && age < keysGood {
				return k.signer, nil
			}
			return nil, k.failure
		}
		if k.asking == nil {
			k.asking = make(chan struct{})
			if !k.start(k.ask) {
				k.asking = nil
				k.mu.Unlock()
				return nil, errClosed
			}
		}
		asking := k.asking
		if k.signer != nil && age < keysGood {
			defer k.mu.Unlock()
			return k.signer, nil
		}
		k.mu.Unlock()
		select {
		case <-asking:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// ask makes one request to the source.
func (k *keyring) ask(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, keysPatience)
	defer cancel()
	fresh, err := k.fresh(ctx)
	if err == nil {
		err = k.verify(ctx, fresh)
	}
	var other *OtherAccountError
	if err != nil && !errors.As(err, &other) {
		err = fmt.Errorf("retrieve credentials: %s", k.scrub.Text(err.Error()))
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case other != nil:
		k.reject(fresh, err)
	case err != nil:
		k.failure, k.failed = err, time.Now()
	default:
		k.failure, k.taken, k.signer = nil, time.Now(), fresh
	}
	close(k.asking)
	k.asking = nil
}

// fresh returns a signer with the keys of the source, an earlier one if it has
// the same keys. The error is why they are rejected.
func (k *keyring) fresh(ctx context.Context) (*signer, error) {
	keys, err := retrieve(ctx, k.source)
	if err != nil {
		return nil, err
	}
	k.scrub.Know(keys.AccessKeyID, keys.AccessKeySecret, keys.SecurityToken, keys.BearerToken)
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, earlier := range []*signer{k.signer, k.newest} {
		if earlier != nil && earlier.keys == keys {
			return earlier, earlier.rejected
		}
	}
	k.newest = newSigner(keys)
	return k.newest, nil
}

// reject makes the keys of a signer unusable. Earlier keys are not used either:
// whoever replaced them may have meant to end their use. Under lock.
func (k *keyring) reject(s *signer, reason error) {
	s.rejected = reason
	k.failure, k.failed = reason, time.Now()
	k.signer, k.taken = nil, time.Time{}
}

// refused records that the cloud refused the keys of this signer: the next call
// asks the source before it signs.
func (k *keyring) refused(s *signer) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.signer == s {
		k.signer, k.taken = nil, time.Time{}
	}
}

// refuse is reject for keys that are in use.
func (k *keyring) refuse(s *signer, reason error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.reject(s, reason)
}

// rejection returns why the keys of a signer must not be used, nil if they may.
func (k *keyring) rejection(s *signer) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return s.rejected
}

// retrieve calls a source that may panic.
func retrieve(ctx context.Context, source Credentials) (keys Keys, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the source of credentials panicked: %v", p)
		}
	}()
	keys, err = source.Retrieve(ctx)
	if err == nil && keys.AccessKeyID == "" && keys.BearerToken == "" {
		err = fmt.Errorf("the source of credentials gave an empty key")
	}
	return keys, err
}
