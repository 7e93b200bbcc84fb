package api

import (
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

func TestRenewalProto_ExpireTimeAfter(t *testing.T) {
	expected, read := time.Unix(2_000_000_000, 0).UTC(), time.Unix(2_100_000_000, 0).UTC()
	for _, c := range []struct {
		id    string
		state ledger.State
		want  time.Time
	}{
		{"", ledger.Planned, expected}, // a dry run
		{"", ledger.Skipped, time.Time{}},
		{"r-1", ledger.Planned, time.Time{}},
		{"r-1", ledger.Submitting, time.Time{}},
		{"r-1", ledger.Unknown, time.Time{}},
		{"r-1", ledger.Verifying, time.Time{}},
		{"r-1", ledger.Unverified, time.Time{}},
		{"r-1", ledger.NeedsAttention, time.Time{}},
		{"r-1", ledger.Failed, time.Time{}},
		{"r-1", ledger.Renewed, read},
	} {
		got := renewalProto(ledger.Renewal{ID: c.id, State: c.state, ExpireExpected: expected, ExpireAfter: read}).GetExpireTimeAfter()
		if (got != nil) != !c.want.IsZero() || got != nil && !got.AsTime().Equal(c.want) {
			t.Errorf("%s %q: got %v, want %v", c.state, c.id, got, c.want)
		}
	}
}
