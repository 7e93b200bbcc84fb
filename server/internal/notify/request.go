package notify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/outbox"
)

// notice is a message as it is sent, with the account that it is about.
type notice struct {
	outbox.Message
	AccountID string
}

// request is one HTTP request.
type request struct {
	url    string
	header map[string]string
	body   []byte
}

// request returns the request that carries a message, signed at a time.
func (r Receiver) request(m notice, now time.Time) (request, error) {
	switch r.Kind {
	case Webhook:
		return r.webhook(m, now)
	case Alertmanager:
		return r.alerts(m, now)
	case DingTalk:
		return r.dingTalk(m, now)
	case Feishu:
		return r.feishu(m, now)
	default:
		return r.weCom(m)
	}
}

// webhookTypes are the types of events of webhooks.
var webhookTypes = map[outbox.Event]string{
	outbox.Expiry:    "ecs.instance.expiring",
	outbox.Attention: "ecs.payment.needs_attention",
	outbox.Deduction: "ecs.auto_renew.failing",
	outbox.Drift:     "ecs.auto_renew.drifted",
	outbox.Test:      "ecsd.test",
}

// webhookBody is the body of a webhook.
type webhookBody struct {
	Type string `json:"type"`
	// Timestamp is the creation of the message.
	Timestamp time.Time   `json:"timestamp"`
	Data      webhookData `json:"data"`
}

type webhookData struct {
	Summary       string        `json:"summary"`
	AccountID     string        `json:"account_id,omitempty"`
	RegionID      string        `json:"region_id,omitempty"`
	Day           string        `json:"day,omitempty"`
	ThresholdDays *int          `json:"threshold_days,omitempty"`
	Items         []outbox.Item `json:"items"`
}

// webhook returns a request as Standard Webhooks has it.
func (r Receiver) webhook(m notice, now time.Time) (request, error) {
	body := webhookBody{Type: webhookTypes[m.Event], Timestamp: m.CreateTime.UTC(), Data: webhookData{
		Summary: m.summary(), AccountID: m.AccountID, RegionID: m.RegionID, Day: m.Day, Items: m.Items,
	}}
	if m.Event == outbox.Expiry {
		body.Data.ThresholdDays = &m.Threshold
	}
	if body.Data.Items == nil {
		body.Data.Items = []outbox.Item{}
	}
	encoded, err := json.Marshal(body)
	if err != nil {
		return request{}, err
	}
	key, err := webhookKey(r.secret)
	if err != nil {
		return request{}, fmt.Errorf("the key of the signatures: not base64")
	}
	at := strconv.FormatInt(now.Unix(), 10)
	return request{url: r.url.reveal(), body: encoded, header: map[string]string{
		"webhook-id":        m.ID,
		"webhook-timestamp": at,
		"webhook-signature": "v1," + sign(key, m.ID+"."+at+"."+string(encoded)),
	}}, nil
}

// sign returns the HMAC-SHA256 of a text in base64.
func sign(key []byte, text string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text)) // never fails
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// alertLife is how long an alert lasts, since ecsd sends it once.
const alertLife = 24 * time.Hour

// alert is one alert of the Alertmanager API v2.
type alert struct {
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	StartsAt    time.Time         `json:"startsAt"`
	EndsAt      time.Time         `json:"endsAt"`
}

// alertNames are the names of alerts.
var alertNames = map[outbox.Event]string{
	outbox.Expiry:    "EcsdInstanceExpiring",
	outbox.Attention: "EcsdPaymentNeedsAttention",
	outbox.Deduction: "EcsdAutoRenewFailing",
	outbox.Drift:     "EcsdAutoRenewDrifted",
	outbox.Test:      "EcsdTest",
}

// alerts returns one alert per item. An alert that is sent twice has the same
// labels, so that Alertmanager takes both for one.
func (r Receiver) alerts(m notice, now time.Time) (request, error) {
	items := m.Items
	if len(items) == 0 {
		items = []outbox.Item{{}}
	}
	alerts := make([]alert, len(items))
	for i, item := range items {
		labels := map[string]string{"alertname": alertNames[m.Event], "severity": m.severity()}
		for label, value := range map[string]string{
			"account_id": m.AccountID, "region": m.RegionID, "day": m.Day, "instance_id": item.InstanceID,
			"renewal_id": item.RenewalID, "modification_id": item.ModificationID,
		} {
			if value != "" {
				labels[label] = value
			}
		}
		if m.Event == outbox.Expiry {
			labels["threshold_days"] = strconv.Itoa(m.Threshold)
		}
		alerts[i] = alert{Labels: labels, StartsAt: m.CreateTime.UTC(), EndsAt: now.Add(alertLife).UTC(), Annotations: map[string]string{
			"summary": m.summary(), "description": m.line(item), "message_id": m.ID,
		}}
	}
	body, err := json.Marshal(alerts)
	if err != nil {
		return request{}, err
	}
	sent := request{url: strings.TrimSuffix(r.url.reveal(), "/") + "/api/v2/alerts", body: body}
	if r.secret.isSet() {
		sent.header = map[string]string{"Authorization": "Bearer " + r.secret.reveal()}
	}
	return sent, nil
}

// Limits of a text, below those of the services.
const (
	maxWeComText = 2000 // the limit of the service is 2048 bytes
	maxChatText  = 4000 // longer texts are accepted and not read
)

// chatText is the part of a message that DingTalk and WeCom have in common.
type chatText struct {
	Type string            `json:"msgtype"`
	Text map[string]string `json:"text"`
}

func newChatText(text string) chatText {
	return chatText{"text", map[string]string{"content": text}}
}

// dingTalk returns a text of a DingTalk robot, signed if it has a secret.
func (r Receiver) dingTalk(m notice, now time.Time) (request, error) {
	body, err := json.Marshal(newChatText(m.text(maxChatText)))
	if err != nil {
		return request{}, err
	}
	target := r.url.reveal()
	if r.secret.isSet() {
		u, err := url.Parse(target)
		if err != nil {
			return request{}, bare(err)
		}
		at := strconv.FormatInt(now.UnixMilli(), 10)
		query := u.Query()
		query.Set("timestamp", at)
		query.Set("sign", sign([]byte(r.secret.reveal()), at+"\n"+r.secret.reveal()))
		u.RawQuery = query.Encode()
		target = u.String()
	}
	return request{url: target, body: body}, nil
}

// feishu returns a text of a Feishu robot, signed if it has a secret. Its
// signature has the text as the key and an empty message.
func (r Receiver) feishu(m notice, now time.Time) (request, error) {
	text := struct {
		Timestamp string            `json:"timestamp,omitempty"`
		Sign      string            `json:"sign,omitempty"`
		Type      string            `json:"msg_type"`
		Content   map[string]string `json:"content"`
	}{Type: "text", Content: map[string]string{"text": m.text(maxChatText)}}
	if r.secret.isSet() {
		text.Timestamp = strconv.FormatInt(now.Unix(), 10)
		text.Sign = sign([]byte(text.Timestamp+"\n"+r.secret.reveal()), "")
	}
	body, err := json.Marshal(text)
	return request{url: r.url.reveal(), body: body}, err
}

// weCom returns a text of a WeCom robot.
func (r Receiver) weCom(m notice) (request, error) {
	body, err := json.Marshal(newChatText(m.text(maxWeComText)))
	return request{url: r.url.reveal(), body: body}, err
}

// acknowledged reads the response of a robot, which has status 200 even if the
// message was refused.
func acknowledged(body []byte) error {
	var response struct {
		ErrCode    *int   `json:"errcode"` // DingTalk, WeCom
		ErrMsg     string `json:"errmsg"`
		Code       *int   `json:"code"` // Feishu
		Msg        string `json:"msg"`
		StatusCode *int   `json:"StatusCode"` // Feishu, older
	}
	if err := json.Unmarshal(body, &response); err != nil {
		return fmt.Errorf("the response is not JSON")
	}
	for _, code := range []*int{response.ErrCode, response.Code, response.StatusCode} {
		if code == nil {
			continue
		}
		if *code != 0 {
			return fmt.Errorf("code %d: %s", *code, response.ErrMsg+response.Msg)
		}
		return nil
	}
	return fmt.Errorf("the response has no code")
}
