package rescue_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/rescue"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func broken() { panic("the defect") }

// A panic in a group reaches the goroutine that waits, with its own stack.
func TestGroup_Panic(t *testing.T) {
	plain := &rescue.Group{}
	bounded, ctx := rescue.WithContext(t.Context())
	for name, group := range map[string]*rescue.Group{"plain": plain, "with a context": bounded} {
		group.Go(func() error { broken(); return nil })
		group.Go(func() error { return nil })
		err := func() (err error) {
			defer rescue.Into(&err)
			return group.Wait()
		}()
		if !ecs.HasReason(err, ecs.ReasonInternal) || strings.Contains(err.Error(), "the defect") {
			t.Errorf("%s: %v, want INTERNAL without the panic", name, err)
		}
		var p *rescue.PanicError
		if !errors.As(err, &p) || !strings.Contains(p.Error(), "the defect") || !strings.Contains(p.Error(), "rescue_test.broken") {
			t.Errorf("%s: the cause is %v", name, p)
		}
	}
	if !errors.Is(ctx.Err(), context.Canceled) {
		t.Error("the context of the group goes on after a panic")
	}
}

func TestGroup_Error(t *testing.T) {
	var group rescue.Group
	group.SetLimit(1)
	want := errors.New("first")
	group.Go(func() error { return want })
	if err := group.Wait(); !errors.Is(err, want) {
		t.Errorf("Wait returns %v", err)
	}
}

// The text of a panic with a value that is no text shows its type only.
func TestPanic_HidesValues(t *testing.T) {
	text := (&rescue.PanicError{Value: struct{ Password string }{"secret"}}).Error()
	if strings.Contains(text, "secret") {
		t.Errorf("%s", text)
	}
}
