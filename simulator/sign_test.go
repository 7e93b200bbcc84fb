package simulator_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ecsd-io/ecsd/simulator"
)

// nonces makes every request different.
var nonces atomic.Uint64

// signed returns the query of a request, signed as the cloud documents it, independently of the simulator's and the
// SDK's code.
func signed(method, action string, params values) string {
	return signedBy(simulator.DefaultAccessKeyID, simulator.DefaultAccessKeySecret, method, action, params)
}

// signedBy signs with a key. A parameter in params replaces the common one with that name, and removes it if it is "-".
func signedBy(id, secret, method, action string, params values) string {
	all := values{
		"Action": action, "Version": "2014-05-26", "Format": "JSON", "RegionId": "cn-hangzhou", "AccessKeyId": id,
		"SignatureMethod": "HMAC-SHA1", "SignatureVersion": "1.0",
		"SignatureNonce": "nonce-" + strconv.FormatUint(nonces.Add(1), 10),
		"Timestamp":      time.Now().UTC().Format("2006-01-02T15:04:05Z"),
	}
	maps.Copy(all, params)
	maps.DeleteFunc(all, func(_, v string) bool { return v == "-" })
	pairs := make([]string, 0, len(all))
	for _, key := range slices.Sorted(maps.Keys(all)) {
		pairs = append(pairs, percent(key)+"="+percent(all[key]))
	}
	query := strings.Join(pairs, "&")
	mac := hmac.New(sha1.New, []byte(secret+"&"))
	mac.Write([]byte(method + "&%2F&" + percent(query)))
	return query + "&Signature=" + percent(base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

func percent(s string) string {
	return strings.NewReplacer("+", "%20", "*", "%2A", "%7E", "~").Replace(url.QueryEscape(s))
}
