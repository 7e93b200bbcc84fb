package operator

import (
	"fmt"
	"io"
	"strings"
	"time"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

const (
	// columns80 is the limit of a line on a terminal, so that it does not wrap and
	// can be drawn over.
	columns80 = 79
	// widestBar and leastBar bound the bar, which takes the columns that the figures leave.
	widestBar = 20
	leastBar  = 4
)

// progress prints the progress of a job: on a terminal as a line that is redrawn,
// elsewhere as a line per interval and at each change of the job's state. It is
// used by one goroutine.
type progress struct {
	w        io.Writer
	terminal bool
	every    time.Duration

	job *ecsdv1.RenewalJob
	// began and doneBefore are the start of the rate.
	began      time.Time
	doneBefore int64
	// printed and state are the time and the job state of the last line.
	printed time.Time
	state   ecsdv1.RenewalJobState
	width   int
}

func newProgress(w io.Writer, job *ecsdv1.RenewalJob, every time.Duration) *progress {
	p := &progress{w: w, terminal: IsTerminal(w), every: every, job: job, began: time.Now(), doneBefore: count(job).done}
	p.draw()
	return p
}

func (p *progress) take(job *ecsdv1.RenewalJob) {
	p.job = job
	if !p.terminal {
		p.draw()
	}
}

func (p *progress) draw() {
	now := time.Now()
	switch {
	case p.terminal:
		line := p.line(now)
		// Spaces cover the rest of a longer line before.
		fmt.Fprintf(p.w, "\r%s%s", line, strings.Repeat(" ", max(0, p.width-len(line))))
		p.width = len(line)
	case p.printed.IsZero() || now.Sub(p.printed) >= p.every || p.state != p.job.GetState():
		fmt.Fprintf(p.w, "%s %s\n", now.UTC().Format(time.RFC3339), p.line(now))
		p.printed, p.state = now, p.job.GetState()
	}
}

func (p *progress) close() {
	p.draw()
	if p.terminal {
		fmt.Fprintln(p.w)
	}
}

// line returns the progress of the job. On a terminal it drops its last parts if
// they do not fit.
func (p *progress) line(now time.Time) string {
	f := count(p.job)
	parts := []string{fmt.Sprintf("%d/%d done", f.done, f.all), fmt.Sprintf("%d paid", f.paid), fmt.Sprintf("%d failed", f.failed)}
	part := func(n int64, noun string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, noun))
		}
	}
	part(f.attention, "need attention")
	part(f.unknown, "unknown")
	part(f.verifying, "verifying")
	rate := float64(f.done-p.doneBefore) / max(now.Sub(p.began).Seconds(), 1)
	if f.done < f.all {
		left := "?"
		if rate > 0 {
			left = time.Duration(float64(f.all-f.done) / rate * float64(time.Second)).Round(time.Second).String()
		}
		parts = append(parts, left+" left")
	}
	parts = append(parts, moneyWord(p.job.GetSpent())+" spent")
	if r := p.job.GetReserved(); r.GetUnits() > 0 || r.GetNanos() > 0 {
		parts = append(parts, moneyWord(r)+" reserved")
	}
	if f.done < f.all {
		parts = append(parts, fmt.Sprintf("%.1f/s", rate))
	}
	if !p.terminal {
		return strings.Join(parts, ", ")
	}
	text := strings.Join(parts, ", ")
	for len(text) > columns80 && len(parts) > 1 {
		parts = parts[:len(parts)-1]
		text = strings.Join(parts, ", ")
	}
	return bar(f, columns80-len(text)) + text
}

// bar returns a bar of at most so many columns, "" if it would be too small.
func bar(t figures, columns int) string {
	width := min(columns-len("[] "), widestBar)
	if width < leastBar || t.all == 0 {
		return ""
	}
	full := int(int64(width) * t.done / t.all)
	return "[" + strings.Repeat("#", full) + strings.Repeat(".", width-full) + "] "
}

// figures are the sums of a job's counts.
type figures struct{ all, done, paid, failed, attention, verifying, unknown int64 }

// count returns the figures of a job. Done are the finished renewals; failed are those that were not paid, or need
// attention.
func count(job *ecsdv1.RenewalJob) (f figures) {
	for _, c := range job.GetCounts() {
		f.all += c.GetCount()
		switch c.GetState() {
		case ecsdv1.RenewalState_RENEWAL_STATE_FAILED:
			f.failed += c.GetCount()
			f.done += c.GetCount()
		case ecsdv1.RenewalState_RENEWAL_STATE_NEEDS_ATTENTION:
			f.failed += c.GetCount()
			f.attention += c.GetCount()
			f.done += c.GetCount()
		case ecsdv1.RenewalState_RENEWAL_STATE_RENEWED, ecsdv1.RenewalState_RENEWAL_STATE_UNVERIFIED:
			f.paid += c.GetCount()
			f.done += c.GetCount()
		case ecsdv1.RenewalState_RENEWAL_STATE_SKIPPED:
			f.done += c.GetCount()
		case ecsdv1.RenewalState_RENEWAL_STATE_VERIFYING:
			f.verifying += c.GetCount()
		case ecsdv1.RenewalState_RENEWAL_STATE_UNKNOWN:
			f.unknown += c.GetCount()
		}
	}
	return f
}
