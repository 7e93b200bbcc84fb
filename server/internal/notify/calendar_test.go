package notify_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/notify"
)

// calendarOf returns the handler of a world's calendar, as the admin port has it.
func calendarOf(t *testing.T, w *world, fields string) http.Handler {
	t.Helper()
	file, err := open(t, "calendar: {path_file: calendar.key"+fields+"}", nil)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle(notify.CalendarPath, w.notifier(openStore(t, "sqlite::memory:"), file).Calendar())
	return mux
}

func get(h http.Handler, method, path string) *httptest.ResponseRecorder {
	response := httptest.NewRecorder()
	h.ServeHTTP(response, httptest.NewRequest(method, path, nil))
	return response
}

// unfold returns the lines of a calendar as RFC 5545, section 3.1, has them.
func unfold(t *testing.T, text string) []string {
	t.Helper()
	if !strings.HasSuffix(text, "\r\n") || strings.Count(text, "\n") != strings.Count(text, "\r\n") {
		t.Errorf("not every line ends with CR LF")
	}
	for _, line := range strings.Split(text, "\r\n") {
		if len(line) > 75 || !utf8.ValidString(line) {
			t.Errorf("a line has %d bytes or cuts a character: %q", len(line), line)
		}
	}
	return strings.Split(strings.TrimSuffix(strings.ReplaceAll(text, "\r\n ", ""), "\r\n"), "\r\n")
}

func TestCalendar(t *testing.T) {
	w := newWorld()
	w.expires("i-1", hangzhou, 2*day)
	w.expires("i-2", hangzhou, 2*day+time.Hour)
	w.expires("i-midnight", hangzhou, 2*day+16*time.Hour)
	w.expires("i-shanghai", shanghai, 2*day)
	w.expires("i-automatic", shanghai, 2*day)
	w.expires("i-later", shanghai, 91*day)
	w.change(func() {
		i := w.instances["i-2"]
		i.Name = `网站的服务器; a,b\c` + "\nBEGIN:VEVENT"
		w.instances["i-2"] = i
		w.outlooks["i-automatic"] = ecs.AutoRenewOutlook{Held: ecs.AutoRenewOn, State: ecs.AutoRenewStateScheduled}
	})
	h := calendarOf(t, w, "")
	response := get(h, http.MethodGet, "/calendar/"+calendarKey+".ics")
	if response.Code != http.StatusOK || response.Header().Get("Content-Type") != "text/calendar; charset=utf-8" {
		t.Fatalf("%d %v", response.Code, response.Header())
	}
	want := []string{
		"BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//ecsd//ecsd//EN", "METHOD:PUBLISH", "NAME:ECS expiries", "X-WR-CALNAME:ECS expiries",
		"REFRESH-INTERVAL;VALUE=DURATION:PT1H", "X-PUBLISHED-TTL:PT1H",
		"BEGIN:VEVENT", "UID:expiry-2026-12-03-cn-hangzhou-db1@ecsd", "DTSTAMP:20261201T000000Z", "DTSTART;VALUE=DATE:20261203", "DTEND;VALUE=DATE:20261204",
		"TRANSP:TRANSPARENT", "SUMMARY:2 ECS instances expire in cn-hangzhou\\, first at 08:00",
		`DESCRIPTION:08:00 i-1 name of i-1\n09:00 i-2 网站的服务器\; a\,b\\c BEGIN:VEVENT\nTimes are UTC+8.`, "END:VEVENT",
		"BEGIN:VEVENT", "UID:expiry-2026-12-03-cn-shanghai-db1@ecsd", "DTSTAMP:20261201T000000Z", "DTSTART;VALUE=DATE:20261203", "DTEND;VALUE=DATE:20261204",
		"TRANSP:TRANSPARENT", "SUMMARY:1 ECS instance expires in cn-shanghai\\, first at 08:00",
		`DESCRIPTION:08:00 i-shanghai name of i-shanghai\nTimes are UTC+8.`, "END:VEVENT",
		"BEGIN:VEVENT", "UID:expiry-2026-12-04-cn-hangzhou-db1@ecsd", "DTSTAMP:20261201T000000Z", "DTSTART;VALUE=DATE:20261204", "DTEND;VALUE=DATE:20261205",
		"TRANSP:TRANSPARENT", "SUMMARY:1 ECS instance expires in cn-hangzhou\\, first at 00:00",
		`DESCRIPTION:00:00 i-midnight name of i-midnight\nTimes are UTC+8.`, "END:VEVENT",
		"END:VCALENDAR",
	}
	if diff := cmp.Diff(want, unfold(t, response.Body.String())); diff != "" {
		t.Errorf("the calendar (-want +got):\n%s", diff)
	}
	for fields, want := range map[string]int{", regions: [cn-shanghai]": 1, ", days: 100": 4, ", tags: {team: a}": 0, ", include_auto_renewing: true": 3} {
		text := get(calendarOf(t, w, fields), http.MethodGet, "/calendar/"+calendarKey+".ics").Body.String()
		if got := strings.Count(text, "\r\nBEGIN:VEVENT"); got != want {
			t.Errorf("with %q the calendar has %d events, want %d", fields, got, want)
		}
	}
}

func TestCalendar_ManyInstances(t *testing.T) {
	w := newWorld()
	for range 150 {
		w.expires("i-"+strings.Repeat("x", len(w.instances)+1), hangzhou, day)
	}
	lines := unfold(t, get(calendarOf(t, w, ""), http.MethodGet, "/calendar/"+calendarKey+".ics").Body.String())
	if text := strings.Join(lines, "\n"); !strings.Contains(text, "SUMMARY:150 ECS instances") || !strings.Contains(text, `\nand 50 more\n`) {
		t.Errorf("the event of 150 instances names neither how many expire nor how many are left out")
	}
}

// Only the key gets the calendar, and the response to another one does not show whether there is one.
func TestCalendar_WrongKey(t *testing.T) {
	h := calendarOf(t, newWorld(), "")
	for _, path := range []string{
		"/calendar/", "/calendar/" + calendarKey, "/calendar/" + calendarKey + ".ics/", "/calendar/x.ics", "/calendar/" + calendarKey[:20] + ".ics", "/calendar/.ics",
		"/calendar/" + strings.ToUpper(calendarKey) + ".ics",
	} {
		if got := get(h, http.MethodGet, path); got.Code != http.StatusNotFound || strings.Contains(got.Body.String(), "VCALENDAR") {
			t.Errorf("GET %s: %d, want 404", path, got.Code)
		}
	}
	if got := get(h, http.MethodPost, "/calendar/"+calendarKey+".ics"); got.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d, want 405", got.Code)
	}
}

// A region that was not observed gives an error: an empty calendar would remove the events from a client.
func TestCalendar_RegionNotObserved(t *testing.T) {
	w := newWorld()
	w.change(func() { w.unobserved = true })
	if got := get(calendarOf(t, w, ""), http.MethodGet, "/calendar/"+calendarKey+".ics"); got.Code != http.StatusServiceUnavailable || got.Header().Get("Retry-After") == "" {
		t.Errorf("%d %v, want 503 with Retry-After", got.Code, got.Header())
	}
}
