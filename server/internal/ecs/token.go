package ecs

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"strings"
)

// RequestTag is the key of the tag that identifies the instances of a request;
// its value is the request ID.
const RequestTag = "ecsd:request-id"

// ClientToken derives a token from the request. Because it is derived, the
// cloud gets the same token for the same request even if every record is lost
// or a second ecsd is called. It fits the cloud's limit of 64 ASCII characters.
func ClientToken(parts ...string) string {
	sum := sha256.New()
	for _, part := range parts {
		// Lengths, so that no two lists of parts are the same text.
		sum.Write(binary.BigEndian.AppendUint32(nil, uint32(len(part))))
		sum.Write([]byte(part))
	}
	digest := sum.Sum(nil)[:25]
	return "ecsd-" + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(digest))
}
