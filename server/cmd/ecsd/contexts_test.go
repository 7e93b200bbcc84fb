package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// contextsFile writes the configuration file of contexts and returns its path.
func contextsFile(t *testing.T, text string) string {
	t.Helper()
	folder := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", folder)
	path := filepath.Join(folder, "ecsd", "config.yaml")
	if text != "" {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// A flag beats the variable, which beats the context, which beats the default.
func TestContexts_Precedence(t *testing.T) {
	contextsFile(t, "current: a\ncontexts:\n  a: {address: \"127.0.0.1:1\", caller: of-a, utc: true}\n  b: {address: \"127.0.0.1:2\", region: [cn-a, cn-b], output: json}\n  empty:\n")
	line := func(args ...string) *commandLine {
		t.Helper()
		var line commandLine
		parser, err := newParser(&line, os.Stdout, os.Stderr)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parser.Parse(args); err != nil {
			t.Fatalf("%v: %v", args, err)
		}
		return &line
	}
	if c := line("renewals", "list").Renewals; c.Address != "127.0.0.1:1" || c.Caller != "of-a" || !c.UTC {
		t.Errorf("of the current context: %+v", c.Connection)
	}
	c := line("renewals", "create", "--within=1d", "--period=1m", "--context=b").Renewals
	if c.Address != "127.0.0.1:2" || c.Output != "json" || c.Caller != "" {
		t.Errorf("of --context: %+v", c.Connection)
	}
	if got := strings.Join(c.Create.Region, " "); got != "cn-a cn-b" {
		t.Errorf("the default regions are %q", got)
	}
	if c := line("spending", "show", "--context=empty").Spending; c.Address != "127.0.0.1:50051" {
		t.Errorf("of an empty context: %+v", c.Connection)
	}
	t.Setenv("ECSD_ADDRESS", "127.0.0.1:3")
	t.Setenv("ECSD_CONTEXT", "b")
	if c := line("audit", "list").Audit; c.Address != "127.0.0.1:3" || c.Output != "json" {
		t.Errorf("of the variables: %+v", c.Connection)
	}
	if c := line("audit", "list", "--address=127.0.0.1:4", "-o", "csv").Audit; c.Address != "127.0.0.1:4" || c.Output != "csv" {
		t.Errorf("of the flags: %+v", c.Connection)
	}
	if c := line("audit", "--address=127.0.0.1:4", "list").Audit; c.Address != "127.0.0.1:4" {
		t.Errorf("of the flags before the command: %+v", c.Connection)
	}
}

// A wrong file, context, key or format ends with 2 and names what is permitted, and a command of the service does not
// read the file.
func TestContexts_Refused(t *testing.T) {
	for _, c := range []struct {
		name, file, args string
		want             []string
		hidden           string
	}{
		{name: "unknown context", file: "contexts: {prod: {}, dev: {}}\n", args: "renewals list --context=nope", want: []string{"--context", `unknown context "nope"`, "dev, prod"}},
		{name: "no context", args: "renewals list --context=nope", want: []string{`unknown context "nope"`, "none"}},
		{name: "unknown current context", file: "current: nope\ncontexts: {dev: {}}\n", args: "audit list", want: []string{`"nope"`, "dev"}},
		{name: "unknown key", file: "contexts:\n  dev:\n    adress: x\n", args: "audit list", want: []string{"config.yaml:3", `"adress"`, "address, tls"}}, //nolint:misspell // it is misspelt on purpose
		{name: "unknown key of the file", file: "contxts: {}\n", args: "audit list", want: []string{":1", `"contxts"`, "current or contexts"}},
		{name: "unknown format", file: "contexts:\n  dev: {output: xml}\n", args: "audit list", want: []string{":2", `"xml"`, "table, json, csv"}},
		{name: "unknown format of a flag", args: "audit list -o xml", want: []string{"--output", `"table","json","csv"`}},
		{name: "a token in clear text", file: "contexts:\n  dev: {token: ecsd_x_s3cret}\n", args: "audit list", want: []string{":2", "token-file", "token-command"}, hidden: "s3cret"},
		{name: "a token for its file", file: "contexts:\n  dev: {token-file: ecsd_x_s3cret}\n", args: "audit list", want: []string{":2", "token-file", "path"}, hidden: "s3cret"},
		{name: "key twice", file: "contexts:\n  dev: {tls: true, tls: false}\n", args: "audit list", want: []string{":2", "twice"}},
		{name: "no mapping", file: "- a\n", args: "audit list", want: []string{":1", "mapping"}},
		{name: "no YAML", file: "a: [\n", args: "audit list", want: []string{"config.yaml", "line 1"}},
		{name: "no boolean", file: "contexts:\n  dev: {utc: maybe}\n", args: "audit list", want: []string{"true or false"}},
		{name: "use of no context", file: "contexts: {dev: {}}\n", args: "context use nope", want: []string{`"nope"`, "dev"}},
		{name: "set without a value", args: "context set dev address", want: []string{"KEY=VALUE", "address, tls"}},
		{name: "set an unknown key", args: "context set dev x=1", want: []string{`"x"`, "address, tls"}},
		{name: "set a token", args: "context set dev token=ecsd_x_s3cret", want: []string{"token-file"}, hidden: "s3cret"},
		{name: "set a bad name", args: "context set a/b utc=true", want: []string{`"a/b"`}},
		{name: "an address with a scheme", args: "audit list --address http://localhost:50051/", want: []string{"--address", "localhost:50051", "--tls"}},
		{name: "two tokens", args: "audit list --token-file=a --token-command=b", want: []string{"--token-file and --token-command"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			contextsFile(t, c.file)
			got := inProcess(t, strings.Fields(c.args)...)
			if got.code != exitUsage {
				t.Errorf("exit code %d, want %d", got.code, exitUsage)
			}
			for _, want := range c.want {
				if !strings.Contains(got.err, want) {
					t.Errorf("the message lacks %q:\n%s", want, got.err)
				}
			}
			if c.hidden != "" && strings.Contains(got.err, c.hidden) {
				t.Errorf("the message shows %q:\n%s", c.hidden, got.err)
			}
		})
	}
	contextsFile(t, "a: [\n")
	if got := inProcess(t, "version"); got.code != 0 {
		t.Errorf("version with a broken file: %+v", got)
	}
}

// The commands keep comments, and the file is for its user only.
func TestContexts_Commands(t *testing.T) {
	path := contextsFile(t, "# of the team\ncontexts:\n  dev: # a laptop\n    address: 127.0.0.1:1\n")
	for _, c := range []struct{ args, out string }{
		{"context set prod address=ecsd.corp:443 tls=true region=cn-hangzhou,cn-beijing token-file=~/token", "context prod is set"},
		{"context set dev utc=true", "context dev is set"},
		{"context use dev", "context dev is in use"},
		{"context list", "* dev              127.0.0.1:1\n  prod             ecsd.corp:443\n"},
		{"context show", "utc           true"},
		{"context show prod", "region        cn-hangzhou, cn-beijing"},
		{"context set dev utc=", "context dev is set"},
		{"context remove prod", "context prod is removed"},
		{"context list", "* dev              127.0.0.1:1\n"},
	} {
		if got := inProcess(t, strings.Fields(c.args)...); got.code != 0 || !strings.Contains(got.out, c.out) {
			t.Errorf("%s: %+v, want %q", c.args, got, c.out)
		}
	}
	text, err := os.ReadFile(path)
	if want := "# of the team\ncontexts:\n    dev: # a laptop\n        address: 127.0.0.1:1\ncurrent: dev\n"; err != nil || string(text) != want {
		t.Errorf("the file is (%v)\n%s", err, text)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the mode of the file: %v (%v)", info.Mode(), err)
	}
}

func TestCompletion(t *testing.T) {
	contextsFile(t, "contexts: {dev: {}, prod: {}}\n")
	for args, want := range map[string]string{
		"renew":                         "renewals",
		"renewals li":                   "list",
		"renewals list --outp":          "--output",
		"renewals list --output j":      "json",
		"renewals list -o c":            "csv",
		"renewals list --output=t":      "--output=table",
		"renewals --context ":           "dev\nprod",
		"context use p":                 "prod",
		"renewals resolve r ":           "not-paid\npaid\ntry-again",
		"serve --log-level d":           "debug",
		"renewals --context dev list -": "",
	} {
		got := inProcess(t, append([]string{"complete-words", "--"}, strings.Split(args, " ")...)...)
		if out := strings.TrimSpace(got.out); got.code != 0 || want != "" && out != want || want == "" && !strings.Contains(out, "--state\n") {
			t.Errorf("%s: %+v, want %q", args, got, want)
		}
	}
	for _, shell := range []string{"bash", "zsh", "fish"} {
		if got := inProcess(t, "completion", shell); got.code != 0 || !strings.Contains(got.out, "complete-words") {
			t.Errorf("%s: %+v", shell, got)
		}
	}
	if got := inProcess(t, "completion", "csh"); got.code != exitUsage || !strings.Contains(got.err, `"bash","zsh","fish"`) {
		t.Errorf("an unknown shell: %+v", got)
	}
}
