package simulator_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/simulator"
)

// v3 is a request as the current SDKs send it: nothing but the action's own parameters in the query, everything else in
// headers. Its signature is computed here without the simulator's code.
type v3 struct {
	key, secret, action, query string
	method, body               string // POST and empty by default
	headers                    values // replaces headers; "-" removes one
	unsigned                   string // a header that the signature leaves out
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// request builds and signs the request.
func (v v3) request(t testing.TB, url string) *http.Request {
	t.Helper()
	if v.key == "" {
		v.key, v.secret = simulator.DefaultAccessKeyID, simulator.DefaultAccessKeySecret
	}
	if v.method == "" {
		v.method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(context.Background(), v.method, url+"/?"+v.query, strings.NewReader(v.body))
	if err != nil {
		t.Fatal(err)
	}
	all := values{
		"host": r.Host, "accept": "application/json", "x-acs-action": v.action, "x-acs-version": "2014-05-26",
		"x-acs-date":            time.Now().UTC().Format("2006-01-02T15:04:05Z"),
		"x-acs-signature-nonce": "v3-" + strconv.FormatUint(nonces.Add(1), 10), "x-acs-content-sha256": hash(v.body),
	}
	if v.body != "" {
		all["content-type"] = "application/x-www-form-urlencoded"
	}
	maps.Copy(all, v.headers)
	maps.DeleteFunc(all, func(_, value string) bool { return value == "-" })
	pairs := strings.Split(v.query, "&")
	slices.Sort(pairs)
	canonical := v.method + "\n/\n" + strings.ReplaceAll(strings.Join(pairs, "&"), "+", "%20") + "\n"
	var names []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		r.Header.Set(name, all[name])
		if name != v.unsigned && name != "Authorization" {
			names = append(names, name)
			canonical += name + ":" + all[name] + "\n"
		}
	}
	r.Header.Del("host")
	canonical += "\n" + strings.Join(names, ";") + "\n" + hash(v.body)
	mac := hmac.New(sha256.New, []byte(v.secret))
	mac.Write([]byte("ACS3-HMAC-SHA256\n" + hash(canonical)))
	if r.Header.Get("Authorization") == "" {
		r.Header.Set("Authorization", "ACS3-HMAC-SHA256 Credential="+v.key+",SignedHeaders="+strings.Join(names, ";")+
			",Signature="+hex.EncodeToString(mac.Sum(nil)))
	}
	return r
}

// Requests of the current SDKs that are accepted, and the error codes of those that are rejected.
func TestACS3_Signature(t *testing.T) {
	c := newCloud(t, simulator.Config{MoreKeys: []simulator.AccessKey{{ID: "sts", Secret: "temporary", SecurityToken: "session"}}})
	stamp := func(d time.Duration) string { return time.Now().UTC().Add(d).Format("2006-01-02T15:04:05Z") }
	for _, r := range []struct {
		name   string
		v3     v3
		after  func(*http.Request) // on the way
		status int
		code   string
	}{
		{name: "a good one", status: 200},
		{name: "GET", v3: v3{method: http.MethodGet}, status: 200},
		{name: "a form", v3: v3{body: "AcceptLanguage=en-US"}, status: 200},
		{name: "a body of another kind", v3: v3{body: "{}", headers: values{"content-type": "application/json"}}, status: 200},
		{name: "odd letters", v3: v3{query: "AcceptLanguage=en-US&x=%E8%AE%A2+%26%20%2A~%2B%2F%3D"}, status: 200},
		{name: "an empty parameter", v3: v3{query: "AcceptLanguage=en-US&x="}, status: 200},
		{name: "more signed headers", v3: v3{headers: values{"user-agent": "any", "x-acs-credentials-provider": "static_ak"}}, status: 200},
		{name: "a temporary key", v3: v3{key: "sts", secret: "temporary", headers: values{"x-acs-security-token": "session"}}, status: 200},
		{name: "a temporary key without its token", v3: v3{key: "sts", secret: "temporary"}, status: 400, code: "InvalidSecurityToken.MismatchWithAccessKey"},
		{name: "another token", v3: v3{key: "sts", secret: "temporary", headers: values{"x-acs-security-token": "x"}}, status: 400, code: "InvalidSecurityToken.MismatchWithAccessKey"},
		{name: "another secret", v3: v3{key: "testid", secret: "guess"}, status: 400, code: "SignatureDoesNotMatch"},
		{name: "an unknown key", v3: v3{key: "nobody", secret: "x"}, status: 404, code: "InvalidAccessKeyId.NotFound"},
		{name: "a parameter added on the way", after: func(r *http.Request) { r.URL.RawQuery += "&x=1" }, status: 400, code: "SignatureDoesNotMatch"},
		{name: "another action on the way", after: func(r *http.Request) { r.Header.Set("x-acs-action", "DescribeZones") }, status: 400, code: "SignatureDoesNotMatch"},
		{name: "another host", after: func(r *http.Request) { r.Host = "ecs.cn-shanghai.aliyuncs.com" }, status: 400, code: "SignatureDoesNotMatch"},
		{name: "the hash of another body", v3: v3{body: "x=1", headers: values{"x-acs-content-sha256": hash("x=2")}}, status: 400, code: "SignatureDoesNotMatch"},
		{name: "a token added on the way", after: func(r *http.Request) { r.Header.Set("x-acs-security-token", "x") }, status: 400, code: "IncompleteSignature"},
		{name: "the date unsigned", v3: v3{unsigned: "x-acs-date"}, status: 400, code: "IncompleteSignature"},
		{name: "the host unsigned", v3: v3{unsigned: "host"}, status: 400, code: "IncompleteSignature"},
		{name: "the kind of body unsigned", v3: v3{body: "x=1", unsigned: "content-type"}, status: 400, code: "IncompleteSignature"},
		{name: "no fields", v3: v3{headers: values{"Authorization": "ACS3-HMAC-SHA256"}}, status: 400, code: "IncompleteSignature"},
		{name: "half of the fields", v3: v3{headers: values{"Authorization": "ACS3-HMAC-SHA256 Credential=testid"}}, status: 400, code: "IncompleteSignature"},
		{name: "another algorithm", v3: v3{headers: values{"Authorization": "ACS3-HMAC-SM3 Credential=testid,SignedHeaders=host,Signature=x"}}, status: 400, code: "IncompleteSignature"},
		{name: "unsigned", after: func(r *http.Request) { r.Header.Del("Authorization") }, status: 400, code: "MissingParameter"},
		{name: "without an action", v3: v3{headers: values{"x-acs-action": "-"}}, status: 400, code: "MissingParameter"},
		{name: "without a version", v3: v3{headers: values{"x-acs-version": "-"}}, status: 400, code: "MissingParameter"},
		{name: "without a date", v3: v3{headers: values{"x-acs-date": "-"}}, status: 400, code: "MissingParameter"},
		{name: "without a nonce", v3: v3{headers: values{"x-acs-signature-nonce": "-"}}, status: 400, code: "MissingParameter"},
		{name: "without a hash", v3: v3{headers: values{"x-acs-content-sha256": "-"}}, status: 400, code: "MissingParameter"},
		{name: "14 minutes old", v3: v3{headers: values{"x-acs-date": stamp(-14 * time.Minute)}}, status: 200},
		{name: "16 minutes old", v3: v3{headers: values{"x-acs-date": stamp(-16 * time.Minute)}}, status: 400, code: "InvalidTimeStamp.Expired"},
		{name: "16 minutes ahead", v3: v3{headers: values{"x-acs-date": stamp(16 * time.Minute)}}, status: 400, code: "InvalidTimeStamp.Expired"},
		{name: "no date", v3: v3{headers: values{"x-acs-date": "now"}}, status: 400, code: "InvalidTimeStamp.Format"},
		{name: "another version", v3: v3{headers: values{"x-acs-version": "2013-01-10"}}, status: 400, code: "InvalidParameter"},
		{name: "the first of two", v3: v3{headers: values{"x-acs-signature-nonce": "twice"}}, status: 200},
		{name: "the second of two", v3: v3{headers: values{"x-acs-signature-nonce": "twice"}}, status: 400, code: "SignatureNonceUsed"},
	} {
		t.Run(r.name, func(t *testing.T) {
			r.v3.action = "DescribeRegions"
			if r.v3.query == "" {
				r.v3.query = "AcceptLanguage=en-US"
			}
			request := r.v3.request(t, c.server.URL)
			if r.after != nil {
				r.after(request)
			}
			a := c.roundTrip(request)
			if a.status != r.status || a.code() != r.code {
				t.Errorf("%d %s, want %d %q", a.status, a.body, r.status, r.code)
			}
		})
	}
}

// Without Format the response is JSON, also of an error; the parameter decides if it is sent.
func TestACS3_JSON(t *testing.T) {
	c := newCloud(t, simulator.Config{Instances: 3, Regions: []string{"cn-hangzhou"}})
	var page struct {
		Instances struct {
			Instance []struct{ InstanceId string } //nolint:revive // the cloud's spelling
		}
	}
	list := v3{action: "DescribeInstances", query: "RegionId=cn-hangzhou"}
	if a := c.roundTrip(list.request(t, c.server.URL)); json.Unmarshal([]byte(a.body), &page) != nil || len(page.Instances.Instance) != 3 {
		t.Errorf("%d %s", a.status, a.body)
	}
	list.query = "RegionId=cn-hangzhou&Status=Asleep"
	if a := c.roundTrip(list.request(t, c.server.URL)); a.code() != "InvalidStatus.NotFound" || !strings.HasPrefix(a.body, "{") {
		t.Errorf("%d %s", a.status, a.body)
	}
	list.query = "Format=XML&RegionId=cn-hangzhou"
	if a := c.roundTrip(list.request(t, c.server.URL)); !strings.HasPrefix(a.body, "<?xml") {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// The error for a wrong signature helps to find the difference, without secrets.
func TestACS3_ErrorWithoutSecrets(t *testing.T) {
	c := newCloud(t, simulator.Config{})
	request := v3{
		key: "testid", secret: "guess", action: "RunInstances", query: "Password=Hunter2%21&UserData=c2VjcmV0",
		headers: values{"x-acs-security-token": "session"},
	}
	a := c.roundTrip(request.request(t, c.server.URL))
	if !strings.Contains(a.body, "server CanonicalRequest is [POST") || !strings.Contains(a.body, "RunInstances") {
		t.Errorf("the text does not help: %s", a.body)
	}
	for _, secret := range []string{"Hunter2", "c2VjcmV0", "session", "testsecret"} {
		if strings.Contains(a.body, secret) {
			t.Errorf("%s is in %s", secret, a.body)
		}
	}
}

// A paid request that is sent again with the other style of signature is the same request.
func TestACS3_SameTokenInBothStyles(t *testing.T) {
	c := newCloud(t, simulator.Config{})
	id := c.seed(simulator.Seed{RegionID: "cn-shanghai"})[0]
	v := v3{action: "RenewInstance", query: "ClientToken=t&InstanceId=" + id + "&Period=1"}
	first := c.roundTrip(v.request(t, c.server.URL))
	second := c.call("RenewInstance", values{"ClientToken": "t", "InstanceId": id, "Period": "1", "RegionId": "cn-shanghai"})
	if first.status != 200 || second.status != 200 {
		t.Errorf("%d %s, then %d %s", first.status, first.body, second.status, second.body)
	}
	if n := len(c.Ledger(simulator.LedgerFilter{})); n != 1 {
		t.Errorf("%d charges, want 1", n)
	}
}
