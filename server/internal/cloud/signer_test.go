package cloud

import (
	"io"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"testing"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/auth/credentials"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	sdkecs "github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"
	"pgregory.net/rapid"
)

// fixedKeys passes one set of keys to the SDK, so that it never refreshes them.
type fixedKeys Keys

// GetCredentials is the SDK's question for keys.
func (k fixedKeys) GetCredentials() (*credentials.Credentials, error) {
	return &credentials.Credentials{
		AccessKeyId: k.AccessKeyID, AccessKeySecret: k.AccessKeySecret,
		SecurityToken: k.SecurityToken, BearerToken: k.BearerToken, ProviderName: k.Source,
	}, nil
}

// GetProviderName is the SDK's question for the source's name.
func (k fixedKeys) GetProviderName() string { return k.Source }

// A request with any parameters and keys has the method, the URL with its
// signature, the body and the headers that the SDK's client gives it.
func TestSign_AsTheSDK(t *testing.T) {
	text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[ *~+/=&%?#a-z深圳"{}\[\]:,.-]{0,40}`))
	rapid.Check(t, func(t *rapid.T) {
		keys := Keys{
			AccessKeyID: text.Draw(t, "id"), AccessKeySecret: text.Draw(t, "secret"), SecurityToken: text.Draw(t, "security token"),
			BearerToken: rapid.SampledFrom([]string{"", "", text.Draw(t, "bearer token")}).Draw(t, "bearer"), Source: "env",
		}
		write := func() requests.AcsRequest { return nil }
		switch rapid.SampledFrom([]string{"renew", "run", "form"}).Draw(t, "action") {
		case "renew":
			id, token := text.Draw(t, "instance"), text.Draw(t, "client token")
			write = func() requests.AcsRequest {
				request := sdkecs.CreateRenewInstanceRequest()
				request.InstanceId, request.ClientToken, request.Period = id, token, requests.NewInteger(3)
				return request
			}
		case "run":
			data, key, value := text.Draw(t, "user data"), text.Draw(t, "key"), text.Draw(t, "value")
			write = func() requests.AcsRequest {
				request := sdkecs.CreateRunInstancesRequest()
				request.UserData, request.Tag = data, &[]sdkecs.RunInstancesTag{{Key: key, Value: value}, {Key: "b"}}
				return request
			}
		case "form":
			key, value := rapid.StringMatching(`[a-zA-Z.1-9]{1,9}`).Draw(t, "form key"), text.Draw(t, "form value")
			write = func() requests.AcsRequest {
				request := sdkecs.CreateDescribeRegionsRequest()
				request.FormParams["Form."+key] = value
				return request
			}
		}
		extra := text.Draw(t, "extra")
		region := rapid.SampledFrom([]string{"", "cn-hangzhou"}).Draw(t, "region")
		override := rapid.Bool().Draw(t, "override")
		prepared := func() requests.AcsRequest {
			request := write()
			request.SetDomain("ecs.cn-hangzhou.aliyuncs.com")
			request.SetScheme("HTTPS")
			request.GetQueryParams()["ForceStop"] = extra
			reflect.ValueOf(request).Elem().FieldByName("RegionId").SetString(region)
			if override {
				request.GetQueryParams()["RegionId"] = "cn-beijing"
			}
			return request
		}

		theirs := prepared()
		client, err := sdk.NewClientWithOptions("", sdk.NewConfig().WithScheme("HTTPS"), fixedKeys(keys))
		if err != nil {
			t.Fatal(err)
		}
		if err := client.BuildRequestWithSigner(theirs, nil); err != nil {
			t.Fatal(err)
		}
		want, err := http.NewRequest(theirs.GetMethod(), theirs.BuildUrl(), theirs.GetBodyReader())
		if err != nil {
			t.Fatal(err)
		}
		signedAt, err := time.Parse(time.RFC3339, want.URL.Query().Get("Timestamp"))
		if err != nil {
			t.Fatal(err)
		}

		got, err := newSigner(keys).signWith(t.Context(), prepared(), signedAt, want.URL.Query().Get("SignatureNonce"))
		if err != nil {
			t.Fatal(err)
		}
		if got.Method != want.Method || got.URL.String() != want.URL.String() {
			t.Fatalf("%s %s\nwant %s %s", got.Method, got.URL, want.Method, want.URL)
		}
		if g, w := bodyOf(t, got), bodyOf(t, want); g != w {
			t.Fatalf("the body is %q, want %q", g, w)
		}
		headers := http.Header{"User-Agent": {userAgent}}
		for name, value := range theirs.GetHeaders() {
			headers.Set(name, value)
		}
		if !maps.EqualFunc(got.Header, headers, func(a, b []string) bool { return len(a) == 1 && len(b) == 1 && a[0] == b[0] }) {
			t.Fatalf("the headers are %v, want %v", got.Header, headers)
		}
	})
}

// Two signatures have different nonces.
func TestSign_Nonce(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		request := sdkecs.CreateDescribeRegionsRequest()
		request.SetDomain("ecs.aliyuncs.com")
		request.SetScheme("HTTPS")
		signed, err := newSigner(Keys{AccessKeyID: "id", AccessKeySecret: "secret"}).sign(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		query, err := url.ParseQuery(signed.URL.RawQuery)
		if err != nil {
			t.Fatal(err)
		}
		nonce := query.Get("SignatureNonce")
		if len(nonce) != 32 || seen[nonce] {
			t.Fatalf("the nonce is %q", nonce)
		}
		seen[nonce] = true
	}
}

func bodyOf(t *rapid.T, r *http.Request) string {
	if r.Body == nil {
		return ""
	}
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
