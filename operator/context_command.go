package operator

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/ecsd-io/ecsd/operator/output"
)

// ContextCommands is `ecsd context`. Mount it in the command line; its commands call no server.
type ContextCommands struct {
	List   listContextsCommand  `cmd:"" help:"List the contexts. The current one has a *."`
	Show   showContextCommand   `cmd:"" help:"Show the settings of a context."`
	Use    useContextCommand    `cmd:"" help:"Make a context the current one."`
	Set    setContextCommand    `cmd:"" help:"Create a context, or change settings of one."`
	Remove removeContextCommand `cmd:"" help:"Remove a context."`
}

// Help is what `ecsd help context` prints above the commands.
func (ContextCommands) Help() string {
	return `A context is a named set of settings for the commands of a running server: ` + strings.Join(contextKeys, ", ") + `. A flag overrides its variable, which overrides the context, which overrides the default. The file is $XDG_CONFIG_HOME/ecsd/config.yaml, by default ~/.config/ecsd/config.yaml. Tokens are not in it: set token-file or token-command.

Exit codes: 0 done; 1 the file cannot be written; 2 an unknown context, key or value.`
}

// Examples of `ecsd context`.
func (ContextCommands) Examples() string { return (*setContextCommand)(nil).Examples() }

type listContextsCommand struct{}

// Examples of the command.
func (*listContextsCommand) Examples() string { return "ecsd context list" }

// Run lists the contexts.
func (*listContextsCommand) Run(streams Streams) error {
	file, err := loadContexts()
	if err != nil {
		return &Error{err.Error(), exitUsage}
	}
	for _, name := range file.names() {
		mark := " "
		if name == file.current() {
			mark = "*"
		}
		settings, err := file.settings(name)
		if err != nil {
			return &Error{err.Error(), exitUsage}
		}
		fmt.Fprintf(streams.Out, "%s %-16s %s\n", mark, name, output.Clean(strings.Join(settings["address"], "")))
	}
	return nil
}

type showContextCommand struct {
	Name string `arg:"" optional:"" placeholder:"CONTEXT" help:"The context. Default: the current one."`
}

// Examples of the command.
func (*showContextCommand) Examples() string { return "ecsd context show staging" }

// Run shows a context.
func (c *showContextCommand) Run(streams Streams) error {
	file, err := loadContexts()
	if err != nil {
		return &Error{err.Error(), exitUsage}
	}
	name := c.Name
	if name == "" {
		if name = file.current(); name == "" {
			return &Error{"no context is in use: name one of " + strings.Join(file.names(), ", ") + ", or run ecsd context use", exitUsage}
		}
	}
	settings, err := file.settings(name)
	if err != nil {
		return &Error{err.Error(), exitUsage}
	}
	fmt.Fprintf(streams.Out, "%-13s %s\n", "context", name)
	for _, key := range contextKeys {
		if values := settings[key]; len(values) > 0 {
			fmt.Fprintf(streams.Out, "%-13s %s\n", key, output.Clean(strings.Join(values, ", ")))
		}
	}
	return nil
}

type useContextCommand struct {
	Name string `arg:"" placeholder:"CONTEXT" help:"The context."`
}

// Examples of the command.
func (*useContextCommand) Examples() string { return "ecsd context use staging" }

// Run changes the current context.
func (c *useContextCommand) Run(streams Streams) error {
	return changeContexts(streams, "context "+c.Name+" is in use", func(file *contextFile) error {
		if !slices.Contains(file.names(), c.Name) {
			return file.unknown(c.Name)
		}
		put(file.root, "current", text(c.Name))
		return nil
	})
}

type setContextCommand struct {
	Name     string   `arg:"" placeholder:"CONTEXT" help:"The context."`
	Settings []string `arg:"" optional:"" sep:"none" name:"setting" placeholder:"KEY=VALUE" help:"A setting (repeatable); an empty value removes it. A region may be a list: region=cn-hangzhou,cn-shanghai."`
}

// Examples of the command.
func (*setContextCommand) Examples() string {
	return `# A server of this machine, and two default regions:
ecsd context set staging address=127.0.0.1:50051 region=cn-hangzhou,cn-shanghai
# A server with TLS, and a token that a command prints:
ecsd context set prod address=ecsd.corp:443 tls=true token-command='pass show ecsd/prod'
# Remove a setting:
ecsd context set prod token-command=`
}

// Run changes a context.
func (c *setContextCommand) Run(streams Streams) error {
	return changeContexts(streams, "context "+c.Name+" is set", func(file *contextFile) error {
		if !contextName.MatchString(c.Name) {
			return nameError(c.Name)
		}
		contexts := child(file.root, "contexts")
		if contexts == nil {
			contexts = mapping()
			put(file.root, "contexts", contexts)
		}
		settings := child(contexts, c.Name)
		if settings == nil {
			settings = mapping()
			put(contexts, c.Name, settings)
		}
		for _, setting := range c.Settings {
			key, value, found := strings.Cut(setting, "=")
			if !found {
				return fmt.Errorf("invalid setting %q: want KEY=VALUE; the keys are %s", key, strings.Join(contextKeys, ", "))
			}
			values := []string{value}
			if key == "region" {
				values = strings.Split(value, ",")
			}
			if value == "" {
				values = nil
			}
			if err := checkSetting(key, values); err != nil {
				return err
			}
			switch {
			case value == "":
				remove(settings, key)
			case len(values) > 1:
				list := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
				for _, v := range values {
					list.Content = append(list.Content, text(v))
				}
				put(settings, key, list)
			default:
				put(settings, key, text(value))
			}
		}
		if file.current() == "" {
			put(file.root, "current", text(c.Name))
		}
		return nil
	})
}

type removeContextCommand struct {
	Name string `arg:"" placeholder:"CONTEXT" help:"The context."`
}

// Examples of the command.
func (*removeContextCommand) Examples() string { return "ecsd context remove staging" }

// Run removes a context.
func (c *removeContextCommand) Run(streams Streams) error {
	return changeContexts(streams, "context "+c.Name+" is removed", func(file *contextFile) error {
		if !slices.Contains(file.names(), c.Name) {
			return file.unknown(c.Name)
		}
		remove(child(file.root, "contexts"), c.Name)
		if file.current() == c.Name {
			remove(file.root, "current")
		}
		return nil
	})
}

// changeContexts changes the configuration file.
func changeContexts(streams Streams, done string, change func(*contextFile) error) error {
	file, err := loadContexts()
	if err == nil {
		err = change(file)
	}
	if err != nil {
		return &Error{err.Error(), exitUsage}
	}
	if err := file.save(); err != nil {
		return &Error{err.Error(), exitFailed}
	}
	fmt.Fprintln(streams.Out, done)
	return nil
}

func text(value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Value: value}
}
