package wire_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"net/url"
	"sort"
	"strings"
	"testing"

	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// The example of the cloud's page "Request signatures".
func TestDocumentedExample(t *testing.T) {
	p, err := wire.Parse("Timestamp=2016-02-23T12%3A46%3A24Z&Format=XML&AccessKeyId=testid&Action=DescribeRegions"+
		"&SignatureMethod=HMAC-SHA1&SignatureNonce=3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf&Version=2014-05-26&SignatureVersion=1.0", "")
	if err != nil {
		t.Fatal(err)
	}
	toSign := wire.StringToSign("GET", p)
	const want = "GET&%2F&AccessKeyId%3Dtestid%26Action%3DDescribeRegions%26Format%3DXML%26SignatureMethod%3DHMAC-SHA1" +
		"%26SignatureNonce%3D3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf%26SignatureVersion%3D1.0" +
		"%26Timestamp%3D2016-02-23T12%253A46%253A24Z%26Version%3D2014-05-26"
	if toSign != want {
		t.Errorf("string to sign:\ngot  %s\nwant %s", toSign, want)
	}
	if got := wire.Sign("testsecret", toSign); got != "OLeaidS1JvxuMvnyHOwuJ+uX5qY=" {
		t.Errorf("signature %s", got)
	}
}

// independentStringToSign follows the vendor's Go SDK: url.QueryEscape and
// replacements.
func independentStringToSign(method string, values url.Values) string {
	escape := func(s string) string {
		return strings.NewReplacer("+", "%20", "*", "%2A", "%7E", "~").Replace(url.QueryEscape(s))
	}
	var pairs []string
	for key := range values {
		if key != "Signature" {
			pairs = append(pairs, key)
		}
	}
	sort.Strings(pairs)
	for n, key := range pairs {
		pairs[n] = escape(key) + "=" + escape(values.Get(key))
	}
	return method + "&" + escape("/") + "&" + escape(strings.Join(pairs, "&"))
}

func FuzzSignature(f *testing.F) {
	f.Add("Action", "DescribeRegions", "secret")
	f.Add("Tag.1.Value", "订单 & *~+/=\x00\xff", "s")
	f.Add("", "", "")
	f.Add("Signature", "must not count", "x")
	f.Fuzz(func(t *testing.T, key, value, secret string) {
		values := url.Values{"Version": {"2014-05-26"}, key: {value}}
		p, err := wire.Parse(values.Encode(), "")
		if err != nil {
			t.Fatal(err)
		}
		want := independentStringToSign("POST", values)
		if got := wire.StringToSign("POST", p); got != want {
			t.Fatalf("string to sign:\ngot  %s\nwant %s", got, want)
		}
		mac := hmac.New(sha1.New, []byte(secret+"&"))
		mac.Write([]byte(want))
		signature := base64.StdEncoding.EncodeToString(mac.Sum(nil))
		if !wire.Verify(secret, want, signature) {
			t.Error("the right signature is refused")
		}
		if wire.Verify(secret+"x", want, signature) || wire.Verify(secret, want+"x", signature) {
			t.Error("a wrong signature is taken")
		}
	})
}

// The error for a wrong signature contains no secret.
func TestRedactedStringToSign(t *testing.T) {
	p, err := wire.Parse("Action=X&SecurityToken=sts-secret&Password=hunter2&UserData=c2VjcmV0&BearerToken=b-secret", "")
	if err != nil {
		t.Fatal(err)
	}
	got := wire.RedactedStringToSign("POST", p)
	for _, secret := range []string{"sts-secret", "hunter2", "c2VjcmV0", "b-secret"} {
		if strings.Contains(got, secret) {
			t.Errorf("%s repeats %s", got, secret)
		}
	}
	if !strings.Contains(got, "Action%3DX") {
		t.Errorf("%s lacks the harmless parameters", got)
	}
}
