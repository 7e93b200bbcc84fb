package auth

import (
	"crypto/rand"
	"time"
)

// Role is the RAM role that a temporary key acts in.
type Role struct {
	// ID is the role's number, Name its name, and Session the name of the session.
	ID, Name, Session string
}

// Temporary is an access key of STS.
type Temporary struct {
	ID, Secret, SecurityToken string
	// Expires is a time of the wall clock, as the timestamps of requests are.
	Expires time.Time
}

// temporaryKey is an issued key.
type temporaryKey struct {
	Key
	expires time.Time
}

// maxTemporary is the maximum count of temporary keys. The one that expires first makes room for another.
const maxTemporary = 10_000

// Issue creates a temporary key of a role.
func (a *Authenticator) Issue(role Role, life time.Duration) Temporary {
	t := Temporary{
		ID: "STS." + rand.Text()[:24], Secret: rand.Text() + rand.Text()[:18], SecurityToken: rand.Text() + rand.Text() + rand.Text(),
		Expires: a.wall().Add(life),
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.temporary) >= maxTemporary {
		first := ""
		for id, k := range a.temporary {
			if first == "" || k.expires.Before(a.temporary[first].expires) {
				first = id
			}
		}
		delete(a.temporary, first)
	}
	a.temporary[t.ID] = temporaryKey{Key{ID: t.ID, Secret: t.Secret, SecurityToken: t.SecurityToken, Role: &role}, t.Expires}
	return t
}

// issued returns an issued key, and whether it has expired.
func (a *Authenticator) issued(id string, now time.Time) (key Key, expired, ok bool) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	k, ok := a.temporary[id]
	return k.Key, ok && !now.Before(k.expires), ok
}
