package lifecycle

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"
)

// key identifies a request: by its ID and by its content.
type key struct {
	action, requestID, fingerprint string
	// legacyHash is the hash stored by a build before fingerprints.
	legacyHash func() (string, error)
}

func (q Launch) key(action string) key {
	return key{action, q.RequestID, q.Fingerprint, func() (string, error) { return legacyLaunchHash(action, q) }}
}

func (q ReleaseRequest) key() key {
	return key{actionRelease, q.RequestID, q.Fingerprint, func() (string, error) {
		asked := q
		asked.RequestID, asked.Fingerprint, asked.Caller = "", "", ""
		return legacyHash(map[string]any{"action": actionRelease, "release": asked})
	}}
}

// The algorithm of the builds before fingerprints hashed the JSON of the
// request as it was in Go. Records of that kind are kept for RecordLife after
// their last change, and those of open launches for longer.

// secretRounds made a guess at a password cost some ten milliseconds.
const secretRounds = 100_000

func legacyLaunchHash(action string, q Launch) (string, error) {
	order := q.Order
	secret := ""
	if order.Spec.Password != "" || len(order.Spec.UserData) > 0 {
		data := sha256.Sum256(order.Spec.UserData)
		key, err := pbkdf2.Key(sha256.New, order.Spec.Password+"\n"+hex.EncodeToString(data[:]), []byte(q.RequestID), secretRounds, sha256.Size)
		if err != nil {
			return "", err
		}
		secret = hex.EncodeToString(key)
	}
	order.Spec.Password, order.Spec.UserData = "", nil
	return legacyHash(map[string]any{"action": action, "order": order, "secret": secret})
}

// legacyHash leaves out zero values, so that a new field of a Go type does not
// change it. A renamed one does: a test compares it with stored hashes.
func legacyHash(payload any) (string, error) {
	text, err := json.Marshal(payload)
	if err != nil {
		return "", err
	}
	var tree any
	if err := json.Unmarshal(text, &tree); err != nil {
		return "", err
	}
	if text, err = json.Marshal(prune(tree)); err != nil { // keys are sorted
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// zeroTime is how JSON writes a time that is not set.
var zeroTime = time.Time{}.Format(time.RFC3339)

// prune removes zero values from a tree, and returns nil for a branch without
// any other. A list keeps its length, because its positions have a meaning.
func prune(tree any) any {
	switch branch := tree.(type) {
	case map[string]any:
		for key, value := range branch {
			if value = prune(value); value == nil {
				delete(branch, key)
			} else {
				branch[key] = value
			}
		}
		if len(branch) == 0 {
			return nil
		}
	case []any:
		for i := range branch {
			branch[i] = prune(branch[i])
		}
		if len(branch) == 0 {
			return nil
		}
	case string:
		if branch == "" || branch == zeroTime {
			return nil
		}
	case float64:
		if branch == 0 {
			return nil
		}
	case bool:
		if !branch {
			return nil
		}
	}
	return tree
}
