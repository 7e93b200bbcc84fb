package main

import (
	"cmp"
	"fmt"
	"os"
	"slices"
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

// readsEnvironment reports whether a flag of the command, or of its parent, has
// a variable.
func readsEnvironment(command *kong.Node) bool {
	for ; command != nil; command = command.Parent {
		if slices.ContainsFunc(command.Flags, func(f *kong.Flag) bool { return len(f.Envs) > 0 }) {
			return true
		}
	}
	return false
}

// checkEnvironment refuses an ECSD_ variable without a flag: a misspelt one
// would silently leave the default in place. The variables of tests are exempt.
func checkEnvironment(model *kong.Application, variables []string) error {
	var known []string
	for _, command := range model.Children {
		for _, flag := range command.Flags {
			known = append(known, flag.Envs...)
		}
	}
	for _, variable := range variables {
		name, _, _ := strings.Cut(variable, "=")
		if !strings.HasPrefix(name, "ECSD_") || strings.HasPrefix(name, "ECSD_TEST_") || slices.Contains(known, name) || ofService(name) {
			continue
		}
		return fmt.Errorf("%s: no such variable; did you mean %s? The flags' help names all of them", name, strings.Join(closest(name, known), ", "))
	}
	return nil
}

// ofService reports whether Kubernetes sets the variable, for a service called
// ecsd or ecsd-something. It sets the host of each service too.
func ofService(name string) bool {
	for _, mark := range []string{"_SERVICE_", "_PORT"} {
		if service, _, found := strings.Cut(name, mark); found {
			if _, set := os.LookupEnv(service + "_SERVICE_HOST"); set {
				return true
			}
		}
	}
	return false
}

// closest returns the three names that differ least from a misspelt one.
func closest(name string, known []string) []string {
	known = slices.Compact(slices.Sorted(slices.Values(known)))
	slices.SortStableFunc(known, func(a, b string) int { return cmp.Compare(distance(name, a), distance(name, b)) })
	return known[:min(3, len(known))]
}

// distance is how many letters must be put in, left out or replaced.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, diagonal+1, row[j]+1)
		}
	}
	return row[len(b)]
}
