package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// demoImage is an image of the simulator.
const demoImage = "aliyun_3_x64_20G_alibase_20260122.vhd"

// newFleet is the demo fleet, in a cloud that starts and stops instances quickly, and a server before it.
func newFleet(t *testing.T) *fixture {
	t.Helper()
	cloud := startUntil(t, "simulator:", "simulator", "--listen=127.0.0.1:0", "--start-latency=500ms", "--stop-latency=500ms", "--snapshot-latency=500ms")
	h := &fixture{t: t, simulator: strings.TrimSuffix(strings.Fields(cloud.line)[4], ",")}
	h.server = start(t, "serve", "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0", "--database=sqlite::memory:",
		"--region=cn-hangzhou,cn-shanghai,ap-southeast-1", "--endpoint="+strings.TrimPrefix(h.simulator, "http://"), "--endpoint-scheme=http")
	h.address = h.server.at["gRPC"]
	return h
}

// documents decodes the lines of a list in JSON.
func (s said) documents(t *testing.T) (all []map[string]any) {
	t.Helper()
	for line := range strings.Lines(s.out) {
		var one map[string]any
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		all = append(all, one)
	}
	return all
}

// ids returns the IDs of the instances that match filters.
func (h *fixture) ids(filters ...string) (ids []string) {
	h.t.Helper()
	for _, one := range h.command(append([]string{"instances", "list", "-o", "json"}, filters...)...).want(h.t, 0).documents(h.t) {
		ids = append(ids, one["instance_id"].(string))
	}
	return ids
}

// Instances are created, stopped, started, rebooted, protected and released, each by one command.
func TestInstances_Lifecycle(t *testing.T) {
	t.Parallel()
	h := newFleet(t)
	launch := []string{"instances", "run", "--type=ecs.g7.large", "--image=" + demoImage, "--count=3", "--name=night", "--tag=env=night"}
	h.command(append(launch, "--preview")...).want(t, 0, "3 of ecs.g7.large", "per hour")
	h.command(launch...).want(t, exitUsage, "stdin is not a terminal", "--yes")
	h.command(append(launch, "--yes")...).want(t, exitUsage, "--max-price", "--any-price")
	h.command(append(launch, "--yes", "--max-price=0.01CNY")...).want(t, exitFailed, "PRICE_EXCEEDS_LIMIT", "it creates nothing twice")
	if ids := h.ids("--tag=env=night"); len(ids) != 0 {
		t.Fatalf("%d instances before any was created", len(ids))
	}
	const requestID = "0f1c8a52-6c0e-4ae3-9a35-6d1a1f3b7c55"
	for range 2 { // the second time creates nothing
		h.command(append(launch, "--yes", "--max-price=100CNY", "--wait", "--request-id="+requestID)...).want(t, 0, "request_id "+requestID, "RUNNING", "night001")
	}
	ids := h.ids("--tag=env=night", "--status=running")
	if len(ids) != 3 {
		t.Fatalf("%d instances run, want 3", len(ids))
	}

	h.command("instances", "stop", "--tag=env=night", "--preview").want(t, 0, "night001", "RUNNING")
	h.command("instances", "stop", "--tag=env=night", "--stop-charging", "--yes", "--wait").want(t, 0, "STOPPING")
	if stopped := h.ids("--tag=env=night", "--status=stopped"); len(stopped) != 3 {
		t.Errorf("%d instances are stopped, want 3", len(stopped))
	}
	h.command("instances", "resize", ids[0], "--to=ecs.g7.xlarge", "--preview").want(t, 0, "ecs.g7.large to ecs.g7.xlarge", "CNY")
	h.command("instances", "start", ids[0], "--wait").want(t, 0, "STARTING")
	h.command("instances", "wait", ids[0], "--for=running").want(t, 0, "RUNNING")
	h.command("instances", "start", "--tag=env=night", "--status=stopped", "--wait").want(t, 0)
	h.command("instances", "reboot", "--tag=env=night", "--batch=70%", "--yes").want(t, 0, "2 of 3 instances done", "3 of 3 instances done")

	h.command("instances", "tag", ids[0], "--set=owner=me", "--remove=env").want(t, 0, "owner=me")
	if got := h.ids("--tag=owner=me"); len(got) != 1 || got[0] != ids[0] {
		t.Errorf("the tag is on %v, want %s", got, ids[0])
	}
	h.command("instances", "charge", ids[0], "--to=subscription", "--period=1m", "--preview").want(t, 0, "PAY_AS_YOU_GO to SUBSCRIPTION")
	h.command("instances", "modifications").want(t, 0)

	h.command("instances", "protect", "on", ids[0]).want(t, 0, "true")
	h.command("instances", "protect", "off", ids[0]).want(t, exitUsage, "--yes")
	release := append([]string{"instances", "release", "--force"}, ids...)
	h.command(append(release, "--preview")...).want(t, 0, "DELETION_PROTECTED", "PLANNED")
	h.command(append(release, "--yes", "--note=T-1")...).want(t, exitNotSucceeded, "RELEASED", "DELETION_PROTECTED", "ended PARTIAL")
	h.command("instances", "release", ids[0], "--force", "--override-protection", "--yes").want(t, 0, "RELEASED")
	h.command("instances", "get", ids[0]).want(t, exitFailed, "INSTANCE_NOT_FOUND")
	h.command("instances", "changes", ids[1]).want(t, 0, "RUNNING -> STOPP", "StopInstances", "tester", "released")
}

// exitNotSucceeded is the exit code of a command that failed for some of the instances.
const exitNotSucceeded = 3

// An instance is found in its region by its ID alone.
func TestInstances_NamedInAnyRegion(t *testing.T) {
	t.Parallel()
	h := newFleet(t)
	var named []string
	for _, region := range []string{"cn-hangzhou", "cn-shanghai", "ap-southeast-1"} {
		named = append(named, h.ids("--region="+region, "--status=running", "--charge=pay-as-you-go", "--limit=1")...)
	}
	shown := h.command(append([]string{"instances", "get", "-o", "csv"}, named...)...).want(t, 0)
	if lines := strings.Count(shown.out, "\n"); lines != 4 {
		t.Errorf("%d lines, want the heading and 3 instances:\n%s", lines, shown.out)
	}
	stopped := h.command(append([]string{"instances", "stop", "--yes", "--wait", "-o", "json"}, named...)...).want(t, 0)
	if got := len(stopped.documents(t)); got != 3 {
		t.Errorf("%d results, want 3", got)
	}
}

// What expires, its price, and the settings of auto-renewal.
func TestExpiring_QuotesAndAutoRenewal(t *testing.T) {
	t.Parallel()
	h := newFleet(t)
	expiring := h.command("expiring", "--within=60d", "--no-expired", "-o", "json").want(t, 0).documents(t)
	if len(expiring) == 0 {
		t.Fatal("nothing expires in the demo fleet")
	}
	before := ""
	for _, one := range expiring {
		at := one["instance"].(map[string]any)["expire_time"].(string)
		if at < before {
			t.Errorf("%s comes after %s", at, before)
		}
		before = at
	}
	id := expiring[len(expiring)-1]["instance"].(map[string]any)["instance_id"].(string)
	h.command("quote", "renewals", id, "--period=1m").want(t, 0, "total", "CNY")
	h.command("auto-renew", "set", "on", id, "--period=1m").want(t, exitUsage, "--yes")
	h.command("auto-renew", "set", "on", "--yes").want(t, exitUsage, "name instances")
	h.command("auto-renew", "set", "on", id, "--period=1m", "--yes").want(t, 0, "AUTO_RENEWAL", "1 month")
	h.command("auto-renew", "get", id).want(t, 0, "AUTO_RENEWAL", "SCHEDULED")
	h.command("auto-renew", "diff", id).want(t, 0)
	h.command("auto-renew", "diff", id, "--want=never").want(t, exitNotSucceeded, id, "1 subscription with another setting")
}

// Bad flags are named, with the permitted values, before any call: there is no server at the address.
func TestInstances_BadInput(t *testing.T) {
	t.Parallel()
	h := &fixture{t: t, address: "127.0.0.1:1"}
	for _, test := range []struct{ args, want string }{
		{"instances list --status=gone", `invalid --status "gone": want pending, running, starting, stopped, stopping`},
		{"instances list --charge=free", `invalid --charge "free": want pay-as-you-go, subscription`},
		{"instances list --limit=-1", "--limit must be 0 or more"},
		{"instances list --max-age=-1s", "--max-age must be 0 or more"},
		{"instances list -o xml", `"table","json","csv"`},
		{"instances stop", "name instances, or give a filter"},
		{"instances stop i-1 --tag=a=b --yes", "instances are named, so give no filter"},
		{"instances stop i-1 --stop-charging --keep-charging", "can't be used together"},
		{"instances stop i-1 --request-id=7 --yes", "--request-id must be a UUID"},
		{"instances reboot i-1 --batch=0", "from 1 to 1000"},
		{"instances reboot i-1 --batch=101%", "from 1% to 100%"},
		{"instances wait i-1", "--for"},
		{"instances wait i-1 --for=gone", `invalid --for "gone"`},
		{"instances release i-1 --max=2000 --yes", "--max must be 1 to 1000"},
		{"instances run", "--type and --image"},
		{"instances run --type=t --image=i --count=200", "--count must be 1 to 100"},
		{"instances run --type=t --image=i --spot --period=1m", "at most one of --period, --spot and --spot-limit"},
		{"instances run --type=t --image=i --system-disk=40", "a category and a size in GiB"},
		{"instances resize i-1", "--to"},
		{"instances resize i-1 --to=t --yes", "--max-price AMOUNT"},
		{"instances charge i-1 --to=subscription --yes --any-price", "--period is required"},
		{"instances charge i-1 --to=free --period=1m", `invalid --to "free"`},
		{"instances tag i-1", "--set KEY=VALUE or --remove KEY"},
		{"instances protect maybe i-1", `"on","off"`},
		{"instances watch -o csv", "want table or json"},
		{"instances modifications --state=lost", `invalid --state "lost"`},
		{"expiring --within=soon", "14d, 2w or 36h"},
		{"auto-renew set maybe i-1", `"on","remind","never"`},
		{"quote renewals i-1", "--period"},
		{"spot advice", "either instance types, or --cpu and --memory"},
		{"disks list --kind=floppy", `"system","data","any"`},
	} {
		t.Run(test.args, func(t *testing.T) {
			t.Parallel()
			fixture{t: t, address: h.address}.bad(test.args, test.want)
		})
	}
}

// bad runs a command line that must be rejected.
func (h fixture) bad(args, want string) {
	h.t.Helper()
	h.command(strings.Fields(args)...).want(h.t, exitUsage, want)
}

// A watch prints a change as it happens, and ends with 130 at Ctrl-C.
func TestInstances_Watch(t *testing.T) {
	t.Parallel()
	h := newFleet(t)
	id := h.ids("--status=running", "--charge=pay-as-you-go", "--limit=1")[0]
	var out, trouble log
	watch := exec.CommandContext(t.Context(), os.Args[0], "instances", "watch", id, "-o", "json", "--address="+h.address)
	watch.Env = append(os.Environ(), runsMain+"=1")
	watch.Stdout, watch.Stderr = &out, &trouble
	if err := watch.Start(); err != nil {
		t.Fatal(err)
	}
	await(t, "the watch has begun", func() bool { return strings.Contains(out.String(), `"checkpoint"`) })
	h.command("instances", "stop", id, "--yes").want(t, 0)
	await(t, "the stop is shown", func() bool { return strings.Contains(out.String(), `"INSTANCE_STATUS_STOPPING"`) })
	if err := watch.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := watch.Wait(); watch.ProcessState.ExitCode() != exitInterrupted {
		t.Errorf("after Ctrl-C: %v, want exit code %d; it printed:\n%s", err, exitInterrupted, trouble.String())
	}
}

// exitInterrupted is the exit code after Ctrl-C.
const exitInterrupted = 130
