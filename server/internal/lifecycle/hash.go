package lifecycle

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"
)

// secretRounds makes a guess at a password, by whoever reads the database,
// cost some ten milliseconds.
const secretRounds = 100_000

// launchHash tells two launches under one request id apart. Who asks is no
// part of it. Password and user data go into it by a slow hash with the request
// id as its salt.
func launchHash(action string, q Launch) (string, error) {
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
	return payloadHash(map[string]any{"action": action, "order": order, "secret": secret})
}

// payloadHash hashes what was asked. What is not set is left out, so that a
// field that a later build adds does not change what earlier requests were.
func payloadHash(payload any) (string, error) {
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

// prune takes out of a tree what says nothing, and returns nil for a branch
// that says nothing at all. A list keeps its length: its places mean something.
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
