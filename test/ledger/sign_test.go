package ledger_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/ecsd-io/ecsd/simulator"
)

// withoutToken returns a paid call without its token.
func withoutToken(r *http.Request) *http.Request {
	q := r.URL.Query()
	q.Del("ClientToken")
	bare := r.Clone(r.Context())
	bare.URL.RawQuery = signed(r.Method, q).Encode()
	return bare
}

// byConsole starts the tokens of manual orders in the console.
const byConsole = "console-"

// renewByHand renews an instance for a month, like a manual order in the console, and returns the order ID. Faults of
// the cloud affect it as well: it retries until an order is on the bill.
func (c *cloud) renewByHand(t testing.TB, id string) (orderID string) {
	t.Helper()
	var last string
	for range 10 {
		token := byConsole + uuid.NewString()
		q := signed(http.MethodPost, url.Values{
			"Action": {"RenewInstance"}, "InstanceId": {id}, "Period": {"1"}, "PeriodUnit": {"Month"}, "RegionId": {hangzhou},
			"Version": {"2014-05-26"}, "Format": {"JSON"}, "AccessKeyId": {simulator.DefaultAccessKeyID}, "ClientToken": {token},
			"SignatureMethod": {"HMAC-SHA1"}, "SignatureVersion": {"1.0"}, "SignatureNonce": {uuid.NewString()},
			"Timestamp": {time.Now().UTC().Format("2006-01-02T15:04:05Z")},
		})
		// It reaches the simulator without the gate and the network.
		answer, _ := c.answer(newRequest(t, "http://"+c.endpoint+"/?"+q.Encode()))
		last = answer.Body.String()
		for _, o := range c.Ledger(simulator.LedgerFilter{ClientToken: token}) {
			return o.OrderID
		}
	}
	t.Errorf("renew %s by hand: %s", id, last)
	return ""
}

func newRequest(t testing.TB, address string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// signed signs parameters as the cloud requires: HMAC-SHA1 over their sorted, escaped list.
func signed(method string, q url.Values) url.Values {
	q.Del("Signature")
	text := method + "&%2F&" + escaped(strings.NewReplacer("+", "%20", "*", "%2A", "%7E", "~").Replace(q.Encode()))
	mac := hmac.New(sha1.New, []byte(simulator.DefaultAccessKeySecret+"&"))
	mac.Write([]byte(text))
	q.Set("Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	return q
}

func escaped(s string) string {
	return strings.NewReplacer("+", "%20", "*", "%2A", "%7E", "~").Replace(url.QueryEscape(s))
}
