// Package outbox holds the messages that ecsd owes to receivers, as pure
// values: a message with its items, the key by which an item is reported once,
// and the state of a receiver.
//
// It takes nothing and returns values only. It must never do I/O or read a
// clock.
package outbox

import (
	"cmp"
	"strings"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Event is what a message reports.
type Event string

// The events, as the file of receivers and the store name them.
const (
	// Expiry: subscriptions have reached a threshold before their expiry.
	Expiry Event = "expiry"
	// Attention: paid orders of unknown outcome wait for a person.
	Attention Event = "attention"
	// Deduction: automatic renewals were due and did not happen.
	Deduction Event = "deduction"
	// Drift: auto-renew settings differ from the desired ones.
	Drift Event = "drift"
	// Test is sent by an operator only and is never stored.
	Test Event = "test"
)

// Events lists the events that a receiver can select.
var Events = []Event{Expiry, Attention, Deduction, Drift}

// Group is what the items of one message share.
type Group struct {
	Event    Event
	RegionID string
	// Day is a date in UTC+8, such as 2026-12-21: of the expiry for Expiry and
	// Deduction, else of the creation of the message.
	Day string
	// Threshold is the number of days before the expiry, for Expiry only.
	Threshold int
}

// Message is one message to one receiver. It keeps its ID however often it is
// sent.
type Message struct {
	ID       string
	Receiver string
	Group
	// Attempts counts the sends that began.
	Attempts   int
	CreateTime time.Time
	// Items are those that are still true.
	Items []Item
}

// Key identifies an item at a receiver, which is reported once.
type Key struct {
	Receiver string
	// Item names the event, the subject and its state, such as
	// expiry/cn-hangzhou/i-1/1797782400/7.
	Item string
}

// Item is one subject of a message.
type Item struct {
	Key string `json:"-"`
	// RetainUntil is when the item may be forgotten. One that is still true then
	// is reported again.
	RetainUntil time.Time `json:"-"`

	InstanceID   string    `json:"instance_id,omitempty"`
	InstanceName string    `json:"instance_name,omitempty"`
	ExpireTime   time.Time `json:"expire_time,omitzero"`
	// AutoRenew is the setting as the API names it, "" if it is of no interest.
	AutoRenew string `json:"auto_renew,omitempty"`
	// DesiredAutoRenew is the setting that was requested, for Drift.
	DesiredAutoRenew string `json:"desired_auto_renew,omitempty"`
	// NextDeduction is when the cloud tries again, for Deduction.
	NextDeduction  time.Time  `json:"next_deduction_time,omitzero"`
	RenewalID      string     `json:"renewal_id,omitempty"`
	ModificationID string     `json:"modification_id,omitempty"`
	Reason         ecs.Reason `json:"reason,omitempty"`
}

// Receiver is the state of a receiver that all replicas share.
type Receiver struct {
	Name string
	// Failures counts the failed sends since the last success.
	Failures int
	// NextTime is when the next send may begin, zero for now.
	NextTime time.Time
	// LastError holds no secret.
	LastError       string
	LastErrorTime   time.Time
	LastSuccessTime time.Time
	// Pending counts the messages that wait; Oldest is the creation of the first.
	Pending int
	Oldest  time.Time
}

// Compare orders items by expiry, then by key.
func (i Item) Compare(other Item) int {
	return cmp.Or(i.ExpireTime.Compare(other.ExpireTime), strings.Compare(i.Key, other.Key))
}
