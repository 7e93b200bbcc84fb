package api

import (
	"strconv"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
)

// positionToken is the page token of a position in the ledger.
func positionToken(tokens binding, at ledger.Cursor) string {
	return tokens.encodeWords(strconv.FormatInt(at.Time.UnixMilli(), 10), at.ID)
}

// position reads a page token of the ledger, the beginning for none.
func (c *check) position(tokens binding, token string) ledger.Cursor {
	words := tokens.decodeWords(c, token)
	if words == nil {
		return ledger.Cursor{}
	}
	ms, err := strconv.ParseInt(words[0], 10, 64)
	if err != nil || len(words) != 2 {
		c.failAs(ecs.ReasonInvalidPageToken, "page_token", "must be a next_page_token that this service gave, unchanged")
		return ledger.Cursor{}
	}
	return ledger.Cursor{Time: time.UnixMilli(ms).UTC(), ID: words[1]}
}
