package simulator_test

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/simulator"
	"github.com/ecsd-io/ecsd/simulator/control"
)

// answer is a raw response of the endpoint.
type answer struct {
	status int
	header http.Header
	body   string
	err    error
}

// code returns the error code of a response in either format, "" if it is not an error.
func (a answer) code() string {
	var e struct{ Code string }
	if strings.HasPrefix(a.body, "<?xml") {
		_ = xml.Unmarshal([]byte(a.body), &e)
	} else {
		_ = json.Unmarshal([]byte(a.body), &e)
	}
	return e.Code
}

// send sends a query, and a form if it is not empty.
func (c *cloud) send(method, query, form string) answer {
	c.t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), method, c.server.URL+"/?"+query, strings.NewReader(form))
	if err != nil {
		c.t.Fatal(err)
	}
	if form != "" {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return c.roundTrip(request)
}

// roundTrip sends any request.
func (c *cloud) roundTrip(request *http.Request) answer {
	c.t.Helper()
	response, err := c.server.Client().Do(request)
	if err != nil {
		return answer{err: err}
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, string(body), err}
}

// call sends a signed request by GET.
func (c *cloud) call(action string, params values) answer {
	c.t.Helper()
	return c.send(http.MethodGet, signed(http.MethodGet, action, params), "")
}

// Requests that are accepted, and the error codes of those that are rejected.
func TestSignature(t *testing.T) {
	c := newCloud(t, simulator.Config{MoreKeys: []simulator.AccessKey{
		{ID: "sts", Secret: "temporary", SecurityToken: "session"}, {ID: "free", Secret: "temporary"},
	}})
	stamp := func(d time.Duration) string { return time.Now().UTC().Add(d).Format("2006-01-02T15:04:05Z") }
	by := func(id, secret string, params values) string {
		return signedBy(id, secret, http.MethodGet, "DescribeRegions", params)
	}
	with := func(params values) string { return signed(http.MethodGet, "DescribeRegions", params) }
	twice := with(nil)
	for _, r := range []struct {
		name, query, code string
	}{
		{"a good one", with(nil), ""},
		{"the first of two", twice, ""},
		{"the second of two", twice, "SignatureNonceUsed"},
		{"odd letters", with(values{"AcceptLanguage": "en-US", "x": "订单 & *~+/=%"}), ""},
		{"a parameter changed on the way", strings.Replace(with(values{"x": "1"}), "x=1", "x=2", 1), "SignatureDoesNotMatch"},
		{"a parameter added on the way", with(nil) + "&x=1", "SignatureDoesNotMatch"},
		{"another secret", by("testid", "guess", nil), "SignatureDoesNotMatch"},
		{"signed for POST", signed(http.MethodPost, "DescribeRegions", nil), "SignatureDoesNotMatch"},
		{"an unknown key", by("nobody", "secret", nil), "InvalidAccessKeyId.NotFound"}, // 404, as the gateway
		{"a temporary key", by("sts", "temporary", values{"SecurityToken": "session"}), ""},
		{"a temporary key without its token", by("sts", "temporary", nil), "InvalidSecurityToken.MismatchWithAccessKey"},
		{"a temporary key with another token", by("sts", "temporary", values{"SecurityToken": "other"}), "InvalidSecurityToken.MismatchWithAccessKey"},
		{"a lasting key with a token", by("free", "temporary", values{"SecurityToken": "any"}), ""},
		{"14 minutes old", with(values{"Timestamp": stamp(-14 * time.Minute)}), ""},
		{"16 minutes old", with(values{"Timestamp": stamp(-16 * time.Minute)}), "InvalidTimeStamp.Expired"},
		{"16 minutes ahead", with(values{"Timestamp": stamp(16 * time.Minute)}), "InvalidTimeStamp.Expired"},
		{"no time at all", with(values{"Timestamp": "now"}), "InvalidTimeStamp.Format"},
		{"another method of signing", with(values{"SignatureMethod": "HMAC-SHA256"}), "InvalidParamater"}, // the cloud's spelling
		{"another version of signing", with(values{"SignatureVersion": "2.0"}), "InvalidParamater"},
		{"without a nonce", with(values{"SignatureNonce": "-"}), "MissingParameter"},
		{"without a time", with(values{"Timestamp": "-"}), "MissingParameter"},
		{"without a key", with(values{"AccessKeyId": "-"}), "MissingParameter"},
		{"without an action", with(values{"Action": "-"}), "MissingParameter"},
		{"without a version", with(values{"Version": "-"}), "MissingParameter"},
		{"unsigned", strings.Split(with(nil), "&Signature=")[0], "MissingParameter"},
		{"bad encoding", with(nil) + "&x=%zz", "InvalidParameter"},
	} {
		t.Run(r.name, func(t *testing.T) {
			a := c.send(http.MethodGet, r.query, "")
			if a.code() != r.code || (a.status == http.StatusOK) != (r.code == "") {
				t.Errorf("%d %s, want %q", a.status, a.body, r.code)
			}
		})
	}
}

// The error for a wrong signature contains the signed string, without secrets.
func TestSignature_ErrorWithoutSecrets(t *testing.T) {
	c := newCloud(t, simulator.Config{})
	query := signedBy("testid", "guess", http.MethodGet, "RunInstances", values{"Password": "Hunter2!", "UserData": "c2VjcmV0", "SecurityToken": "session"})
	a := c.send(http.MethodGet, query, "")
	if !strings.Contains(a.body, "server string to sign is:GET&%2F&") || !strings.Contains(a.body, "RunInstances") {
		t.Errorf("the text does not help: %s", a.body)
	}
	for _, secret := range []string{"Hunter2", "c2VjcmV0", "session", "testsecret"} {
		if strings.Contains(a.body, secret) {
			t.Errorf("%s is in %s", secret, a.body)
		}
	}
}

// Parameters come in the query, in a form, or in both; the signature covers
// them all.
func TestForm(t *testing.T) {
	c := newCloud(t, simulator.Config{})
	all := signed(http.MethodPost, "DescribeRegions", values{"AcceptLanguage": "en-US"})
	if a := c.send(http.MethodPost, "", all); !strings.Contains(a.body, "China (Hangzhou)") {
		t.Errorf("a form: %d %s", a.status, a.body)
	}
	all = signed(http.MethodPost, "DescribeRegions", values{"AcceptLanguage": "en-US"})
	query, form, _ := strings.Cut(all, "&")
	if a := c.send(http.MethodPost, query, form); !strings.Contains(a.body, "China (Hangzhou)") {
		t.Errorf("both: %d %s", a.status, a.body)
	}
	if a := c.send(http.MethodPut, all, ""); a.status != http.StatusForbidden || a.code() != "UnsupportedHTTPMethod" {
		t.Errorf("PUT: %d %s", a.status, a.body)
	}
}

// Unknown actions, versions and regions.
func TestRoute(t *testing.T) {
	c := newCloud(t, simulator.Config{})
	for _, r := range []struct {
		action string
		params values
		status int
		code   string
	}{
		{"DescribeLuck", nil, 400, "InvalidParameter"},
		{"DescribeRegions", values{"Version": "2013-01-10"}, 400, "InvalidParameter"},
		{"GetCallerIdentity", nil, 400, "InvalidParameter"}, // of STS
		{"GetCallerIdentity", values{"Version": "2015-04-01"}, 200, ""},
		{"GetCallerIdentity", values{"Version": "2015-04-01", "RegionId": "-"}, 200, ""},
		{"GetCallerIdentity", values{"Version": "2015-04-01", "RegionId": "cn-nowhere"}, 200, ""},
		{"DescribeRegions", values{"Version": "2015-04-01"}, 400, "InvalidParameter"},
		{"DescribeInstances", values{"RegionId": "-"}, 400, "MissingParameter"},
		{"DescribeInstances", values{"RegionId": "cn-nowhere"}, 404, "InvalidRegionId.NotFound"},
		{"DescribeInstances", values{"RegionId": "us-west-1"}, 404, "InvalidRegionId.NotFound"}, // known, not served
		{"TagResources", values{"RegionId": "-"}, 404, "MissingParameter.RegionId"},
		{"DescribeRegions", values{"RegionId": "cn-nowhere"}, 200, ""},
	} {
		if a := c.call(r.action, r.params); a.status != r.status || a.code() != r.code {
			t.Errorf("%s %v: %d %s", r.action, r.params, a.status, a.body)
		}
	}
}

// XML is the default format, also of errors.
func TestXML(t *testing.T) {
	c := newCloud(t, simulator.Config{Instances: 3, Regions: []string{"cn-hangzhou"}})
	for _, format := range []string{"-", "XML", "xml", "YAML"} {
		a := c.call("DescribeInstances", values{"Format": format})
		var page struct {
			XMLName   xml.Name
			RequestID string   `xml:"RequestId"`
			IDs       []string `xml:"Instances>Instance>InstanceId"`
		}
		if err := xml.Unmarshal([]byte(a.body), &page); err != nil || page.XMLName.Local != "DescribeInstancesResponse" || len(page.IDs) != 3 || len(page.RequestID) != 36 {
			t.Errorf("%s: %+v, %v", format, page, err)
		}
		if kind := a.header.Get("Content-Type"); kind != "text/xml;charset=utf-8" {
			t.Errorf("%s: %s", format, kind)
		}
	}
	a := c.call("DescribeInstances", values{"Format": "-", "Status": "Asleep"})
	var refusal struct {
		XMLName   xml.Name
		Code      string `xml:"Code"`
		Host      string `xml:"HostId"`
		Recommend string `xml:"Recommend"`
		RequestID string `xml:"RequestId"`
	}
	if err := xml.Unmarshal([]byte(a.body), &refusal); err != nil || refusal.XMLName.Local != "Error" || refusal.Code != "InvalidStatus.NotFound" || refusal.Host != "ecs-cn-hangzhou.aliyuncs.com" {
		t.Errorf("%+v, %v", refusal, err)
	}
	if want := "https://api.aliyun.com/troubleshoot?q=InvalidStatus.NotFound&product=Ecs&requestId=" + refusal.RequestID; refusal.Recommend != want || a.status != 404 {
		t.Errorf("%d, recommends %s", a.status, refusal.Recommend)
	}
}

// A RAM user without permission is denied lists of instances and disks too, since 2025-12-20.
func TestDenied(t *testing.T) {
	c := newCloud(t, simulator.Config{Instances: 10, MoreKeys: []simulator.AccessKey{{ID: "ram", Secret: "ram", Denied: true}}})
	for _, r := range []struct {
		action string
		params values
		code   string
	}{
		{"DescribeInstances", nil, "Forbidden.RAM"},
		{"DescribeInstances", values{"Status": "Asleep"}, "Forbidden.RAM"}, // no other error before it
		{"DescribeDisks", nil, "Forbidden.RAM"},
		{"DescribeInstanceStatus", nil, ""},
		{"DescribeSnapshots", nil, ""},
		{"DescribeInstances", values{"DryRun": "true"}, "Forbidden.RAM"},
		{"DescribeRegions", nil, "Forbidden.RAM"},
		{"DescribeZones", nil, "Forbidden.RAM"},
		{"DescribeInstanceTypes", nil, "Forbidden.RAM"},
		{"DescribeAvailableResource", values{"DestinationResource": "Zone"}, "Forbidden.RAM"},
		{"DescribePrice", values{"InstanceType": "ecs.g7.large"}, "Forbidden.RAM"},
		{"DescribeSpotPriceHistory", nil, "Forbidden.RAM"},
		{"DescribeSpotAdvice", nil, "Forbidden.RAM"},
		{"RenewInstance", values{"InstanceId": "i-1", "Period": "1"}, "Forbidden.RAM"},
		{"RunInstances", nil, "Forbidden.RAM"},
	} {
		a := c.send(http.MethodGet, signedBy("ram", "ram", http.MethodGet, r.action, r.params), "")
		if a.code() != r.code {
			t.Errorf("%s: %s", r.action, a.body)
		}
		if r.code == "" && !strings.Contains(a.body, `"TotalCount":0`) {
			t.Errorf("%s: %s", r.action, a.body)
		}
	}
}

// With the older behaviour a RAM user without permission gets empty lists; only a dry run distinguishes the two.
func TestDenied_EmptyLists(t *testing.T) {
	ram := simulator.AccessKey{ID: "ram", Secret: "ram", Denied: true, EmptyLists: true}
	c := newCloud(t, simulator.Config{Instances: 10, MoreKeys: []simulator.AccessKey{ram}})
	check := func(id, secret string) {
		t.Helper()
		for _, r := range []struct {
			action string
			params values
			code   string
		}{
			{"DescribeInstances", nil, ""},
			{"DescribeDisks", nil, ""},
			{"DescribeInstances", values{"DryRun": "true"}, "Forbidden.RAM"},
			{"DescribeDisks", values{"DryRun": "true"}, "Forbidden.RAM"},
			{"DescribeRegions", nil, "Forbidden.RAM"},
		} {
			a := c.send(http.MethodGet, signedBy(id, secret, http.MethodGet, r.action, r.params), "")
			if a.code() != r.code || r.code == "" && !strings.Contains(a.body, `"TotalCount":0`) {
				t.Errorf("%s by %s: %d %s, want %q", r.action, id, a.status, a.body, r.code)
			}
		}
	}
	check("ram", "ram")
	if _, err := c.AddFault(simulator.Fault{Kind: control.DeniedEmpty}); err != nil {
		t.Fatal(err)
	}
	check(simulator.DefaultAccessKeyID, simulator.DefaultAccessKeySecret)
}

// Each kind of fault, as a client sees it, and its effect on the account.
func TestFaults_OnTheWire(t *testing.T) {
	for _, f := range []struct {
		name  string
		fault simulator.Fault
		check func(*testing.T, answer)
		paid  int
	}{
		{"throttle", simulator.Fault{Kind: control.Throttled, RetryAfter: control.Duration(1500 * time.Millisecond)}, func(t *testing.T, a answer) {
			if a.status != 400 || a.code() != "Throttling" || a.header.Get("x-acs-retry-after") != "1500" {
				t.Errorf("%+v", a)
			}
		}, 0},
		{"throttle of the user", simulator.Fault{Kind: control.Throttled, Code: "Throttling.User"}, func(t *testing.T, a answer) {
			if a.code() != "Throttling.User" || !strings.Contains(a.body, "user flow control") || a.header.Get("x-acs-retry-after") != "" {
				t.Errorf("%+v", a)
			}
		}, 0},
		{"error", simulator.Fault{Kind: control.Failed}, func(t *testing.T, a answer) {
			if a.status != 500 || a.code() != "InternalError" {
				t.Errorf("%+v", a)
			}
		}, 0},
		{"error after", simulator.Fault{Kind: control.Failed, When: control.After, HTTPStatus: 503, Code: "ServiceUnavailable"}, func(t *testing.T, a answer) {
			if a.status != 503 || a.code() != "ServiceUnavailable" {
				t.Errorf("%+v", a)
			}
		}, 1},
		{"reset", simulator.Fault{Kind: control.Reset}, func(t *testing.T, a answer) {
			if a.err == nil || !strings.Contains(a.err.Error(), "reset") {
				t.Errorf("%+v", a)
			}
		}, 0},
		{"lost reply", simulator.Fault{Kind: control.LostReply}, func(t *testing.T, a answer) {
			if !errors.Is(a.err, io.EOF) {
				t.Errorf("%+v", a)
			}
		}, 1},
		{"cut", simulator.Fault{Kind: control.Cut}, func(t *testing.T, a answer) {
			if !errors.Is(a.err, io.ErrUnexpectedEOF) || a.status != 200 || !strings.HasPrefix(a.body, `{"RequestId"`) {
				t.Errorf("%+v", a)
			}
		}, 1},
		{"html", simulator.Fault{Kind: control.HTML}, func(t *testing.T, a answer) {
			if a.status != 502 || !strings.HasPrefix(a.body, "<html>") || a.header.Get("Content-Type") != "text/html" {
				t.Errorf("%+v", a)
			}
		}, 0},
		{"numeric code", simulator.Fault{Kind: control.NumericCode}, func(t *testing.T, a answer) {
			if a.status != 500 || !strings.Contains(a.body, `"Code":500,`) {
				t.Errorf("%+v", a)
			}
		}, 0},
		{"poison", simulator.Fault{Kind: control.Poison}, func(t *testing.T, a answer) {
			if a.status != 500 {
				t.Errorf("%+v", a)
			}
		}, 0},
		{"poison after", simulator.Fault{Kind: control.Poison, When: control.After}, func(t *testing.T, a answer) {
			if a.status != 500 {
				t.Errorf("%+v", a)
			}
		}, 1},
		{"denied", simulator.Fault{Kind: control.Denied}, func(t *testing.T, a answer) {
			if a.status != 403 || a.code() != "Forbidden.RAM" {
				t.Errorf("%+v", a)
			}
		}, 0},
		{"slow", simulator.Fault{Kind: control.Slow, Delay: control.Duration(time.Millisecond)}, func(t *testing.T, a answer) {
			if a.status != 200 {
				t.Errorf("%+v", a)
			}
		}, 1},
	} {
		t.Run(f.name, func(t *testing.T) {
			c := newCloud(t, simulator.Config{})
			ids := c.seed(simulator.Seed{})
			f.fault.Action, f.fault.Count = "RenewInstance", 1
			if _, err := c.AddFault(f.fault); err != nil {
				t.Fatal(err)
			}
			renewal := values{"InstanceId": ids[0], "Period": "1", "ClientToken": "token"}
			// A form, because Go's client automatically retries a GET.
			f.check(t, c.send(http.MethodPost, "", signed(http.MethodPost, "RenewInstance", renewal)))
			if n := len(c.Ledger(simulator.LedgerFilter{})); n != f.paid {
				t.Errorf("%d orders, want %d", n, f.paid)
			}
			// The fault is spent. The token replays a paid request, pays an unpaid one, and is useless once it is
			// poisoned.
			want, paid := "", 1
			if f.fault.Kind == control.Poison {
				want, paid = "IdempotentFailed", f.paid
			}
			if a := c.call("RenewInstance", renewal); a.code() != want {
				t.Errorf("again: %s", a.body)
			}
			if n := len(c.Ledger(simulator.LedgerFilter{})); n != paid {
				t.Errorf("again: %d orders, want %d", n, paid)
			}
		})
	}
}

// A throttle response has the rest of the window; if simulated time is fast, in the client's time.
func TestRates(t *testing.T) {
	c := newCloud(t, simulator.Config{
		Rates: []simulator.Rate{{Action: "DescribeRegions", Calls: 2, Window: time.Minute}}, Start: start.Add(15 * time.Second),
	})
	var codes []string
	for range 3 {
		codes = append(codes, c.call("DescribeRegions", nil).code())
	}
	if strings.Join(codes, ",") != ",,Throttling" {
		t.Errorf("codes %v", codes)
	}
	if wait := c.call("DescribeRegions", nil).header.Get("x-acs-retry-after"); wait != "45000" {
		t.Errorf("wait %s ms", wait)
	}
	if a := c.call("DescribeRegions", values{"RegionId": "cn-shanghai"}); a.code() != "" {
		t.Errorf("another region: %s", a.body)
	}
	c.advance(45 * time.Second)
	if a := c.call("DescribeRegions", nil); a.code() != "" {
		t.Errorf("the next minute: %s", a.body)
	}
	if s := c.Stats(); s.Calls != 6 || s.Throttled != 2 || s.Failed != 0 || s.Actions["DescribeRegions"] != s.Counts || s.Regions["cn-shanghai"].Calls != 1 {
		t.Errorf("stats %+v", s)
	}
	c.ResetStats()
	if s := c.Stats(); s.Calls != 0 || len(s.Actions) != 0 {
		t.Errorf("after the reset: %+v", s)
	}
}

// Any unsigned or malformed request is rejected and changes nothing.
func FuzzQuery(f *testing.F) {
	f.Add("Action=RenewInstance&InstanceId=i-1&Period=1")
	f.Add("%")
	f.Add("Signature=" + url.QueryEscape("a+b/c="))
	s, err := simulator.New(simulator.Config{ByHand: true, Start: start, Instances: 5})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, query string) {
		request := &http.Request{Method: http.MethodGet, URL: &url.URL{Path: "/", RawQuery: query}, Host: "127.0.0.1", Header: http.Header{}}
		w := &discard{header: http.Header{}}
		s.ServeHTTP(w, request.WithContext(t.Context()))
		if w.status < 400 || w.bytes == 0 {
			t.Errorf("%q: %d, %d bytes", query, w.status, w.bytes)
		}
	})
}
