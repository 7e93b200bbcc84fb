package cloud

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
)

// signer turns an SDK request into a signed HTTP request, the one that the SDK's
// own client would send: TestSign_AsTheSDK compares the two. The client's
// signatures took a seventh of the processor time of a paid renewal, half of it
// to walk the stack of the goroutine for a nonce.
type signer struct {
	keys Keys
	// account is the ID of the keys' account, nil as long as it is not known.
	account atomic.Pointer[string]
	// identified is when the account was last requested in vain. One goroutine at
	// a time verifies keys.
	identified time.Time
	// rejected is why the keys must not be used, nil if they may. The keyring's
	// lock guards it.
	rejected error
}

func newSigner(keys Keys) *signer { return &signer{keys: keys} }

// sign writes and signs the request; its domain, scheme and region must be set.
// A request is signed once.
func (s *signer) sign(ctx context.Context, request requests.AcsRequest) (*http.Request, error) {
	var nonce [16]byte
	_, _ = rand.Read(nonce[:]) // never fails
	return s.signWith(ctx, request, time.Now(), hex.EncodeToString(nonce[:]))
}

func (s *signer) signWith(ctx context.Context, request requests.AcsRequest, now time.Time, nonce string) (signed *http.Request, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the SDK panicked while it wrote the request: %v", p)
		}
	}()
	if request.GetStyle() != requests.RPC {
		return nil, fmt.Errorf("action %s has the style %s, which is not signed", request.GetActionName(), request.GetStyle())
	}
	if err := requests.InitParams(request); err != nil {
		return nil, err
	}
	query, form := valuesOf(request.GetQueryParams()), valuesOf(request.GetFormParams())
	if !query.Has("RegionId") {
		query.Set("RegionId", request.GetRegionId())
	}
	for name, value := range map[string]string{
		"Action": request.GetActionName(), "Version": request.GetVersion(), "Format": request.GetAcceptFormat(),
		"AccessKeyId": s.keys.AccessKeyID, "SignatureMethod": "HMAC-SHA1", "SignatureVersion": "1.0", "SignatureType": "",
		"SignatureNonce": nonce, "Timestamp": now.UTC().Format("2006-01-02T15:04:05Z"),
	} {
		query.Set(name, value)
	}
	if s.keys.SecurityToken != "" {
		query.Set("SecurityToken", s.keys.SecurityToken)
	}
	if s.keys.BearerToken != "" {
		query.Set("BearerToken", s.keys.BearerToken)
		query.Set("SignatureType", "BEARERTOKEN")
	}
	query.Set("Signature", s.signature(request.GetMethod(), query, form))

	address := url.URL{Scheme: strings.ToLower(request.GetScheme()), Host: request.GetDomain(), Path: "/", RawQuery: query.Encode()}
	if port := request.GetPort(); port != "" {
		address.Host += ":" + port
	}
	body := io.Reader(http.NoBody) // the parameters of ECS are in the URL
	if len(form) > 0 {
		body = strings.NewReader(form.Encode())
	}
	signed, err = http.NewRequestWithContext(ctx, request.GetMethod(), address.String(), body)
	if err != nil {
		return nil, err
	}
	for name, value := range request.GetHeaders() {
		signed.Header.Set(name, value)
	}
	signed.Header.Set("Content-Type", requests.Form)
	signed.Header.Set("X-Sdk-Core-Version", sdk.Version)
	signed.Header.Set("X-Acs-Credentials-Provider", s.keys.Source)
	signed.Header.Set("User-Agent", userAgent)
	return signed, nil
}

func valuesOf(params map[string]string) url.Values {
	values := make(url.Values, len(params)+11)
	for name, value := range params {
		values.Set(name, value)
	}
	return values
}

// percent turns the encoding of a form into that of RFC 3986, which is signed.
var percent = strings.NewReplacer("+", "%20", "*", "%2A", "%7E", "~")

// signature signs the method and all parameters, in the order of their names.
func (s *signer) signature(method string, query, form url.Values) string {
	all := query
	if len(form) > 0 {
		all = make(url.Values, len(query)+len(form))
		for _, some := range []url.Values{query, form} {
			for name := range some {
				all.Set(name, some.Get(name))
			}
		}
	}
	mac := hmac.New(sha1.New, []byte(s.keys.AccessKeySecret+"&"))
	mac.Write([]byte(method + "&%2F&" + url.QueryEscape(percent.Replace(all.Encode()))))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
