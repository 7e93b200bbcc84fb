package access

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxProblems bounds the problems that are kept of one file.
const maxProblems = 20

// reader collects the problems of a file while its nodes are read.
type reader struct{ problems []Problem }

func (r *reader) refuse(node *yaml.Node, field, rule string, args ...any) {
	if len(r.problems) < maxProblems {
		r.problems = append(r.problems, Problem{Line: max(1, node.Line), Field: field, Rule: fmt.Sprintf(rule, args...)})
	}
}

// text returns a scalar. Its value is never part of a problem.
func (r *reader) text(node *yaml.Node, field string) (string, bool) {
	if node.Kind != yaml.ScalarNode || node.Tag == "!!null" || node.Value == "" {
		r.refuse(node, field, "must be a text")
		return "", false
	}
	return node.Value, true
}

// list returns the entries of a list with their paths.
func (r *reader) list(node *yaml.Node, field string) []entry {
	if node.Kind != yaml.SequenceNode || len(node.Content) == 0 {
		r.refuse(node, field, "must be a list with at least one entry")
		return nil
	}
	entries := make([]entry, len(node.Content))
	for i, item := range node.Content {
		entries[i] = entry{item, fmt.Sprintf("%s[%d]", field, i)}
	}
	return entries
}

// entry is a node with its path.
type entry struct {
	node  *yaml.Node
	field string
}

// fields returns the values of a mapping by key. It refuses other keys than the
// given ones, and a key that is there twice.
func (r *reader) fields(node *yaml.Node, field string, keys ...string) map[string]*yaml.Node {
	if node.Kind != yaml.MappingNode {
		r.refuse(node, field, "must be a mapping with the keys %s", strings.Join(keys, ", "))
		return nil
	}
	known := make(map[string]bool, len(keys))
	for _, key := range keys {
		known[key] = true
	}
	found := make(map[string]*yaml.Node, len(node.Content)/2)
	for i := 0; i < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		at := join(field, clip(key.Value))
		switch {
		case !known[key.Value] && clearText[key.Value]:
			r.refuse(key, at, "must not be in the file: it holds hashes of tokens only, which `ecsd token create` prints")
		case !known[key.Value]:
			r.refuse(key, at, "unknown key; the keys are %s", strings.Join(keys, ", "))
		case found[key.Value] != nil:
			r.refuse(key, at, "is there twice")
		default:
			found[key.Value] = value
		}
	}
	return found
}

// clearText are keys under which a secret would be in the file.
var clearText = map[string]bool{"token": true, "secret": true, "password": true, "key": true, "value": true}

func join(field, key string) string {
	if field == "" {
		return key
	}
	return field + "." + key
}

// clip shortens a text for a problem. A token that was put in the wrong place
// does not become part of it.
func clip(text string) string {
	const most = 64
	if strings.Contains(text, TokenPrefix) {
		return "a token"
	}
	if len(text) > most {
		text = text[:most] + "..."
	}
	return strings.ToValidUTF8(strings.Map(func(c rune) rune {
		if c < ' ' {
			return ' '
		}
		return c
	}, text), "?")
}
