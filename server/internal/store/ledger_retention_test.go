package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/store"
)

// The money of orders, spending accounts and release jobs are removed after 400 days, in small transactions; reserved
// money and jobs in progress stay, however old.
func TestTrimLedger(t *testing.T) {
	onEach(t, func(t *testing.T, s *store.Store) {
		now := releaseTime
		old, young := now.Add(-401*24*time.Hour).UnixMilli(), now.Add(-399*24*time.Hour).UnixMilli()
		var orders []string
		order := func(key, state string, at int64) {
			orders = append(orders, fmt.Sprintf("('%s', 'team-a', '%s', 'CNY', 1, 0, %d)", key, state, at))
		}
		for i := range 150 {
			order(fmt.Sprint("old/", i), "SPENT", old)
		}
		order("released", "", old)
		order("reserved", "RESERVED", old)
		order("young", "SPENT", young)
		if err := s.Tamper(t.Context(), "INSERT INTO spend_orders (order_key, caller, state, currency_code, price_units, price_nanos, spend_time) VALUES "+
			strings.Join(orders, ", ")+fmt.Sprintf(`; INSERT INTO spend_accounts (caller, currency_code, start_time, end_time, reserved_units, reserved_nanos, spent_units, spent_nanos)
			VALUES ('team-a', 'CNY', 0, %d, 0, 0, 1, 0), ('team-a', 'CNY', 0, %d, 0, 0, 1, 0)`, old, young)); err != nil {
			t.Fatal(err)
		}
		for id, end := range map[string]int64{"j-old": old, "j-young": young, "j-open": 0} {
			j, items := releaseJob(id, "i-1", "i-2")
			if end > 0 {
				j.EndTime = time.UnixMilli(end).UTC()
			}
			if err := s.CreateReleaseJob(t.Context(), j, items); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.TrimLedger(t.Context(), now); err != nil {
			t.Fatal(err)
		}
		for table, want := range map[string]int{"spend_orders": 2, "spend_accounts": 1, "release_jobs": 2, "release_items": 4} {
			if n := s.Rows(t.Context(), table); n != want {
				t.Errorf("%d rows of %s remain, want %d", n, table, want)
			}
		}
		if _, err := s.ReleaseJob(t.Context(), "j-old"); !errors.Is(err, ecs.ErrNoRecord) {
			t.Errorf("the old job: %v, want ErrNoRecord", err)
		}
	})
}
