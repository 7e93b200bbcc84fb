package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/outbox"
)

// The vector of the libraries of Standard Webhooks (standardwebhooks 1.0.0).
func TestSign_VectorOfStandardWebhooks(t *testing.T) {
	key, err := webhookKey(newSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := sign(key, `msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}`), "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("signature %s, want %s", got, want)
	}
}

// sample is a message with some instances.
func sample(items int) notice {
	m := notice{AccountID: "1234567890123456", Message: outbox.Message{
		ID: "msg_1", CreateTime: time.UnixMilli(1797400000123), Group: outbox.Group{Event: outbox.Expiry, RegionID: "cn-hangzhou", Day: "2026-12-21", Threshold: 7},
	}}
	for i := range items {
		m.Items = append(m.Items, outbox.Item{
			InstanceID: fmt.Sprintf("i-%d", i), InstanceName: "网站\n@all", ExpireTime: time.Date(2026, 12, 20, 16, 0, 0, 0, time.UTC), AutoRenew: "NOT_RENEWED",
		})
	}
	return m
}

var sendTime = time.UnixMilli(1797400001456)

func TestRequest_Webhook(t *testing.T) {
	r := Receiver{Kind: Webhook, url: newSecret("https://hooks.corp/ecsd"), secret: newSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")}
	first, err := r.request(sample(1), sendTime)
	if err != nil {
		t.Fatal(err)
	}
	if first.header["webhook-id"] != "msg_1" || first.header["webhook-timestamp"] != "1797400001" {
		t.Errorf("headers %v, want the ID and the time of the send", first.header)
	}
	want := `{"type":"ecs.instance.expiring","timestamp":"2026-12-16T05:46:40.123Z","data":{"summary":"1 ECS instance in cn-hangzhou: expiry on 2026-12-21 (UTC+8), threshold 7 days",` +
		`"account_id":"1234567890123456","region_id":"cn-hangzhou","day":"2026-12-21","threshold_days":7,"items":[{"instance_id":"i-0","instance_name":"网站\n@all",` +
		`"expire_time":"2026-12-20T16:00:00Z","auto_renew":"NOT_RENEWED"}]}}`
	if string(first.body) != want {
		t.Errorf("body\n%s\nwant\n%s", first.body, want)
	}
	later, err := r.request(sample(1), sendTime.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if string(later.body) != string(first.body) || later.header["webhook-id"] != "msg_1" || later.header["webhook-signature"] == first.header["webhook-signature"] {
		t.Errorf("sent again: %v\n%s\nwant the same body and ID, and a signature of the new time", later.header, later.body)
	}
}

// The expected signatures come from the samples of the two documentations, run with Python.
func TestRequest_RobotSignatures(t *testing.T) {
	ding, err := Receiver{Kind: DingTalk, url: newSecret("https://oapi.dingtalk.com/robot/send?access_token=abc"), secret: newSecret("SECdemo")}.request(sample(1), sendTime)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(ding.url)
	if err != nil {
		t.Fatal(err)
	}
	if q := u.Query(); q.Get("access_token") != "abc" || q.Get("timestamp") != "1797400001456" || q.Get("sign") != dingTalkSign {
		t.Errorf("the query of DingTalk is %v", q)
	}
	lark, err := Receiver{Kind: Feishu, url: newSecret("https://open.feishu.cn/open-apis/bot/v2/hook/abc"), secret: newSecret("demo")}.request(sample(1), sendTime)
	if err != nil {
		t.Fatal(err)
	}
	var body map[string]any
	if err := json.Unmarshal(lark.body, &body); err != nil {
		t.Fatal(err)
	}
	if body["timestamp"] != "1797400001" || body["sign"] != feishuSign || body["msg_type"] != "text" {
		t.Errorf("the body of Feishu is %v", body)
	}
}

func TestRequest_ChatText(t *testing.T) {
	for kind, most := range map[Kind]int{DingTalk: 4000, Feishu: 4000, WeCom: 2048} {
		for _, items := range []int{1, 500} {
			sent, err := Receiver{Kind: kind, url: newSecret("https://chat.corp")}.request(sample(items), sendTime)
			if err != nil {
				t.Fatal(err)
			}
			var body struct{ Text, Content map[string]string }
			if err := json.Unmarshal(sent.body, &body); err != nil {
				t.Fatal(err)
			}
			text := body.Text["content"] + body.Content["text"]
			if len(text) > most || !utf8.ValidString(text) {
				t.Errorf("%s: %d bytes, want at most %d", kind, len(text), most)
			}
			if !strings.HasPrefix(text, fmt.Sprintf("[ecsd] %d ECS instance", items)) || !strings.Contains(text, "i-0 网站 @all expires 2026-12-21 00:00\n") ||
				!strings.HasSuffix(text, "account 1234567890123456, ID msg_1") {
				t.Errorf("%s: text\n%s", kind, text)
			}
			if lines := strings.Count(text, "\ni-"); items == 500 && !strings.Contains(text, fmt.Sprintf("\nand %d more\n", 500-lines)) {
				t.Errorf("%s: the text names %d of 500 instances and not how many more there are:\n%s", kind, lines, text)
			}
		}
	}
}

func TestRequest_Alertmanager(t *testing.T) {
	r := Receiver{Kind: Alertmanager, url: newSecret("http://alertmanager:9093/"), secret: newSecret("token")}
	sent, err := r.request(sample(2), sendTime)
	if err != nil {
		t.Fatal(err)
	}
	var alerts []alert
	if err := json.Unmarshal(sent.body, &alerts); err != nil {
		t.Fatal(err)
	}
	if sent.url != "http://alertmanager:9093/api/v2/alerts" || sent.header["Authorization"] != "Bearer token" || len(alerts) != 2 {
		t.Fatalf("%d alerts to %s with %v", len(alerts), sent.url, sent.header)
	}
	first := alerts[0]
	if first.Labels["alertname"] != "EcsdInstanceExpiring" || first.Labels["instance_id"] != "i-0" || first.Labels["threshold_days"] != "7" || first.Annotations["message_id"] != "msg_1" {
		t.Errorf("the alert is %+v", first)
	}
	if !first.StartsAt.Equal(time.UnixMilli(1797400000123)) || !first.EndsAt.Equal(sendTime.Add(alertLife)) {
		t.Errorf("the alert lasts from %v to %v", first.StartsAt, first.EndsAt)
	}
	test, err := r.request(notice{Message: outbox.Message{Group: outbox.Group{Event: outbox.Test}}}, sendTime)
	if err != nil || !strings.Contains(string(test.body), "EcsdTest") {
		t.Errorf("the test message is %s (%v)", test.body, err)
	}
}

func TestReached(t *testing.T) {
	expiry := time.Date(2026, 12, 20, 16, 0, 0, 0, time.UTC)
	for before, want := range map[time.Duration]int{
		31 * day: -1, 30*day + time.Nanosecond: -1, 30 * day: 30, 15 * day: 30, 14 * day: 14, day + 1: 3, day: 1, 0: 1, -10 * day: 1,
	} {
		days, ok := Receiver{Thresholds: Thresholds}.reached(expiry, expiry.Add(-before))
		if !ok {
			days = -1
		}
		if days != want {
			t.Errorf("%v before the expiry: threshold %d, want %d", before, days, want)
		}
	}
	if days, ok := (Receiver{Thresholds: []int{1, 0}}).reached(expiry, expiry); days != 0 || !ok {
		t.Errorf("at the expiry: threshold %d, want 0", days)
	}
}

func TestRetryAfter(t *testing.T) {
	for value, want := range map[string]time.Duration{
		"": 0, "120": 2 * time.Minute, "-1": 0, "soon": 0, "99999999999999999": maxRetryAfter, "1000000": maxRetryAfter,
		sendTime.Add(time.Hour).UTC().Format(http.TimeFormat): time.Hour, sendTime.Add(-time.Hour).UTC().Format(http.TimeFormat): 0,
	} {
		got := retryAfter(http.Header{"Retry-After": {value}}, sendTime.Truncate(time.Second))
		if got != want {
			t.Errorf("Retry-After %q: %v, want %v", value, got, want)
		}
	}
}

// The pause doubles up to a limit.
func TestBackoff(t *testing.T) {
	s := sender{config: &Config{Backoff: 10 * time.Second}}
	for failures, want := range map[int]time.Duration{1: 10 * time.Second, 2: 20 * time.Second, 5: 160 * time.Second, 8: maxBackoff, 1000: maxBackoff} {
		if got := s.backoff(failures); got < want*3/4 || got > want*5/4+1 {
			t.Errorf("after %d failures the pause is %v, want about %v", failures, got, want)
		}
	}
}

// deniedSettings cannot be read.
type deniedSettings struct{ err error }

func (s deniedSettings) Outlooks(_ context.Context, instances []ecs.Instance, _ time.Duration) ([]ecs.AutoRenewOutlook, error) {
	return make([]ecs.AutoRenewOutlook, len(instances)), s.err
}

// oneInstance is a fleet.
type oneInstance struct{ ecs.Instance }

func (f oneInstance) Seen(string, []string, time.Duration) map[string]ecs.Instance { return nil }

func (f oneInstance) SeenAll(string, ecs.Query, time.Duration, string, int) ([]ecs.Instance, bool) {
	return []ecs.Instance{f.Instance}, true
}

// An instance with a setting that cannot be read is reported after a while, because its expiry costs more than a
// message about an automatic renewal. Until then nothing about it is withdrawn.
func TestLookAt_SettingsNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		instance := ecs.Instance{ID: "i-1", RegionID: "cn-hangzhou", ChargeType: ecs.ChargeSubscription, ExpireTime: time.Now().Add(2 * day)}
		n := New(Sources{Fleet: oneInstance{instance}, Settings: deniedSettings{errors.New("forbidden")}}, nil, Config{File: &File{}})
		look := func() *picture {
			p := &picture{now: time.Now(), whole: map[string]bool{}, unsure: map[string]bool{}}
			if err := n.lookAt(t.Context(), p, "cn-hangzhou", 30*day); err == nil {
				t.Error("a failure of the settings is not reported")
			}
			return p
		}
		key := fmt.Sprintf("expiry/cn-hangzhou/i-1/%d/3", instance.ExpireTime.Unix())
		if p := look(); len(p.conditions) != 0 || p.settles(key) {
			t.Errorf("at first %d conditions are reported and %t: withdrawn, want neither", len(p.conditions), p.settles(key))
		}
		time.Sleep(settingsPatience)
		if p := look(); len(p.conditions) != 1 || p.conditions[0].renews {
			t.Errorf("after %v the conditions are %+v, want the expiry", settingsPatience, p.conditions)
		}
	})
}

func TestAcknowledged(t *testing.T) {
	for body, want := range map[string]string{
		`{"errcode":0,"errmsg":"ok"}`: "", `{"code":0,"msg":"success","data":{}}`: "", `{"StatusCode":0,"StatusMessage":"success"}`: "",
		`{"errcode":310000,"errmsg":"sign not match"}`: "code 310000: sign not match", `{"code":19021,"msg":"sign match fail"}`: "code 19021: sign match fail",
		`{}`: "the response has no code", `<html>`: "the response is not JSON",
	} {
		text := ""
		if err := acknowledged([]byte(body)); err != nil {
			text = err.Error()
		}
		if text != want {
			t.Errorf("%s: %q, want %q", body, text, want)
		}
	}
}

func TestScrub(t *testing.T) {
	p := newPoster(Receiver{url: newSecret("https://user:password1@oapi.dingtalk.com/robot/hook-0123456789?access_token=abcdefghij"), secret: newSecret("SEC-9876543210")}, time.Second)
	text := p.scrub("post https://user:password1@oapi.dingtalk.com/robot/hook-0123456789?access_token=abcdefghij: token abcdefghij SEC-9876543210 password1 /robot/hook-0123456789\nrefused")
	for _, secret := range []string{"abcdefghij", "9876543210", "password1", "0123456789", "\n"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q is in %q", secret, text)
		}
	}
	if !strings.Contains(text, "refused") {
		t.Errorf("the cause is not in %q", text)
	}
}

const (
	dingTalkSign = "iZO9ZcpW2E024aN8S8oIEReaoaDzcX4I/nlww3+4fb4="
	feishuSign   = "O3kg7GjTP6A2LqrxfLUZTP4FE6X7QptuSYzI2UVKe7o="
)
