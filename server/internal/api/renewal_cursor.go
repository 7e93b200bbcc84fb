package api

import (
	"strconv"
	"strings"
	"time"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
	"github.com/ecsd-io/ecsd/server/internal/ledger"
	"github.com/ecsd-io/ecsd/server/internal/renewal"
)

// The ledger is read as a list with a single region, ledgerRegion, so that its
// tokens have the format of other lists.
const ledgerRegion = "in-ledger"

// positionToken is the page token of a position in the ledger.
func positionToken(tokens binding, at ledger.Cursor) string {
	return tokens.encode(ecs.Cursor{Regions: []ecs.RegionCursor{{
		RegionID: ledgerRegion, Token: strconv.FormatInt(at.Time.UnixMilli(), 10) + " " + at.ID,
	}}})
}

// position reads a page token of the ledger, the beginning for none.
func (c *check) position(tokens binding, token string) ledger.Cursor {
	if token == "" {
		return ledger.Cursor{}
	}
	cursor := tokens.decode(c, token, []string{ledgerRegion})
	if len(cursor.Regions) != 1 {
		return ledger.Cursor{}
	}
	ms, id, _ := strings.Cut(cursor.Regions[0].Token, " ")
	at, err := strconv.ParseInt(ms, 10, 64)
	if err != nil {
		c.failAs(ecs.ReasonInvalidPageToken, "page_token", "must be a next_page_token that this service gave, unchanged")
	}
	return ledger.Cursor{Time: time.UnixMilli(at).UTC(), ID: id}
}

// resumeToken returns the position of a watch of a job.
func (s sealer) resumeToken(jobID string, at renewal.Position) string {
	return s.to("job " + jobID).encode(ecs.Cursor{Regions: []ecs.RegionCursor{{
		RegionID: ledgerRegion, Token: strconv.FormatInt(at.Revision, 10) + " " + at.RenewalID,
	}}})
}

// resume reads a resume token of a job, the beginning for none.
func (c *check) resume(tokens sealer, jobID, token string) renewal.Position {
	if token == "" {
		return renewal.Position{}
	}
	var inner check
	cursor := tokens.to("job "+jobID).decode(&inner, token, []string{ledgerRegion})
	var at renewal.Position
	if len(cursor.Regions) == 1 {
		revision, id, _ := strings.Cut(cursor.Regions[0].Token, " ")
		at.RenewalID = id
		at.Revision, _ = strconv.ParseInt(revision, 10, 64)
	}
	if len(inner.violations) > 0 || at.Revision < 0 {
		c.failAs(ecs.ReasonInvalidResumeToken, "resume_token", "must be a resume_token that was given for this job, unchanged, or empty to begin anew")
	}
	return at
}
