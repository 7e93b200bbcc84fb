package cloud_test

import (
	"testing"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/cloud"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/simulator"
)

// The simulator and the server share no code, so that a forecast that the
// simulator confirms follows from two readings of the cloud's documents.
func TestForecast_AgreesWithSimulator(t *testing.T) {
	utc8 := time.FixedZone("UTC+8", 8*60*60)
	at := func(text string) *time.Time {
		parsed, err := time.ParseInLocation("2006-01-02 15:04", text, utc8)
		if err != nil {
			t.Fatal(err)
		}
		parsed = parsed.UTC()
		return &parsed
	}
	// A renewal is bought on 20 November 2026, 12:00 UTC+8.
	const graced, stopping = 15 * 24 * time.Hour, time.Duration(0)
	for name, c := range map[string]struct {
		stopAfter time.Duration
		seed      simulator.Seed
		period    ecs.Period
		want      string
	}{
		"running":                    {stopping, simulator.Seed{ExpireTime: at("2026-12-01 00:00")}, ecs.Period{Count: 1, Unit: ecs.Month}, "2027-01-01 00:00"},
		"running, weeks":             {stopping, simulator.Seed{ExpireTime: at("2026-12-01 00:00")}, ecs.Period{Count: 2, Unit: ecs.Week}, "2026-12-15 00:00"},
		"running, a year":            {stopping, simulator.Seed{ExpireTime: at("2026-12-01 00:00")}, ecs.Period{Count: 1, Unit: ecs.Year}, "2027-12-01 00:00"},
		"running, a shorter month":   {stopping, simulator.Seed{ExpireTime: at("2027-01-31 00:00")}, ecs.Period{Count: 1, Unit: ecs.Month}, "2027-02-28 00:00"},
		"running, an expiry at noon": {stopping, simulator.Seed{ExpireTime: at("2026-12-01 12:34")}, ecs.Period{Count: 1, Unit: ecs.Month}, "2027-01-02 00:00"},
		"running, up to a day":       {stopping, simulator.Seed{ExpireTime: at("2026-12-02 00:00")}, ecs.Period{Count: 1, Unit: ecs.RenewDay}, "2027-02-01 00:00"},
		"stopped by its user":        {stopping, simulator.Seed{ExpireTime: at("2026-12-01 00:00"), Status: "Stopped"}, ecs.Period{Count: 1, Unit: ecs.Month}, "2027-01-01 00:00"},
		"expired, running":           {graced, simulator.Seed{ExpireTime: at("2026-11-18 00:00")}, ecs.Period{Count: 1, Unit: ecs.Month}, "2026-12-18 00:00"},
		"expired, stopped by user":   {graced, simulator.Seed{ExpireTime: at("2026-11-18 00:00"), Status: "Stopped"}, ecs.Period{Count: 1, Unit: ecs.Month}, "2026-12-21 00:00"},
		"expired, stopped by cloud":  {stopping, simulator.Seed{ExpireTime: at("2026-11-18 00:00")}, ecs.Period{Count: 1, Unit: ecs.Month}, "2026-12-21 00:00"},
		"expired today":              {stopping, simulator.Seed{ExpireTime: at("2026-11-20 00:00")}, ecs.Period{Count: 1, Unit: ecs.Week}, "2026-11-28 00:00"},
	} {
		t.Run(name, func(t *testing.T) {
			s, edge := simulated(t, simulator.Config{StopAfter: c.stopAfter, RenewLag: -1, Balance: 1 << 40}, cloud.Config{})
			id := seed(t, s, c.seed)[0]
			read := func() ecs.Instance {
				t.Helper()
				result := edge.Instances(soon(t), hangzhou, []string{id})[0]
				if result.Err != nil {
					t.Fatal(result.Err)
				}
				return result.Value
			}
			if _, err := s.Advance(time.Minute); err != nil {
				t.Fatal(err)
			}
			before := read()
			forecast := c.period.Forecast(before, s.Now())
			if !forecast.Equal(*at(c.want)) {
				t.Errorf("the forecast is %s, want %s", forecast.In(utc8), c.want)
			}
			order := ecs.RenewOrder{RegionID: hangzhou, InstanceID: id, Period: c.period, ClientToken: "forecast"}
			if _, err := edge.Renew(soon(t), order); err != nil {
				t.Fatal(err)
			}
			after := read().ExpireTime
			if !after.Equal(forecast) {
				t.Errorf("the renewal brought %s, forecast was %s", after.In(utc8), forecast.In(utc8))
			}
			if !c.period.Is(after, before.ExpireTime, forecast) || !c.period.Proves(after, before.ExpireTime, forecast) {
				t.Errorf("%s does not prove the renewal", after.In(utc8))
			}
		})
	}
}
