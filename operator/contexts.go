package operator

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/ecsd-io/ecsd/operator/output"
)

// contextKeys are the settings that a context may hold: flags of [Connection], and the default regions of the commands
// with --region. A header is not among them, because it may be a secret.
var contextKeys = []string{
	"address", "tls", "tls-ca", "tls-cert", "tls-key", "token-file", "token-command", "caller", "region", "output", "utc",
}

// contextName limits the names of contexts to what a shell takes without quotes.
var contextName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// contextFile is the configuration file: the current context and the settings of each, as YAML nodes, so that a change
// keeps comments and order.
type contextFile struct {
	path string
	root *yaml.Node
}

// contextPath is the path of the configuration file.
func contextPath() (string, error) {
	folder := os.Getenv("XDG_CONFIG_HOME")
	if folder == "" && runtime.GOOS == "windows" {
		folder = os.Getenv("AppData")
	}
	if folder == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("no configuration file: %w", err)
		}
		folder = filepath.Join(home, ".config")
	}
	return filepath.Join(folder, "ecsd", "config.yaml"), nil
}

// loadContexts reads and checks the configuration file. A missing file has no contexts.
func loadContexts() (*contextFile, error) {
	path, err := contextPath()
	if err != nil {
		return &contextFile{root: mapping()}, nil //nolint:nilerr // without a home there is no file
	}
	f := &contextFile{path: path, root: mapping()}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return nil, err
	}
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(document.Content) > 0 {
		f.root = document.Content[0]
	}
	if err := f.check(); err != nil {
		return nil, fmt.Errorf("%s:%w", path, err)
	}
	return f, nil
}

// check checks keys and values. Errors begin with the line.
func (f *contextFile) check() error {
	err := eachKey(f.root, func(key string, node *yaml.Node) error {
		switch key {
		case "current":
			return plain(key, node)
		case "contexts":
			return nil
		}
		return fmt.Errorf("%d: unknown key %q: want current or contexts", node.Line, key)
	})
	if err != nil {
		return err
	}
	contexts := child(f.root, "contexts")
	if contexts == nil {
		return nil
	}
	return eachKey(contexts, func(name string, settings *yaml.Node) error {
		if !contextName.MatchString(name) {
			return fmt.Errorf("%d: %w", settings.Line, nameError(name))
		}
		return eachKey(settings, func(key string, node *yaml.Node) error {
			if err := checkSetting(key, valuesOf(node)); err != nil {
				return fmt.Errorf("%d: contexts.%s: %w", node.Line, name, err)
			}
			if key == "region" {
				return nil
			}
			return plain(key, node)
		})
	})
}

func nameError(name string) error {
	return fmt.Errorf("invalid name of a context %q: want at most 64 letters, digits, dots, dashes and underscores", name)
}

// checkSetting checks a setting of a context.
func checkSetting(key string, values []string) error {
	switch key {
	case "token":
		return errors.New(`"token": a token must not be in this file: set token-file or token-command`)
	case "tls", "utc":
		if len(values) == 1 {
			if _, err := strconv.ParseBool(values[0]); err != nil {
				return fmt.Errorf("invalid %s %q: want true or false", key, values[0])
			}
		}
	case "output":
		if formats := []string{string(output.Table), string(output.JSON), string(output.CSV)}; len(values) == 1 && !slices.Contains(formats, values[0]) {
			return fmt.Errorf("invalid output %q: want %s", values[0], strings.Join(formats, ", "))
		}
	case "token-file":
		// A token in place of its file would be in clear text in this file.
		if len(values) == 1 && strings.HasPrefix(values[0], "ecsd_") {
			return errors.New("token-file: want the path of a file that has the token, not the token")
		}
	}
	if !slices.Contains(contextKeys, key) {
		return fmt.Errorf("unknown key %q: want %s", key, strings.Join(contextKeys, ", "))
	}
	return nil
}

// names returns the names of the contexts, sorted.
func (f *contextFile) names() (names []string) {
	if contexts := child(f.root, "contexts"); contexts != nil {
		_ = eachKey(contexts, func(name string, _ *yaml.Node) error {
			names = append(names, name)
			return nil
		})
	}
	slices.Sort(names)
	return names
}

// current returns the name of the current context, "" if there is none.
func (f *contextFile) current() string {
	if node := child(f.root, "current"); node != nil {
		return node.Value
	}
	return ""
}

// settings returns the settings of a context by the names of their flags. Paths that begin with ~/ are below the home
// of the user.
func (f *contextFile) settings(name string) (map[string][]string, error) {
	node := child(child(f.root, "contexts"), name)
	if node == nil {
		return nil, f.unknown(name)
	}
	found := map[string][]string{}
	err := eachKey(node, func(key string, value *yaml.Node) error {
		found[key] = valuesOf(value)
		if home, err := os.UserHomeDir(); err == nil && len(found[key]) == 1 {
			if rest, below := strings.CutPrefix(found[key][0], "~/"); below {
				found[key][0] = filepath.Join(home, rest)
			}
		}
		return nil
	})
	return found, err
}

func (f *contextFile) unknown(name string) error {
	names := "none; ecsd context set makes one"
	if all := f.names(); len(all) > 0 {
		names = strings.Join(all, ", ")
	}
	return fmt.Errorf("unknown context %q: %s has %s", name, f.path, names)
}

// save replaces the file, which only its user can read.
func (f *contextFile) save() error {
	if f.path == "" {
		return errors.New("no configuration file: set XDG_CONFIG_HOME")
	}
	text, err := yaml.Marshal(f.root)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return err
	}
	temporary, err := os.CreateTemp(filepath.Dir(f.path), "config-*.yaml")
	if err != nil {
		return err
	}
	_, err = temporary.Write(text)
	if err = errors.Join(err, temporary.Close()); err == nil {
		err = os.Rename(temporary.Name(), f.path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temporary.Name()))
	}
	return nil
}

func mapping() *yaml.Node { return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"} }

// eachKey calls a function for each key of a mapping. An empty value is an empty mapping.
func eachKey(node *yaml.Node, call func(key string, value *yaml.Node) error) error {
	if node.Kind == yaml.ScalarNode && node.Tag == "!!null" {
		return nil
	}
	if node.Kind != yaml.MappingNode {
		return fmt.Errorf("%d: want a mapping of keys to values", node.Line)
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		if seen[key.Value] {
			return fmt.Errorf("%d: key %q is there twice", key.Line, key.Value)
		}
		seen[key.Value] = true
		if err := call(key.Value, node.Content[i+1]); err != nil {
			return err
		}
	}
	return nil
}

func plain(key string, node *yaml.Node) error {
	if node.Kind != yaml.ScalarNode || node.Tag == "!!null" {
		return fmt.Errorf("%d: %q must be a plain value", node.Line, key)
	}
	return nil
}

// valuesOf returns the texts of a plain value or of a list.
func valuesOf(node *yaml.Node) (texts []string) {
	if node.Kind == yaml.SequenceNode {
		for _, item := range node.Content {
			texts = append(texts, item.Value)
		}
		return texts
	}
	return []string{node.Value}
}

// child returns the value of a key, nil if there is none.
func child(node *yaml.Node, key string) *yaml.Node {
	if node == nil {
		return nil
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			return node.Content[i+1]
		}
	}
	return nil
}

// put sets a key of a mapping.
func put(node *yaml.Node, key string, value *yaml.Node) {
	node.Kind, node.Tag, node.Value = yaml.MappingNode, "!!map", ""
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			node.Content[i+1] = value
			return
		}
	}
	node.Content = append(node.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key}, value)
}

// remove removes a key of a mapping.
func remove(node *yaml.Node, key string) {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			node.Content = slices.Delete(node.Content, i, i+2)
			return
		}
	}
}
