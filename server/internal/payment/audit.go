package payment

import (
	"context"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/lease"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

const (
	// auditEvery is how often the sums of jobs are compared with their renewals.
	auditEvery = 5 * time.Minute
	// auditTimeout bounds one audit.
	auditTimeout = time.Minute
)

// Audits finds differences between jobs and their renewals.
type Audits interface {
	AuditRenewalJobs(ctx context.Context) ([]ledger.Discrepancy, error)
}

// runAudits compares the sums, counts and states of jobs with their renewals at start and
// periodically, on one replica at a time. A difference is a fault of the ledger or of
// the database: it is logged as an error, and nothing is repaired.
func (r *Runner) runAudits() {
	_ = lease.Run(r.ctx, r.leases, lease.Config{ // the error is that of ctx
		Name: "renewal-audit", Holder: r.config.Holder, TTL: time.Minute, Try: auditEvery / 5, Logger: r.config.Logger,
	}, func(ctx context.Context, _ *lease.Held) error {
		ticker := time.NewTicker(auditEvery)
		defer ticker.Stop()
		for {
			r.audit(ctx)
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-ticker.C:
			}
		}
	})
}

func (r *Runner) audit(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, auditTimeout)
	defer cancel()
	found, err := r.audits.AuditRenewalJobs(ctx)
	for _, d := range found {
		r.config.Logger.Error("renewal job differs from its renewals", "job", d.JobID, "field", d.Field, "stored", d.Stored, "actual", d.Actual)
	}
	if err != nil && ctx.Err() == nil {
		r.config.Logger.Warn("audit renewal jobs failed, retrying", "error", err.Error())
	}
}
