package operator

import (
	"fmt"
	"os"
	"reflect"

	"github.com/alecthomas/kong"
)

// Contexts returns the kong.Resolver that fills the flags of commands with a [Connection] from the context: below flags
// and variables, above defaults. It reads the configuration file when a command needs it, so that a broken file does
// not affect the commands of the service.
func Contexts() kong.Resolver { return &contextResolver{} }

type contextResolver struct {
	read     bool
	settings map[string][]string
	err      error
}

// Validate returns the error of the configuration file or of --context. Kong calls it after Resolve, whose error would
// name the flag that happened to come first.
func (r *contextResolver) Validate(*kong.Application) error { return r.err }

// Resolve returns the context's value of a flag. Kong calls it for flags that are not on the command line, whether or
// not a variable sets them.
func (r *contextResolver) Resolve(ctx *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	chosen := contextFlag(ctx)
	if chosen == nil || flag == chosen {
		return nil, nil
	}
	for _, name := range flag.Envs {
		if _, ok := os.LookupEnv(name); ok {
			return nil, nil
		}
	}
	if !r.read {
		r.read = true
		r.settings, r.err = contextSettings(ctx.FlagValue(chosen).(string))
	}
	values := r.settings[flag.Name]
	switch {
	case len(values) == 0:
		return nil, nil
	case flag.Target.Kind() == reflect.Slice:
		list := make([]any, len(values))
		for i, v := range values {
			list[i] = v
		}
		return list, nil
	case len(values) > 1: // several default regions are none for a command of one region
		return nil, nil
	}
	return values[0], nil
}

// contextFlag returns the flag --context of the command or its parents, nil if it has none.
func contextFlag(ctx *kong.Context) *kong.Flag {
	for node := ctx.Selected(); node != nil; node = node.Parent {
		for _, flag := range node.Flags {
			if flag.Name == "context" {
				return flag
			}
		}
	}
	return nil
}

// contextSettings returns the settings of a context, of the current one if the name is empty.
func contextSettings(name string) (map[string][]string, error) {
	file, err := loadContexts()
	if err != nil {
		return nil, err
	}
	if name == "" {
		if name = file.current(); name == "" {
			return nil, nil
		}
	}
	settings, err := file.settings(name)
	if err != nil {
		return nil, fmt.Errorf("--context: %w", err)
	}
	return settings, nil
}
