package scrub_test

import (
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/ecsd-io/ecsd/server/internal/cloud/scrub"
)

func TestText_FormsOfSecrets(t *testing.T) {
	var s scrub.Scrubber
	for text, want := range map[string]string{
		"The specified InstanceId does not exist.":                                                                  "The specified InstanceId does not exist.",
		"Throttling.User: 3 of 5 calls, see RAM policy":                                                             "Throttling.User: 3 of 5 calls, see RAM policy",
		`Post "https://ecs.aliyuncs.com/?AccessKeyId=LTAI5tAAAABBBBCCCC&Signature=x%3D": dial tcp: lookup: no host`: `Post "***": dial tcp: lookup: no host`,
		"key LTAI5tAAAABBBBCCCC is disabled":                                                                        "key *** is disabled",
		"token STS.NTabcdefgh is expired":                                                                           "token *** is expired",
		"AccessKeyId=abc&Action=X&SecurityToken=def&SignatureNonce=1":                                               "AccessKeyId=***&Action=X&SecurityToken=***&SignatureNonce=***",
		`{"AccessKeySecret": "hunter2", "Code": "X"}`:                                                               `{"AccessKeySecret": "***", "Code": "X"}`,
		"Password=hunter2 UserData=aGVsbG8":                                                                         "Password=*** UserData=***",
		"signature is not matched; server string to sign is:POST&%2F&AccessKeyId%3Dabc":                             "signature is not matched; server string to sign: ***",
		"you sent POST&%2F&AccessKeyId%3Dabc%26Action":                                                              "you sent ***",
		"calculated 2jmj7l5rSw0yVb/vlWAYkK/YBwk= instead":                                                           "calculated *** instead",
		"two\r\nlines\tand \x00 more\x1b[31m":                                                                       "two  lines and   more [31m",
		"  spaces around  ":                                                                                         "spaces around",
	} {
		if got := s.Text(text); got != want {
			t.Errorf("%q\nreads %q,\nwant  %q", text, got, want)
		}
	}
}

func TestScrubber_KnownSecrets(t *testing.T) {
	var s scrub.Scrubber
	const secret = "a plain/secret+of=no&form"
	s.Know("", "abc", secret)
	for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret)} {
		if got := s.Text("before " + form + " after"); got != "before *** after" {
			t.Errorf("%q reads %q", form, got)
		}
	}
	if got := s.Text("abc is short"); got != "abc is short" {
		t.Errorf("a secret of three letters blanks words out: %q", got)
	}
}

func TestScrubber_OldSecretForgotten(t *testing.T) {
	var s scrub.Scrubber
	for i := range 1000 {
		s.Know(fmt.Sprintf("secret-%04d", i))
	}
	if got := s.Text("secret-0999"); got != scrub.Mask {
		t.Errorf("the newest reads %q", got)
	}
	if got := s.Text("secret-0000"); got == scrub.Mask {
		t.Error("a thousand secrets are kept")
	}
}

func TestScrubber_SecretsOfOneRequest(t *testing.T) {
	const password = "Pass word+1"
	text := "password " + password + " or " + url.QueryEscape(password) + " is too weak"
	if got := scrub.Without(text, "", password); got != "password *** or *** is too weak" {
		t.Errorf("reads %q", got)
	}
}

func TestText_Short(t *testing.T) {
	var s scrub.Scrubber
	long := s.Text(strings.Repeat("é", 100_000))
	if len(long) > 520 || !utf8.ValidString(long) {
		t.Errorf("%d bytes, valid %t", len(long), utf8.ValidString(long))
	}
	// A text that was cut has no form any more: half a URL must not be left.
	half := s.Text(strings.Repeat("word ", 408) + "https://ecs.aliyuncs.com/?Signature=" + strings.Repeat("x", 5000))
	if strings.Contains(half, "aliyuncs") {
		t.Errorf("half a secret is left: %q", half)
	}
}

func TestScrubber_Concurrent(t *testing.T) {
	var s scrub.Scrubber
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 100 {
				secret := fmt.Sprintf("secret-%d-%d", i, j)
				s.Know(secret)
				_ = s.Text("the " + secret)
			}
		})
	}
	all.Wait()
}

// FuzzText: no secret passes in any surrounding text, and the result is one
// line of valid text.
func FuzzText(f *testing.F) {
	f.Add("key ", "wJalrXUtnFEMI/K7MDENG", " is wrong")
	f.Add("https://h/?AccessKeyId=", "plain-id", "&Signature=")
	f.Add("string to sign is:", "se cret", "\xff\x00")
	f.Add(strings.Repeat("x ", 1020), "secret", strings.Repeat("y", 600))
	f.Fuzz(func(t *testing.T, before, secret, after string) {
		var s scrub.Scrubber
		s.Know(secret)
		got := s.Text(before + secret + after)
		if !utf8.ValidString(got) || strings.ContainsFunc(got, unicode.IsControl) || len(got) > 520 {
			t.Errorf("%q", got)
		}
		// A text that contains the secret anyway, or a secret that is a part of the
		// mask, proves nothing.
		plain := strings.ToValidUTF8(before+after, "?")
		if len(secret) < 4 || !utf8.ValidString(secret) || strings.ContainsFunc(secret, unicode.IsControl) ||
			strings.Contains(plain, secret) || strings.ContainsAny(secret, "*…") {
			return
		}
		if strings.Contains(got, secret) {
			t.Errorf("%q comes through in %q", secret, got)
		}
	})
}
