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

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the tables of flags in the documents anew")

const readme = "../../../README.md"

// section is the table of settings with the marks around it.
var section = regexp.MustCompile(`(?s)(<!-- settings:[^\n]*-->\n).*(<!-- /settings -->\n)`)

// The README's table of settings matches the flags.
func TestREADMESettings(t *testing.T) {
	compareSection(t, readme, section, settingsTable(t), "README")
}

const simulatorPage = "../../../docs/simulator.md"

var flagsSection = regexp.MustCompile(`(?s)(<!-- flags:[^\n]*-->\n).*(<!-- /flags -->\n)`)

// The table of flags in docs/simulator.md matches those of ecsd simulator.
func TestSimulatorFlags(t *testing.T) {
	var table strings.Builder
	table.WriteString("| flag | default | meaning |\n|---|---|---|\n")
	for _, f := range flagsOf(t, "simulator") {
		fmt.Fprintf(&table, "| `--%s` | %s | %s |\n", f.flag.Name, f.fallback, f.meaning)
	}
	compareSection(t, simulatorPage, flagsSection, table.String(), "SimulatorFlags")
}

// compareSection compares the section of a document with the table that the code has, or writes it with -update.
func compareSection(t *testing.T, document string, marks *regexp.Regexp, table, test string) {
	t.Helper()
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	want := marks.ReplaceAll(text, []byte("${1}"+strings.ReplaceAll(table, "$", "$$")+"${2}"))
	if bytes.Equal(text, want) && marks.Match(text) {
		return
	}
	if !*update {
		t.Fatalf("the table in %s is not that of the flags; run go test ./server/cmd/ecsd -run %s -update (-document +flags):\n%s",
			document, test, cmp.Diff(string(text), string(want)))
	}
	if err := os.WriteFile(document, want, 0o600); err != nil {
		t.Fatal(err)
	}
}

// documentedFlag is a flag with its help split into meaning and default.
type documentedFlag struct {
	flag              *kong.Flag
	meaning, fallback string
}

func flagsOf(t *testing.T, name string) []documentedFlag {
	t.Helper()
	parser, err := newParser(&commandLine{}, io.Discard, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	var flags []documentedFlag
	for _, command := range parser.Model.Children {
		if command.Name != name {
			continue
		}
		for _, flag := range command.Flags {
			if flag.Name == "help" {
				continue
			}
			meaning, fallback, _ := strings.Cut(flag.Help, " Default ")
			flags = append(flags, documentedFlag{flag, meaning, strings.TrimSuffix(fallback, ".")})
		}
	}
	return flags
}

func settingsTable(t *testing.T) string {
	t.Helper()
	var table strings.Builder
	table.WriteString("| flag | environment | key | default | meaning |\n|---|---|---|---|---|\n")
	for _, f := range flagsOf(t, "serve") {
		key := "`" + f.flag.Name + "`"
		if _, file := f.flag.Target.Interface().(settingsFile); file {
			key = ""
		}
		fmt.Fprintf(&table, "| `--%s` | `%s` | %s | %s | %s |\n", f.flag.Name, strings.Join(f.flag.Envs, " "), key, f.fallback, f.meaning)
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
