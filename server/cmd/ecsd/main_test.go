package main

import (
	"bufio"
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"github.com/ecsd-io/ecsd/server"
)

// TestMain runs the tests, or the program itself if a test started it.
func TestMain(m *testing.M) {
	if os.Getenv(runsMain) != "" {
		main()
	}
	// No test reads the contexts of the person who runs it.
	if err := os.Setenv("XDG_CONFIG_HOME", "/nowhere"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

// parse reads a command line of serve and returns the settings.
func parse(t *testing.T, args ...string) server.Config {
	t.Helper()
	var line commandLine
	parser, err := newParser(&line, io.Discard, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(append([]string{"serve"}, args...)); err != nil {
		t.Fatalf("serve %s: %v", strings.Join(args, " "), err)
	}
	return line.Serve.Settings
}

func writeFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ecsd.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestDefaults(t *testing.T) {
	want := server.DefaultConfig()
	want.Limits = server.Limits{} // no flags
	if diff := cmp.Diff(want, parse(t), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("without a flag the settings differ from DefaultConfig (-want +got):\n%s", diff)
	}
}

// A flag beats the environment, which beats the file, which beats the default,
// for each kind of setting.
func TestConfig_Precedence(t *testing.T) {
	for _, c := range []struct {
		key             string
		file, env, flag string
		get             func(server.Config) any
		fallback        any
		want            [3]any // of the file, the environment, the flag
	}{
		{
			"listen", "localhost:1", "localhost:2", "localhost:3",
			func(c server.Config) any { return c.Listen }, "127.0.0.1:50051", [3]any{"localhost:1", "localhost:2", "localhost:3"},
		},
		{
			"max-calls", "1", "2", "3",
			func(c server.Config) any { return c.MaxCalls }, 4096, [3]any{1, 2, 3},
		},
		{
			"shutdown-grace", "1s", "2s", "3s",
			func(c server.Config) any { return c.ShutdownGrace }, 30 * time.Second, [3]any{time.Second, 2 * time.Second, 3 * time.Second},
		},
		{
			"simulate", "true", "false", "true",
			func(c server.Config) any { return c.Simulate }, false, [3]any{true, false, true},
		},
		{
			"region", "[cn-a, cn-b]", "cn-c,cn-d", "cn-e",
			func(c server.Config) any { return strings.Join(c.Regions, " ") }, "", [3]any{"cn-a cn-b", "cn-c cn-d", "cn-e"},
		},
		{
			"rate", "[RunInstances=1/1m, RenewInstance=9/1m]", "RunInstances=2/1m", "RunInstances=3/1m",
			func(c server.Config) any { return append([]server.Rate{}, c.Rates...) }, []server.Rate{},
			[3]any{[]server.Rate{{Action: "RunInstances", PerMinute: 1}, {Action: "RenewInstance", PerMinute: 9}}, []server.Rate{{Action: "RunInstances", PerMinute: 2}}, []server.Rate{{Action: "RunInstances", PerMinute: 3}}},
		},
		{
			"log-level", "debug", "warn", "error",
			func(c server.Config) any { return c.LogLevel }, "info", [3]any{"debug", "warn", "error"},
		},
	} {
		t.Run(c.key, func(t *testing.T) {
			check := func(from string, want any, args ...string) {
				t.Helper()
				if diff := cmp.Diff(want, c.get(parse(t, args...))); diff != "" {
					t.Errorf("%s of the %s (-want +got):\n%s", c.key, from, diff)
				}
			}
			check("default", c.fallback)
			file := "--config=" + writeFile(t, c.key+": "+c.file+"\n")
			check("file", c.want[0], file)
			t.Setenv("ECSD_"+strings.ToUpper(strings.ReplaceAll(c.key, "-", "_")), c.env)
			check("environment", c.want[1])
			check("environment over the file", c.want[1], file)
			check("flag over all", c.want[2], file, "--"+c.key+"="+c.flag)
		})
	}
}

func TestConfig_Environment(t *testing.T) {
	t.Setenv("ECSD_CONFIG", writeFile(t, "max-calls: 7\n"))
	if got := parse(t).MaxCalls; got != 7 {
		t.Errorf("max-calls of the file that ECSD_CONFIG names = %d, want 7", got)
	}
	var out strings.Builder
	t.Setenv("ECSD_CONFIG", "/nowhere")
	if code := run(t.Context(), []string{"version"}, &out, &out); code != 0 || !strings.HasPrefix(out.String(), "ecsd ") {
		t.Errorf("version with an ECSD_CONFIG that is not there: %d %s", code, &out)
	}
	var flag strings.Builder
	if code := run(t.Context(), []string{"--version"}, &flag, &flag); code != 0 || flag.String() != out.String() {
		t.Errorf("--version: %d %q, want the line of version, %q", code, &flag, &out)
	}
}

// An invalid setting ends with 2 and a message that names the valid ones.
func TestConfig_RefusedSettings(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, c := range []struct {
		name, args, file string
		env              [2]string
		want             []string
		hidden           string
	}{
		{name: "no command", want: []string{`"serve"`, `"instances"`, "See: ecsd help"}},
		{name: "unknown command", args: "serv", want: []string{"unexpected argument serv"}},
		{name: "unknown flag", args: "serve --listem x", want: []string{"unknown flag --listem", "--listen", "ecsd help serve"}},
		{name: "bad enum", args: "serve --log-level loud", want: []string{"--log-level", `"debug","info","warn","error"`, `"loud"`}},
		{name: "bad number", args: "serve --max-calls x", want: []string{"--max-calls", `"x"`}},
		{name: "bad duration", args: "serve --history 5", want: []string{"--history", `"5"`}},
		{name: "bad rate", args: "serve --rate A=5/1h", want: []string{"--rate", `"A=5/1h"`, "ACTION=N/1m"}},
		{name: "rate of no action", args: "serve --rate DescribeInstance=300/1m", want: []string{"--rate", "DescribeInstance is no action", "DescribeInstances, "}},
		{name: "short settle window", args: "serve --renewal-settle-window 29s", want: []string{"--renewal-settle-window", "29s: must be at least 30s", "--simulate"}},
		{name: "misspelt variable", args: "serve --simulate", env: [2]string{"ECSD_REGOIN", "cn-beijing"}, want: []string{"ECSD_REGOIN", "did you mean ECSD_REGION"}},
		{name: "misspelt variable of another command", args: "renewals list", env: [2]string{"ECSD_ADRESS", "x"}, want: []string{"ECSD_ADRESS", "ECSD_ADDRESS"}}, //nolint:misspell // it is misspelt on purpose
		{name: "password in a list", file: "database: [\"postgres://ecsd:s3cret@h/d\"]\n", want: []string{":1:", `"database"`, "plain value"}, hidden: "s3cret"},
		{name: "password in another form", args: "serve", env: [2]string{"ECSD_DATABASE", "host=db,password=s3cret"}, want: []string{"--database", "sqlite:PATH"}, hidden: "s3cret"},
		{name: "password as a flag in another form", args: "serve --database host=db,password=s3cret", want: []string{"--database", "ECSD_DATABASE", "PGPASSWORD"}, hidden: "s3cret"},
		{name: "password as a flag", args: "serve --simulate --database postgres://ecsd:s3cret@h/d", want: []string{"--database", "ECSD_DATABASE", "PGPASSWORD", "ecsd help"}, hidden: "s3cret"},
		{name: "password as a flag, joined", args: "serve --database=postgresql://h/d?user=u&password=s3cret", want: []string{"--database", "ECSD_DATABASE"}, hidden: "s3cret"},
		{name: "password as a flag, then another", args: "serve --database=postgres://u:s3cret@h/d --database sqlite:x.db", want: []string{"--database", "ECSD_DATABASE"}, hidden: "s3cret"},
		{name: "password as a flag of migrate", args: "migrate --database postgres://u:s3cret@h/d", want: []string{"--database", "ECSD_DATABASE"}, hidden: "s3cret"},
		{name: "password of a key", args: "serve --database postgres://h/d?sslpassword=s3cret", want: []string{"--database", "ECSD_DATABASE"}, hidden: "s3cret"},
		{name: "password of the collector as a flag", args: "serve --otlp-endpoint http://u:s3cret@h:4318", want: []string{"--otlp-endpoint", "ECSD_OTLP_ENDPOINT"}, hidden: "s3cret"},
		{name: "admin host with a port", args: "serve --admin-host ecsd:9090", want: []string{"--admin-host", "without scheme and port"}},
		{name: "bad environment", args: "serve", env: [2]string{"ECSD_MAX_CALLS", "x"}, want: []string{"--max-calls", "ECSD_MAX_CALLS"}},
		{name: "no port", args: "serve --listen localhost", want: []string{"--listen", "HOST:PORT"}},
		{name: "port too high", args: "serve --admin-listen :70000", want: []string{"--admin-listen", "65535"}},
		{name: "several at once", args: "serve --max-calls 0 --history 0s", want: []string{"--max-calls", "--history"}},
		{name: "database in memory for the real cloud", args: "serve --database sqlite::memory:", want: []string{"--database", "forgets payments"}},
		{name: "database of another kind", args: "serve --database mysql://x", want: []string{"--database", "sqlite:PATH"}},
		{name: "simulate and endpoint", args: "serve --simulate --endpoint h:1", want: []string{"--endpoint", "--simulate"}},
		{name: "region twice", args: "serve --region cn-hangzhou --region cn-hangzhou", want: []string{"--region", "twice"}},
		{name: "no region id", args: "serve --listen 127.0.0.1:0 --admin-listen 127.0.0.1:0 --region Hangzhou", want: []string{"--region", "cn-hangzhou"}},
		{
			name: "endpoint as a URL", args: "serve --listen 127.0.0.1:0 --admin-listen 127.0.0.1:0 --endpoint http://h:1",
			want: []string{"--endpoint h:1 --endpoint-scheme http"},
		},
		{name: "endpoint without a host", args: "serve --endpoint cn-hangzhou=", want: []string{"--endpoint", "REGION=HOST:PORT"}},
		{name: "endpoint without a region", args: "serve --endpoint =h:1", want: []string{"--endpoint", "REGION=HOST:PORT"}},
		{name: "endpoint of a region that is not served", args: "serve --endpoint cn-beijing=h:1", want: []string{"--endpoint", "cn-beijing is not served", "cn-hangzhou (--region)"}},
		{name: "two endpoints of a region", args: "serve --endpoint cn-hangzhou=h:1 --endpoint cn-hangzhou=h:2", want: []string{"--endpoint", "two hosts for region cn-hangzhou"}},
		{name: "two endpoints for all regions", args: "serve --endpoint h:1 --endpoint h:2", want: []string{"--endpoint", "two hosts for all regions"}},
		{
			name: "bad port of an endpoint", args: "serve --listen 127.0.0.1:0 --admin-listen 127.0.0.1:0 --endpoint cn-hangzhou=h:x",
			want: []string{"--endpoint h:x", "from 1 to 65535"},
		},
		{
			name: "password in an endpoint", args: "serve --listen 127.0.0.1:0 --admin-listen 127.0.0.1:0 --endpoint cn-hangzhou=u:s3cret@h",
			want: []string{"--endpoint", "without a user or password"}, hidden: "s3cret",
		},
		{name: "network and endpoint", args: "serve --endpoint h:1 --endpoint-network vpc", want: []string{"--endpoint-network", "no effect"}},
		{name: "no such network", args: "serve --endpoint-network intranet", want: []string{"--endpoint-network", `"public","vpc"`}},
		{name: "short settle window and a region of the cloud", args: "serve --region cn-hangzhou --region cn-beijing --endpoint cn-hangzhou=127.0.0.1:1 --endpoint-scheme http --renewal-settle-window 1s",
			want: []string{"--renewal-settle-window", "at least 30s"}},
		{
			name: "proxy that is no URL", args: "serve --listen 127.0.0.1:0 --admin-listen 127.0.0.1:0",
			env: [2]string{"HTTPS_PROXY", "http://u:s3cret@proxy:port"}, want: []string{"HTTPS_PROXY", "http://proxy.corp:3128"}, hidden: "s3cret",
		},
		{
			name: "region that is not simulated", args: "serve --simulate --listen 127.0.0.1:0 --admin-listen 127.0.0.1:0 --simulator-listen 127.0.0.1:0 --region eu-west-1",
			want: []string{"--region with --simulate", `"eu-west-1"`, "cn-hangzhou"},
		},
		{name: "open port", args: "serve --listen 0.0.0.0:0", want: []string{"--listen 0.0.0.0:0", "lacks TLS (--tls-cert and --tls-key) and callers (--access-file)", "--allow-anonymous"}},
		{name: "open port of all addresses", args: "serve --listen :0", want: []string{"--listen :0", "lacks TLS"}},
		{name: "open port by name", args: "serve --listen ecsd.corp:0", want: []string{"--listen ecsd.corp:0", "lacks TLS"}},
		{name: "open port without callers", args: "serve --listen [::]:0 --tls-cert a --tls-key b", want: []string{"lacks callers (--access-file)"}},
		{name: "open port without TLS", args: "serve --listen [::]:0 --access-file a", want: []string{"lacks TLS (--tls-cert and --tls-key);"}},
		{name: "anonymous callers of an access file", args: "serve --allow-anonymous --access-file a", want: []string{"--allow-anonymous: excludes --access-file"}},
		{name: "certificate without key", args: "serve --tls-cert a", want: []string{"--tls-cert and --tls-key: give both"}},
		{name: "clients without TLS", args: "serve --tls-client-ca a --access-file b", want: []string{"--tls-client-ca: needs --tls-cert"}},
		{name: "clients without callers", args: "serve --tls-client-ca a --tls-cert b --tls-key c", want: []string{"--tls-client-ca: needs --access-file"}},
		{name: "reflection for nobody", args: "serve --reflection authenticated", want: []string{"--reflection authenticated: needs --access-file"}},
		{name: "no such access file", args: "serve --simulate --listen 127.0.0.1:0 --admin-listen 127.0.0.1:0 --simulator-listen 127.0.0.1:0 --access-file /nowhere", want: []string{"--access-file", "/nowhere"}},
		{name: "no such certificate", args: "serve --simulate --listen 127.0.0.1:0 --admin-listen 127.0.0.1:0 --simulator-listen 127.0.0.1:0 --tls-cert /nowhere --tls-key /nowhere", want: []string{"--tls-cert", "/nowhere"}},
		{name: "simulator with a bad address", args: "simulator --listen localhost", want: []string{"--listen", "HOST:PORT", "ecsd help simulator"}},
		{name: "simulator of no such region", args: "simulator --regions mars-1", want: []string{`"mars-1"`, "cn-hangzhou"}},
		{name: "simulator with a bad rate", args: "simulator --rate A=5", want: []string{"--rate", "ACTION=CALLS/WINDOW"}},
		{name: "version with a word too many", args: "version now", want: []string{"unexpected argument now", "ecsd help version"}},
		{name: "collector without a scheme", args: "serve --otlp-endpoint 127.0.0.1:4318", want: []string{"--otlp-endpoint", "http://"}},
		{name: "no such file", args: "serve --config /nowhere.yaml", want: []string{"--config", "/nowhere.yaml"}},
		{name: "unknown key", file: "listen: h:1\nregoin: cn-hangzhou\n", want: []string{":2:", `unknown key "regoin"`, "region"}},
		{name: "key of another command", file: "config: x\n", want: []string{":1:", `unknown key "config"`}},
		{name: "key twice", file: "simulate: true\nsimulate: false\n", want: []string{":2:", "twice"}},
		{name: "bad value", file: "# limits\nmax-calls: many\n", want: []string{":2:", "--max-calls", "many"}},
		{name: "bad value in a list", file: "rate: [A=1/1m, B]\n", want: []string{":1:", "--rate", `"B"`}},
		{name: "no value", file: "listen:\n", want: []string{":1:", `"listen"`, "no value"}},
		{name: "nested", file: "region: [[a]]\n", want: []string{":1:", `"region"`}},
		{name: "not a mapping", file: "- listen\n", want: []string{":1:", "mapping"}},
		{name: "not YAML", file: "listen: [\n", want: []string{"yaml", "line"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			args := strings.Fields(c.args)
			if c.file != "" {
				args = []string{"serve", "--config", writeFile(t, c.file)}
			}
			if c.env[0] != "" {
				t.Setenv(c.env[0], c.env[1])
			}
			var stdout, stderr strings.Builder
			if code := run(t.Context(), args, &stdout, &stderr); code != exitUsage {
				t.Errorf("exit code %d, want %d", code, exitUsage)
			}
			for _, want := range c.want {
				if !strings.Contains(stderr.String(), want) {
					t.Errorf("the message lacks %q:\n%s", want, &stderr)
				}
			}
			if c.hidden != "" && strings.Contains(stderr.String(), c.hidden) {
				t.Errorf("the message shows %q:\n%s", c.hidden, &stderr)
			}
			if left, _ := filepath.Glob("*.db*"); left != nil {
				t.Errorf("a refused setting left %v", left)
			}
		})
	}
}

func TestConfig_EmptyFile(t *testing.T) {
	if got := parse(t, "--config", writeFile(t, "")).MaxCalls; got != server.DefaultConfig().MaxCalls {
		t.Errorf("an empty file made max-calls %d", got)
	}
}

func TestHelp(t *testing.T) {
	for _, c := range []struct {
		args string
		has  []string
	}{
		{"help", []string{"serve", "simulator", "version"}},
		{"--help", []string{"serve", "simulator", "version"}},
		{"help serve", []string{"--simulate", "ECSD_MAX_CALLS", "Default 127.0.0.1:50051"}},
		{"serve --help", []string{"--simulate", "ECSD_MAX_CALLS", "Default 127.0.0.1:50051"}},
		{"simulator --help", []string{"--renew-lag", "ECSD_SIMULATOR_SPEED", "Default 127.0.0.1:8090"}},
		{"version --help", nil},
	} {
		var stdout, stderr strings.Builder
		if code := run(t.Context(), strings.Fields(c.args), &stdout, &stderr); code != 0 || stderr.Len() > 0 {
			t.Errorf("%s: exit code %d, %s", c.args, code, &stderr)
		}
		// The help wraps its lines.
		unwrapped := strings.Join(strings.Fields(stdout.String()), " ")
		for _, want := range append(c.has, "Usage: ecsd") {
			if !strings.Contains(unwrapped, want) {
				t.Errorf("%s lacks %q:\n%s", c.args, want, &stdout)
			}
		}
		if strings.Contains(stdout.String(), "${") {
			t.Errorf("%s: a variable of the help has no value:\n%s", c.args, &stdout)
		}
	}
}

// free are arguments with which several servers run at the same time.
var free = []string{"serve", "--simulate", "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0", "--simulator-listen=127.0.0.1:0"}

// serve prints its address on standard output and exits with 0 on SIGTERM.
func TestServe(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	read, write := io.Pipe()
	ended := make(chan int, 1)
	var log strings.Builder
	go func() {
		ended <- run(ctx, free, write, &log)
		write.Close()
	}()
	lines := bufio.NewScanner(read)
	for _, want := range []string{"gRPC API    127.0.0.1:", "simulator   http://127.0.0.1:", "admin       http://127.0.0.1:"} {
		if !lines.Scan() || !strings.HasPrefix(lines.Text(), want) {
			t.Errorf("standard output says %q, want %q...", lines.Text(), want)
		}
	}
	cancel()
	go func() { _, _ = io.Copy(io.Discard, read) }()
	if code := <-ended; code != 0 {
		t.Errorf("exit code %d, want 0\n%s", code, &log)
	}
}

func TestSimulator(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	read, write := io.Pipe()
	ended := make(chan int, 1)
	go func() { ended <- run(ctx, []string{"simulator", "--listen=127.0.0.1:0"}, write, io.Discard) }()
	if line, err := bufio.NewReader(read).ReadString('\n'); !strings.Contains(line, "http://127.0.0.1:") {
		t.Errorf("standard output says %q (%v)", line, err)
	}
	cancel()
	if code := <-ended; code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}

// A broken access file ends the start, and the message names line and field.
func TestServe_RefusedAccessFile(t *testing.T) {
	path := writeFile(t, "callers:\n  - name: a\n    scopes: [instances.raed]\n    tokens: [{id: x, sha256: ecsd_x_secret}]\n")
	args := []string{"serve", "--simulate", "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0", "--simulator-listen=127.0.0.1:0", "--access-file=" + path}
	var stdout, stderr strings.Builder
	if code := run(t.Context(), args, &stdout, &stderr); code != exitUsage {
		t.Errorf("exit code %d, want %d", code, exitUsage)
	}
	for _, want := range []string{path + ": line 3: callers[0].scopes[0]: unknown scope \"instances.raed\"", path + ": line 4: callers[0].tokens[0].sha256: is a token in clear text"} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("the message lacks %q:\n%s", want, &stderr)
		}
	}
	if strings.Contains(stderr.String(), "ecsd_x_secret") {
		t.Errorf("the message has the token:\n%s", &stderr)
	}
}

// With --allow-anonymous an open port is served, and the log warns.
func TestServe_AllowAnonymous(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	args := append(free[:len(free):len(free)], "--listen=0.0.0.0:0", "--allow-anonymous")
	var stdout, stderr strings.Builder
	if code := run(ctx, args, &stdout, &stderr); code == exitUsage {
		t.Errorf("the settings are refused:\n%s", &stderr)
	}
	if !strings.Contains(stderr.String(), `"level":"WARN","msg":"callers are not identified`) {
		t.Errorf("the log has no warning:\n%s", &stderr)
	}
}

func TestServe_CannotStart(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"--listen=" + taken.Addr().String()}, []string{"--listen " + taken.Addr().String(), "another process"}},
		{[]string{"--admin-listen=" + taken.Addr().String()}, []string{"--admin-listen", "another process"}},
		{[]string{"--simulator-listen=" + taken.Addr().String()}, []string{"--simulator-listen", "another process"}},
		{[]string{"--listen=192.0.2.1:1", "--allow-anonymous"}, []string{"--listen 192.0.2.1:1", "does not have that address"}},
		{[]string{"--database=sqlite:/nowhere/ecsd.db"}, []string{"--database sqlite:/nowhere/ecsd.db"}},
	} {
		var stdout, stderr strings.Builder
		if code := run(t.Context(), append(free[:len(free):len(free)], c.args...), &stdout, &stderr); code != exitFailed {
			t.Errorf("%v: exit code %d, want %d", c.args, code, exitFailed)
		}
		for _, want := range c.want {
			if !strings.Contains(stderr.String(), want) {
				t.Errorf("%v: the message lacks %q:\n%s", c.args, want, &stderr)
			}
		}
	}
}

func TestServe_ReachablePorts(t *testing.T) {
	for address, want := range map[string]string{
		"127.0.0.1:1": "127.0.0.1:1", "0.0.0.0:1": "127.0.0.1:1", "[::]:1": "127.0.0.1:1", "10.0.0.7:1": "10.0.0.7:1",
	} {
		if got := reachable(address); got != want {
			t.Errorf("reachable(%s) = %s, want %s", address, got, want)
		}
	}
}

// A variable that Kubernetes sets for a service called ecsd is not a misspelt
// one.
func TestEnvironment_OfKubernetes(t *testing.T) {
	for _, name := range []string{
		"ECSD_SERVICE_HOST", "ECSD_SERVICE_PORT", "ECSD_SERVICE_PORT_GRPC", "ECSD_PORT", "ECSD_PORT_50051_TCP", "ECSD_PORT_50051_TCP_ADDR",
		"ECSD_ADMIN_SERVICE_HOST", "ECSD_ADMIN_SERVICE_PORT", "ECSD_ADMIN_PORT_9090_TCP",
	} {
		t.Setenv(name, "x")
	}
	serve := []string{"serve", "--region", "Hangzhou", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"}
	var stdout, stderr strings.Builder
	if code := run(t.Context(), serve, &stdout, &stderr); code != exitUsage || strings.Contains(stderr.String(), "no such variable") {
		t.Errorf("exit code %d, %s", code, &stderr)
	}
	t.Setenv("ECSD_LISTEN_PORT", "50051")
	stderr.Reset()
	if run(t.Context(), serve, &stdout, &stderr); !strings.Contains(stderr.String(), "ECSD_LISTEN_PORT: no such variable") {
		t.Errorf("a variable that looks like one of Kubernetes is not refused: %s", &stderr)
	}
}
