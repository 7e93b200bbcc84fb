package account

import (
	"errors"
	"sync"
	"time"
)

// Errors of a request with a known client token.
var (
	// ErrTokenMismatch: the token was used with other parameters.
	ErrTokenMismatch = errors.New("the client token was used with other parameters")
	// ErrTokenProcessing: the first request with the token is still in progress.
	ErrTokenProcessing = errors.New("the first request with the client token is still processing")
	// ErrTokenPoisoned: the token is spoilt and never works again.
	ErrTokenPoisoned = errors.New("the client token is poisoned")
)

type tokenState uint8

const (
	processing tokenState = iota
	done
	poisoned
)

type token struct {
	state       tokenState
	fingerprint string
	answer      string
	at          time.Time
}

// Tokens stores the client tokens of paid calls. It is safe for concurrent use.
type Tokens struct {
	life time.Duration

	mu    sync.Mutex
	known map[string]*token
}

// NewTokens returns an empty register. A token is deleted life after its first use, never if life is 0.
func NewTokens(life time.Duration) *Tokens {
	return &Tokens{life: life, known: map[string]*token{}}
}

// Claim is the right to execute the one request of a token. Exactly one of Done, Poison and Release ends it. The zero
// Claim belongs to a request without a token and does nothing.
type Claim struct {
	tokens *Tokens
	key    string
	entry  *token
}

// Claim claims a token for a request with a fingerprint of its parameters. If the token's request is complete, replay
// is true and answer is the stored response; the caller must not execute it again.
func (t *Tokens) Claim(key, fingerprint string, now time.Time) (c Claim, answer string, replay bool, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	known, ok := t.known[key]
	if ok && t.life > 0 && known.state != processing && now.Sub(known.at) >= t.life {
		ok = false
	}
	if !ok {
		entry := &token{fingerprint: fingerprint, at: now}
		t.known[key] = entry
		return Claim{tokens: t, key: key, entry: entry}, "", false, nil
	}
	switch {
	case known.state == poisoned:
		return Claim{}, "", false, ErrTokenPoisoned
	case known.fingerprint != fingerprint:
		return Claim{}, "", false, ErrTokenMismatch
	case known.state == processing:
		return Claim{}, "", false, ErrTokenProcessing
	}
	return Claim{}, known.answer, true, nil
}

// Done stores the response for every later request with the token.
func (c Claim) Done(answer string) {
	c.end(func() { c.entry.state, c.entry.answer = done, answer })
}

// Poison spoils the token permanently.
func (c Claim) Poison() {
	c.end(func() { c.entry.state = poisoned })
}

// Release deletes the token, so that it can be used again: the request was rejected and had no effect.
func (c Claim) Release() {
	c.end(func() { delete(c.tokens.known, c.key) })
}

func (c Claim) end(f func()) {
	if c.tokens == nil {
		return
	}
	c.tokens.mu.Lock()
	defer c.tokens.mu.Unlock()
	f()
}
