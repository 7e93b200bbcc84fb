package store

import (
	"fmt"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// Stored words of reasons that earlier programs wrote. A renewal of a cancelled job keeps the earlier word: an earlier
// program beside this one would take any other for a failure, and would pay when the same request comes again.
const (
	storedCancelled = "CANCELLED"
	storedLocked    = "LOCKED"
)

// storedReason returns the word for a reason of a renewal.
func storedReason(reason ecs.Reason) string {
	if reason == ecs.ReasonJobCancelled {
		return storedCancelled
	}
	return string(reason)
}

// reasonIn scans the stored word of a renewal's reason.
type reasonIn struct{ reason *ecs.Reason }

// Scan implements sql.Scanner.
func (in reasonIn) Scan(value any) error {
	word, ok := value.(string)
	if bytes, isBytes := value.([]byte); isBytes {
		word, ok = string(bytes), true
	}
	if !ok {
		return fmt.Errorf("the reason of a renewal is a %T, want a text", value)
	}
	*in.reason = reasonOf(word)
	return nil
}

// reasonOf returns the reason of a stored word.
func reasonOf(word string) ecs.Reason {
	switch word {
	case storedCancelled:
		return ecs.ReasonJobCancelled
	case storedLocked:
		return ecs.ReasonInstanceLocked
	}
	return ecs.Reason(word)
}
