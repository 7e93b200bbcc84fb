package main

import (
	"database/sql"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the test changes the database as whoever has its file can
)

var headHash = regexp.MustCompile(`(\d+) records in \d+ blocks agree\. Block \d+ has the hash ([0-9a-f]{64})`)

// sealed waits until the audit has at least so many sealed records, and returns the hash of the newest block.
func (h *fixture) sealed(records string) (hash string) {
	h.t.Helper()
	for giveUp := time.Now().Add(20 * time.Second); time.Now().Before(giveUp); {
		s := h.command("audit", "verify")
		if found := headHash.FindStringSubmatch(s.out); s.code == 0 && found != nil && found[1] == records {
			return found[2]
		}
		time.Sleep(200 * time.Millisecond) // the server seals each second
	}
	h.t.Fatalf("the audit did not get %s sealed records: %s", records, h.command("audit", "list").out)
	return ""
}

// The freeze drill of an operator, and the audit of what happened in it.
func TestSpendingAndAudit(t *testing.T) {
	t.Parallel()
	h := newFixture(t, 2)
	h.command("spending", "show").want(t, 0, "CALLER", "Spending is not frozen.")
	h.command("spending", "freeze").want(t, exitUsage, "--reason")
	h.command("spending", "freeze", "--reason=").want(t, exitUsage, "1 to 500 characters")
	h.command("spending", "freeze", "--reason=drill").want(t, 0, "Spending is FROZEN since", "by tester: drill")
	h.command("spending", "freeze", "--reason=another").want(t, 0, "by tester: drill")
	created := h.ecsd("create", "--within=14d", "--period=1m", "--yes", "--budget=100000CNY").want(t, 0)
	job := regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}`).FindAllString(created.out, -1)
	if paid := h.orders(); len(paid) != 0 {
		t.Fatalf("%d charges during a freeze", len(paid))
	}
	h.command("spending", "unfreeze", "--reason=over").want(t, exitUsage, "pass --yes")
	h.command("spending", "unfreeze", "--reason=over", "--yes").want(t, 0, "Spending is not frozen since", "by tester: over")
	h.ecsd("watch", job[len(job)-1]).want(t, 0, "SUCCEEDED")

	hash := h.sealed("7") // a freeze, its end, a job, two orders and their payments
	h.command("audit", "list").want(t, 0, "FreezeSpending", "UnfreezeSpending", "CreateRenewalJob", "ORDER_SENT", "PAID", "tester")
	h.command("audit", "list", "--decision=wrong").want(t, exitUsage, "invalid --decision")
	if s := h.command("audit", "export", "--decision=paid"); strings.Count(s.out, "AUDIT_DECISION_PAID") != 2 || strings.Count(s.out, "\n") != 2 {
		t.Errorf("the payments are exported as %q", s.out)
	}
	h.command("audit", "verify", "--kept="+hash).want(t, 0, "7 records")
	h.command("audit", "verify", "--kept="+strings.Repeat("0", 64)).want(t, 3, "lacks 1 of the hashes that were kept")
	h.command("audit", "verify", "--kept=x").want(t, exitUsage, "64 hexadecimal digits")

	h.server.signal(t, syscall.SIGTERM)
	if err := h.server.command.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, h.server.log)
	}
	db, err := sql.Open("sqlite", h.database)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), "UPDATE audit_records SET caller = 'other' WHERE rpc = 'FreezeSpending'"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	h.serve()
	h.command("audit", "verify").want(t, 3, "audit block 1 is broken")
}
