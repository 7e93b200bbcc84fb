package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"
)

// settingsFile is the path of a YAML file with settings of the command.
//
// Kong reads only JSON; for YAML this resolver walks the file's nodes rather
// than decode it into Config, because a node knows its line, its text is parsed
// by the same code as a flag's, and an absent key stays distinct from a zero
// one.
type settingsFile string

// BeforeResolve adds the file's settings to those of flags and environment.
func (settingsFile) BeforeResolve(ctx *kong.Context, trace *kong.Path) error {
	command := ctx.Selected()
	if command == nil || !slices.Contains(command.Flags, trace.Flag) {
		return nil // ECSD_CONFIG is set, and another command is run
	}
	path := string(ctx.FlagValue(trace.Flag).(settingsFile))
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("--config: %w", err)
	}
	defer file.Close()
	settings, err := readSettings(file, command.Flags)
	if err != nil {
		return fmt.Errorf("--config: %s:%w", path, err)
	}
	ctx.AddResolver(settings)
	return nil
}

// settings are values by flag name, as the parser of flags takes them.
type settings map[string]any

var _ kong.Resolver = settings(nil)

// Validate has nothing to say: readSettings has checked the keys.
func (settings) Validate(*kong.Application) error { return nil }

// Resolve returns the file's value of a flag. Kong calls it for flags that are
// not on the command line, whether or not the environment has set them.
func (s settings) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, name := range flag.Envs {
		if _, ok := os.LookupEnv(name); ok {
			return nil, nil
		}
	}
	return s[flag.Name], nil
}

// readSettings reads a YAML mapping with flag names as keys. Errors begin with
// the line.
func readSettings(r io.Reader, flags []*kong.Flag) (settings, error) {
	known := make(map[string]*kong.Flag, len(flags))
	for _, flag := range flags {
		if _, file := flag.Target.Interface().(settingsFile); !file && flag.Name != "help" {
			known[flag.Name] = flag
		}
	}
	var document yaml.Node
	decoder := yaml.NewDecoder(r)
	if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
		return settings{}, nil
	} else if err != nil {
		return nil, fmt.Errorf(" %w", err)
	}
	root := document.Content[0]
	if root.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%d: must be a mapping of settings, such as \"listen: 127.0.0.1:50051\"", root.Line)
	}
	found := settings{}
	for i := 0; i < len(root.Content); i += 2 {
		key, node := root.Content[i], root.Content[i+1]
		flag := known[key.Value]
		if flag == nil {
			return nil, fmt.Errorf("%d: unknown key %q; the keys are %s", key.Line, key.Value, strings.Join(names(known), ", "))
		}
		if _, twice := found[key.Value]; twice {
			return nil, fmt.Errorf("%d: key %q is there twice", key.Line, key.Value)
		}
		value, err := valueOf(node)
		if err != nil {
			return nil, fmt.Errorf("%d: key %q: %w", node.Line, key.Value, err)
		}
		if node.Kind != yaml.ScalarNode && !flag.IsSlice() && !flag.IsMap() {
			// Kong would refuse it too, and show the value.
			return nil, fmt.Errorf("%d: key %q: must be a plain value", node.Line, key.Value)
		}
		// Parsed here because the line is known; Kong parses it again.
		trial := reflect.New(flag.Target.Type()).Elem()
		if err := flag.Parse(kong.Scan().PushTyped(value, kong.FlagValueToken), trial); err != nil {
			return nil, fmt.Errorf("%d: %w", node.Line, err)
		}
		found[key.Value] = value
	}
	return found, nil
}

// valueOf converts a node for a flag's parser: a text, a list of texts or a map
// of texts.
func valueOf(node *yaml.Node) (any, error) {
	switch node.Kind {
	case yaml.ScalarNode:
		if node.Tag == "!!null" {
			return nil, errors.New("has no value")
		}
		return node.Value, nil
	case yaml.SequenceNode:
		list := make([]any, 0, len(node.Content))
		for _, item := range node.Content {
			if item.Kind != yaml.ScalarNode {
				return nil, errors.New("must be a list of plain values")
			}
			list = append(list, item.Value)
		}
		return list, nil
	case yaml.MappingNode:
		values := make(map[string]any, len(node.Content)/2)
		for i := 0; i < len(node.Content); i += 2 {
			if node.Content[i+1].Kind != yaml.ScalarNode {
				return nil, errors.New("must be a mapping to plain values")
			}
			values[node.Content[i].Value] = node.Content[i+1].Value
		}
		return values, nil
	}
	return nil, errors.New("must be a plain value, a list or a mapping")
}

func names(flags map[string]*kong.Flag) []string {
	list := make([]string, 0, len(flags))
	for name := range flags {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}
