package audit

import (
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Decision is what a record says.
type Decision string

// The decisions, as the store names them. The contract describes them.
const (
	Allowed   Decision = "ALLOWED"
	Refused   Decision = "REFUSED"
	OrderSent Decision = "ORDER_SENT"
	Paid      Decision = "PAID"
	NotPaid   Decision = "NOT_PAID"
	Unknown   Decision = "UNKNOWN"
)

// Record is one decision about a call or about one order of a call.
type Record struct {
	// ID is a UUID of version 7, so that IDs sort by time.
	ID   string
	Time time.Time
	// Caller is the name of the caller, Method how it was identified, and Credential
	// names the credential without a secret.
	Caller     string
	Method     string
	Credential string
	// RPC is the name of the RPC, CallID the ID of the call in the log, and RequestID
	// that of its message.
	RPC         string
	CallID      string
	RequestID   string
	JobID       string
	RegionID    string
	InstanceIDs []string
	// Price is the price of the order, zero for none.
	Price    ecs.Money
	OrderID  string
	Decision Decision
	Reason   ecs.Reason
	// Code is the gRPC code of a refusal.
	Code int32
	// Note is the note of the request, or the reason of a freeze.
	Note string
	// Block is the number of the block that seals the record, 0 before. It is not
	// part of the hash of the record.
	Block int64
}

// Block seals records.
type Block struct {
	Number int64
	Count  int32
	Time   time.Time
	// Previous is the hash of the block before, empty for the first.
	Previous []byte
	Hash     []byte
	// Removed reports that the records are older than the retention, and are gone.
	Removed bool
}

// Filter selects records. A zero field selects any.
type Filter struct {
	Caller     string
	RPC        string
	InstanceID string
	Decisions  []Decision
	// Start and End bound the time: [Start, End).
	Start, End time.Time
	Block      int64
	// RelatedID is the ID of a call, a request, a job or an order.
	RelatedID string
}
