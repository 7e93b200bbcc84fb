package operator

import (
	"fmt"
	"io"
	"strings"
	"time"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

const (
	// columns80 is what a line on a terminal keeps within, so that it does not
	// break and can be drawn over.
	columns80 = 79
	// widestBar and leastBar bound the bar, which has what the figures leave.
	widestBar = 20
	leastBar  = 4
)

// progress shows how far a job is: on a terminal as a line that is drawn anew,
// elsewhere as a line every so often and at each change of the job's state. It
// is used by one goroutine.
type progress struct {
	w        io.Writer
	terminal bool
	every    time.Duration

	job *ecsdv1.RenewalJob
	// began and doneBefore are where the rate is counted from.
	began      time.Time
	doneBefore int64
	told       time.Time
	toldState  ecsdv1.RenewalJobState
	width      int
}

func newProgress(w io.Writer, job *ecsdv1.RenewalJob, every time.Duration) *progress {
	p := &progress{w: w, terminal: IsTerminal(w), every: every, job: job, began: time.Now(), doneBefore: tally(job).done}
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
		// What a longer line before left is written over.
		fmt.Fprintf(p.w, "\r%s%s", line, strings.Repeat(" ", max(0, p.width-len(line))))
		p.width = len(line)
	case p.told.IsZero() || now.Sub(p.told) >= p.every || p.toldState != p.job.GetState():
		fmt.Fprintf(p.w, "%s %s\n", now.UTC().Format(time.RFC3339), p.line(now))
		p.told, p.toldState = now, p.job.GetState()
	}
}

func (p *progress) close() {
	p.draw()
	if p.terminal {
		fmt.Fprintln(p.w)
	}
}

// line is how far the job is.
func (p *progress) line(now time.Time) string {
	t := tally(p.job)
	text := &strings.Builder{}
	fmt.Fprintf(text, "%d/%d done, %d failed, %s spent", t.done, t.all, t.failed, moneyWord(p.job.GetSpent()))
	if t.done < t.all {
		rate := float64(t.done-p.doneBefore) / max(now.Sub(p.began).Seconds(), 1)
		left := "?"
		if rate > 0 {
			left = time.Duration(float64(t.all-t.done) / rate * float64(time.Second)).Round(time.Second).String()
		}
		fmt.Fprintf(text, ", %.1f/s, %s left", rate, left)
	}
	if !p.terminal {
		return text.String()
	}
	return bar(t, columns80-text.Len()) + text.String()
}

// bar is a bar of at most so many columns, none where it would be too small.
func bar(t figures, columns int) string {
	width := min(columns-len("[] "), widestBar)
	if width < leastBar || t.all == 0 {
		return ""
	}
	full := int(int64(width) * t.done / t.all)
	return "[" + strings.Repeat("#", full) + strings.Repeat(".", width-full) + "] "
}

// figures are the sums of a job's counts.
type figures struct{ all, done, failed int64 }

// tally counts as done what nobody works on any more, and as failed what was
// not paid though it should have been, or needs a person.
func tally(job *ecsdv1.RenewalJob) (f figures) {
	for _, c := range job.GetCounts() {
		f.all += c.GetCount()
		switch c.GetState() {
		case ecsdv1.RenewalState_RENEWAL_STATE_FAILED, ecsdv1.RenewalState_RENEWAL_STATE_NEEDS_ATTENTION:
			f.failed += c.GetCount()
			f.done += c.GetCount()
		case ecsdv1.RenewalState_RENEWAL_STATE_RENEWED, ecsdv1.RenewalState_RENEWAL_STATE_UNVERIFIED, ecsdv1.RenewalState_RENEWAL_STATE_SKIPPED:
			f.done += c.GetCount()
		}
	}
	return f
}
