package notify

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// maxProblems bounds the problems that are kept of one file.
const maxProblems = 20

// Problem is one thing that is wrong with a file of receivers.
type Problem struct {
	// Line is counted from 1.
	Line int
	// Field is the path of the value, such as receivers[2].url_file.
	Field string
	// Rule names the allowed values, and never a secret.
	Rule string
}

// String returns the problem as "line 4: receivers[0].kind: ...".
func (p Problem) String() string {
	text := "line " + strconv.Itoa(p.Line)
	if p.Field != "" {
		text += ": " + p.Field
	}
	return text + ": " + p.Rule
}

// FileError are the problems of a file, in its order.
type FileError struct{ Problems []Problem }

// Error joins the problems, one per line.
func (e *FileError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// reader collects the problems of a file while its nodes are read.
type reader struct{ problems []Problem }

func (r *reader) refuse(node *yaml.Node, field, rule string, args ...any) {
	if len(r.problems) < maxProblems {
		r.problems = append(r.problems, Problem{Line: max(1, node.Line), Field: field, Rule: fmt.Sprintf(rule, args...)})
	}
}

var yamlLine = regexp.MustCompile(`line (\d+)`)

// document returns the only document of a text, nil if there is none.
func (r *reader) document(text []byte) *yaml.Node {
	var document yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		r.refuse(&yaml.Node{}, "", "the file is empty; it must have receivers, calendar or both")
		return nil
	case err != nil:
		// Not the text of the error, which can have a part of the file.
		line := 1
		if found := yamlLine.FindStringSubmatch(err.Error()); found != nil {
			line, _ = strconv.Atoi(found[1])
		}
		r.refuse(&yaml.Node{Line: line}, "", "is not YAML")
		return nil
	}
	if err := decoder.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		r.refuse(&yaml.Node{Line: 1}, "", "must hold one YAML document")
	}
	return document.Content[0]
}

// mapping is a mapping with its path and its values by key.
type mapping struct {
	*reader
	node   *yaml.Node
	field  string
	values map[string]*yaml.Node
}

// mapping returns a mapping with some of the keys. It refuses other keys, and a
// key that is there twice.
func (r *reader) mapping(node *yaml.Node, field string, keys ...string) mapping {
	m := mapping{r, node, field, map[string]*yaml.Node{}}
	if node.Kind != yaml.MappingNode {
		r.refuse(node, field, "must be a mapping with the keys %s", strings.Join(keys, ", "))
		return m
	}
	for i := 0; i < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		switch {
		case inClear[key.Value]:
			r.refuse(key, m.at(key.Value), "a secret must not be in the file; the keys are %s", strings.Join(keys, ", "))
		case !slices.Contains(keys, key.Value):
			r.refuse(key, m.at(ecs.Clip(key.Value, 32)), "unknown key; the keys are %s", strings.Join(keys, ", "))
		case m.values[key.Value] != nil:
			r.refuse(key, m.at(key.Value), "is there twice")
		default:
			m.values[key.Value] = value
		}
	}
	return m
}

// inClear are keys under which a secret would be in the file.
var inClear = map[string]bool{"secret": true, "token": true, "password": true, "path": true}

func (m mapping) at(key string) string {
	if m.field == "" {
		return key
	}
	return m.field + "." + key
}

// text returns the text of a key; ok is false if it has none.
func (m mapping) text(key string) (text string, ok bool) {
	node := m.values[key]
	if node == nil {
		return "", false
	}
	if node.Kind != yaml.ScalarNode || node.Tag == "!!null" || node.Value == "" {
		m.refuse(node, m.at(key), "must be a text")
		return "", false
	}
	return node.Value, true
}

// flag returns a value that is true or false, nil if it is absent.
func (m mapping) flag(key string) *bool {
	node := m.values[key]
	if node == nil {
		return nil
	}
	value := node.Value == "true"
	if node.Kind != yaml.ScalarNode || !value && node.Value != "false" {
		m.refuse(node, m.at(key), "must be true or false")
	}
	return &value
}

// list returns the nodes of a list with their paths.
func (m mapping) list(key string) []entry {
	node := m.values[key]
	if node == nil {
		return nil
	}
	if node.Kind != yaml.SequenceNode || len(node.Content) == 0 {
		m.refuse(node, m.at(key), "must be a list with at least one entry")
		return nil
	}
	entries := make([]entry, len(node.Content))
	for i, item := range node.Content {
		entries[i] = entry{item, fmt.Sprintf("%s[%d]", m.at(key), i)}
	}
	return entries
}

// words returns a list of texts, each once, each of which allowed accepts. want
// describes the allowed values.
func (m mapping) words(key, want string, allowed func(string) bool) []string {
	var words []string
	for _, at := range m.list(key) {
		switch word := at.node.Value; {
		case at.node.Kind != yaml.ScalarNode || !allowed(word):
			m.refuse(at.node, at.field, "must be %s; got %q", want, ecs.Clip(word, 32))
		case slices.Contains(words, word):
			m.refuse(at.node, at.field, "%s is there twice", word)
		default:
			words = append(words, word)
		}
	}
	return words
}

// entry is a node with its path.
type entry struct {
	node  *yaml.Node
	field string
}
