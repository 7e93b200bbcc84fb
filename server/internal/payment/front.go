package payment

import (
	"sync"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// fronts keep the order of service within a job, across its regions: a renewal
// that expires on a later day is not sent before the first send of all that
// expire earlier, so that neither budget nor balance is spent on it. A renewal
// that is deferred, or in a throttled region, leaves its place and delays no
// other.
type fronts struct {
	// mu guards jobs. It is released before changed is called.
	mu   sync.Mutex
	jobs map[string]map[int64]int
	// changed is called when a day of a job is through.
	changed func()
}

// front is the place of one renewal. A nil front is first.
type front struct {
	all *fronts
	job string
	day int64
	// left is set once; all.mu guards it.
	left bool
}

// day returns the day of an expiry in UTC+8, in which the cloud counts.
func day(expire time.Time) int64 { return expire.Add(8*time.Hour).Unix() / 86400 }

// enter takes a place for a renewal.
func (f *fronts) enter(r ledger.Renewal) *front {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.jobs == nil {
		f.jobs = map[string]map[int64]int{}
	}
	if f.jobs[r.JobID] == nil {
		f.jobs[r.JobID] = map[int64]int{}
	}
	p := &front{all: f, job: r.JobID, day: day(r.ExpireBefore)}
	f.jobs[p.job][p.day]++
	return p
}

// first reports whether nothing of the job that expires on an earlier day waits
// for its first send.
func (p *front) first() bool {
	if p == nil {
		return true
	}
	p.all.mu.Lock()
	defer p.all.mu.Unlock()
	for day := range p.all.jobs[p.job] {
		if day < p.day {
			return false
		}
	}
	return true
}

// leave gives up the place. It may be called again, and on a nil front.
func (p *front) leave() {
	if p == nil {
		return
	}
	p.all.mu.Lock()
	days := p.all.jobs[p.job]
	through := false
	if !p.left {
		p.left = true
		if days[p.day]--; days[p.day] == 0 {
			delete(days, p.day)
			through = true
		}
		if len(days) == 0 {
			delete(p.all.jobs, p.job)
		}
	}
	p.all.mu.Unlock()
	if through && p.all.changed != nil {
		p.all.changed()
	}
}
