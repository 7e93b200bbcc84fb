package answer

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-faster/jx"
)

// ErrForeign reports that the body is not a response of the cloud's API.
var ErrForeign = errors.New("not an answer of the cloud")

// object reads the body as one object, a field at a time, and wants its
// RequestId, which every response of the API carries.
func object(body []byte, field func(d *jx.Decoder, key []byte) error) (requestID string, err error) {
	d := jx.GetDecoder()
	defer jx.PutDecoder(d)
	d.ResetBytes(body)
	if d.Next() != jx.Object {
		return "", ErrForeign
	}
	err = d.ObjBytes(func(d *jx.Decoder, key []byte) error {
		if string(key) == "RequestId" {
			requestID, err = text(d)
			return err
		}
		return field(d, key)
	})
	if err == nil && d.Next() != jx.Invalid {
		err = fmt.Errorf("%w: something follows the object", ErrForeign)
	}
	if err != nil {
		return "", fmt.Errorf("read the cloud's answer: %w", err)
	}
	if requestID == "" {
		return "", fmt.Errorf("%w: no RequestId", ErrForeign)
	}
	return requestID, nil
}

// RequestID reads only the request ID of a response.
func RequestID(body []byte) (string, error) {
	return object(body, func(d *jx.Decoder, _ []byte) error { return d.Skip() })
}

// ReadField reads one text of a response, such as the ID of a created resource;
// "" if the response lacks it.
func ReadField(body []byte, name string) (value, requestID string, err error) {
	requestID, err = object(body, func(d *jx.Decoder, key []byte) (err error) {
		if string(key) != name {
			return d.Skip()
		}
		value, err = text(d)
		return err
	})
	return value, requestID, err
}

// fields reads an object, or nothing if there is null or another type.
func fields(d *jx.Decoder, field func(d *jx.Decoder, key []byte) error) error {
	if d.Next() != jx.Object {
		return d.Skip()
	}
	return d.ObjBytes(field)
}

// wrapped reads {"<name>":[...]}, as the cloud wraps its lists.
func wrapped(d *jx.Decoder, name string, element func(d *jx.Decoder) error) error {
	return fields(d, func(d *jx.Decoder, key []byte) error {
		if string(key) != name || d.Next() != jx.Array {
			return d.Skip()
		}
		return d.Arr(element)
	})
}

// raw reads a string, number or bool as its text, "" for null and the rest.
// The bytes are good until the next read.
func raw(d *jx.Decoder) ([]byte, error) {
	switch d.Next() {
	case jx.String:
		return d.StrBytes()
	case jx.Number:
		return d.Num()
	case jx.Bool:
		yes, err := d.Bool()
		if yes {
			return []byte("true"), err
		}
		return []byte("false"), err
	}
	return nil, d.Skip()
}

// text reads a value as valid UTF-8: a name with other bytes would make the
// encoding of the whole response fail.
func text(d *jx.Decoder) (string, error) {
	b, err := raw(d)
	return valid(b), err
}

func valid(b []byte) string { return strings.ToValidUTF8(string(b), "\uFFFD") }

// number reads an integer that may be written as a string or with a fraction of
// zeros; anything else reads as 0, as in the SDK.
func number(d *jx.Decoder) (int64, error) {
	b, err := raw(d)
	if err != nil {
		return 0, err
	}
	b, _, _ = bytes.Cut(b, []byte{'.'})
	n, err := strconv.ParseInt(string(b), 10, 64)
	if err != nil {
		return 0, nil //nolint:nilerr // "" and words read as 0
	}
	return n, nil
}

func boolean(d *jx.Decoder) (bool, error) {
	b, err := raw(d)
	return string(b) == "true" || string(b) == "1", err
}

// texts reads a list of strings into dst.
func texts(d *jx.Decoder, name string, dst *[]string) error {
	return wrapped(d, name, func(d *jx.Decoder) error {
		s, err := text(d)
		if err == nil && s != "" {
			*dst = append(*dst, s)
		}
		return err
	})
}
