package notify

import (
	"fmt"
	"strings"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/outbox"
)

// chinaTime is the time zone in which subscriptions end and days are grouped.
var chinaTime = time.FixedZone("UTC+8", 8*60*60)

// dayOf returns the date of a time in UTC+8.
func dayOf(t time.Time) string { return t.In(chinaTime).Format(time.DateOnly) }

// clockOf returns a time in UTC+8 to the minute.
func clockOf(t time.Time) string { return t.In(chinaTime).Format("2006-01-02 15:04") }

// severity is the urgency of an event for Alertmanager.
func (m notice) severity() string {
	if m.Event == outbox.Attention || m.Event == outbox.Deduction || m.Event == outbox.Expiry && m.Threshold <= 3 {
		return "critical"
	}
	return "warning"
}

// summary describes the message in one line.
func (m notice) summary() string {
	n := len(m.Items)
	switch m.Event {
	case outbox.Expiry:
		return fmt.Sprintf("%s in %s: expiry on %s (UTC+8), threshold %s", count(n, "ECS instance"), m.RegionID, m.Day, count(m.Threshold, "day"))
	case outbox.Attention:
		return fmt.Sprintf("%s in %s %s an operator's decision: the outcome of the payment is unknown", count(n, "order"), m.RegionID, verb(n, "needs", "need"))
	case outbox.Deduction:
		return fmt.Sprintf("the automatic renewal of %s in %s fails; %s on %s (UTC+8)", count(n, "ECS instance"), m.RegionID, verb(n, "it expires", "they expire"), m.Day)
	case outbox.Drift:
		return fmt.Sprintf("%s in %s %s another auto-renew setting than was requested", count(n, "ECS instance"), m.RegionID, verb(n, "has", "have"))
	default:
		return "test message of ecsd: this receiver works"
	}
}

func count(n int, noun string) string { return fmt.Sprintf("%d %s", n, verb(n, noun, noun+"s")) }

func verb(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// line describes one item.
func (m notice) line(i outbox.Item) string {
	name := strings.TrimSpace(i.InstanceID + " " + ecs.Clip(plain(i.InstanceName), 64))
	switch m.Event {
	case outbox.Expiry:
		if i.AutoRenew == autoRenewal {
			return fmt.Sprintf("%s expires %s, renews automatically", name, clockOf(i.ExpireTime))
		}
		return fmt.Sprintf("%s expires %s", name, clockOf(i.ExpireTime))
	case outbox.Attention:
		if i.ModificationID != "" {
			return fmt.Sprintf("%s modification %s: %s", name, i.ModificationID, i.Reason)
		}
		return fmt.Sprintf("%s renewal %s: %s", name, i.RenewalID, i.Reason)
	case outbox.Deduction:
		next := "no further attempt"
		if !i.NextDeduction.IsZero() {
			next = "next attempt " + clockOf(i.NextDeduction)
		}
		return fmt.Sprintf("%s expires %s, %s", name, clockOf(i.ExpireTime), next)
	case outbox.Drift:
		return fmt.Sprintf("%s is %s, requested %s", name, i.AutoRenew, i.DesiredAutoRenew)
	default:
		return "test"
	}
}

// text returns the message for a chat in at most size bytes: the summary, the
// items that fit, and the ID, by which a reader recognises a message that
// arrives twice.
func (m notice) text(size int) string {
	var lines strings.Builder
	lines.WriteString("[ecsd] " + m.summary() + "\n")
	end := "ID " + m.ID
	if m.AccountID != "" {
		end = "account " + m.AccountID + ", " + end
	}
	const more = len("and 10000 more\n")
	for i, item := range m.Items {
		line := m.line(item) + "\n"
		if lines.Len()+len(line)+more+len(end) > size {
			fmt.Fprintf(&lines, "and %d more\n", len(m.Items)-i)
			break
		}
		lines.WriteString(line)
	}
	return lines.String() + end
}

// autoRenewName returns a setting as the API names it, without the prefix.
func autoRenewName(s ecs.AutoRenewStatus) string {
	switch s {
	case ecs.AutoRenewOn:
		return autoRenewal
	case ecs.AutoRenewOff:
		return "MANUAL_WITH_REMINDERS"
	case ecs.AutoRenewNever:
		return "NOT_RENEWED"
	}
	return "UNSPECIFIED"
}

// autoRenewal is the name of the setting that renews automatically.
const autoRenewal = "AUTO_RENEWAL"
