package store

import (
	"testing"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// The words in the database are those of earlier programs, which run beside this one during an upgrade.
func TestStoredReason_EarlierPrograms(t *testing.T) {
	for _, tc := range []struct {
		stored  string
		reason  ecs.Reason
		written string
	}{
		{"CANCELLED", ecs.ReasonJobCancelled, "CANCELLED"},
		{"LOCKED", ecs.ReasonInstanceLocked, "INSTANCE_LOCKED"},
		{"INSTANCE_LOCKED", ecs.ReasonInstanceLocked, "INSTANCE_LOCKED"},
		{"", "", ""},
	} {
		var read ecs.Reason
		for _, value := range []any{tc.stored, []byte(tc.stored)} {
			if err := (reasonIn{&read}).Scan(value); err != nil || read != tc.reason {
				t.Errorf("%T %q: got %q, %v, want %q", value, tc.stored, read, err, tc.reason)
			}
		}
		if got := storedReason(tc.reason); got != tc.written {
			t.Errorf("%q: wrote %q, want %q", tc.reason, got, tc.written)
		}
	}
	if err := (reasonIn{new(ecs.Reason)}).Scan(int64(1)); err == nil {
		t.Error("a number was read as a reason")
	}
}
