package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/test/lib/credential"
)

// inProcess returns the output of a command within this process.
func inProcess(t *testing.T, args ...string) said {
	t.Helper()
	var stdout, stderr strings.Builder
	code := run(t.Context(), args, &stdout, &stderr)
	return said{stdout.String(), stderr.String(), code}
}

// newToken makes a token of a caller, and the file that the entry is in.
func newToken(t *testing.T, more string) (token, accessFile string) {
	t.Helper()
	made := inProcess(t, "token", "create", "billing", "--not-after=2099-01-01T00:00:00Z")
	token, entry, found := strings.Cut(strings.TrimSpace(made.out), "\n")
	if made.code != 0 || !found || !regexp.MustCompile(`^ecsd_[a-z0-9]{8}_[0-9A-Za-z]{43}$`).MatchString(token) {
		t.Fatalf("token create: %+v", made)
	}
	if strings.Contains(entry, token) {
		t.Errorf("the entry has the token: %s", entry)
	}
	return token, writeFile(t, "callers:\n  - name: billing\n    "+entry+"\n"+more)
}

// What `ecsd token create` prints is a valid entry; lint and check explain it.
func TestAccess_TokenLintCheck(t *testing.T) {
	_, path := newToken(t, "    scopes: [instances.read, renewals.pay]\n    regions: [cn-hangzhou]\n    tags: {team: billing}\n    spend: [{limit: 50000 CNY, per: month, max_each: 5000 CNY}]\n")
	for _, c := range []struct {
		args string
		code int
		out  string
	}{
		{"access lint " + path, 0, "billing (line 2): instances.read, renewals.pay"},
		{"access check --access-file " + path + " --as billing --rpc RenewInstance --region cn-hangzhou", 0, "yes: ecsd.v1.RenewalService/RenewInstance requires the scope renewals.pay"},
		{"access check --access-file " + path + " --as billing --rpc RenewalService/RenewInstance", 0, "spends at most CNY 50000.00 per month in UTC, at most CNY 5000.00 each"},
		{"access check --access-file " + path + " --as billing --rpc GetInstance", 0, "only instances with the tag team=billing"},
		{"access check --access-file " + path + " --as billing --rpc GetInstance --region cn-shanghai", exitFailed, "no: billing sees the regions cn-hangzhou, not cn-shanghai"},
		{"access check --access-file " + path + " --as billing --rpc ReleaseInstances", exitFailed, "requires the scope instances.release; billing has instances.read, renewals.pay (PERMISSION_DENIED)"},
	} {
		if got := inProcess(t, strings.Fields(c.args)...); got.code != c.code || !strings.Contains(got.out, c.out) {
			t.Errorf("%s: %+v, want %d and %q", c.args, got, c.code, c.out)
		}
	}
	for args, want := range map[string]string{
		"access check --access-file " + path + " --as web --rpc GetInstance":      `--as "web": the access file has no such caller; it has billing`,
		"access check --access-file " + path + " --as billing --rpc GetInstances": `--rpc "GetInstances": there is no such RPC`,
		"access lint " + writeFile(t, "callers:\n  - name: a\n    scopes: [x]\n"): "line 3: callers[0].scopes[0]: unknown scope",
		"access lint /nowhere":         "/nowhere",
		"token create no:good*name":    "must be 1 to 64 letters",
		"token create a --not-after x": "--not-after",
	} {
		if got := inProcess(t, strings.Fields(args)...); got.code != exitUsage || !strings.Contains(got.err, want) {
			t.Errorf("%s: %+v, want %d and %q", args, got, exitUsage, want)
		}
	}
}

// The commands of operators reach a server with TLS by a token and by a
// certificate, given as flags or variables.
func TestRenewals_Credentials(t *testing.T) {
	token, accessFile := newToken(t, "    scopes: [renewals.read]\n  - name: platform\n    scopes: [renewals.read]\n    certificates: [{uri: \"spiffe://corp/platform\"}]\n")
	authority := credential.NewAuthority(t)
	dir := t.TempDir()
	file := func(name string, text []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	day := time.Now().Add(24 * time.Hour)
	serverPair, clientPair := authority.Issue(t, credential.Names{IP: "127.0.0.1"}, day), authority.Issue(t, credential.Names{URI: "spiffe://corp/platform"}, day)
	ca := file("ca.pem", authority.PEM)
	server := start(t, "serve", "--simulate", "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0", "--simulator-listen=127.0.0.1:0",
		"--access-file="+accessFile, "--tls-cert="+file("server.crt", serverPair.Certificate), "--tls-key="+file("server.key", serverPair.Key), "--tls-client-ca="+ca)
	address := "--address=" + server.at["gRPC"]
	tokenFile := file("token", []byte(token+"\n"))
	list := func(flags ...string) said {
		t.Helper()
		return inProcess(t, append([]string{"renewals", "list", address}, flags...)...)
	}
	if got := list("--tls-ca="+ca, "--token-file="+tokenFile, "--header=X-Tenant: a"); got.code != 0 {
		t.Errorf("with a token: %+v", got)
	}
	if got := list("--tls-ca="+ca, "--tls-cert="+file("client.crt", clientPair.Certificate), "--tls-key="+file("client.key", clientPair.Key)); got.code != 0 {
		t.Errorf("with a certificate: %+v", got)
	}
	if got := list("--tls-ca=" + ca); got.code == 0 || !strings.Contains(got.err, "valid credential") {
		t.Errorf("without a credential: %+v", got)
	}
	if got := list("--token-file=" + tokenFile); got.code == 0 {
		t.Errorf("without TLS: %+v", got)
	}
	t.Setenv("ECSD_TLS_CA", ca)
	t.Setenv("ECSD_TOKEN_FILE", tokenFile)
	if got := list(); got.code != 0 {
		t.Errorf("with variables: %+v", got)
	}
	for flag, want := range map[string]string{
		"--token-file=/nowhere": "--token-file: open /nowhere",
		"--header=nothing":      "--header: want KEY:VALUE",
		"--tls-cert=x":          "--tls-cert and --tls-key: give both",
	} {
		if got := list(flag); got.code != exitUsage || !strings.Contains(got.err, want) {
			t.Errorf("%s: %+v, want %q", flag, got, want)
		}
	}
}
