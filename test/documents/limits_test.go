package documents

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server"
)

var (
	// limitRow matches a row of docs/limits.md: the default, the file or flag, and the name.
	limitRow = regexp.MustCompile("(?m)^\\| [^|]+ \\| ([^|]+) \\| [^|]+ \\| `([^`]+)`(?: `([^`]+)`)? \\|$")
	// limitName matches the names of constants that docs/limits.md must list.
	limitName = regexp.MustCompile(`^max[A-Z]|Timeout$`)
)

// limits are the constants of the server by file and name, and the fields of composite literals by variable and field.
type limits map[string]map[string]ast.Expr

// TestLimits compares the defaults in docs/limits.md with the code, and checks that no limit is missing there.
func TestLimits(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "docs", "limits.md"))
	if err != nil {
		t.Fatal(err)
	}
	code := readLimits(t)
	listed := map[string]bool{}
	for _, row := range limitRow.FindAllStringSubmatch(string(page), -1) {
		text, file, name := row[1], row[2], row[3]
		documented, err := parseLimit(text)
		if err != nil {
			t.Errorf("%s %s: %v", file, name, err)
			continue
		}
		listed[file+" "+name] = true
		actual, err := code.value(file, name)
		switch {
		case err != nil:
			t.Errorf("%s %s: %v", file, name, err)
		case actual != documented:
			t.Errorf("%s %s: docs/limits.md says %s, the code %d (as a duration %v)", file, name, text, actual, time.Duration(actual))
		}
	}
	if len(listed) < 100 {
		t.Errorf("docs/limits.md lists %d limits; its rows have changed their form", len(listed))
	}
	for file, constants := range code {
		for name := range constants {
			if limitName.MatchString(name) && !strings.HasPrefix(file, "api/") && !listed[file+" "+name] {
				t.Errorf("docs/limits.md does not list %s %s", file, name)
			}
		}
	}
}

// readLimits parses the server, without tests.
func readLimits(t *testing.T) limits {
	t.Helper()
	all := limits{}
	top := filepath.Join(root, "server")
	err := filepath.WalkDir(top, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(top, path)
		if err != nil {
			return err
		}
		found := map[string]ast.Expr{}
		for _, declaration := range parsed.Decls {
			if general, ok := declaration.(*ast.GenDecl); ok && (general.Tok == token.CONST || general.Tok == token.VAR) {
				for _, spec := range general.Specs {
					values := spec.(*ast.ValueSpec)
					for i, value := range values.Values {
						found[values.Names[i].Name] = value
					}
				}
			}
		}
		all[strings.TrimPrefix(filepath.ToSlash(name), "internal/")] = found
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// value evaluates what a row of the page names: a flag's default, a field of server.Limits, a constant, or a field of a
// variable.
func (l limits) value(file, name string) (int64, error) {
	if strings.HasPrefix(file, "--") {
		return setting(reflect.ValueOf(server.DefaultConfig()), strings.TrimPrefix(file, "--"))
	}
	if field, ok := strings.CutPrefix(name, "Limits."); ok {
		return number(reflect.ValueOf(server.DefaultLimits()).FieldByName(field))
	}
	variable, field, isField := strings.Cut(name, ".")
	expression, ok := l[file][variable]
	if !ok {
		return 0, fmt.Errorf("the file has no constant of this name")
	}
	if isField {
		literal, _ := expression.(*ast.CompositeLit)
		for _, element := range literal.Elts {
			if pair := element.(*ast.KeyValueExpr); pair.Key.(*ast.Ident).Name == field {
				expression = pair.Value
			}
		}
	}
	value, err := l.evaluate(file, expression)
	if err != nil {
		return 0, err
	}
	n, _ := constant.Int64Val(constant.ToInt(value))
	return n, nil
}

// evaluate computes a constant expression of numbers, units of time, and constants of the same file.
func (l limits) evaluate(file string, expression ast.Expr) (constant.Value, error) {
	switch e := expression.(type) {
	case *ast.BasicLit:
		return constant.MakeFromLiteral(e.Value, e.Kind, 0), nil
	case *ast.ParenExpr:
		return l.evaluate(file, e.X)
	case *ast.Ident:
		if value, ok := l[file][e.Name]; ok {
			return l.evaluate(file, value)
		}
	case *ast.SelectorExpr:
		units := map[string]time.Duration{
			"Hour": time.Hour, "Minute": time.Minute, "Second": time.Second, "Millisecond": time.Millisecond,
		}
		if unit, ok := units[e.Sel.Name]; ok {
			return constant.MakeInt64(int64(unit)), nil
		}
	case *ast.BinaryExpr:
		x, err := l.evaluate(file, e.X)
		if err != nil {
			return nil, err
		}
		y, err := l.evaluate(file, e.Y)
		if err != nil {
			return nil, err
		}
		if e.Op == token.SHL {
			shift, _ := constant.Uint64Val(y)
			return constant.Shift(x, e.Op, uint(shift)), nil
		}
		if e.Op == token.QUO {
			return constant.BinaryOp(x, token.QUO_ASSIGN, y), nil // of integers
		}
		return constant.BinaryOp(x, e.Op, y), nil
	}
	return nil, fmt.Errorf("the expression cannot be evaluated: %T", expression)
}

// setting returns the default of a flag, whose name is that of its field or in its tag.
func setting(config reflect.Value, flag string) (int64, error) {
	for i := range config.NumField() {
		field := config.Type().Field(i)
		name := field.Tag.Get("name")
		if name == "" {
			name = strings.ToLower(regexp.MustCompile(`([a-z])([A-Z])`).ReplaceAllString(field.Name, "$1-$2"))
		}
		if name == flag {
			return number(config.Field(i))
		}
	}
	return 0, fmt.Errorf("no such flag")
}

func number(value reflect.Value) (int64, error) {
	switch {
	case !value.IsValid():
		return 0, fmt.Errorf("no such field")
	case value.CanInt():
		return value.Int(), nil
	case value.CanUint():
		return int64(value.Uint()), nil //nolint:gosec // a small number
	}
	return 0, fmt.Errorf("not a number: %v", value)
}

// parseLimit reads a value of the page, such as 10,000, 256 KiB, 1.5 s or 15 min.
func parseLimit(text string) (int64, error) {
	units := map[string]float64{
		"": 1, "KiB": 1 << 10, "MiB": 1 << 20,
		"ms": float64(time.Millisecond), "s": float64(time.Second), "min": float64(time.Minute), "h": float64(time.Hour),
	}
	var n float64
	digits, unit, _ := strings.Cut(text, " ")
	if _, err := fmt.Sscanf(strings.ReplaceAll(digits, ",", ""), "%g", &n); err != nil || units[unit] == 0 {
		return 0, fmt.Errorf("%q is no number with a unit", text)
	}
	return int64(n * units[unit]), nil
}
