package refusal

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Rows returns the table, one line per code, in the written order.
func Rows() []Row {
	var rows []Row
	for _, group := range table {
		for _, field := range strings.Fields(group.codes) {
			action, code, limited := strings.Cut(field, ":")
			if !limited {
				action, code = "", field
			}
			rows = append(rows, Row{Code: code, Action: action, Class: group.Class})
		}
	}
	return rows
}

// rowKey is a code, alone or under an action.
type rowKey struct{ action, code string }

var (
	exact    = make(map[rowKey]Class)
	families []Row
)

func init() {
	for _, row := range Rows() {
		if family, ok := strings.CutSuffix(row.Code, "*"); ok {
			families = append(families, Row{Code: family, Action: row.Action, Class: row.Class})
			continue
		}
		exact[rowKey{row.Action, row.Code}] = row.Class
	}
	// The longest beginning decides; at equal length the row for the action.
	slices.SortStableFunc(families, func(a, b Row) int {
		if d := len(b.Code) - len(a.Code); d != 0 {
			return d
		}
		return len(b.Action) - len(a.Action)
	})
}

// Of returns the class of an error code that an action met. Known is false if
// no row names the code or its family: the class is then by the HTTP status,
// and the only text is the cloud's.
func Of(action, code string, httpStatus int) (class Class, known bool) {
	for _, key := range []rowKey{{action, code}, {"", code}} {
		if class, ok := exact[key]; ok {
			return class, true
		}
	}
	for _, family := range families {
		if (family.Action == "" || family.Action == action) && strings.HasPrefix(code, family.Code) {
			return family.Class, true
		}
	}
	return byStatus(httpStatus), false
}

// Label returns a code as a metric's label, one of a closed set: the code if a
// row names it, the family of the row with a *, "unknown" for the rest, and ""
// for no code.
func Label(action, code string) string {
	if code == "" {
		return ""
	}
	for _, key := range []rowKey{{action, code}, {"", code}} {
		if _, ok := exact[key]; ok {
			return code
		}
	}
	for _, family := range families {
		if (family.Action == "" || family.Action == action) && strings.HasPrefix(code, family.Code) {
			return family.Code + "*"
		}
	}
	return "unknown"
}

// later is the class of a code that no row names, with a message that asks for
// a later retry. Source: the vendor's page on idempotence, by which a 4xx may
// be retried only if its message asks for it.
var later = Class{ecs.ReasonOperationInProgress, ecs.RetryBackoff, ecs.EffectUnknown, WhenSafe,
	"The cloud refused with a code that ecsd does not know and asks to try again later."}

var saysLater = regexp.MustCompile(`(?i)\b(try|retry)\b[^.;]{0,40}\blater\b|\b(try|retry) (it )?again (after|in)\b`)

// OfMessage is Of with the cloud's message, which counts only if no row names
// the code.
func OfMessage(action, code, message string, httpStatus int) Class {
	class, known := Of(action, code, httpStatus)
	if !known && class.Again == Never && saysLater.MatchString(message) {
		return later
	}
	return class
}

func byStatus(status int) Class {
	switch {
	case status == http.StatusTooManyRequests:
		return exact[rowKey{"", "Throttling"}]
	case status == http.StatusServiceUnavailable:
		return exact[rowKey{"", "ServiceUnavailable"}]
	case status >= http.StatusInternalServerError:
		return exact[rowKey{"", "InternalError"}]
	}
	return Class{ecs.ReasonCloudRejected, ecs.RetryNever, ecs.EffectNone, Never,
		"The cloud refused with a code that ecsd does not know; the message holds its text."}
}
