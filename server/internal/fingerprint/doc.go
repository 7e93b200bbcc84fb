// Package fingerprint distinguishes two requests that carry one request_id: a
// retry has the fingerprint of the original, another request has another.
//
// A handler computes the fingerprint from its request message and hands it to
// the domain as a string, which stores it beside the request_id:
//
//	q.Fingerprint = fingerprint.Of("RenewInstance", req, s.regions.first(), nil)
//
// The domain compares it with the stored one by Match, which still accepts what
// an earlier build stored without a version:
//
//	same, err := fingerprint.Match(stored.PayloadHash, q.Fingerprint, q.legacyHash)
//
// The fingerprint is a version, "v1:", and the SHA-256, in hex, of the method and
// the deterministic bytes of the message. Equal meanings are equal: request_id
// and validate_only are left out, an empty region_id is the default region, 12
// months are 1 year, and the handler's own function sets the defaults of its
// message. A field that a later build adds does not change it as long as the
// field is not set. A password and user data enter by a slow hash with the
// request_id as its salt. A test fixes the fingerprints of this version; what
// changes them needs a new version and must still match the old one.
//
// The package must not store or log what it reads.
package fingerprint
