package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the table of settings in the README anew")

const readme = "../../../README.md"

// section is the table of settings with the marks around it.
var section = regexp.MustCompile(`(?s)(<!-- settings:[^\n]*-->\n).*(<!-- /settings -->\n)`)

// The README's table of settings matches the flags.
func TestREADMESettings(t *testing.T) {
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	want := section.ReplaceAll(text, []byte("${1}"+strings.ReplaceAll(settingsTable(t), "$", "$$")+"${2}"))
	if bytes.Equal(text, want) && section.Match(text) {
		return
	}
	if !*update {
		t.Fatalf("the README's table of settings is not that of the flags; run go test ./server/cmd/ecsd -run README -update (-README +flags):\n%s",
			cmp.Diff(string(text), string(want)))
	}
	if err := os.WriteFile(readme, want, 0o600); err != nil {
		t.Fatal(err)
	}
}

func settingsTable(t *testing.T) string {
	t.Helper()
	parser, err := newParser(&commandLine{}, io.Discard, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	table.WriteString("| flag | environment | key | default | meaning |\n|---|---|---|---|---|\n")
	for _, command := range parser.Model.Children {
		if command.Name != "serve" {
			continue
		}
		for _, flag := range command.Flags {
			if flag.Name == "help" {
				continue
			}
			meaning, fallback, _ := strings.Cut(flag.Help, " Default ")
			fallback = strings.TrimSuffix(fallback, ".")
			key := "`" + flag.Name + "`"
			if _, file := flag.Target.Interface().(settingsFile); file {
				key = ""
			}
			fmt.Fprintf(&table, "| `--%s` | `%s` | %s | %s | %s |\n", flag.Name, strings.Join(flag.Envs, " "), key, fallback, meaning)
		}
	}
	return table.String()
}

var settingsBlock = regexp.MustCompile("(?s)```yaml\n(.*?)```")

// The README's file of settings is one.
func TestREADMEFile(t *testing.T) {
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	block := settingsBlock.FindSubmatch(text)
	if block == nil {
		t.Fatal("the README shows no file of settings")
	}
	got := parse(t, "--config", writeFile(t, string(block[1])))
	if got.Database != "sqlite:/var/lib/ecsd/ecsd.db" || !slices.Equal(got.Regions, []string{"cn-hangzhou", "cn-shanghai"}) {
		t.Errorf("the README's file of settings gives %+v", got)
	}
	if err := got.Validate(); err != nil {
		t.Errorf("the README's file of settings: %v", err)
	}
}
