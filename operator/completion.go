package operator

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// CompletionCommand is `ecsd completion`.
type CompletionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Examples of the command.
func (*CompletionCommand) Examples() string {
	return `# For this shell:
source <(ecsd completion bash)
# For good: bash, zsh (a folder of $fpath) and fish
ecsd completion bash > ~/.ecsd-completion.bash
ecsd completion zsh > ~/_ecsd
ecsd completion fish > ~/ecsd.fish`
}

// The scripts call `ecsd complete-words` with the words up to the cursor.
var completionScripts = map[string]string{
	"bash": `_ecsd() {
	local IFS=$'\n'
	COMPREPLY=($(ecsd complete-words -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
	[[ ${#COMPREPLY[@]} -gt 0 ]] || compopt -o default
}
complete -F _ecsd ecsd
`,
	"zsh": `#compdef ecsd
_ecsd() {
	local -a found
	found=("${(@f)$(ecsd complete-words -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
	if [[ -n "$found" ]]; then compadd -a found; else _files; fi
}
if [[ "$funcstack[1]" == _ecsd ]]; then _ecsd; else compdef _ecsd ecsd; fi
`,
	"fish": `function __ecsd_words
	set -l words (commandline -opc) (commandline -ct)
	ecsd complete-words -- $words[2..-1] 2>/dev/null
end
complete -c ecsd -a '(__ecsd_words)'
`,
}

// Run prints the script.
func (c *CompletionCommand) Run(streams Streams) error {
	_, err := io.WriteString(streams.Out, completionScripts[c.Shell])
	return err
}

// CompleteWordsCommand is `ecsd complete-words`, which the scripts of completion call.
type CompleteWordsCommand struct {
	Words []string `arg:"" optional:"" help:"The words before the cursor; the last one is incomplete."`
}

// Run prints what may stand for the last word, one per line.
func (c *CompleteWordsCommand) Run(streams Streams, parser *kong.Kong) error {
	for _, word := range completions(parser.Model.Node, c.Words) {
		fmt.Fprintln(streams.Out, word)
	}
	return nil
}

// completions returns the commands, flags and values that may stand for the last word, sorted.
func completions(node *kong.Node, words []string) (found []string) {
	if len(words) == 0 {
		words = []string{""}
	}
	before, last := words[:len(words)-1], words[len(words)-1]
	var expects *kong.Flag
	positionals := 0
	for _, word := range before {
		switch {
		case expects != nil:
			expects = nil
		case strings.HasPrefix(word, "-"):
			if flag := flagNamed(node, word); flag != nil && !flag.IsBool() && !strings.Contains(word, "=") {
				expects = flag
			}
		default:
			if next := commandNamed(node, word); next != nil {
				node, positionals = next, 0
			} else {
				positionals++
			}
		}
	}
	prefix := ""
	if name, _, joined := strings.Cut(last, "="); joined && strings.HasPrefix(name, "--") {
		expects, prefix = flagNamed(node, name), name+"="
	}
	switch {
	case expects != nil:
		found = valuesFor(expects.Value)
	case strings.HasPrefix(last, "-"):
		for at := node; at != nil; at = at.Parent {
			for _, flag := range at.Flags {
				if !flag.Hidden {
					found = append(found, "--"+flag.Name)
				}
			}
		}
	default:
		for _, command := range node.Children {
			if !command.Hidden {
				found = append(found, command.Name)
			}
		}
		if len(node.Positional) > 0 {
			found = append(found, valuesFor(node.Positional[min(positionals, len(node.Positional)-1)])...)
		}
	}
	for i := range found {
		found[i] = prefix + found[i]
	}
	found = slices.DeleteFunc(found, func(word string) bool { return !strings.HasPrefix(word, last) })
	slices.Sort(found)
	return slices.Compact(found)
}

// valuesFor returns the values that a flag or an argument takes, none if they are open.
func valuesFor(value *kong.Value) []string {
	if value.Enum != "" {
		return value.EnumSlice()
	}
	if value.Name == "context" || value.Tag.PlaceHolder == "CONTEXT" {
		if file, err := loadContexts(); err == nil {
			return file.names()
		}
	}
	return nil
}

func commandNamed(node *kong.Node, word string) *kong.Node {
	for _, command := range node.Children {
		if command.Name == word {
			return command
		}
	}
	return nil
}

// flagNamed returns the flag of a word such as --output, --output=json or -o, of the command or its parents.
func flagNamed(node *kong.Node, word string) *kong.Flag {
	name, _, _ := strings.Cut(strings.TrimLeft(word, "-"), "=")
	for at := node; at != nil; at = at.Parent {
		for _, flag := range at.Flags {
			if flag.Name == name || !strings.HasPrefix(word, "--") && flag.Short != 0 && string(flag.Short) == name {
				return flag
			}
		}
	}
	return nil
}
