package runner

import (
	"bytes"
	"fmt"
	"os"
	"strings"
)

// The table is between these lines of a document.
const (
	tableBegin = "<!-- conformance: make test-conformance REPORT=1 writes this table -->\n"
	tableEnd   = "<!-- end of conformance -->\n"
)

// Table is the report: cases by subjects.
type Table struct {
	cases    []*Case
	subjects []string
	passed   map[string]map[string]bool
	reasons  map[string]map[string]string
}

// NewTable returns a table without a column.
func NewTable(cases []*Case) *Table {
	return &Table{cases: cases, passed: map[string]map[string]bool{}, reasons: map[string]map[string]string{}}
}

// Add adds the column of a subject, and returns the problems: a case that failed, or that passed and is listed as
// failing, or that is listed and does not exist.
func (t *Table) Add(subject *Subject, results []Result) (problems []string) {
	t.subjects = append(t.subjects, subject.Name)
	passed := map[string]bool{}
	for _, result := range results {
		if result.Case == nil {
			continue
		}
		name := result.Case.Name
		passed[name] = result.Err == nil
		reason, listed := subject.Failing[name]
		switch {
		case listed && result.Err == nil:
			problems = append(problems, fmt.Sprintf("%s: passes, and is listed as failing (%s)", name, reason))
		case !listed && result.Err != nil:
			problems = append(problems, fmt.Sprintf("%s: %s", name, result.Err))
		}
	}
	t.passed[subject.Name], t.reasons[subject.Name] = passed, subject.Failing
	return problems
}

// Markdown returns the table.
func (t *Table) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "| case | promise | %s |\n|---|---|%s\n", strings.Join(t.subjects, " | "), strings.Repeat("---|", len(t.subjects)))
	for _, c := range t.cases {
		fmt.Fprintf(&b, "| %s | %s |", c.Name, strings.TrimSuffix(strings.TrimSpace(c.About), "."))
		for _, subject := range t.subjects {
			switch {
			case t.passed[subject][c.Name]:
				b.WriteString(" yes |")
			case t.reasons[subject][c.Name] != "":
				b.WriteString(" no: " + t.reasons[subject][c.Name] + " |")
			default:
				b.WriteString(" no |")
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

// Write replaces the table of a document.
func (t *Table) Write(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, ok := bytes.Cut(text, []byte(tableBegin))
	_, after, ended := bytes.Cut(rest, []byte(tableEnd))
	if !ok || !ended {
		return fmt.Errorf("%s has no place for the table", path)
	}
	return os.WriteFile(path, []byte(string(before)+tableBegin+"\n"+t.Markdown()+"\n"+tableEnd+string(after)), 0o644) //nolint:gosec // a document
}
