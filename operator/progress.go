package operator

import (
	"fmt"
	"io"
	"strings"
	"time"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/operator/output"
)

// widestBar and leastBar bound the bar, which takes the columns that the figures leave.
const (
	widestBar = 20
	leastBar  = 4
)

// progress prints the progress of a job for people: on a terminal as a line that is redrawn, elsewhere as a line per
// interval and at each change of the job's state. It is used by one goroutine.
type progress struct {
	out     *output.Printer
	trouble io.Writer
	every   time.Duration

	job *ecsdv1.RenewalJob
	// began and sentBefore are the start of the rate.
	began      time.Time
	sentBefore int64
	// printed and state are the time and the job state of the last line.
	printed time.Time
	state   ecsdv1.RenewalJobState
}

func newProgress(s *session, job *ecsdv1.RenewalJob, every time.Duration) *progress {
	p := &progress{out: s.out, trouble: s.streams.Err, every: every, job: job, began: time.Now(), sentBefore: count(job).sent()}
	p.draw()
	return p
}

func (p *progress) take(job *ecsdv1.RenewalJob) {
	p.job = job
	if !p.out.Live() {
		p.draw()
	}
}

func (p *progress) draw() {
	now := time.Now()
	switch {
	case p.out.Live():
		p.out.Printf("%s%s", clearLine, p.line(now))
	case p.printed.IsZero() || now.Sub(p.printed) >= p.every || p.state != p.job.GetState():
		p.out.Printf("%s %s\n", p.out.Second(now), p.line(now))
		p.printed, p.state = now, p.job.GetState()
	}
}

// interrupted prints a line above the progress, to standard error.
func (p *progress) interrupted(text string) {
	if p.out.Live() {
		text = clearLine + text
	}
	fmt.Fprintln(p.trouble, text)
}

func (p *progress) close() {
	p.draw()
	if p.out.Live() {
		p.out.Printf("\n")
	}
}

// part is a figure of the line with its colour.
type part struct {
	text   string
	colour output.Colour
}

// line returns the progress of the job. On a terminal it drops its last parts if they do not fit.
func (p *progress) line(now time.Time) string {
	parts := p.parts(now)
	width := func() int {
		n := 2 * (len(parts) - 1)
		for _, part := range parts {
			n += output.Width(part.text)
		}
		return n
	}
	front := ""
	if p.out.Live() {
		limit := p.out.Width() - 1 // the last column would wrap on some terminals
		for len(parts) > 1 && width() > limit {
			parts = parts[:len(parts)-1]
		}
		front = bar(count(p.job), limit-width())
	}
	texts := make([]string, len(parts))
	for i, part := range parts {
		texts[i] = p.out.Paint(part.colour, part.text)
	}
	return front + strings.Join(texts, ", ")
}

// parts returns the figures of the line, the most important first.
func (p *progress) parts(now time.Time) []part {
	f := count(p.job)
	parts := []part{{fmt.Sprintf("%d/%d done", f.done, f.all), output.Plain}, {fmt.Sprintf("%d paid", f.paid), output.Plain}}
	add := func(n int64, noun string, colour output.Colour) {
		if n > 0 {
			parts = append(parts, part{fmt.Sprintf("%d %s", n, noun), colour})
		}
	}
	if f.failed == 0 {
		parts = append(parts, part{"0 failed", output.Plain})
	}
	add(f.failed, "failed", output.Bad)
	add(f.attention, "need attention", output.Bad)
	add(f.unknown, "unknown", output.Warn)
	add(f.verifying, "verifying", output.Plain)
	// The rate is that of the orders: the end of each follows after the cloud's delay, which does not grow with the job.
	rate := float64(f.sent()-p.sentBefore) / max(now.Sub(p.began).Seconds(), 1)
	unsent := f.all - f.sent()
	if unsent > 0 && rate > 0 {
		left := time.Duration(float64(unsent) / rate * float64(time.Second)).Round(time.Second)
		parts = append(parts, part{left.String() + " left", output.Plain})
	}
	if r := p.job.GetReserved(); r.GetUnits() > 0 || r.GetNanos() > 0 {
		parts = append(parts, part{output.Money(r) + " reserved", output.Plain})
	}
	parts = append(parts, part{output.Money(p.job.GetSpent()) + " spent", output.Plain})
	if unsent > 0 && rate > 0 {
		parts = append(parts, part{fmt.Sprintf("%.1f/s", rate), output.Plain})
	}
	return parts
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

// sent returns the renewals whose orders were sent, or that need none.
func (f figures) sent() int64 { return f.done + f.verifying + f.unknown }

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
