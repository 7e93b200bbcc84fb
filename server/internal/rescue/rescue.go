// Package rescue keeps a panic from ending the process: a defect in one request
// must not stop the payments and watches of all others. The interceptors
// recover a panic in the goroutine of a handler; this package covers the
// goroutines below it, and those that no handler waits for. A panic is handed to
// the goroutine that waits: Group repeats it there, Into returns it as an error. If
// none waits, the panic is logged with its stack and counted: Loop starts the work
// again, and Once lets its caller fail the component closed.
package rescue

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// PanicError is a panic of another goroutine, with its stack.
type PanicError struct {
	Value any
	Stack []byte
}

// Error returns the panic and its stack, for the log. A value that is neither
// an error nor text is named by its type: it may hold a secret.
func (p *PanicError) Error() string {
	text := fmt.Sprintf("%T", p.Value)
	switch v := p.Value.(type) {
	case error:
		text = v.Error()
	case string:
		text = v
	}
	return fmt.Sprintf("panic: %s\n%s", text, p.Stack)
}

// Into turns a panic into an INTERNAL error with a PanicError as its
// cause. Call it deferred.
func Into(err *error) {
	if v := recover(); v != nil {
		e := ecs.Errorf(ecs.ReasonInternal, "ecsd failed in an unexpected way; its log has the cause")
		e.Cause = Caught(v)
		*err = e
	}
}

// panics counts the panics of the process.
var panics atomic.Int64

// Panics returns how many panics were recovered in this process.
func Panics() int64 { return panics.Load() }

// Caught returns the value of recover as a PanicError, and counts it. A PanicError
// of another goroutine is returned as it is.
func Caught(v any) *PanicError {
	if p, ok := v.(*PanicError); ok {
		return p
	}
	panics.Add(1)
	return &PanicError{Value: v, Stack: debug.Stack()}
}

// Group is an errgroup.Group with a Wait that panics if one of its goroutines did.
// The zero value is ready to use.
type Group struct {
	group errgroup.Group
	ctx   *errgroup.Group // of WithContext, in place of group

	once  sync.Once
	panic *PanicError
}

// WithContext returns a Group and a context that ends when a function returns
// an error or panics, or Wait returns.
func WithContext(ctx context.Context) (*Group, context.Context) {
	inner, ctx := errgroup.WithContext(ctx)
	return &Group{ctx: inner}, ctx
}

func (g *Group) inner() *errgroup.Group {
	if g.ctx != nil {
		return g.ctx
	}
	return &g.group
}

// SetLimit bounds how many functions run at the same time.
func (g *Group) SetLimit(n int) { g.inner().SetLimit(n) }

// Go runs a function in a goroutine.
func (g *Group) Go(work func() error) {
	g.inner().Go(func() (err error) {
		defer func() {
			if v := recover(); v != nil {
				p := Caught(v)
				g.once.Do(func() { g.panic = p })
				err = p
			}
		}()
		return work()
	})
}

// Wait waits for all functions and returns the first error. If one has
// panicked, Wait panics with its PanicError.
func (g *Group) Wait() error {
	err := g.inner().Wait()
	if g.panic != nil {
		panic(g.panic)
	}
	return err
}
