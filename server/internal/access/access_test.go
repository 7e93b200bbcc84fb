package access_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/server/internal/access"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

var now = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)

var (
	secret = access.NewToken("b1", [32]byte{1, 2, 3})
	hash   = hashOf(secret)
)

func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

func parse(t *testing.T, text string) *access.File {
	t.Helper()
	f, err := access.Parse([]byte(text), now)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// The file of the design, in full.
func TestParse_EveryField(t *testing.T) {
	f := parse(t, `
callers:
  - name: billing
    tokens: [{id: b1, sha256: "`+hash+`", not_after: 2027-06-01T00:00:00Z}]
    scopes: [instances.read, renewals.read, renewals.pay]
    regions: [cn-hangzhou]
    tags: {team: billing}
    spend: [{limit: 50000 CNY, per: month, time_zone: Asia/Shanghai, max_each: 5000.50 CNY}]
  - name: platform
    certificates: [{uri: "spiffe://corp/platform"}, {dns: Platform.corp}]
    scopes: ["*"]
  - name: ci
    oidc: {issuer: "https://idp.corp", audience: ecsd, claim: sub, equals: "repo:corp/infra"}
    scopes: [instances.read]
`)
	billing := f.Caller("billing")
	if billing == nil {
		t.Fatal("the file has no caller billing")
	}
	if got, want := billing.Scopes.String(), "instances.read, renewals.read, renewals.pay"; got != want {
		t.Errorf("the scopes are %s, want %s", got, want)
	}
	if diff := cmp.Diff(access.Limits{Regions: []string{"cn-hangzhou"}, Tags: []ecs.Tag{{Key: "team", Value: "billing"}}}, billing.Limits); diff != "" {
		t.Errorf("the limits differ (-want +got):\n%s", diff)
	}
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	want := access.Cap{
		Limit: ecs.Money{CurrencyCode: "CNY", Units: 50000}, Per: ecs.PerMonth, Zone: shanghai,
		MaxEach: ecs.Money{CurrencyCode: "CNY", Units: 5000, Nanos: 500_000_000},
	}
	if got := billing.Spend[0]; got.Limit != want.Limit || got.Per != want.Per || got.MaxEach != want.MaxEach || got.Zone.String() != want.Zone.String() {
		t.Errorf("the cap is %+v, want %+v", got, want)
	}
	owner, ok := f.Token("b1")
	if !ok || owner.Caller != billing || !owner.Token.NotAfter.Equal(time.Date(2027, 6, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("the token is %+v", owner)
	}
	if !owner.Token.Matches(secret) || owner.Token.Matches(secret+"x") {
		t.Error("the token does not match itself only")
	}
	platform := f.Caller("platform")
	for _, name := range []access.Name{{URI: "spiffe://corp/platform"}, {DNS: "platform.corp"}} {
		if f.Certificate(name) != platform {
			t.Errorf("%s belongs to %v", name, f.Certificate(name))
		}
	}
	for _, scope := range access.EveryScope() {
		if !platform.Scopes.Has(scope) {
			t.Errorf("* does not hold %s", scope)
		}
	}
	if diff := cmp.Diff(map[string][]string{"https://idp.corp": {"ecsd"}}, f.Issuers()); diff != "" {
		t.Errorf("the issuers differ (-want +got):\n%s", diff)
	}
	if !f.TagKey("team") || f.TagKey("name") {
		t.Error("the tag keys of the file are not team alone")
	}
}

// Each fault is refused with its line and field, and no error has a secret.
func TestParse_Refused(t *testing.T) {
	const head = "callers:\n  - name: a\n"
	token := "    tokens: [{id: b1, sha256: \"" + hash + "\"}]\n"
	scope := "    scopes: [instances.read]\n"
	three := fmt.Sprintf("    tokens: [{id: x, sha256: %[1]q}, {id: y, sha256: %[1]q}, {id: z, sha256: %[1]q}]\n", hash)
	for name, test := range map[string]struct{ text, want string }{
		"empty":                {"", "line 1: callers: is missing"},
		"no YAML":              {"callers: [", "line 1: is not YAML"},
		"no list":              {"callers: {}", "line 1: callers: must be a list"},
		"two documents":        {head + token + scope + "---\ncallers: []\n", "one YAML document"},
		"unknown key":          {head + token + scope + "    role: admin\n", "line 5: callers[0].role: unknown key; the keys are name, tokens"},
		"unknown top key":      {"users: []\n", "line 1: users: unknown key"},
		"key twice":            {head + token + scope + scope, "line 5: callers[0].scopes: is there twice"},
		"unknown scope":        {head + token + "    scopes: [instances.raed]\n", `line 4: callers[0].scopes[0]: unknown scope "instances.raed"; the scopes are instances.read`},
		"no scope":             {head + token, "callers[0].scopes: is missing"},
		"empty scopes":         {head + token + "    scopes: []\n", "line 4: callers[0].scopes: must be a list with at least one"},
		"duplicate caller":     {head + token + scope + "  - name: a\n    certificates: [{dns: a}]\n" + scope, "line 5: callers[1].name: a is the name of the caller in line 2 too"},
		"bad name":             {"callers:\n  - name: a b\n" + token + scope, `line 2: callers[0].name: must be 1 to 64`},
		"no credential":        {head + scope, "callers[0]: must have tokens, certificates or oidc"},
		"clear text":           {head + "    tokens: [{id: b1, sha256: " + secret + "}]\n" + scope, "line 3: callers[0].tokens[0].sha256: is a token in clear text"},
		"clear text key":       {head + "    tokens: [{id: b1, token: " + secret + "}]\n" + scope, "line 3: callers[0].tokens[0].token: must not be in the file"},
		"clear text as key":    {head + "    " + secret + ": yes\n" + token + scope, "line 3: callers[0].a token: unknown key"},
		"clear text as scope":  {head + token + "    scopes: [" + secret + "]\n", `unknown scope "a token"`},
		"short hash":           {head + "    tokens: [{id: b1, sha256: abc}]\n" + scope, "must be the SHA-256 of the token, 64"},
		"token id":             {head + "    tokens: [{id: b_1, sha256: \"" + hash + "\"}]\n" + scope, "tokens[0].id: must be 1 to 32"},
		"three tokens":         {head + three + scope, "at most 2 tokens that have not ended; got 3"},
		"token of two":         {head + token + scope + "  - name: b\n" + token + scope, "callers[1].tokens: the id b1 is used by caller a too"},
		"bad end":              {head + "    tokens: [{id: b1, sha256: \"" + hash + "\", not_after: tomorrow}]\n" + scope, "not_after: must be a time"},
		"certificate of both":  {head + "    certificates: [{uri: \"spiffe://a/b\", dns: a}]\n" + scope, "must have one of uri and dns"},
		"wildcard":             {head + "    certificates: [{dns: \"*.corp\"}]\n" + scope, "without a wildcard"},
		"certificate of two":   {head + "    certificates: [{dns: A}]\n" + scope + "  - name: b\n    certificates: [{dns: a}]\n" + scope, "dns:a is used by caller a too"},
		"oidc no audience":     {head + "    oidc: {issuer: \"https://idp\", equals: x}\n" + scope, "line 3: callers[0].oidc.audience: is missing"},
		"oidc null audience":   {head + "    oidc: {issuer: \"https://idp\", audience: , equals: x}\n" + scope, "callers[0].oidc.audience: must be a text"},
		"oidc over http":       {head + "    oidc: {issuer: \"http://idp\", audience: e, equals: x}\n" + scope, "oidc.issuer: must be an https URL"},
		"oidc of two":          {head + "    oidc: {issuer: \"https://idp\", audience: e, equals: x}\n" + scope + "  - name: b\n    oidc: {issuer: \"https://idp\", audience: e, equals: x}\n" + scope, "the same entry is used by caller a too"},
		"bad region":           {head + token + scope + "    regions: [Hangzhou!]\n", "line 5: callers[0].regions[0]: must be the ID of a region"},
		"no regions":           {head + token + scope + "    regions: []\n", "regions: must be a list with at least one"},
		"no tags":              {head + token + scope + "    tags: {}\n", "tags: must be a mapping"},
		"tag without value":    {head + token + scope + "    tags: {team: }\n", "tags.team: must be a key and a value"},
		"bad amount":           {head + token + scope + "    spend: [{limit: 5k CNY, per: month}]\n", "spend[0].limit: must be an amount such as"},
		"negative amount":      {head + token + scope + "    spend: [{limit: -5 CNY, per: month}]\n", "spend[0].limit: must be an amount such as"},
		"no currency":          {head + token + scope + "    spend: [{limit: 5, per: month}]\n", "spend[0].limit: must be an amount such as"},
		"bad period":           {head + token + scope + "    spend: [{limit: 5 CNY, per: fortnight}]\n", `spend[0].per: must be day, week, month or year; got "fortnight"`},
		"bad zone":             {head + token + scope + "    spend: [{limit: 5 CNY, per: day, time_zone: Local}]\n", "spend[0].time_zone: must be a name"},
		"other currency":       {head + token + scope + "    spend: [{limit: 5 CNY, per: day, max_each: 1 USD}]\n", "spend[0].max_each: must be in the currency of the limit, CNY; got USD"},
		"two caps of a period": {head + token + scope + "    spend: [{limit: 5 CNY, per: day}, {limit: 6 CNY, per: day}]\n", "spend[1]: there is another limit per day in CNY"},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := access.Parse([]byte(test.text), now)
			var refused *access.Error
			if f != nil || !errors.As(err, &refused) {
				t.Fatalf("the file is accepted: %v, %v", f, err)
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error is %q, want %q", err, test.want)
			}
			if strings.Contains(err.Error(), secret[8:]) {
				t.Errorf("the error has the token: %q", err)
			}
		})
	}
}

// A token that has ended does not count towards the two.
func TestParse_EndedTokenBesideTwo(t *testing.T) {
	text := "callers:\n  - name: a\n    scopes: [instances.read]\n    tokens:\n"
	for _, id := range []string{"x", "y"} {
		text += "      - {id: " + id + ", sha256: \"" + hash + "\"}\n"
	}
	parse(t, text+"      - {id: z, sha256: \""+hash+"\", not_after: 2026-12-31T00:00:00Z}\n")
}

func TestToken_Form(t *testing.T) {
	var most [32]byte
	for i := range most {
		most[i] = 0xff
	}
	for _, random := range [][32]byte{{}, {1}, {31: 1}, most} {
		token := access.NewToken("b-1", random)
		if access.TokenID(token) != "b-1" {
			t.Errorf("%s has the ID %q, want b-1", token, access.TokenID(token))
		}
	}
	if access.NewToken("a", [32]byte{1}) == access.NewToken("a", [32]byte{2}) {
		t.Error("two secrets give one token")
	}
	for _, other := range []string{"", "ecsd_", "ecsd_a_short", secret + "0", "x" + secret, secret[:len(secret)-1] + "_"} {
		if id := access.TokenID(other); id != "" {
			t.Errorf("%q has the ID %q", other, id)
		}
	}
}

func TestIdentity_Nil(t *testing.T) {
	var none *access.Identity
	for _, scope := range access.EveryScope() {
		if none.Has(scope) {
			t.Errorf("no identity has %s", scope)
		}
	}
	if none.How() != access.MethodNone || !none.Limits().None() {
		t.Error("no identity has a method or limits")
	}
	if access.ScopesOf(access.EveryScope()...).Has("access.root") {
		t.Error("an unknown scope is given")
	}
}

func TestLimits(t *testing.T) {
	l := access.Limits{Regions: []string{"a"}, Tags: []ecs.Tag{{Key: "team", Value: "x"}, {Key: "env", Value: "prod"}}}
	if !l.SeesRegion("a") || l.SeesRegion("b") || !(access.Limits{}).SeesRegion("b") {
		t.Error("the regions are not a alone, or no limit is one")
	}
	both := []ecs.Tag{{Key: "env", Value: "prod"}, {Key: "team", Value: "x"}}
	if !l.SeesTags(both) || l.SeesTags(both[:1]) || l.SeesTags([]ecs.Tag{{Key: "env", Value: "prod"}, {Key: "team", Value: "y"}}) {
		t.Error("the tags are not required, all of them with their values")
	}
}

func FuzzParse(f *testing.F) {
	f.Add("callers:\n  - name: a\n    tokens: [{id: b1, sha256: \"" + hash + "\"}]\n    scopes: [\"*\"]\n")
	f.Add("callers: &a\n  - *a\n")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := access.Parse([]byte(text), now)
		if (file == nil) == (err == nil) {
			t.Fatalf("neither a file nor an error, or both: %v, %v", file, err)
		}
		if err != nil && len(err.Error()) > 16<<10 {
			t.Errorf("the error has %d bytes", len(err.Error()))
		}
	})
}
