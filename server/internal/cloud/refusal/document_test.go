package refusal_test

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/server/internal/cloud/refusal"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// The document is of the root of the repository.
const document = "../../../../docs/cloud-errors.md"

var update = flag.Bool("update", false, "write docs/cloud-errors.md from the table")

// TestDocument holds docs/cloud-errors.md and the table together.
func TestDocument(t *testing.T) {
	want := write(readDocumented(t))
	if *update {
		if err := os.WriteFile(document, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(want, string(got)); diff != "" {
		t.Errorf("docs/cloud-errors.md is not what the table says; go generate ./server/internal/cloud/refusal writes it:\n%s", diff)
	}
}

// documented holds the places at which the API reference names a code: its
// actions with the HTTP statuses.
type documented map[string]map[string][]string

// readDocumented reads the codes that the API reference documents, "COMMON"
// for all actions.
func readDocumented(t *testing.T) documented {
	t.Helper()
	text, err := os.ReadFile("testdata/errors.tsv")
	if err != nil {
		t.Fatal(err)
	}
	all := documented{}
	for i, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		fields := strings.Split(line, "\t")
		if len(fields) != 3 {
			t.Fatalf("testdata/errors.tsv:%d: %q is not action, status and code", i+1, line)
		}
		if action, status, code := fields[0], fields[1], fields[2]; i > 0 {
			if all[code] == nil {
				all[code] = map[string][]string{}
			}
			all[code][action] = append(all[code][action], status)
		}
	}
	return all
}

// TestCodes_EveryDocumentedHasRow: nothing that the API reference names falls
// to the class of the unknown.
func TestCodes_EveryDocumentedHasRow(t *testing.T) {
	for code, actions := range readDocumented(t) {
		for action := range actions {
			class, known := refusal.Of(action, code, 400)
			if !known {
				t.Errorf("%s of %s has no row", code, action)
			}
			if class.Reason == "" || class.Reason == ecs.ReasonInternal {
				t.Errorf("%s of %s has the reason %q", code, action, class.Reason)
			}
			if class.Advice == "" {
				t.Errorf("%s of %s has no advice", code, action)
			}
		}
	}
}

func TestCodes_UnknownByStatus(t *testing.T) {
	for status, want := range map[int]ecs.Reason{
		429: ecs.ReasonThrottled, 503: ecs.ReasonCloudUnavailable, 500: ecs.ReasonCloudInternalError, 502: ecs.ReasonCloudInternalError,
		400: ecs.ReasonCloudRejected, 403: ecs.ReasonCloudRejected, 404: ecs.ReasonCloudRejected, 409: ecs.ReasonCloudRejected,
	} {
		if class, known := refusal.Of("DescribeInstances", "Strange.New", status); known || class.Reason != want {
			t.Errorf("status %d is %s (known %t), want %s", status, class.Reason, known, want)
		}
	}
}

// TestSilence_EveryKindHasClass: the zero class would read as a refusal for good.
func TestSilence_EveryKindHasClass(t *testing.T) {
	for _, silence := range refusal.Silences() {
		if class := refusal.OfSilence(silence); class.Reason == "" || class.Advice == "" || class.Reason == ecs.ReasonInternal {
			t.Errorf("%q is %+v", silence, class)
		}
	}
}

var (
	retries = map[ecs.Retry]string{
		ecs.RetryNever: "no", ecs.RetryBackoff: "yes, with longer pauses", ecs.RetryWait: "yes, after the delay of RetryInfo",
	}
	repeats = map[refusal.Again]string{
		refusal.Never:    "does not repeat it",
		refusal.WhenSafe: "repeats it if that is safe: reads, settings, calls under the same client token",
		refusal.Always:   "repeats any call, because nothing was done",
		refusal.Resigned: "repeats it once, with a new signature",
		refusal.Budgeted: "holds it in the rate budget as long as the deadline allows",
	}
	effects = map[ecs.Effect]string{
		ecs.EffectNone: "nothing was changed or paid", ecs.EffectUnknown: "a call that changes or pays may have been carried out",
	}
)

const introduction = `<!-- Written by go generate ./server/internal/cloud/refusal from the table in that package. Do not edit. -->

# Errors of the cloud

How ecsd handles each error code of the Alibaba Cloud ECS API. A caller of ecsd gets the reason, which [errors.md](errors.md)
describes, and the cloud's code in ` + "`ecs_code`" + `.

`

// write is the document.
func write(all documented) string {
	var b strings.Builder
	b.WriteString(introduction)
	writeSilences(&b)
	writeCodes(&b, all)
	return b.String()
}

func writeSilences(b *strings.Builder) {
	b.WriteString(`## No response of the cloud

The column "retry" is for the caller. ecsd itself sends a call up to four times, with pauses that grow from about 0.1 s, and never
past the caller's deadline; it never repeats a call that could act twice. If a call changes something, may have been carried out, and
no try succeeded, it is ` + "`" + string(ecs.ReasonOutcomeUnknown) + "`" + `, whatever the result of the last try.

| Event | Reason | Retry | ecsd | Meaning |
|---|---|---|---|---|
`)
	for _, silence := range refusal.Silences() {
		class := refusal.OfSilence(silence)
		fmt.Fprintf(b, "| %s | `%s` | %s | %s; %s | %s |\n",
			silence, class.Reason, retries[class.Retry], repeats[class.Again], effects[class.Effect], class.Advice)
	}
	b.WriteString(`
## Codes of the cloud

The code decides, not the HTTP status: the cloud sends the same code under several. Each section is one reason. A code that ends in
` + "`*`" + ` represents all codes that begin so. A code that is not listed is classified by its HTTP status: 429 as ` + "`Throttling`" + `, 503
as ` + "`ServiceUnavailable`" + `, another 5xx as ` + "`InternalError`" + `; otherwise it is ` + "`" + string(ecs.ReasonCloudRejected) + "`" + `, which a
retry does not fix. The message contains the cloud's text, without secrets. If a code of bad input concerns one field of the
request, BadRequest names it; a launch has its fields below ` + "`spec`" + `.

The last column has the actions for which the API reference documents the code, with the HTTP statuses; a dash is a code that was
observed elsewhere, or a family. The reference has no table for StopInstances, RebootInstances, DescribeInstanceStatus and
DescribeInstanceTypes: they have the codes of every action, and of their forms for one instance.

`)
}

func writeCodes(b *strings.Builder, all documented) {
	var reasons []ecs.Reason
	classes := map[ecs.Reason][]refusal.Class{}
	rows := map[refusal.Class][]refusal.Row{}
	for _, row := range refusal.Rows() {
		if classes[row.Reason] == nil {
			reasons = append(reasons, row.Reason)
		}
		if rows[row.Class] == nil {
			classes[row.Reason] = append(classes[row.Reason], row.Class)
		}
		rows[row.Class] = append(rows[row.Class], row)
	}
	for _, reason := range reasons {
		fmt.Fprintf(b, "### %s\n\n[%s](errors.md#%s)\n\n", reason, quoted(string(reason)), strings.ToLower(string(reason)))
		for _, class := range classes[reason] {
			fmt.Fprintf(b, "%s Retry: %s. ecsd %s; %s.\n\n",
				class.Advice, retries[class.Retry], repeats[class.Again], effects[class.Effect])
			named := func(row refusal.Row) string { return "" }
			if reason.BadInput() && slices.ContainsFunc(rows[class], func(row refusal.Row) bool { return ecs.RefusedField(row.Code) != "" }) {
				named = func(row refusal.Row) string { return cmp.Or(quoted(ecs.RefusedField(row.Code)), "–") + " | " }
				b.WriteString("| Code | Field that BadRequest names | Documented for |\n|---|---|---|\n")
			} else {
				b.WriteString("| Code | Documented for |\n|---|---|\n")
			}
			for _, row := range rows[class] {
				name := quoted(row.Code)
				if row.Action != "" {
					name += " of " + row.Action
				}
				fmt.Fprintf(b, "| %s | %s%s |\n", name, named(row), places(all, row))
			}
			b.WriteString("\n")
		}
	}
}

// quoted is a name as code, "" for none.
func quoted(name string) string {
	if name == "" {
		return ""
	}
	return "`" + name + "`"
}

// places returns the places at which the API reference names the row's code, if
// no other row is closer.
func places(all documented, row refusal.Row) string {
	var list []string
	for _, action := range slices.Sorted(maps.Keys(all[row.Code])) {
		if row.Action != "" && row.Action != action {
			continue
		}
		if class, _ := refusal.Of(action, row.Code, 0); class != row.Class {
			continue
		}
		name := action
		if action == "COMMON" {
			name = "every action"
		}
		list = append(list, name+" ("+strings.Join(all[row.Code][action], ", ")+")")
	}
	if list == nil {
		return "–"
	}
	return strings.Join(list, ", ")
}
