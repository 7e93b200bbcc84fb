package wire_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/ecsd-io/ecsd/simulator/internal/wire"
)

// documented is the example of the vendor's page on the signature method V3, with its signature.
func documented(t *testing.T) (*wire.Request, wire.Authorization) {
	t.Helper()
	query, err := wire.Parse("ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai", "")
	if err != nil {
		t.Fatal(err)
	}
	header := http.Header{}
	for name, value := range map[string]string{
		"x-acs-action": "RunInstances", "x-acs-version": "2014-05-26", "x-acs-date": "2023-10-26T10:22:32Z",
		"x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
		"x-acs-content-sha256":  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"Authorization": "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;" +
			"x-acs-signature-nonce;x-acs-version,Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0",
	} {
		header.Set(name, value)
	}
	r := &wire.Request{Method: "POST", Path: "/", Host: "ecs.cn-shanghai.aliyuncs.com", Header: header, Query: query, Params: query}
	signature, ok := wire.ParseAuthorization(header.Get("Authorization"))
	if !ok || signature.KeyID != "YourAccessKeyId" {
		t.Fatalf("parsed as %+v, %v", signature, ok)
	}
	return r, signature
}

func TestACS3_DocumentedExample(t *testing.T) {
	r, signature := documented(t)
	if name := r.UnsignedHeader(signature.Signed); name != "" {
		t.Errorf("header %s counts as unsigned", name)
	}
	toSign := wire.ACS3StringToSign(r.CanonicalRequest(signature.Signed))
	if !wire.VerifyACS3("YourAccessKeySecret", toSign, signature.Signature) {
		t.Errorf("the documented signature does not verify; canonical request:\n%s", r.CanonicalRequest(signature.Signed))
	}
	if wire.VerifyACS3("guess", toSign, signature.Signature) {
		t.Error("another secret verifies")
	}
}

// The signature covers method, path, host, query, headers and body.
func TestACS3_CoversEverything(t *testing.T) {
	for name, change := range map[string]func(*wire.Request){
		"method": func(r *wire.Request) { r.Method = "GET" },
		"path":   func(r *wire.Request) { r.Path = "/other" },
		"host":   func(r *wire.Request) { r.Host = "ecs.cn-beijing.aliyuncs.com" },
		"query":  func(r *wire.Request) { r.Query, _ = wire.Parse("ImageId=x&RegionId=cn-shanghai", "") },
		"more":   func(r *wire.Request) { r.Query = r.Query.With(map[string]string{"Signature": ""}) },
		"action": func(r *wire.Request) { r.Header.Set("x-acs-action", "DeleteInstances") },
		"body":   func(r *wire.Request) { r.Body = []byte("x") },
	} {
		r, signature := documented(t)
		change(r)
		if wire.VerifyACS3("YourAccessKeySecret", wire.ACS3StringToSign(r.CanonicalRequest(signature.Signed)), signature.Signature) {
			t.Errorf("%s: the signature still verifies", name)
		}
	}
}

func TestACS3_SecretsAreMasked(t *testing.T) {
	r, signature := documented(t)
	r.Header.Set("x-acs-security-token", "session")
	r.Query = r.Query.With(map[string]string{"Password": "Hunter2!", "UserData": "c2VjcmV0"})
	signed := append(signature.Signed, "x-acs-security-token")
	text := r.RedactedCanonicalRequest(signed)
	for _, secret := range []string{"session", "Hunter2", "c2VjcmV0"} {
		if strings.Contains(text, secret) {
			t.Errorf("%s is in %s", secret, text)
		}
		if !strings.Contains(r.CanonicalRequest(signed), secret) {
			t.Errorf("%s is not signed", secret)
		}
	}
	if !strings.Contains(text, "ImageId=win2019") {
		t.Errorf("masked too much: %s", text)
	}
}

func TestParseAuthorization(t *testing.T) {
	for _, text := range []string{
		"", "Bearer x", "ACS3-HMAC-SHA256", "ACS3-HMAC-SHA256 Credential=a,SignedHeaders=host", "ACS3-HMAC-SHA256 Credential=a,Signature=b",
		"ACS3-HMAC-SHA256 SignedHeaders=host,Signature=b", "ACS3-HMAC-SM3 Credential=a,SignedHeaders=host,Signature=b",
	} {
		if a, ok := wire.ParseAuthorization(text); ok {
			t.Errorf("%q is taken as %+v", text, a)
		}
	}
	a, ok := wire.ParseAuthorization("ACS3-HMAC-SHA256 Credential=a, SignedHeaders=Host;X-Acs-Date, Signature=b")
	if !ok || a.KeyID != "a" || a.Signature != "b" || strings.Join(a.Signed, " ") != "host x-acs-date" {
		t.Errorf("got %+v, %v", a, ok)
	}
}
