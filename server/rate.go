package server

import (
	"fmt"
	"strconv"
	"strings"
)

// Rate is an upper bound of the calls of one action in each region, written
// ACTION=N/1m. The cloud counts in windows of one minute, so no other can be
// given.
type Rate struct {
	// Action is the cloud's name, such as DescribeInstances.
	Action string
	// PerMinute is at least 1.
	PerMinute int
}

// UnmarshalText reads ACTION=N/1m.
func (r *Rate) UnmarshalText(text []byte) error {
	action, rate, _ := strings.Cut(string(text), "=")
	count, window, _ := strings.Cut(rate, "/")
	n, err := strconv.Atoi(count)
	if action == "" || window != "1m" || err != nil || n < 1 {
		return fmt.Errorf("%q: must be ACTION=N/1m with N at least 1, such as DescribeInstances=300/1m", text)
	}
	*r = Rate{Action: action, PerMinute: n}
	return nil
}

// perMinute returns the rates for the edge; of two rates of one action the last
// holds.
func perMinute(rates []Rate) map[string]int {
	limits := make(map[string]int, len(rates))
	for _, rate := range rates {
		limits[rate.Action] = rate.PerMinute
	}
	return limits
}
