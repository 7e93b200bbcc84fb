package operator

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/ecsd-io/ecsd/client"
	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/operator/output"
)

// Audit is `ecsd audit`. Mount it like [Renewals].
type Audit struct {
	Connection `embed:"" group:"common"`

	List   listAuditCommand   `cmd:"" help:"List what was decided about calls, the newest first."`
	Export exportAuditCommand `cmd:"" help:"Write records as JSON, one per line, to standard output, or as CSV with -o csv."`
	Verify verifyAuditCommand `cmd:"" help:"Compute the hash of every block anew, and name the first that is broken."`
}

// Help is what `ecsd help audit` prints above the flags.
func (Audit) Help() string {
	return `The audit is tamper-evident, not tamper-proof: a change of a record breaks the chain of hashes, and whoever can write the database can build another chain. Keep the hash of the newest block elsewhere and pass it to verify.`
}

// auditFilter selects records.
type auditFilter struct {
	By       string   `placeholder:"NAME" help:"Calls of this caller."`
	RPC      string   `name:"rpc" placeholder:"NAME" help:"Calls of this RPC, such as RenewInstance."`
	Instance string   `placeholder:"ID" help:"Calls about this instance."`
	Decision []string `placeholder:"DECISION" help:"Only this decision (repeatable): allowed, refused, order-sent, paid, not-paid or unknown."`
	Since    past     `placeholder:"TIME" help:"Records of this time or later."`
	Until    past     `placeholder:"TIME" help:"Records before this time."`
}

// Validate checks the flags.
func (f *auditFilter) Validate() error {
	_, err := f.decisions()
	return err
}

func (f *auditFilter) decisions() ([]ecsdv1.AuditDecision, error) {
	return values[ecsdv1.AuditDecision]("--decision", f.Decision)
}

// records returns the selected records, the newest first, page by page.
func (f *auditFilter) records(ctx context.Context, s *session, size int32) iter.Seq2[*ecsdv1.AuditRecord, error] {
	return func(yield func(*ecsdv1.AuditRecord, error) bool) {
		decisions, _ := f.decisions()
		request := &ecsdv1.ListAuditRecordsRequest{
			Caller: f.By, Rpc: f.RPC, InstanceId: f.Instance, Decisions: decisions,
			StartTime: timestamp(f.Since), EndTime: timestamp(f.Until), PageSize: size,
		}
		for {
			page, err := ask(ctx, s.client.Access().ListAuditRecords, request)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, r := range page.GetRecords() {
				if !yield(r, nil) {
					return
				}
			}
			if request.PageToken = page.GetNextPageToken(); request.PageToken == "" {
				return
			}
		}
	}
}

// listAuditCommand is `ecsd audit list`.
type listAuditCommand struct {
	auditFilter `embed:""`

	Limit int `default:"50" placeholder:"N" help:"Maximum number of records; 0 for all. Default ${default}."`
}

// Examples of the command.
func (*listAuditCommand) Examples() string {
	return `# What was paid, refused or is unknown since yesterday:
ecsd audit list --since yesterday --decision paid,refused,unknown
ecsd audit list --instance $INSTANCE`
}

// Run lists records.
func (c *listAuditCommand) Run(ctx context.Context, streams Streams, o *Audit) error {
	s, err := o.dial(streams)
	if err != nil {
		return err
	}
	defer s.close()
	return list(ctx, s, recordColumns, output.Limit(c.Limit, c.records(ctx, s, pageSize(c.Limit))))
}

var recordColumns = []output.Column[*ecsdv1.AuditRecord]{
	{Title: "TIME", Name: "record_time", Value: func(r *ecsdv1.AuditRecord) any { return r.GetRecordTime() }},
	{Title: "CALLER", Name: "caller", Cut: true, Value: func(r *ecsdv1.AuditRecord) any { return r.GetCaller() }},
	{Title: "IDENTIFIED", Name: "identity_method", Drop: 3, Value: func(r *ecsdv1.AuditRecord) any { return r.GetIdentityMethod() }},
	{Title: "RPC", Name: "rpc", Value: func(r *ecsdv1.AuditRecord) any { return r.GetRpc() }},
	{Title: "DECISION", Name: "decision", Value: func(r *ecsdv1.AuditRecord) any { return r.GetDecision() }, Colour: decisionColour},
	{Title: "REASON", Name: "reason", Cut: true, Drop: 4, Value: func(r *ecsdv1.AuditRecord) any { return r.GetReason() }},
	{Title: "INSTANCES", Cut: true, Drop: 2, Value: func(r *ecsdv1.AuditRecord) any { return instancesWord(r.GetInstanceIds()) }},
	{Name: "instance_ids", Value: func(r *ecsdv1.AuditRecord) any { return r.GetInstanceIds() }},
	{Title: "PRICE", Name: "price", Drop: 1, Value: func(r *ecsdv1.AuditRecord) any { return r.GetPrice() }},
	{Name: "currency", Value: func(r *ecsdv1.AuditRecord) any { return r.GetPrice().GetCurrencyCode() }},
	{Title: "ORDER", Name: "order_id", Drop: 5, Value: func(r *ecsdv1.AuditRecord) any { return r.GetOrderId() }},
	{Title: "REQUEST", Name: "request_id", Drop: 6, Value: func(r *ecsdv1.AuditRecord) any { return r.GetRequestId() }},
}

func decisionColour(r *ecsdv1.AuditRecord) output.Colour {
	switch r.GetDecision() {
	case ecsdv1.AuditDecision_AUDIT_DECISION_PAID:
		return output.Good
	case ecsdv1.AuditDecision_AUDIT_DECISION_REFUSED:
		return output.Bad
	case ecsdv1.AuditDecision_AUDIT_DECISION_UNKNOWN:
		return output.Warn
	}
	return output.Plain
}

// instancesWord names one instance, or the first of several and their number.
func instancesWord(ids []string) string {
	switch len(ids) {
	case 0:
		return "-"
	case 1:
		return ids[0]
	}
	return fmt.Sprintf("%s and %d more", ids[0], len(ids)-1)
}

// exportAuditCommand is `ecsd audit export`.
type exportAuditCommand struct {
	auditFilter `embed:""`
}

// Examples of the command.
func (*exportAuditCommand) Examples() string {
	return `ecsd audit export --since 30d > audit.jsonl
ecsd audit export --decision paid -o csv > paid.csv`
}

// Run writes records: as JSON, unless -o csv asks for CSV.
func (c *exportAuditCommand) Run(ctx context.Context, streams Streams, o *Audit) error {
	if o.Output == output.Table {
		o.Output = output.JSON
	}
	s, err := o.dial(streams)
	if err != nil {
		return err
	}
	defer s.close()
	return list(ctx, s, recordColumns, c.records(ctx, s, pageSize(0)))
}

// verifyAuditCommand is `ecsd audit verify`.
type verifyAuditCommand struct {
	Kept []string `placeholder:"HASH" help:"A hash that was kept elsewhere (repeatable), from the log or from the metric ecsd_audit_head_info: the chain must have it."`
}

// Examples of the command.
func (*verifyAuditCommand) Examples() string { return `ecsd audit verify` }

// Validate checks the flags.
func (c *verifyAuditCommand) Validate() error {
	for _, hash := range c.Kept {
		if sum, err := hex.DecodeString(hash); err != nil || len(sum) != 32 {
			return fmt.Errorf("invalid --kept %q: want 64 hexadecimal digits", hash)
		}
	}
	return nil
}

// Run verifies the chain.
func (c *verifyAuditCommand) Run(ctx context.Context, streams Streams, o *Audit) error {
	s, err := o.dial(streams)
	if err != nil {
		return err
	}
	defer s.close()
	missing := map[string]bool{}
	for _, hash := range c.Kept {
		missing[strings.ToLower(hash)] = true
	}
	var head *ecsdv1.AuditBlock
	blocks, records := 0, 0
	err = client.VerifyAudit(ctx, s.client.Access(), func(b *ecsdv1.AuditBlock, of []*ecsdv1.AuditRecord) error {
		head, blocks, records = b, blocks+1, records+len(of)
		delete(missing, hex.EncodeToString(b.GetHash()))
		return nil
	})
	var broken *client.BrokenAuditError
	switch {
	case errors.As(err, &broken):
		return &Error{broken.Error(), exitNotSucceeded}
	case err != nil:
		return s.failed(ctx, err)
	case len(missing) > 0:
		return &Error{fmt.Sprintf("the chain agrees with itself, but lacks %d of the hashes that were kept: it was built anew, or is older than the retention", len(missing)), exitNotSucceeded}
	case head == nil:
		s.out.Printf("The audit has no block yet.\n")
		return nil
	case !s.out.People():
		return s.failed(ctx, output.Message(s.out, head, func() error {
			return output.List(s.out, blockColumns, output.Of([]*ecsdv1.AuditBlock{head}))
		}))
	}
	s.out.Printf("%d records in %d blocks agree. Block %d has the hash %s\n", records, blocks, head.GetNumber(), hex.EncodeToString(head.GetHash()))
	return nil
}

var blockColumns = []output.Column[*ecsdv1.AuditBlock]{
	{Name: "number", Value: func(b *ecsdv1.AuditBlock) any { return b.GetNumber() }},
	{Name: "hash", Value: func(b *ecsdv1.AuditBlock) any { return hex.EncodeToString(b.GetHash()) }},
}
