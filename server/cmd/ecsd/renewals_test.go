package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// fixture is a simulator with subscriptions and a server before it, each a
// separate process.
type fixture struct {
	t                  *testing.T
	address, simulator string
	database           string
	server             *process
}

// newFixture has instances that expire in three days, and one that does in sixty.
func newFixture(t *testing.T, instances int, flags ...string) *fixture {
	t.Helper()
	cloud := startUntil(t, "simulator:", append([]string{
		"simulator", "--listen=127.0.0.1:0", "--instances=0", "--regions=cn-hangzhou", "--renew-lag=0",
	}, flags...)...)
	h := &fixture{t: t, simulator: strings.TrimSuffix(strings.Fields(cloud.line)[4], ",")}
	h.seed(instances, 3)
	h.seed(1, 60)
	h.database, h.address = filepath.Join(t.TempDir(), "ecsd.db"), "127.0.0.1:0"
	h.serve()
	return h
}

// serve starts the server, again at the same place.
func (h *fixture) serve(flags ...string) {
	h.t.Helper()
	h.server = start(h.t, append([]string{"serve", "--listen=" + h.address, "--admin-listen=127.0.0.1:0", "--database=sqlite:" + h.database,
		"--endpoint=" + strings.TrimPrefix(h.simulator, "http://"), "--endpoint-scheme=http",
		"--renewal-settle-window=1s", "--renewal-token-trust=1s"}, flags...)...)
	h.address = h.server.at["gRPC"]
}

func (h *fixture) seed(count, days int) {
	h.t.Helper()
	body, _ := json.Marshal(map[string]any{"count": count, "expire_time": time.Now().AddDate(0, 0, days).UTC().Truncate(time.Minute)})
	request(h.t, http.MethodPost, h.simulator+"/_simulator/instances", string(body))
}

// orders returns the charges by instance.
func (h *fixture) orders() map[string]string {
	h.t.Helper()
	var ledger struct {
		Orders []struct {
			OrderID    string `json:"order_id"`
			InstanceID string `json:"instance_id"`
		} `json:"orders"`
	}
	if err := json.Unmarshal([]byte(request(h.t, http.MethodGet, h.simulator+"/_simulator/ledger", "")), &ledger); err != nil {
		h.t.Fatal(err)
	}
	byInstance := map[string]string{}
	for _, o := range ledger.Orders {
		if byInstance[o.InstanceID] != "" {
			h.t.Errorf("%s was charged twice", o.InstanceID)
		}
		byInstance[o.InstanceID] = o.OrderID
	}
	return byInstance
}

// said is the output and the exit code of a command.
type said struct {
	out, err string
	code     int
}

// ecsd runs a command of `ecsd renewals` without a terminal.
func (h *fixture) ecsd(args ...string) said {
	h.t.Helper()
	return h.command(append([]string{"renewals"}, args...)...)
}

// command runs a command without a terminal.
func (h *fixture) command(args ...string) said {
	h.t.Helper()
	command := exec.CommandContext(h.t.Context(), os.Args[0], args...)
	command.Env = append(os.Environ(), runsMain+"=1", "ECSD_ADDRESS="+h.address, "ECSD_CALLER=tester")
	var out, trouble bytes.Buffer
	command.Stdout, command.Stderr = &out, &trouble
	var ended *exec.ExitError
	if err := command.Run(); err != nil && !errors.As(err, &ended) {
		h.t.Fatal(err)
	}
	return said{out.String(), trouble.String(), command.ProcessState.ExitCode()}
}

// want checks the exit code and the expected output.
func (s said) want(t *testing.T, code int, texts ...string) said {
	t.Helper()
	missing := slices.DeleteFunc(texts, func(text string) bool { return strings.Contains(s.out+s.err, text) })
	if len(missing) > 0 {
		t.Errorf("it does not say %q", missing)
	}
	if s.code != code || len(missing) > 0 {
		t.Fatalf("exit code %d, want %d; it said:\n%s%s", s.code, code, s.out, s.err)
	}
	return s
}

var jobLine = regexp.MustCompile(`(?m)^job +(\S+) is`)

// The whole workflow of an operator: the plan, the job, its end, and the
// ledger, charge by charge.
func TestRenewals(t *testing.T) {
	t.Parallel()
	h := newFixture(t, 6)
	window := []string{"--within=14d", "--period=1m"}
	create := func(more ...string) said { return h.ecsd(append(append([]string{"create"}, window...), more...)...) }

	create().want(t, exitUsage, "stdin is not a terminal", "--yes")
	create("--yes").want(t, exitUsage, "--yes needs a limit", "--budget 5000CNY", "--any-price")
	create("--preview", "--rows=2").want(t, 0, "to renew   6 of 6 instances", "and 4 more", "the total above, unless --budget or --any-price")
	create("--preview", "--any-price").want(t, 0, "prices may rise")
	if paid := h.orders(); len(paid) != 0 {
		t.Fatalf("a plan cost %v", paid)
	}
	const requestID = "0f1c8a52-6c0e-4ae3-9a35-6d1a1f3b7c44"
	made := create("--yes", "--watch", "--budget=100000CNY", "--note=CC-4711", "--request-id="+requestID).want(t, 0,
		"request_id "+requestID, "6/6 done, 6 paid, 0 failed", "is SUCCEEDED", "6 RENEWED", "of 100,000.00 CNY", "by tester")
	if strings.Contains(made.out, "\r") || made.err != "" {
		t.Errorf("without a terminal it says %q, and %q on standard error", made.out, made.err)
	}
	paid := h.orders()
	if len(paid) != 6 {
		t.Fatalf("%d charges, want 6", len(paid))
	}
	job := jobLine.FindStringSubmatch(made.out)[1]
	again := create("--yes", "--budget=100000CNY", "--note=CC-4711", "--request-id="+requestID).want(t, 0, "made a job before", job)
	if strings.Contains(again.out, "to renew") {
		t.Errorf("asked again it plans again:\n%s", again.out)
	}
	create("--yes", "--any-price", "--period=2m", "--request-id="+requestID).want(t, exitFailed, "REQUEST_ID_REUSED", "leave --request-id out")

	h.ecsd("list").want(t, 0, job, "SUCCEEDED", "6/6", "tester")
	h.ecsd("list", "--state=failed").want(t, 0)
	shown := h.ecsd("show", job).want(t, 0, "1. at ", "ACCEPTED", "note       CC-4711", "selects    subscriptions that expire in the window").out
	for id, order := range paid {
		h.ecsd("export", "--order-id="+order, "--paid-since=2000-01-01").want(t, 0, id, order, "CC-4711")
	}
	h.ecsd("export", "--paid-until=2000-01-01").want(t, 0)
	h.ecsd("export", "--paid-since=2026-01-02", "--paid-until=2026-01-01").want(t, exitFailed, "INVALID_FIELD", "--paid-until")
	for id, order := range paid {
		if !strings.Contains(shown, id) || !strings.Contains(shown, order) {
			t.Errorf("show does not tell of %s, order %s:\n%s", id, order, shown)
		}
	}
	h.exports(t, job, paid)
	h.ecsd("create", "--within=45d", "--period=1m", "--preview").want(t, 0, "PAID BEFORE", "BY REQUEST\ni-", requestID, "recent     6 instances renewed in the last 31 days")

	renewal := regexp.MustCompile(`(?m)^(\S{36})  i-`).FindStringSubmatch(shown)[1]
	h.ecsd("cancel", job).want(t, exitFailed, "JOB_FINISHED", "to do")
	h.ecsd("cancel", "nobody").want(t, exitFailed, "JOB_NOT_FOUND", "ecsd renewals list")
	h.ecsd("watch", "nobody").want(t, exitFailed, "JOB_NOT_FOUND")
	h.ecsd("watch", job).want(t, 0, "6/6 done")
	h.ecsd("resolve", renewal, "try-again").want(t, exitUsage, "pass --yes")
	h.ecsd("resolve", renewal, "try-again", "--yes").want(t, exitFailed, "RENEWAL_SETTLED")
	h.ecsd("resolve", renewal, "not-paid", "--order-id=1", "--yes").want(t, exitFailed, "INVALID_FIELD", "--order-id")
	if now := h.orders(); len(now) != 6 {
		t.Errorf("%d charges at the end, want 6", len(now))
	}
}

// A watch resumes after a restart of its server, as the job does, and reports
// the end of the job.
func TestRenewals_WatchAcrossRestart(t *testing.T) {
	t.Parallel()
	h := newFixture(t, 4, "--rate=RenewInstance=1/2s")
	job := jobLine.FindStringSubmatch(h.ecsd("create", "--within=14d", "--period=1m", "--yes", "--any-price").want(t, 0).out)[1]
	var out, trouble log
	watch := exec.CommandContext(t.Context(), os.Args[0], "renewals", "watch", job, "--address="+h.address, "--every=100ms")
	watch.Env = append(os.Environ(), runsMain+"=1")
	watch.Stdout, watch.Stderr = &out, &trouble
	if err := watch.Start(); err != nil {
		t.Fatal(err)
	}
	await(t, "the watch is under way", func() bool { return strings.Count(out.String(), "\n") > 2 })
	stopped := time.Now()
	h.server.signal(t, syscall.SIGTERM)
	if err := h.server.command.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, h.server.log)
	}
	if took := time.Since(stopped); took > 15*time.Second {
		t.Errorf("the watch held the server up for %s", took)
	}
	await(t, "the watch has noticed", func() bool { return strings.Contains(trouble.String(), "the server is stopping") })
	h.serve()
	if err := watch.Wait(); err != nil || !strings.Contains(out.String(), "4 RENEWED") {
		t.Errorf("the watch ended with %v:\n%s%s", err, out.String(), trouble.String())
	}
	if paid := h.orders(); len(paid) != 4 {
		t.Errorf("%d charges, want 4", len(paid))
	}
}

// exports reads both formats back: they hold every charge with its order.
func (h *fixture) exports(t *testing.T, job string, paid map[string]string) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(h.ecsd("export", job).want(t, 0).out)).ReadAll()
	if err != nil || len(rows) != 7 {
		t.Fatalf("the CSV: %d rows (%v)", len(rows), err)
	}
	column := func(name string) int { return slices.Index(rows[0], name) }
	for _, row := range rows[1:] {
		if row[column("order_id")] != paid[row[column("instance_id")]] || row[column("state")] != "RENEWED" || row[column("currency")] != "CNY" {
			t.Errorf("the CSV has %v", row)
		}
	}
	lines := strings.Split(strings.TrimSpace(h.ecsd("export", "-o", "json", "--asked-by=tester").want(t, 0).out), "\n")
	if len(lines) != 6 {
		t.Fatalf("the JSON: %d renewals", len(lines))
	}
	for _, line := range lines {
		var r struct {
			InstanceID string `json:"instance_id"`
			OrderID    string `json:"order_id"`
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil || r.OrderID != paid[r.InstanceID] {
			t.Errorf("the JSON has %v (%v)", r, err)
		}
	}
	if out := h.ecsd("export", "-o", "json", "--asked-by=nobody").want(t, 0).out; out != "" {
		t.Errorf("nothing as JSON is %q", out)
	}
	h.ecsd("export", "nobody").want(t, exitFailed, "JOB_NOT_FOUND")
}

// exitNone is the exit code if nothing can be renewed.
const exitNone = 5

// Invalid input is reported with the flag that caused it and the documented
// exit code; nothing is stored or paid, and no Go value is printed.
func TestRenewals_Refused(t *testing.T) {
	t.Parallel()
	h := newFixture(t, 1)
	for name, c := range map[string]struct {
		args  []string
		code  int
		texts []string
	}{
		"no currency":           {[]string{"--within=14d", "--period=1m", "--budget=5000"}, exitUsage, []string{"--budget", "currency", "5000CNY"}},
		"no number":             {[]string{"--within=14d", "--period=1m", "--budget=manyCNY"}, exitUsage, []string{"--budget"}},
		"no window":             {[]string{"--period=1m"}, exitUsage, []string{"--within", "--expire-before"}},
		"two ends":              {[]string{"--within=14d", "--expire-before=2036-01-01", "--period=1m"}, exitUsage, []string{"exactly one of --within"}},
		"no time":               {[]string{"--expire-before=tomorrow", "--period=1m"}, exitUsage, []string{"2026-12-01"}},
		"neither what":          {[]string{"--within=14d"}, exitUsage, []string{"--period and --until-day"}},
		"both of what":          {[]string{"--within=14d", "--period=1m", "--until-day=3"}, exitUsage, []string{"--period and --until-day"}},
		"no unit":               {[]string{"--within=14d", "--period=3"}, exitUsage, []string{"1m for a month"}},
		"ids and a filter":      {[]string{"i-bp1", "--name=web*", "--period=1m"}, exitUsage, []string{"no filter"}},
		"no request id":         {[]string{"--within=14d", "--period=1m", "--request-id=1"}, exitUsage, []string{"UUID"}},
		"a period not sold":     {[]string{"--within=14d", "--period=11m"}, exitFailed, []string{"PERIOD_NOT_SOLD", "\n  --period ", "to do"}},
		"a day no month has":    {[]string{"--within=14d", "--until-day=29"}, exitFailed, []string{"INVALID_FIELD", "\n  --until-day "}},
		"nothing in the window": {[]string{"--within=14d", "--period=1m", "--name=nobody"}, 0, []string{"nothing to renew: no subscription expires in the window\n", "no instance at all matches --name"}},
		"an unknown ID":         {[]string{"i-bp1nosuchinstance000", "--period=1m"}, exitNone, []string{"to renew   0 of 1 instance\n", "INSTANCE_NOT_FOUND"}},
		"a preview of nothing":  {[]string{"i-bp1nosuchinstance000", "--period=1m", "--preview"}, exitNone, []string{"to renew   0 of 1 instance\n", "INSTANCE_NOT_FOUND"}},
		"another currency":      {[]string{"--within=14d", "--period=1m", "--budget=5000USD"}, exitFailed, []string{"--budget is in USD"}},
		"two limits":            {[]string{"--within=14d", "--period=1m", "--budget=5CNY"}, exitUsage, []string{"at most one of --budget and --any-price"}},
		"no expired, but ids":   {[]string{"i-bp1", "--no-expired", "--period=1m"}, exitUsage, []string{"--no-expired"}},
		"a region not served":   {[]string{"--within=14d", "--period=1m", "--region=mars-1"}, exitFailed, []string{"UNKNOWN_REGION", "\n  --region "}},
		"a budget for no price": {[]string{"--within=14d", "--period=1w", "--budget=5000CNY"}, exitFailed, []string{"PRICE_UNAVAILABLE", "leave --budget out"}},
		"a malformed id":        {[]string{"web_1", "--period=1m"}, exitFailed, []string{"INVALID_FIELD", "\n  INSTANCE "}},
		"no server":             {[]string{"--within=14d", "--period=1m", "--address=127.0.0.1:1", "--timeout=2s"}, exitFailed, []string{"UNAVAILABLE", "no server listens at 127.0.0.1:1", "ecsd serve"}},
	} {
		limit := []string{"create", "--yes", "--any-price"}
		if slices.ContainsFunc(c.args, func(arg string) bool { return strings.HasPrefix(arg, "--budget") }) && name != "two limits" {
			limit = limit[:2]
		}
		got := h.ecsd(append(limit, c.args...)...)
		if got.code != c.code || strings.Contains(got.err, "goroutine") || strings.Contains(got.err, "rpc error") {
			t.Errorf("%s: exit code %d, want %d:\n%s", name, got.code, c.code, got.err)
		}
		for _, text := range c.texts {
			if !strings.Contains(got.out+got.err, text) {
				t.Errorf("%s: it does not say %q:\n%s", name, text, got.err)
			}
		}
	}
	if out := h.ecsd("list").want(t, 0).out; strings.Count(out, "\n") != 1 {
		t.Errorf("what was refused is stored:\n%s", out)
	}
	if paid := h.orders(); len(paid) != 0 {
		t.Errorf("what was refused cost %v", paid)
	}
}

// If nothing can be renewed the exit code reports it, and a plan with a budget
// names the cost of everything.
func TestRenewals_NothingRenewable(t *testing.T) {
	t.Parallel()
	h := newFixture(t, 2)
	h.ecsd("create", "--within=14d", "--period=1m", "--yes", "--budget=1CNY").want(t, 5, "2 BUDGET_EXCEEDED", "nothing of it can be renewed")
	h.ecsd("create", "--within=14d", "--period=1m", "--preview", "--budget=300CNY").want(t, 0,
		"to renew   1 of 2 instances, for 260.40 CNY", "everything 520.80 CNY, if there were no budget")
	h.ecsd("create", "--within=14d", "--period=1w", "--preview").want(t, 0, "prices that the cloud does not publish")
	if paid := h.orders(); len(paid) != 0 {
		t.Errorf("%d charges, want none", len(paid))
	}
}

// A window includes expired subscriptions that can still be renewed, unless
// they are excluded.
func TestRenewals_Expired(t *testing.T) {
	t.Parallel()
	h := newFixture(t, 1)
	h.seed(2, -3)
	h.ecsd("create", "--within=14d", "--period=1m", "--preview").want(t, 0, "to renew   3 of 3 instances")
	h.ecsd("create", "--within=14d", "--period=1m", "--preview", "--no-expired").want(t, 0, "to renew   1 of 1 instance,",
		"left out   2 instances that expired and can still be renewed")
	h.ecsd("create", "--within=1h", "--period=1m", "--preview", "--no-expired").want(t, 0, "nothing to renew", "left out   2 instances")
}

// An unresolved renewal is shown with the request that was sent for it, and an
// operator decides: it was not paid, or it must be sent again.
func TestRenewals_Resolve(t *testing.T) {
	t.Parallel()
	h := newFixture(t, 2)
	faults := h.simulator + "/_simulator/faults"
	request(t, http.MethodPost, faults, `{"action": "RenewInstance", "kind": "reset"}`)
	made := h.ecsd("create", "--within=14d", "--period=1m", "--yes", "--any-price", "--watch").want(t, 3,
		"2/2 done, 0 paid, 2 failed, 2 need attention", "2 NEEDS_ATTENTION OUTCOME_UNKNOWN", "the job needs attention", "to decide")
	job := jobLine.FindStringSubmatch(made.out)[1]
	shown := h.ecsd("show", job, "--state=needs-attention").want(t, 0, "to decide  2 renewals: ecsd renewals attention", "1. at ", ": UNKNOWN", "why ", "ecsd renewals resolve").out
	renewals := regexp.MustCompile(`(?m)^(\S{36})  i-`).FindAllStringSubmatch(shown, -1)
	if len(renewals) != 2 {
		t.Fatalf("%d renewals are shown, want 2:\n%s", len(renewals), shown)
	}
	h.ecsd("attention").want(t, 0, renewals[0][1], renewals[1][1], "to decide", "ecsd renewals resolve RENEWAL")
	h.ecsd("attention", job, "-o", "csv").want(t, 0, renewals[0][1], "NEEDS_ATTENTION,OUTCOME_UNKNOWN")
	h.ecsd("resolve", renewals[0][1], "not-paid").want(t, exitUsage, "pass --yes")
	h.ecsd("resolve", renewals[0][1], "not-paid", "--note=OPS-1", "--yes").want(t, 0, "FAILED MARKED_NOT_PAID", "by tester", "by tester: MARK_NOT_PAID, OPS-1")
	request(t, http.MethodDelete, faults, "")
	h.ecsd("resolve", renewals[1][1], "try-again", "--yes").want(t, 0, renewals[1][1])
	await(t, "it is renewed", func() bool { return strings.Contains(h.ecsd("show", job).out, "1 RENEWED") })
	h.ecsd("show", job).want(t, 0, "is PARTIAL", "1 FAILED MARKED_NOT_PAID")
	h.ecsd("attention").want(t, 0, "No renewal needs a decision.")
	if paid := h.orders(); len(paid) != 1 {
		t.Errorf("%d charges, want 1", len(paid))
	}
}
