package client

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// BrokenAuditError names the first block of the audit that does not agree with its records or with the block before it:
// whoever can write the server's database has changed it.
type BrokenAuditError struct {
	// Block is the number of the block.
	Block int64
	// Why is what does not agree.
	Why string
}

// Error names the block.
func (e *BrokenAuditError) Error() string {
	return fmt.Sprintf("audit block %d is broken: %s", e.Block, e.Why)
}

// VerifyAudit reads all blocks and records of the audit, and computes every hash anew. each, if not nil, receives every
// block that agrees, with its records, oldest first. The error is that of a call, or a [BrokenAuditError].
//
// A chain that was built anew as a whole agrees with itself: compare the hash of a block with one that was kept
// elsewhere.
func VerifyAudit(ctx context.Context, service ecsdv1.AccessServiceClient, each func(*ecsdv1.AuditBlock, []*ecsdv1.AuditRecord) error) error {
	var previous *ecsdv1.AuditBlock
	for token := ""; ; {
		page, err := service.ListAuditBlocks(ctx, &ecsdv1.ListAuditBlocksRequest{PageSize: 1000, PageToken: token})
		if err != nil {
			return err
		}
		for _, block := range page.GetBlocks() {
			records, err := auditRecords(ctx, service, block.GetNumber())
			if err != nil {
				return err
			}
			if why := brokenAudit(previous, block, records); why != "" {
				return &BrokenAuditError{block.GetNumber(), why}
			}
			if each != nil {
				if err := each(block, records); err != nil {
					return err
				}
			}
			previous = block
		}
		if token = page.GetNextPageToken(); token == "" {
			return nil
		}
	}
}

// auditRecords returns the records of a block in the order of their IDs.
func auditRecords(ctx context.Context, service ecsdv1.AccessServiceClient, block int64) (all []*ecsdv1.AuditRecord, err error) {
	for token := ""; ; {
		page, err := service.ListAuditRecords(ctx, &ecsdv1.ListAuditRecordsRequest{Block: block, PageSize: 1000, PageToken: token})
		if err != nil {
			return nil, err
		}
		all = append(all, page.GetRecords()...)
		if token = page.GetNextPageToken(); token == "" {
			slices.Reverse(all)
			return all, nil
		}
	}
}

// brokenAudit returns why a block is broken, "" if it is not. previous is nil for the first block of the chain.
func brokenAudit(previous, block *ecsdv1.AuditBlock, records []*ecsdv1.AuditRecord) string {
	switch removed := block.GetRecordsRemoved(); {
	case previous == nil && !removed && (block.GetNumber() != 1 || len(block.GetPreviousHash()) > 0):
		return "the blocks before it are missing"
	case previous != nil && block.GetNumber() != previous.GetNumber()+1:
		return fmt.Sprintf("the blocks after %d are missing", previous.GetNumber())
	case previous != nil && !bytes.Equal(block.GetPreviousHash(), previous.GetHash()):
		return fmt.Sprintf("it does not continue block %d", previous.GetNumber())
	case previous != nil && removed && !previous.GetRecordsRemoved():
		return "its records were removed before older ones"
	case removed && len(records) > 0:
		return fmt.Sprintf("%d records are left of those that were removed", len(records))
	case removed:
		return ""
	case len(records) != int(block.GetRecordCount()):
		return fmt.Sprintf("it sealed %d records and has %d", block.GetRecordCount(), len(records))
	case !bytes.Equal(auditHash(block, records), block.GetHash()):
		return "a record or the time of its seal was changed"
	}
	return ""
}

// auditText is a text of values, each with its length before it.
type auditText struct{ bytes.Buffer }

func (t *auditText) add(values ...string) {
	for _, value := range values {
		t.Write(binary.BigEndian.AppendUint32(nil, uint32(len(value))))
		t.WriteString(value)
	}
}

// auditHash computes the hash of a block; docs/access.md has the format.
func auditHash(block *ecsdv1.AuditBlock, records []*ecsdv1.AuditRecord) []byte {
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	var text auditText
	text.WriteByte(1)
	text.add(string(block.GetPreviousHash()), number(block.GetNumber()), number(block.GetSealTime().AsTime().UnixMilli()), number(int64(len(records))))
	for _, r := range records {
		var one auditText
		one.WriteByte(1)
		one.add(r.GetRecordId(), number(r.GetRecordTime().AsTime().UnixMilli()), r.GetCaller(), r.GetIdentityMethod(), r.GetCredential(),
			r.GetRpc(), r.GetCallId(), r.GetRequestId(), r.GetJobId(), r.GetRegionId(), number(int64(len(r.GetInstanceIds()))))
		one.add(r.GetInstanceIds()...)
		one.add(r.GetPrice().GetCurrencyCode(), number(r.GetPrice().GetUnits()), number(int64(r.GetPrice().GetNanos())), r.GetOrderId(),
			strings.TrimPrefix(r.GetDecision().String(), "AUDIT_DECISION_"), r.GetReason(), number(int64(r.GetCode())), r.GetNote())
		text.add(one.String())
	}
	sum := sha256.Sum256(text.Bytes())
	return sum[:]
}
