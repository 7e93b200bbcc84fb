package answer

import "github.com/go-faster/jx"

// Refused is the body of a response that is an error.
type Refused struct {
	RequestID string
	Code      string
	// Message is the cloud's text, which may quote the request: scrub it.
	Message string
}

// ReadRefused reads an error body. Ok is false if it is not the cloud's: not an
// object, or without a code. Values that are not strings read as their text (a
// proxy sends {"Code":500}).
func ReadRefused(body []byte) (refused Refused, ok bool) {
	d := jx.GetDecoder()
	defer jx.PutDecoder(d)
	d.ResetBytes(body)
	if d.Next() != jx.Object {
		return Refused{}, false
	}
	err := d.ObjBytes(func(d *jx.Decoder, key []byte) (err error) {
		switch string(key) {
		case "Code":
			refused.Code, err = text(d)
		case "Message":
			refused.Message, err = text(d)
		case "RequestId":
			refused.RequestID, err = text(d)
		default:
			err = d.Skip()
		}
		return err
	})
	return refused, err == nil && isCode(refused.Code)
}

// isCode reports whether a text has the form of the cloud's error codes, which
// begin with a letter. It keeps what a proxy calls a code out of metrics.
func isCode(code string) bool {
	if code == "" || len(code) > 128 || (code[0]|0x20) < 'a' || (code[0]|0x20) > 'z' {
		return false
	}
	for i := range len(code) {
		c := code[i]
		if c != '.' && c != '_' && c != '-' && (c < '0' || c > '9') && ((c|0x20) < 'a' || (c|0x20) > 'z') {
			return false
		}
	}
	return true
}
