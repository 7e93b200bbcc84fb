package store

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
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

// Migration 16 counted the renewals by the words of earlier programs. The counts of a job have the reasons of its renewals.
func TestDecodeCounts_EarlierWords(t *testing.T) {
	got, err := decodeCounts(`[{"State":"FAILED","Reason":"CANCELLED","Count":12},{"State":"FAILED","Reason":"INSTANCE_LOCKED","Count":1},
		{"State":"FAILED","Reason":"LOCKED","Count":2},{"State":"PLANNED","Reason":"","Count":8}]`)
	want := []ledger.Count{
		{State: ledger.Failed, Reason: ecs.ReasonInstanceLocked, Count: 3},
		{State: ledger.Failed, Reason: ecs.ReasonJobCancelled, Count: 12},
		{State: ledger.Planned, Count: 8},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v, want - got +\n%s", err, diff)
	}
}
