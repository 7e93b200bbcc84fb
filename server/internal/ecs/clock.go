package ecs

import "time"

// Clock returns the time of the cloud, by which subscriptions expire, deductions are due, and windows of expiry and periods
// begin. A nil Clock is time.Now, because the cloud and this server keep the same time. Only the clock of a simulator can
// be ahead. Leases, timeouts, settle windows and the stored times of events are by time.Now in any case.
type Clock func() time.Time

// Now returns the time of the cloud.
func (c Clock) Now() time.Time {
	if c == nil {
		return time.Now()
	}
	return c()
}

// Ahead returns how far the cloud's time is ahead of this process's.
func (c Clock) Ahead() time.Duration {
	if c == nil {
		return 0
	}
	return time.Until(c())
}
