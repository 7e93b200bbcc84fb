package rescue_test

import (
	"bytes"
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/rescue"
)

// A panic of work without a waiting caller is logged with its stack and counted.
func TestOnce_Panic(t *testing.T) {
	var log bytes.Buffer
	before := rescue.Panics()
	if rescue.Once(slog.New(slog.NewTextHandler(&log, nil)), "polls of cn-a", broken) {
		t.Error("Once reports that work which panicked has returned")
	}
	for _, want := range []string{"polls of cn-a", "the defect", "rescue_test.broken"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log does not name %q: %s", want, log.String())
		}
	}
	if n := rescue.Panics() - before; n != 1 {
		t.Errorf("%d panics were counted, want 1", n)
	}
	if !rescue.Once(slog.New(slog.DiscardHandler), "work", func() {}) {
		t.Error("Once reports that work which returned has panicked")
	}
}

// Work that panics is started again until it returns, not faster than once a second.
func TestLoop_StartsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, runs := time.Now(), 0
		rescue.Loop(t.Context(), slog.New(slog.DiscardHandler), "work", func(context.Context) {
			if runs++; runs < 4 {
				broken()
			}
		})
		if runs != 4 {
			t.Errorf("the work ran %d times, want 4", runs)
		}
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("the runs took %s, want a pause of a second after each panic", took)
		}
	})
}

func TestLoop_EndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
		defer cancel()
		runs := 0
		rescue.Loop(ctx, slog.New(slog.DiscardHandler), "work", func(context.Context) { runs++; broken() })
		if runs != 3 {
			t.Errorf("the work ran %d times in 2.5 s, want 3", runs)
		}
	})
}

// elsewhere are the files with goroutines whose guard is not in their statement, with
// the function that has it; "" if there is nothing to guard.
var elsewhere = map[string]string{
	"cmd/ecsd/main.go":           "",        // waits for a signal
	"internal/payment/runner.go": "",        // closes a channel
	"internal/payment/writer.go": "run",     // commit
	"internal/payment/gate.go":   "step",    // of the session
	"internal/payment/settle.go": "step",    // of the session
	"internal/lease/lease.go":    "run",     // in hold
	"internal/flight/group.go":   "rescued", // of the group
	"internal/rescue/rescue.go":  "recover",
	"internal/cloud/edge.go":     "work",     // the check of a permission
	"internal/follow/follow.go":  "readStep", // recovers
}

// Every goroutine of the server survives a panic: a go statement, or a function
// given to a Go method, calls package rescue, or the group is a rescue.Group.
func TestGoroutines_AreGuarded(t *testing.T) {
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		guard, is := elsewhere[filepath.ToSlash(name)]
		if is && guard == "" {
			return nil
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			return err
		}
		groups := rescueGroups(file)
		ast.Inspect(file, func(n ast.Node) bool {
			var started ast.Node
			switch n := n.(type) {
			case *ast.GoStmt:
				started = n.Call
			case *ast.CallExpr:
				method, is := n.Fun.(*ast.SelectorExpr)
				if !is || method.Sel.Name != "Go" || len(n.Args) != 1 {
					return true
				}
				if of, is := method.X.(*ast.Ident); is && groups[of.Name] {
					return true
				}
				started = n.Args[0]
			default:
				return true
			}
			if !mentions(started, []string{"rescue", guard}) {
				t.Errorf("%s: a panic of this goroutine ends the process: use package rescue", files.Position(n.Pos()))
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// rescueGroups returns the names of the variables that are a rescue.Group.
func rescueGroups(file *ast.File) map[string]bool {
	groups := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ValueSpec:
			if n.Type != nil && mentions(n.Type, []string{"rescue"}) {
				groups[n.Names[0].Name] = true
			}
		case *ast.AssignStmt:
			if name, is := n.Lhs[0].(*ast.Ident); is && mentions(n.Rhs[0], []string{"rescue"}) {
				groups[name.Name] = true
			}
		}
		return true
	})
	return groups
}

// mentions reports whether a node has one of the identifiers.
func mentions(n ast.Node, names []string) (found bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		if ident, is := n.(*ast.Ident); is && slices.Contains(names, ident.Name) {
			found = true
		}
		return !found
	})
	return found
}
