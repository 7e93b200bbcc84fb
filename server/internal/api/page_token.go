package api

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

// A page token is the cursor of a list behind a fingerprint of its request, and
// a seal over both, in URL-safe base64. The key of the seal is derived from the
// ID of the database, so that a token survives a restart and is accepted by all
// replicas. A modified or invented token, or one of another request, is
// refused, because the token decides which calls the cloud gets.
//
//	0..15   HMAC-SHA256, cut
//	16..    JSON
type pageToken struct {
	Request []byte        `json:"q"`
	Regions []tokenRegion `json:"r"`
	Window  *ecs.Window   `json:"w,omitempty"`
	// After and List are the position in a list in order of expiry.
	After *ecs.ExpiryKey `json:"a,omitempty"`
	List  string         `json:"l,omitempty"`
}

// tokenRegion is an ecs.RegionCursor with short names: a token has at most
// tokenBytes.
type tokenRegion struct {
	ID    string `json:"i"`
	Token string `json:"t,omitempty"`
	Skip  int    `json:"s,omitempty"`
}

const sealBytes = 16

// sealer seals page tokens.
type sealer struct{ key [sha256.Size]byte }

func newSealer(storeID string) sealer {
	return sealer{key: sha256.Sum256([]byte("ecsd page token " + storeID))}
}

func (s sealer) seal(text []byte) []byte {
	mac := hmac.New(sha256.New, s.key[:])
	mac.Write(text)
	return mac.Sum(nil)[:sealBytes]
}

// binding makes and reads the tokens of one request.
type binding struct {
	sealer
	request []byte
}

// pageRequest is a request for a page of a list.
type pageRequest interface {
	proto.Message
	GetPageSize() int32
	GetPageToken() string
}

// of binds tokens to a method and its request, without the page fields.
func (s sealer) of(method string, req pageRequest) binding {
	bound := proto.CloneOf(req).ProtoReflect()
	fields := bound.Descriptor().Fields()
	bound.Clear(fields.ByName("page_size"))
	bound.Clear(fields.ByName("page_token"))
	encoded, err := proto.MarshalOptions{Deterministic: true}.Marshal(bound.Interface())
	if err != nil {
		// A request that was decoded can be encoded.
		panic(err)
	}
	return s.to(method + "\n" + string(encoded))
}

// to binds tokens to anything else.
func (s sealer) to(what string) binding {
	sum := sha256.Sum256([]byte(what))
	return binding{sealer: s, request: sum[:12]}
}

// encode returns "" for a cursor at its end.
func (b binding) encode(cursor ecs.Cursor) string {
	if len(cursor.Regions) == 0 {
		return ""
	}
	token := pageToken{Request: b.request}
	if !cursor.Window.IsZero() {
		token.Window = &cursor.Window
	}
	if !cursor.After.IsZero() {
		token.After = &cursor.After
	}
	token.List = cursor.List
	for _, r := range cursor.Regions {
		token.Regions = append(token.Regions, tokenRegion{ID: r.RegionID, Token: r.Token, Skip: r.Skip})
	}
	text, err := json.Marshal(token)
	if err != nil {
		panic(err) // a cursor is strings, numbers and times in range
	}
	return base64.RawURLEncoding.EncodeToString(append(b.seal(text), text...))
}

// aloneRegion is the only region of a token of a list that has no regions, so
// that all tokens have one format.
const aloneRegion = "in-ledger"

// encodeWords is the token of a position of words without spaces, in a list that
// has no regions.
func (b binding) encodeWords(words ...string) string {
	return b.encode(ecs.Cursor{Regions: []ecs.RegionCursor{{RegionID: aloneRegion, Token: strings.Join(words, " ")}}})
}

// decodeWords reads a token of encodeWords: nil for none, and for one that is
// refused.
func (b binding) decodeWords(c *check, token string) []string {
	if token == "" {
		return nil
	}
	cursor := b.decode(c, token, []string{aloneRegion})
	if len(cursor.Regions) != 1 {
		return nil
	}
	return strings.Split(cursor.Regions[0].Token, " ")
}

// decode reads a token back, and checks that it belongs to the request and
// names each region at most once, none but the request's.
func (b binding) decode(c *check, text string, regionIDs []string) ecs.Cursor {
	var token pageToken
	decoded, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(decoded) <= sealBytes || !hmac.Equal(decoded[:sealBytes], b.seal(decoded[sealBytes:])) ||
		json.Unmarshal(decoded[sealBytes:], &token) != nil {
		c.failAs(ecs.ReasonInvalidPageToken, "page_token", "must be a next_page_token that this service gave, unchanged, or empty for the first page")
		return ecs.Cursor{}
	}
	if string(token.Request) != string(b.request) {
		c.failAs(ecs.ReasonInvalidPageToken, "page_token", "belongs to another request: every field but page_size must be as it was for the page before")
		return ecs.Cursor{}
	}
	cursor, seen := ecs.Cursor{}, map[string]bool{}
	if token.Window != nil {
		cursor.Window = *token.Window
	}
	if token.After != nil {
		cursor.After = *token.After
	}
	cursor.List = token.List
	for _, r := range token.Regions {
		if seen[r.ID] || !slices.Contains(regionIDs, r.ID) || r.Skip < 0 || r.Skip > maxPageSize {
			c.failAs(ecs.ReasonInvalidPageToken, "page_token", "names a region that this server no longer serves; begin again without it")
			return ecs.Cursor{}
		}
		seen[r.ID] = true
		cursor.Regions = append(cursor.Regions, ecs.RegionCursor{RegionID: r.ID, Token: r.Token, Skip: r.Skip})
	}
	return cursor
}
