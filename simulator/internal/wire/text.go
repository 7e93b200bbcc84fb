package wire

import (
	"strconv"
	"unicode/utf8"
)

const lowerHex = "0123456789abcdef"

// appendJSONString appends v quoted. Bytes that are not UTF-8 become U+FFFD.
func appendJSONString(b []byte, v string) []byte {
	b = append(b, '"')
	for i := 0; i < len(v); {
		c := v[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(v[i:])
			b = utf8.AppendRune(b, r)
			i += n
			continue
		}
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < 0x20:
			b = append(b, '\\', 'u', '0', '0', lowerHex[c>>4], lowerHex[c&15])
		default:
			b = append(b, c)
		}
		i++
	}
	return append(b, '"')
}

// appendXMLText appends v escaped. Characters that XML 1.0 does not permit become U+FFFD.
func appendXMLText(b []byte, v string) []byte {
	for i := 0; i < len(v); {
		c := v[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(v[i:])
			if r == 0xFFFE || r == 0xFFFF {
				r = utf8.RuneError
			}
			b = utf8.AppendRune(b, r)
			i += n
			continue
		}
		switch {
		case c == '&':
			b = append(b, "&amp;"...)
		case c == '<':
			b = append(b, "&lt;"...)
		case c == '>':
			b = append(b, "&gt;"...)
		case c == '\r':
			b = append(b, "&#13;"...)
		case c < 0x20 && c != '\t' && c != '\n':
			b = utf8.AppendRune(b, utf8.RuneError)
		default:
			b = append(b, c)
		}
		i++
	}
	return b
}

// AppendDecimal appends units divided by ten to the power of places, with
// exactly that many places: AppendDecimal(nil, -150, 2) is "-1.50".
func AppendDecimal(b []byte, units int64, places int) []byte {
	magnitude := uint64(units)
	if units < 0 {
		b = append(b, '-')
		magnitude = -magnitude
	}
	scale := uint64(1)
	for range places {
		scale *= 10
	}
	b = strconv.AppendUint(b, magnitude/scale, 10)
	if places == 0 {
		return b
	}
	b = append(b, '.')
	for rest := magnitude % scale; places > 0; places-- {
		scale /= 10
		b = append(b, byte('0'+rest/scale))
		rest %= scale
	}
	return b
}
