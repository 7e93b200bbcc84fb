package auth_test

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/simulator/internal/auth"
	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// request returns a signed request with a nonce and a timestamp.
func request(t *testing.T, key auth.Key, nonce string, at time.Time) *wire.Request {
	t.Helper()
	query := "AccessKeyId=" + key.ID + "&Action=DescribeRegions&SignatureMethod=HMAC-SHA1&SignatureNonce=" + nonce +
		"&SignatureVersion=1.0&Timestamp=" + url.QueryEscape(at.UTC().Format("2006-01-02T15:04:05Z")) + "&Version=2014-05-26"
	unsigned, err := wire.Parse(query, "")
	if err != nil {
		t.Fatal(err)
	}
	signed, err := wire.Parse(query+"&Signature="+url.QueryEscape(wire.Sign(key.Secret, wire.StringToSign("GET", unsigned))), "")
	if err != nil {
		t.Fatal(err)
	}
	return &wire.Request{Method: "GET", Query: signed, Params: signed}
}

func code(refusal *wire.Error) string {
	if refusal == nil {
		return ""
	}
	return refusal.Code
}

// A nonce is valid once per key, for the validity of its timestamp.
func TestNonces(t *testing.T) {
	now := time.Date(2026, 11, 20, 4, 0, 0, 0, time.UTC)
	one, other := auth.Key{ID: "one", Secret: "1"}, auth.Key{ID: "other", Secret: "2"}
	a, err := auth.New([]auth.Key{one, other}, 15*time.Minute, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	check := func(key auth.Key, nonce string, sent time.Time, want string) {
		t.Helper()
		if _, refusal := a.Check(request(t, key, nonce, sent)); code(refusal) != want {
			t.Errorf("%s by %s: %q, want %q", nonce, key.ID, code(refusal), want)
		}
	}
	check(one, "early", now, "")
	now = now.Add(10 * time.Minute)
	sent := now.Add(14 * time.Minute) // the client's clock is ahead
	check(one, "n", sent, "")
	check(one, "n", sent, "SignatureNonceUsed")
	check(other, "n", sent, "")
	// A request with an invalid signature consumes nothing.
	check(auth.Key{ID: "one", Secret: "guess"}, "m", sent, "SignatureDoesNotMatch")
	check(one, "m", sent, "")
	// The nonce is known in each of the next 28 minutes, and then expires.
	for range 28 {
		now = now.Add(time.Minute)
		check(one, fmt.Sprint(now.Unix()), now, "")
		check(one, "n", sent, "SignatureNonceUsed")
	}
	now = now.Add(2 * time.Minute)
	check(one, "n", sent, "InvalidTimeStamp.Expired")
}

func TestKeys_MustBeWhole(t *testing.T) {
	for _, keys := range [][]auth.Key{
		{{ID: "one"}},
		{{Secret: "1"}},
		{{ID: "one", Secret: "1"}, {ID: "one", Secret: "2"}},
	} {
		if _, err := auth.New(keys, time.Minute, time.Now); err == nil {
			t.Errorf("%+v are taken", keys)
		}
	}
}
