package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	hookKey     = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	calendarKey = "a-secret-path-of-more-than-32-characters"
)

// notifyFile writes a file of receivers and the secrets that it refers to.
func notifyFile(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{"notify.yaml": text, "hook.key": hookKey, "calendar.key": calendarKey} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "notify.yaml")
}

// received are the messages of a receiver, in order.
type received struct {
	mu    sync.Mutex
	ids   []string
	items map[string][]string // by ID
}

// take reads a message and returns how many have arrived.
func (r *received) take(t *testing.T, request *http.Request) int {
	var body struct {
		Data struct {
			Items []struct {
				InstanceID string `json:"instance_id"`
			}
		}
	}
	if err := json.NewDecoder(request.Body).Decode(&body); err != nil {
		t.Error(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	id := request.Header.Get("webhook-id")
	r.ids = append(r.ids, id)
	r.items[id] = nil
	for _, i := range body.Data.Items {
		r.items[id] = append(r.items[id], i.InstanceID)
	}
	return len(r.ids)
}

// A process that is killed after a receiver has accepted a message, and before it has recorded that, loses nothing: its
// successor sends that message once more with the same ID, and no other.
func TestNotify_KilledBetweenSendAndRecord(t *testing.T) {
	victims, killed := make(chan *process, 1), make(chan bool, 1)
	got := received{items: map[string][]string{}}
	killedAt := []int{1, 3}
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n := got.take(t, r); slices.Contains(killedAt, n) {
			victim := <-victims
			_ = victim.command.Process.Kill()
			_ = victim.command.Wait()
			killed <- true
		}
	}))
	defer hook.Close()
	cloud := startUntil(t, "simulator:", "simulator", "--listen=127.0.0.1:0", "--instances=0", "--regions=cn-hangzhou")
	f := &fixture{t: t, simulator: strings.TrimSuffix(strings.Fields(cloud.line)[4], ",")}
	for day := range 4 {
		f.seed(2, 3+day)
	}
	args := []string{
		"serve", "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0", "--endpoint=" + strings.TrimPrefix(f.simulator, "http://"), "--endpoint-scheme=http",
		"--database=sqlite:" + filepath.Join(t.TempDir(), "ecsd.db"),
		"--notify=" + notifyFile(t, "thresholds: [60]\nreceivers:\n  - {name: hook, kind: webhook, url: '"+hook.URL+"', secret_file: hook.key, events: [expiry]}\n"),
	}
	for range killedAt {
		victims <- start(t, args...)
		select {
		case <-killed:
		case <-time.After(time.Minute):
			t.Fatal("no message arrived in a minute")
		}
	}
	last := start(t, args...)
	pending := regexp.MustCompile(`ecsd_notifications_pending\{receiver="hook"\} 0\n`)
	await(t, "no message waits", func() bool {
		got.mu.Lock()
		enough := len(got.ids) > killedAt[len(killedAt)-1]
		got.mu.Unlock()
		return enough && pending.MatchString(request(t, http.MethodGet, last.at["admin"]+"/metrics", ""))
	})
	got.mu.Lock()
	defer got.mu.Unlock()
	repeated, instances := 0, map[string]bool{}
	for id, items := range got.items {
		if n := strings.Count(strings.Join(got.ids, " ")+" ", id+" "); n > 1 {
			repeated += n - 1
			if first := slices.Index(got.ids, id) + 1; !slices.Contains(killedAt, first) {
				t.Errorf("message %d arrived %d times, want once: it was acknowledged", first, n)
			}
		}
		for _, item := range items {
			if instances[item] {
				t.Errorf("%s is in two messages", item)
			}
			instances[item] = true
		}
	}
	if repeated != len(killedAt) {
		t.Errorf("%d messages arrived again, want the %d that were not recorded", repeated, len(killedAt))
	}
	if len(instances) != 8 {
		t.Errorf("%d instances were reported, want 8", len(instances))
	}
}

func TestNotify_RefusedFile(t *testing.T) {
	path := notifyFile(t, "receivers:\n  - {name: hook, kind: mail, url: 'https://h'}\n")
	want := "notify.yaml: line 2: receivers[0].kind: must be webhook, alertmanager, dingtalk, feishu or wecom; got \"mail\"\n"
	for _, args := range [][]string{append(slices.Clone(free), "--notify="+path), {"notify", "test", "--notify", path}} {
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), args, &stdout, &stderr); code != exitUsage || !strings.HasSuffix(stderr.String(), want) || !strings.Contains(stderr.String(), "--notify ") {
			t.Errorf("ecsd %s: exit code %d, %q, want 2 and the line: %q", args[0], code, stderr.String(), want)
		}
	}
}

func TestNotify_Test(t *testing.T) {
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if body, _ := io.ReadAll(r.Body); !bytes.Contains(body, []byte(`"type":"ecsd.test"`)) {
			t.Errorf("the message is %s", body)
		}
		if r.URL.Path == "/bad" {
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	defer hook.Close()
	file := "receivers:\n  - {name: good, kind: webhook, url: '" + hook.URL + "', secret_file: hook.key}\n"
	good := regexp.MustCompile(`^good \(webhook\) msg_\w+: acknowledged\n`)
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), []string{"notify", "test", "--notify", notifyFile(t, file)}, &stdout, &stderr); code != 0 || !good.MatchString(stdout.String()) {
		t.Errorf("exit code %d, %s%s", code, &stdout, &stderr)
	}
	stdout.Reset()
	file += "  - {name: bad, kind: webhook, url: '" + hook.URL + "/bad', secret_file: hook.key}\n"
	code := run(t.Context(), []string{"notify", "test", "--notify", notifyFile(t, file)}, &stdout, &stderr)
	if code != exitFailed || !good.MatchString(stdout.String()) || !strings.HasSuffix(stdout.String(), ": HTTP status 403\n") {
		t.Errorf("with a receiver that refuses: exit code %d, %s%s", code, &stdout, &stderr)
	}
}

// The calendar is at the secret path of the admin port, and neither the log nor another response shows the path.
func TestServe_Calendar(t *testing.T) {
	p := start(t, append(slices.Clone(free), "--log-level=debug", "--notify="+notifyFile(t, "calendar: {path_file: calendar.key}\n"))...)
	url := p.at["admin"] + "/calendar/" + calendarKey + ".ics"
	var text string
	await(t, "the calendar is served", func() bool {
		response, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		text = string(body)
		return response.StatusCode == http.StatusOK
	})
	if !strings.Contains(text, "\r\nBEGIN:VEVENT\r\n") {
		t.Errorf("the calendar of the demo fleet has no event:\n%s", text)
	}
	response, err := http.Get(p.at["admin"] + "/calendar/another-key.ics")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusNotFound {
		t.Errorf("another key: %s, want 404", response.Status)
	}
	p.signal(t, os.Interrupt)
	_ = p.command.Wait()
	if strings.Contains(p.log.String(), calendarKey) {
		t.Errorf("the log shows the path:\n%s", p.log)
	}
}

// The status shows a receiver that is down, and its cause.
func TestStatus_ReceiverIsDown(t *testing.T) {
	t.Parallel()
	h := newFixture(t, 2)
	p := start(t, "serve", "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0", "--database=sqlite::memory:",
		"--endpoint="+strings.TrimPrefix(h.simulator, "http://"), "--endpoint-scheme=http",
		"--notify="+notifyFile(t, "receivers:\n  - {name: ops, kind: webhook, url: 'http://127.0.0.1:1/hidden-path', secret_file: hook.key}\n"))
	h.address = p.at["gRPC"]
	await(t, "the receiver has failed", func() bool {
		return strings.Contains(h.command("status").out, "attention  receiver ops is down, 1 message pending: not sent: ")
	})
	h.command("status", "--check").want(t, 3, "RECEIVER", "ops", "webhook", "receiver ops is down")
	if all := h.command("status", "-o", "json").want(t, 0, `"notification_receivers"`, `"failed_sends"`).out + p.log.String(); strings.Contains(all, "hidden-path") {
		t.Errorf("the URL of the receiver is shown:\n%s", all)
	}
}
