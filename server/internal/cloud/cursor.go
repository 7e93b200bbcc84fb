package cloud

import (
	"errors"
	"fmt"
	"hash/fnv"
	"strings"

	"github.com/ecsd-io/ecsd/server/internal/cloud/refusal"
)

const (
	// maxPages bounds a list: two million instances.
	maxPages = 20_000
	// maxEmptyPages bounds the pages without content in a row.
	maxEmptyPages = 50
)

var errEndless = errors.New("the list does not end")

// cursor is a position in a list of the cloud. It carries the state that
// detects an endless list, whether one call or many page through it. The total
// count does not help: with a NextToken the cloud returns none.
type cursor struct {
	// pages are the pages read, the last empty ones without content.
	pages, empty int
	// mark is the hash of the token of the last page whose number is a power of
	// two: a list that returns to a token meets it again (Brent's algorithm).
	mark uint64
	// token is the cloud's, "" at the beginning.
	token string
}

// parseCursor parses the text written by next. Other text is a token of the
// cloud.
func parseCursor(text string) cursor {
	var c cursor
	head, token, ok := strings.Cut(text, "~")
	if ok {
		if n, err := fmt.Sscanf(head, "%d.%d.%x", &c.pages, &c.empty, &c.mark); n == 3 && err == nil && c.pages >= 0 && c.empty >= 0 {
			c.token = token
			return c
		}
	}
	return cursor{token: text}
}

// next returns the text of the position after a page of so many items, "" at
// the end of the list.
func (c cursor) next(token string, items int) (string, error) {
	if token == "" {
		return "", nil
	}
	hash := fnv.New64a()
	hash.Write([]byte(token))
	at := hash.Sum64()
	c.pages++
	c.empty++
	if items > 0 {
		c.empty = 0
	}
	switch {
	case token == c.token || (c.pages > 1 && at == c.mark):
		return "", fmt.Errorf("%w: it returned to a page token of before", errEndless)
	case c.empty >= maxEmptyPages:
		return "", fmt.Errorf("%w: %d pages in a row were empty", errEndless, c.empty)
	case c.pages >= maxPages:
		return "", fmt.Errorf("%w: it has more than %d pages", errEndless, maxPages)
	}
	if c.pages&(c.pages-1) == 0 {
		c.mark = at
	}
	return fmt.Sprintf("%d.%d.%x~%s", c.pages, c.empty, c.mark, token), nil
}

// turn sets next to the text of the position after a page.
func (e *Edge) turn(c cursor, action, regionID string, next *string, items int) error {
	text, err := c.next(*next, items)
	if err != nil {
		failure := e.quiet(operation{action: action, region: regionID}, refusal.BrokenAnswer, 0, err).failure
		failure.Message = fmt.Sprintf("%s in %s: %s", action, regionID, err)
		return failure
	}
	*next = text
	return nil
}
