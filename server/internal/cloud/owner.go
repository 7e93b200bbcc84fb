package cloud

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/call"
)

const (
	// identifyTimeout bounds the request for the account of new keys, which delays
	// the first calls with them.
	identifyTimeout = 5 * time.Second
	// identifyPause is the pause after a request that failed. Meanwhile the keys
	// are used: an account that is not known is not another one.
	identifyPause = time.Minute
)

// OtherAccountError reports keys of another account than that of Config.Owner.
type OtherAccountError struct {
	// Keys is the account of the keys, Database the one that the state of the
	// server belongs to.
	Keys, Database string
}

// Error names both accounts and the remedies.
func (e *OtherAccountError) Error() string {
	return fmt.Sprintf("the keys belong to account %s, but the database holds the renewals of account %s: use keys of account %s, or start with another --database for account %s",
		e.Keys, e.Database, e.Database, e.Keys)
}

// verify returns an OtherAccountError if the keys of a signer belong to another
// account. It sends one request, unless the account is known or was requested
// lately.
func (e *Edge) verify(ctx context.Context, s *signer) error {
	if e.config.Owner == nil || s.account.Load() != nil || time.Since(s.identified) < identifyPause {
		return nil
	}
	ctx, cancel := context.WithTimeout(call.InLane(ctx, call.Write), identifyTimeout)
	defer cancel()
	var accountID string
	out := e.send(ctx, e.identityOperation(&accountID), s, 0)
	if out.failure != nil {
		s.identified = time.Now()
		e.log.LogAttrs(ctx, slog.LevelWarn, "account of the keys not read, keys used unverified", slog.String("error", out.failure.Error()))
		return nil
	}
	return e.own(ctx, s, accountID)
}

// own compares the account of a signer with the owner of the state, and notes
// it if they are the same.
func (e *Edge) own(ctx context.Context, s *signer, accountID string) error {
	if e.config.Owner == nil {
		s.account.Store(&accountID)
		return nil
	}
	ownerID, err := e.config.Owner(ctx, accountID)
	switch {
	case err != nil:
		// Without the state nothing is paid either; the comparison is repeated.
		e.log.LogAttrs(ctx, slog.LevelWarn, "owner of the database not read, keys used unverified", slog.String("error", err.Error()))
		return nil
	case ownerID != accountID:
		e.log.LogAttrs(ctx, slog.LevelError, "keys of another account refused",
			slog.String("account_id", accountID), slog.String("database_account_id", ownerID), slog.String("source", s.keys.Source))
		return &OtherAccountError{Keys: accountID, Database: ownerID}
	}
	s.account.Store(&accountID)
	return nil
}
