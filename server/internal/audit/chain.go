package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

// version is the first byte of every hashed text. Another format gets another.
const version = 1

// encoder writes values, each with its length before it, so that no two lists of
// values have the same text.
type encoder struct{ bytes.Buffer }

func (e *encoder) bytes(value []byte) {
	var length [4]byte
	binary.BigEndian.PutUint32(length[:], uint32(len(value)))
	e.Write(length[:])
	e.Write(value)
}

func (e *encoder) text(value string)  { e.bytes([]byte(value)) }
func (e *encoder) number(value int64) { e.text(strconv.FormatInt(value, 10)) }

// encode returns the text of a record that is hashed. Times are milliseconds
// since 1970.
func (r Record) encode() []byte {
	var e encoder
	e.WriteByte(version)
	e.text(r.ID)
	e.number(r.Time.UnixMilli())
	for _, value := range []string{r.Caller, r.Method, r.Credential, r.RPC, r.CallID, r.RequestID, r.JobID, r.RegionID} {
		e.text(value)
	}
	e.number(int64(len(r.InstanceIDs)))
	for _, id := range r.InstanceIDs {
		e.text(id)
	}
	e.text(r.Price.CurrencyCode)
	e.number(r.Price.Units)
	e.number(int64(r.Price.Nanos))
	e.text(r.OrderID)
	e.text(string(r.Decision))
	e.text(string(r.Reason))
	e.number(int64(r.Code))
	e.text(r.Note)
	return e.Bytes()
}

// Seal returns the block after previous, with the hash of the records, which are
// in the order of their IDs. previous is the zero value for the first block.
func Seal(previous Block, b Block, records []Record) Block {
	b.Number, b.Previous, b.Count = previous.Number+1, previous.Hash, int32(len(records))
	b.Hash = b.sum(records)
	return b
}

func (b Block) sum(records []Record) []byte {
	var e encoder
	e.WriteByte(version)
	e.bytes(b.Previous)
	e.number(b.Number)
	e.number(b.Time.UnixMilli())
	e.number(int64(len(records)))
	for _, r := range records {
		e.bytes(r.encode())
	}
	hash := sha256.Sum256(e.Bytes())
	return hash[:]
}

// BrokenError names the first block that does not agree with the records or with
// the block before it.
type BrokenError struct {
	Number int64
	Why    string
}

func (e *BrokenError) Error() string {
	return fmt.Sprintf("audit block %d is broken: %s", e.Number, e.Why)
}

// Verify compares a block with the block before it and with its records, which are
// in the order of their IDs. previous is nil for the first block that is checked:
// only block 1 has a known start, and a later one may follow a block whose records
// were removed.
func Verify(previous *Block, b Block, records []Record) error {
	broken := func(format string, args ...any) error { return &BrokenError{b.Number, fmt.Sprintf(format, args...)} }
	switch {
	case previous == nil && b.Number != 1 && !b.Removed:
		return broken("the blocks before it are missing")
	case previous == nil && b.Number == 1 && len(b.Previous) > 0:
		return broken("it is the first, and names a block before it")
	case previous != nil && b.Number != previous.Number+1:
		return broken("it follows block %d: the blocks between are missing", previous.Number)
	case previous != nil && !bytes.Equal(b.Previous, previous.Hash):
		return broken("it does not continue block %d", previous.Number)
	case previous != nil && b.Removed && !previous.Removed:
		return broken("its records were removed before older ones")
	case b.Removed && len(records) > 0:
		return broken("it has %d records that the retention removed", len(records))
	case b.Removed:
		return nil
	case len(records) != int(b.Count):
		return broken("it sealed %d records and has %d", b.Count, len(records))
	}
	if !bytes.Equal(b.sum(records), b.Hash) {
		return broken("its records or its time were changed (%s)", strings.Join(firstIDs(records), ", "))
	}
	return nil
}

// firstIDs names the records of a block, by its first and last.
func firstIDs(records []Record) []string {
	switch n := len(records); n {
	case 0:
		return nil
	case 1:
		return []string{"record " + records[0].ID}
	default:
		return []string{fmt.Sprintf("records %s to %s", records[0].ID, records[n-1].ID)}
	}
}
