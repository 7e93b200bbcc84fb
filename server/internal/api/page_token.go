package api

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"

	"google.golang.org/protobuf/proto"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// A page token is the cursor of a list in URL-safe base64, behind a print of
// the request that it belongs to and a checksum. It holds no secret and no
// state of the server, so that it outlives a restart; a token that is damaged,
// or that belongs to another request, is refused.
type pageToken struct {
	Request  []byte     `json:"r"`
	Cursor   ecs.Cursor `json:"c"`
	Checksum []byte     `json:"s,omitempty"`
}

// pageRequest is a request for a page of a list.
type pageRequest interface {
	proto.Message
	GetPageSize() int32
	GetPageToken() string
}

// printOf is what binds a token to its request: method and request, without the
// page fields.
func printOf(method string, req pageRequest) []byte {
	bound := proto.CloneOf(req).ProtoReflect()
	fields := bound.Descriptor().Fields()
	bound.Clear(fields.ByName("page_size"))
	bound.Clear(fields.ByName("page_token"))
	encoded, err := proto.MarshalOptions{Deterministic: true}.Marshal(bound.Interface())
	if err != nil {
		// A request that was decoded can be encoded.
		panic(err)
	}
	sum := sha256.Sum256(append([]byte(method+"\n"), encoded...))
	return sum[:12]
}

// encodeToken is "" for a cursor at its end.
func encodeToken(print []byte, cursor ecs.Cursor) string {
	if len(cursor.Regions) == 0 {
		return ""
	}
	token := pageToken{Request: print, Cursor: cursor}
	token.Checksum = token.checksum()
	encoded, err := json.Marshal(token)
	if err != nil {
		panic(err) // a cursor is strings, numbers and times in range
	}
	return base64.RawURLEncoding.EncodeToString(encoded)
}

// decodeToken reads a token back and checks that it belongs to the request.
func decodeToken(c *check, print []byte, text string) ecs.Cursor {
	var token pageToken
	decoded, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(decoded, &token)
	}
	if err != nil || string(token.Checksum) != string(token.checksum()) || !sane(token.Cursor) {
		c.failAs(ecs.ReasonInvalidPageToken, "page_token", "must be a next_page_token that this service gave, unchanged, or empty for the first page")
		return ecs.Cursor{}
	}
	if string(token.Request) != string(print) {
		c.failAs(ecs.ReasonInvalidPageToken, "page_token", "belongs to another request: every field but page_size must be as it was for the page before")
		return ecs.Cursor{}
	}
	return token.Cursor
}

// sane refuses a cursor that no page of ours ends with.
func sane(cursor ecs.Cursor) bool {
	for _, r := range cursor.Regions {
		if !ecs.ValidRegionID(r.RegionID) || r.Skip < 0 {
			return false
		}
	}
	return len(cursor.Regions) > 0
}

func (t pageToken) checksum() []byte {
	t.Checksum = nil
	encoded, err := json.Marshal(t)
	if err != nil {
		return nil
	}
	sum := sha256.Sum256(encoded)
	return sum[:8]
}
