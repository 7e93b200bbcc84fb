package answer

import (
	"strings"

	"github.com/go-faster/jx"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// The cloud's names of its enumerations. An unlisted name reads as unknown, and
// is kept raw beside the value.
var (
	statuses = map[string]ecs.Status{
		"Pending": ecs.StatusPending, "Starting": ecs.StatusStarting, "Running": ecs.StatusRunning,
		"Stopping": ecs.StatusStopping, "Stopped": ecs.StatusStopped,
	}
	chargeTypes = map[string]ecs.ChargeType{
		"PostPaid": ecs.ChargePayAsYouGo, "PrePaid": ecs.ChargeSubscription,
	}
	stoppedModes = map[string]ecs.StoppedMode{
		"KeepCharging": ecs.StoppedKeepCharging, "StopCharging": ecs.StoppedStopCharging,
		"Not-applicable": ecs.StoppedNotApplicable,
	}
	// The cloud returns Recycling and accepts recycling: lower case here.
	lockReasons = map[string]ecs.LockReason{
		"financial": ecs.LockFinancial, "security": ecs.LockSecurity, "recycling": ecs.LockRecycling,
		"dedicatedhostfinancial": ecs.LockDedicatedHostFinancial, "refunded": ecs.LockRefunded,
	}
	renewalStatuses = map[string]ecs.AutoRenewStatus{
		"AutoRenewal": ecs.AutoRenewOn, "Normal": ecs.AutoRenewOff, "NotRenewal": ecs.AutoRenewNever,
	}
	periodUnits = map[string]ecs.PeriodUnit{
		"week": ecs.Week, "month": ecs.Month, "year": ecs.Year,
	}
)

// StatusWord returns the cloud's word for a status, "" for the unknown one.
func StatusWord(s ecs.Status) string { return wordOf(statuses, s) }

// ChargeTypeWord returns the cloud's word for a charge type.
func ChargeTypeWord(c ecs.ChargeType) string { return wordOf(chargeTypes, c) }

// StoppedModeWord returns the cloud's word for a stopped mode.
func StoppedModeWord(m ecs.StoppedMode) string { return wordOf(stoppedModes, m) }

// LockReasonWord returns the cloud's word for a lock.
func LockReasonWord(l ecs.LockReason) string { return wordOf(lockReasons, l) }

// AutoRenewWord returns the cloud's word for an auto-renew status.
func AutoRenewWord(s ecs.AutoRenewStatus) string { return wordOf(renewalStatuses, s) }

func wordOf[V comparable](words map[string]V, value V) string {
	for word, v := range words {
		if v == value {
			return word
		}
	}
	return ""
}

func lockReason(word string) ecs.LockReason { return lockReasons[strings.ToLower(word)] }

// words holds one copy of the repeated texts of a page: zones, types, images,
// tags.
type words map[string]string

// word reads a text that has few different values in a page.
func (w words) word(d *jx.Decoder) (string, error) {
	b, err := raw(d)
	if err != nil || len(b) == 0 {
		return "", err
	}
	if known, ok := w[string(b)]; ok {
		return known, nil
	}
	s := valid(b)
	w[s] = s
	return s, nil
}

// tags reads the tags of an instance, a disk or a snapshot.
func (w words) tags(d *jx.Decoder) (tags []ecs.Tag, err error) {
	err = wrapped(d, "Tag", func(d *jx.Decoder) error {
		var tag ecs.Tag
		err := fields(d, func(d *jx.Decoder, key []byte) (err error) {
			switch string(key) {
			case "TagKey", "Key":
				err = w.keep(&tag.Key, d)
			case "TagValue", "Value":
				err = w.keep(&tag.Value, d)
			default:
				err = d.Skip()
			}
			return err
		})
		if tag.Key != "" {
			tags = append(tags, tag)
		}
		return err
	})
	return tags, err
}

// keep reads a word that the cloud may send under two names, one of them empty.
func (w words) keep(field *string, d *jx.Decoder) error {
	word, err := w.word(d)
	if word != "" {
		*field = word
	}
	return err
}
