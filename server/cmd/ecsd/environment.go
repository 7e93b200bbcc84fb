package main

import (
	"strings"

	"github.com/alecthomas/kong"
)

// environment names each flag's variable: the command's prefix and the flag's
// name in capitals. A command that is not named has no variables.
func environment(prefixes map[string]string) kong.Option {
	return kong.PostBuild(func(k *kong.Kong) error {
		for _, command := range k.Model.Children {
			prefix, ok := prefixes[command.Name]
			if !ok {
				continue
			}
			for _, flag := range command.Flags {
				name := prefix + strings.ToUpper(strings.ReplaceAll(flag.Name, "-", "_"))
				flag.Envs = []string{name}
				flag.Tag.Envs = flag.Envs
			}
		}
		return nil
	})
}
