package notify

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/call"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/outbox"
)

const (
	// calendarTimeout bounds the reads for one response.
	calendarTimeout = 30 * time.Second
	// calendarStaleness is the age up to which instances and settings are shown.
	calendarStaleness = time.Hour
	// calendarRefresh is how often clients should read the calendar.
	calendarRefresh = time.Hour
	// maxListed bounds the instances that one event names.
	maxListed = 100
)

// CalendarPath is the path of the calendar as a pattern of http.ServeMux. The
// last part is KEY.ics, with the key of the file.
const CalendarPath = "GET /calendar/{key}"

// Calendar returns the handler of CalendarPath, nil if the file has no calendar.
// A request with another key gets 404.
func (n *Notifier) Calendar() http.Handler {
	c := n.config.File.Calendar
	if c == nil {
		return nil
	}
	want := sha256.Sum256([]byte(c.key.reveal() + ".ics"))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Hashes, so that the time shows neither the key nor its length.
		got := sha256.Sum256([]byte(r.PathValue("key")))
		if subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
			http.NotFound(w, r)
			return
		}
		ctx, cancel := context.WithTimeout(call.InLane(r.Context(), call.Poll), calendarTimeout)
		defer cancel()
		text, err := n.calendar(ctx, c)
		if err != nil {
			// Not an empty calendar, with which a client would remove the events.
			n.config.Logger.Warn("calendar not served", slog.String("error", err.Error()))
			w.Header().Set("Retry-After", "5")
			http.Error(w, "the instances are not known yet, retry", http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
		w.Header().Set("Cache-Control", "private, max-age="+strconv.Itoa(int(calendarRefresh/time.Second)))
		w.Header().Set("Referrer-Policy", "no-referrer")
		_, _ = w.Write([]byte(text)) // it fails only if the client has gone
	})
}

// calendar returns one all-day event per day and region with an expiry.
func (n *Notifier) calendar(ctx context.Context, c *Calendar) (string, error) {
	now := n.config.Clock.Now()
	groups := map[outbox.Group][]ecs.Instance{}
	for _, region := range n.config.Regions {
		if len(c.Regions) > 0 && !slices.Contains(c.Regions, region) {
			continue
		}
		instances, ok := n.sources.Fleet.SeenAll(region, ecs.Query{
			ChargeTypes: []ecs.ChargeType{ecs.ChargeSubscription}, Tags: c.Tags,
			Expiry: ecs.Window{After: now.Add(-lookBehind), Before: now.Add(time.Duration(c.Days) * day)},
		}, calendarStaleness, "", math.MaxInt)
		if !ok {
			return "", fmt.Errorf("region %s was not observed in the last %v", region, calendarStaleness)
		}
		if !c.AutoRenewing {
			// Instances with a setting that cannot be read are shown.
			outlooks, err := n.sources.Settings.Outlooks(ctx, instances, calendarStaleness)
			if err != nil {
				n.config.Logger.Warn("auto-renew settings for the calendar not read", slog.String("region", region), slog.String("error", err.Error()))
			}
			for i, o := range outlooks {
				if !renews(o) {
					group := outbox.Group{Day: dayOf(instances[i].ExpireTime), RegionID: region}
					groups[group] = append(groups[group], instances[i])
				}
			}
			continue
		}
		for _, i := range instances {
			group := outbox.Group{Day: dayOf(i.ExpireTime), RegionID: region}
			groups[group] = append(groups[group], i)
		}
	}
	var lines contentLines
	lines.add("BEGIN", "VCALENDAR")
	lines.add("VERSION", "2.0")
	lines.add("PRODID", "-//ecsd//ecsd//EN")
	lines.add("METHOD", "PUBLISH")
	lines.add("NAME", "ECS expiries")
	lines.add("X-WR-CALNAME", "ECS expiries")
	lines.add("REFRESH-INTERVAL;VALUE=DURATION", "PT1H")
	lines.add("X-PUBLISHED-TTL", "PT1H")
	for _, group := range slices.SortedFunc(maps.Keys(groups), compareGroups) {
		n.addEvent(&lines, group, groups[group], now)
	}
	lines.add("END", "VCALENDAR")
	return lines.text.String(), nil
}

// addEvent adds the event of a day and a region. Its UID stays the same while
// its instances change, so that clients update it.
func (n *Notifier) addEvent(lines *contentLines, group outbox.Group, instances []ecs.Instance, now time.Time) {
	slices.SortFunc(instances, func(a, b ecs.Instance) int {
		return cmp.Or(a.ExpireTime.Compare(b.ExpireTime), strings.Compare(a.ID, b.ID))
	})
	start, err := time.ParseInLocation(time.DateOnly, group.Day, chinaTime)
	if err != nil {
		return // dayOf made it
	}
	lines.add("BEGIN", "VEVENT")
	lines.add("UID", fmt.Sprintf("expiry-%s-%s-%s@ecsd", group.Day, group.RegionID, n.config.StoreID))
	lines.add("DTSTAMP", now.UTC().Format("20060102T150405Z"))
	lines.add("DTSTART;VALUE=DATE", start.Format("20060102"))
	lines.add("DTEND;VALUE=DATE", start.AddDate(0, 0, 1).Format("20060102"))
	lines.add("TRANSP", "TRANSPARENT")
	lines.addText("SUMMARY", fmt.Sprintf("%s %s in %s, first at %s", count(len(instances), "ECS instance"), verb(len(instances), "expires", "expire"),
		group.RegionID, instances[0].ExpireTime.In(chinaTime).Format("15:04")))
	var description strings.Builder
	for i, instance := range instances {
		if i == maxListed {
			fmt.Fprintf(&description, "and %d more\n", len(instances)-i)
			break
		}
		fmt.Fprintf(&description, "%s %s %s\n", instance.ExpireTime.In(chinaTime).Format("15:04"), instance.ID, ecs.Clip(plain(instance.Name), 64))
	}
	description.WriteString("Times are UTC+8.")
	lines.addText("DESCRIPTION", description.String())
	lines.add("END", "VEVENT")
}
