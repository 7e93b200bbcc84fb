package operator

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"strings"
	"text/tabwriter"

	"google.golang.org/protobuf/encoding/protojson"

	"github.com/ecsd-io/ecsd/client"
	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// Audit is `ecsd audit`. Mount it like [Renewals].
type Audit struct {
	Connection `embed:"" group:"common"`

	List   listAuditCommand   `cmd:"" help:"List what was decided about calls, the newest first."`
	Export exportAuditCommand `cmd:"" help:"Write records as JSON, one per line, to standard output."`
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

func (f *auditFilter) decisions() (all []ecsdv1.AuditDecision, err error) {
	for _, word := range f.Decision {
		n := ecsdv1.AuditDecision_value["AUDIT_DECISION_"+strings.ToUpper(strings.ReplaceAll(word, "-", "_"))]
		if n == 0 {
			return nil, fmt.Errorf("invalid --decision %q: want allowed, refused, order-sent, paid, not-paid or unknown", word)
		}
		all = append(all, ecsdv1.AuditDecision(n))
	}
	return all, nil
}

// records returns the selected records, the newest first, page by page.
func (f *auditFilter) records(ctx context.Context, s *session, pageSize int) iter.Seq2[*ecsdv1.AuditRecord, error] {
	return func(yield func(*ecsdv1.AuditRecord, error) bool) {
		decisions, _ := f.decisions()
		request := &ecsdv1.ListAuditRecordsRequest{
			Caller: f.By, Rpc: f.RPC, InstanceId: f.Instance, Decisions: decisions,
			StartTime: timestamp(f.Since), EndTime: timestamp(f.Until), PageSize: int32(pageSize),
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

// Run lists records.
func (c *listAuditCommand) Run(ctx context.Context, streams Streams, o *Audit) error {
	s, err := o.dial(streams)
	if err != nil {
		return err
	}
	defer s.close()
	size := 1000
	if c.Limit > 0 {
		size = min(c.Limit, size)
	}
	table := tabwriter.NewWriter(streams.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "TIME\tCALLER\tIDENTIFIED\tRPC\tDECISION\tINSTANCES\tPRICE\tORDER\tREQUEST")
	shown := 0
	for r, err := range c.records(ctx, s, size) {
		if err != nil {
			return s.failed(ctx, err)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", timeWord(r.GetRecordTime()), orDash(r.GetCaller()), orDash(r.GetIdentityMethod()), r.GetRpc(),
			strings.TrimSpace(word(r.GetDecision(), "AUDIT_DECISION_")+" "+r.GetReason()), instancesWord(r.GetInstanceIds()), moneyWord(r.GetPrice()),
			orDash(r.GetOrderId()), orDash(r.GetRequestId()))
		if shown++; shown == c.Limit {
			break
		}
	}
	return table.Flush()
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

// Run writes records.
func (c *exportAuditCommand) Run(ctx context.Context, streams Streams, o *Audit) error {
	s, err := o.dial(streams)
	if err != nil {
		return err
	}
	defer s.close()
	for r, err := range c.records(ctx, s, 1000) {
		if err != nil {
			return s.failed(ctx, err)
		}
		line, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(r)
		if err == nil {
			_, err = fmt.Fprintf(streams.Out, "%s\n", line)
		}
		if err != nil {
			return &Error{fmt.Sprintf("standard output: %v", err), exitFailed}
		}
	}
	return nil
}

// verifyAuditCommand is `ecsd audit verify`.
type verifyAuditCommand struct {
	Kept []string `placeholder:"HASH" help:"A hash that was kept elsewhere (repeatable), from the log or from the metric ecsd_audit_head_info: the chain must have it."`
}

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
		fmt.Fprintln(streams.Out, "The audit has no block yet.")
		return nil
	}
	fmt.Fprintf(streams.Out, "%d records in %d blocks agree. Block %d has the hash %s\n", records, blocks, head.GetNumber(), hex.EncodeToString(head.GetHash()))
	return nil
}
