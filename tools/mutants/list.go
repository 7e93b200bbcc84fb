package main

import (
	"fmt"
	"os"
	"strings"
)

// mutant is one change that breaks a promise.
type mutant struct {
	id, promise string
	// file is changed: old becomes new.
	file, old, new string
	// tests is the pattern of the tests of folder of which one must fail; with a subject, of the conformance cases.
	folder, tests string
	// subject is the client in another language whose source file is changed: python, typescript or java.
	subject string
}

// read reads a list of mutants. Each is written as
//
//	mutant ID of PROMISE
//	file PATH
//	tests FOLDER PATTERN
//	<<<<
//	old lines
//	====
//	new lines
//	>>>>
//
// A mutant of a client in another language has a line "cases SUBJECT PATTERN" in place of the tests: a subject of the
// conformance runner and its cases.
//
// Lines between mutants that begin with # are comments. The texts are compared
// without their last line break, and a text of one line without the space around
// it.
func read(path string) ([]mutant, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(string(text), "\n")
	var all []mutant
	ids := map[string]bool{}
	for i := 0; i < len(lines); i++ {
		if lines[i] == "" || strings.HasPrefix(lines[i], "#") {
			continue
		}
		at := i + 1
		wrong := func(what string) error { return fmt.Errorf("%s line %d: %s", path, at, what) }
		var m mutant
		var found bool
		if m.id, m.promise, found = strings.Cut(strings.TrimPrefix(lines[i], "mutant "), " of "); !found || !strings.HasPrefix(lines[i], "mutant ") {
			return nil, wrong("want: mutant ID of PROMISE")
		}
		if ids[m.id] {
			return nil, wrong("the ID " + m.id + " is not unique")
		}
		ids[m.id] = true
		var parts [2][]string
		part := -1
		for i++; i < len(lines) && lines[i] != ">>>>"; i++ {
			switch line := lines[i]; {
			case line == "<<<<" && part < 0:
				part = 0
			case line == "====" && part == 0:
				part = 1
			case part >= 0:
				parts[part] = append(parts[part], line)
			case strings.HasPrefix(line, "file "):
				m.file = strings.TrimPrefix(line, "file ")
			case strings.HasPrefix(line, "tests "):
				m.folder, m.tests, _ = strings.Cut(strings.TrimPrefix(line, "tests "), " ")
			case strings.HasPrefix(line, "cases "):
				m.subject, m.tests, _ = strings.Cut(strings.TrimPrefix(line, "cases "), " ")
			default:
				return nil, wrong("unknown line " + line)
			}
		}
		m.old, m.new = join(parts[0]), join(parts[1])
		if m.file == "" || (m.folder == "") == (m.subject == "") || m.tests == "" || m.old == "" || m.old == m.new || i == len(lines) {
			return nil, wrong("it needs a file, tests, a text and another text")
		}
		all = append(all, m)
	}
	return all, nil
}

func join(lines []string) string {
	if len(lines) == 1 {
		return strings.TrimSpace(lines[0])
	}
	return strings.Join(lines, "\n")
}
