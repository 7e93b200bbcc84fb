package notify_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/notify"
	"github.com/ecsd-io/ecsd/server/internal/outbox"
)

const (
	webhookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	calendarKey   = "calendar_key-of-32-characters-or-more"
)

// folder writes files of a test, by name.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// secrets are the files that the files of receivers in these tests refer to.
var secrets = map[string]string{
	"hook.key": webhookSecret + "\n", "robot.url": "https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef\n", "robot.key": "SEC0123456789\n",
	"calendar.key": calendarKey + "\n", "short.key": "tooshort-secret", "weak.key": "whsec_c2hvcnQ=", "empty.key": "\n", "two.key": "one secret\nother",
	"plain.url": "http://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef",
}

// open opens a file of receivers with this text.
func open(t *testing.T, text string, more map[string]string) (*notify.File, error) {
	t.Helper()
	files := map[string]string{"notify.yaml": text}
	for _, some := range []map[string]string{secrets, more} {
		for name, content := range some {
			files[name] = content
		}
	}
	return notify.Open(filepath.Join(folder(t, files), "notify.yaml"), []string{"cn-hangzhou", "cn-shanghai"})
}

func TestOpen(t *testing.T) {
	t.Setenv("HOOK_KEY", webhookSecret)
	file, err := open(t, `
thresholds: [7, 30, 0]
include_auto_renewing: true
receivers:
  - {name: hook, kind: webhook, url: "https://hooks.corp/ecsd", secret_env: HOOK_KEY}
  - name: chat
    kind: dingtalk
    url_file: robot.url
    secret_file: robot.key
    thresholds: [1]
    events: [expiry, attention]
    regions: [cn-shanghai]
    tags: {team: billing}
    include_auto_renewing: false
calendar: {path_file: calendar.key, days: 30}
`, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(file.Receivers) != 2 || file.Calendar == nil || file.Calendar.Days != 30 || !file.Calendar.AutoRenewing {
		t.Fatalf("the file has %d receivers and the calendar %+v", len(file.Receivers), file.Calendar)
	}
	hook, chat := file.Receivers[0], file.Receivers[1]
	if diff := cmp.Diff([]int{30, 7, 0}, hook.Thresholds); diff != "" || !hook.AutoRenewing || len(hook.Events) != 4 {
		t.Errorf("the defaults of the file are not those of the receiver: %+v", hook)
	}
	want := notify.Selection{Regions: []string{"cn-shanghai"}, Tags: []ecs.Tag{{Key: "team", Value: "billing"}}}
	if diff := cmp.Diff(want, chat.Selection); diff != "" || !cmp.Equal(chat.Events, []outbox.Event{outbox.Expiry, outbox.Attention}) || !cmp.Equal(chat.Thresholds, []int{1}) {
		t.Errorf("the receiver is %+v", chat)
	}
	if text := strings.Join([]string{cmp.Diff(nil, chat.Selection), errText(hook), errText(chat), errText(*file.Calendar)}, ""); strings.Contains(text, "0123456789") ||
		strings.Contains(text, "MfKQ9r8") || strings.Contains(text, calendarKey) {
		t.Errorf("a secret is in the text of a value: %s", text)
	}
}

// errText formats a value in the ways of logs.
func errText(v any) string { return fmt.Sprintf("%v %+v %#v", v, v, v) }

func TestOpen_Invalid(t *testing.T) {
	receiver := func(fields string) string { return "receivers:\n  - {name: a, kind: webhook, " + fields + "}\n" }
	for name, c := range map[string]struct{ text, want string }{
		"empty":             {"", "line 1: the file is empty; it must have receivers, calendar or both"},
		"no mapping":        {"[1]", "line 1: must be a mapping with the keys thresholds, include_auto_renewing, receivers, calendar"},
		"no YAML":           {"receivers: [", "line 1: is not YAML"},
		"two documents":     {"receivers: []\n---\na: 1", "line 1: must hold one YAML document"},
		"no receivers":      {"thresholds: [1]", "line 1: must have receivers, calendar or both"},
		"unknown key":       {"\nreceiver: 1", "line 2: receiver: unknown key; the keys are thresholds, include_auto_renewing, receivers, calendar"},
		"kind":              {"receivers:\n  - {name: a, kind: mail}", `line 2: receivers[0].kind: must be webhook, alertmanager, dingtalk, feishu or wecom; got "mail"`},
		"name":              {"receivers:\n  - {name: A b, kind: wecom, url_file: robot.url}", `line 2: receivers[0].name: must be 1 to 63 lower-case letters, digits and dashes; got "A b"`},
		"name is missing":   {"receivers:\n  - {kind: wecom, url_file: robot.url}", `line 2: receivers[0].name: must be 1 to 63`},
		"same name":         {"receivers:\n  - {name: a, kind: wecom, url_file: robot.url}\n  - {name: a, kind: wecom, url_file: robot.url}", `line 3: receivers[1].name: "a" is the name of another receiver too`},
		"threshold":         {"thresholds: [7, 400]\n" + receiver("url: 'https://h', secret_file: hook.key"), `line 1: thresholds[1]: must be a number of days from 0 (the expiry) to 366; got "400"`},
		"threshold twice":   {"thresholds: [7, 7]\n" + receiver("url: 'https://h', secret_file: hook.key"), "line 1: thresholds[1]: 7 is there twice"},
		"no thresholds":     {"thresholds: []\n" + receiver("url: 'https://h', secret_file: hook.key"), "line 1: thresholds: must be a list with at least one entry"},
		"event":             {receiver("url: 'https://h', secret_file: hook.key, events: [renewed]"), `line 2: receivers[0].events[0]: must be expiry, attention, deduction or drift; got "renewed"`},
		"region":            {receiver("url: 'https://h', secret_file: hook.key, regions: [us-east-1]"), `line 2: receivers[0].regions[0]: must be a served region: cn-hangzhou, cn-shanghai; got "us-east-1"`},
		"tags":              {receiver("url: 'https://h', secret_file: hook.key, tags: [a]"), "line 2: receivers[0].tags: must be a mapping of tags, such as {team: billing}"},
		"flag":              {receiver("url: 'https://h', secret_file: hook.key, include_auto_renewing: maybe"), "line 2: receivers[0].include_auto_renewing: must be true or false"},
		"no URL":            {receiver("secret_file: hook.key"), "line 2: receivers[0].url: is missing: set one of url (not for chat), url_file and url_env"},
		"two URLs":          {receiver("url: 'https://h', url_file: robot.url, secret_file: hook.key"), "line 2: receivers[0].url_file: excludes url: set one of url, url_file and url_env"},
		"no URL at all":     {receiver("url: hooks.corp, secret_file: hook.key"), "line 2: receivers[0].url: must be a URL such as https://hooks.corp/ecsd"},
		"password in clear": {receiver("url: 'https://u:pass@h', secret_file: hook.key"), "line 2: receivers[0].url: must not hold a password or a query, which may be secret: set url_file or url_env"},
		"robot in clear":    {"receivers:\n  - {name: a, kind: feishu, url: 'https://open.feishu.cn/open-apis/bot/v2/hook/0123456789'}", "line 2: receivers[0].url: holds the key of the robot: set url_file or url_env"},
		"robot without TLS": {"receivers:\n  - {name: a, kind: dingtalk, url_file: plain.url}", "line 2: receivers[0].url_file: must begin with https://, because it holds the key of the robot"},
		"secret in clear":   {receiver("url: 'https://h', secret: whsec_0123456789"), "line 2: receivers[0].secret: a secret must not be in the file; the keys are name, kind"},
		"no secret":         {receiver("url: 'https://h'"), "line 2: receivers[0].secret_file: is missing: a webhook needs secret_file or secret_env"},
		"two secrets":       {receiver("url: 'https://h', secret_file: hook.key, secret_env: A"), "line 2: receivers[0].secret_env: excludes secret_file: set one of the two"},
		"weak secret":       {receiver("url: 'https://h', secret_file: weak.key"), "line 2: receivers[0].secret_file: must refer to whsec_ and 24 to 64 bytes in base64"},
		"no base64":         {receiver("url: 'https://h', secret_file: robot.key"), "line 2: receivers[0].secret_file: must refer to whsec_ and 24 to 64 bytes in base64"},
		"empty secret":      {receiver("url: 'https://h', secret_file: empty.key"), "line 2: receivers[0].secret_file: refers to a text that is empty or has white space"},
		"two lines":         {receiver("url: 'https://h', secret_file: two.key"), "line 2: receivers[0].secret_file: refers to a text that is empty or has white space"},
		"no file":           {receiver("url: 'https://h', secret_file: nothing.key"), "line 2: receivers[0].secret_file: must be a file that can be read: open "},
		"no variable":       {receiver("url: 'https://h', secret_env: NOT_SET"), "line 2: receivers[0].secret_env: refers to a text that is empty or has white space"},
		"variable of ecsd":  {receiver("url: 'https://h', secret_env: ECSD_KEY"), "line 2: receivers[0].secret_env: must be the name of an environment variable that does not begin with ECSD_"},
		"secret of WeCom":   {"receivers:\n  - {name: a, kind: wecom, url_file: robot.url, secret_file: robot.key}", "line 2: receivers[0].secret_file: must not be set: WeCom has no signatures"},
		"authorities":       {receiver("url: 'https://h', secret_file: hook.key, ca_file: robot.key"), "line 2: receivers[0].ca_file: must hold certificates in PEM form"},
		"calendar":          {"calendar: {days: 0, path_file: calendar.key}", `line 1: calendar.days: must be a number of days from 1 to 366; got "0"`},
		"calendar's path":   {"calendar: {days: 7}", "line 1: calendar.path_file: is missing: path_file or path_env must name the secret part of the path"},
		"short path":        {"calendar: {path_file: short.key}", "line 1: calendar.path_file: the secret must have 32 to 128 letters, digits, - and _"},
	} {
		_, err := open(t, c.text, nil)
		var refused *notify.FileError
		if !errors.As(err, &refused) || !strings.HasPrefix(refused.Problems[0].String(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
		for _, secret := range []string{"0123456789", "tooshort", "c2hvcnQ", "u:pass", "one secret"} {
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("%s: the error shows a secret: %v", name, err)
			}
		}
	}
}
