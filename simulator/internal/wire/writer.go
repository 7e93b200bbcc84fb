package wire

import (
	"strconv"
	"time"
)

// Format is the format of a response.
type Format uint8

// The valid formats of a request's Format parameter.
const (
	XML Format = iota // the cloud's default
	JSON
)

// ParseFormat parses the Format parameter; anything but JSON (case-insensitive) means XML.
func ParseFormat(s string) Format {
	if len(s) == 4 && s[0]|0x20 == 'j' && s[1]|0x20 == 's' && s[2]|0x20 == 'o' && s[3]|0x20 == 'n' {
		return JSON
	}
	return XML
}

// ContentType returns the Content-Type header.
func (f Format) ContentType() string {
	if f == JSON {
		return "application/json;charset=utf-8"
	}
	return "text/xml;charset=utf-8"
}

// maxDepth limits the nesting of a response. The deepest of the cloud's responses (associated addresses of network
// interfaces) needs 11.
const maxDepth = 24

type frame struct {
	name  string // closes the element in XML
	item  string // set on a list: the name of its elements
	array bool
	bare  bool // a list without a wrapper
}

// Writer appends one response to a buffer, in either format from the same calls: Open, then members, then Close. It
// uses no reflection and allocates only if the buffer grows. It is not safe for concurrent use.
//
// A list is the cloud's wrapped object: List("Instances", "Instance") is {"Instances":{"Instance":[...]}} in JSON and
// <Instances><Instance>...</Instance></Instances> in XML.
type Writer struct {
	buf   []byte
	json  bool
	stack [maxDepth]frame
	depth int
}

// NewWriter returns a Writer that reuses the capacity of buf and drops its contents.
func NewWriter(buf []byte, f Format) *Writer {
	return &Writer{buf: buf[:0], json: f == JSON}
}

// Bytes returns the response. It is valid until the next call.
func (w *Writer) Bytes() []byte { return w.buf }

// Reset drops the response, so that an error can replace it.
func (w *Writer) Reset() { w.buf, w.depth = w.buf[:0], 0 }

// Open starts the response; root names the document in XML.
func (w *Writer) Open(root string) {
	if w.json {
		w.buf = append(w.buf, '{')
	} else {
		w.buf = append(w.buf, "<?xml version='1.0' encoding='UTF-8'?>"...)
		w.tag(root)
	}
	w.push(frame{name: root})
}

// Close ends the response.
func (w *Writer) Close() { w.End() }

// Object starts a member that is an object; End ends it.
func (w *Writer) Object(name string) {
	w.begin(name)
	if w.json {
		w.buf = append(w.buf, '{')
	}
	w.push(frame{name: name})
}

// List starts a wrapped list; End ends it.
func (w *Writer) List(name, item string) {
	w.begin(name)
	if w.json {
		w.buf = append(w.buf, '{', '"')
		w.buf = append(w.buf, item...)
		w.buf = append(w.buf, `":[`...)
	}
	w.push(frame{name: name, item: item, array: true})
}

// Array starts a list without a wrapper, as products newer than ECS have it; End ends it. Array("Quotas") is
// {"Quotas":[...]} in JSON and <Quotas>...</Quotas><Quotas>...</Quotas> in XML.
func (w *Writer) Array(name string) {
	if w.json {
		w.begin(name)
		w.buf = append(w.buf, '[')
	}
	w.push(frame{item: name, array: true, bare: true})
}

// Item starts an object in a list; End ends it.
func (w *Writer) Item() {
	item := w.stack[w.depth-1].item
	if w.json {
		w.comma()
		w.buf = append(w.buf, '{')
	} else {
		w.tag(item)
	}
	w.push(frame{name: item})
}

// End ends the innermost object or list.
func (w *Writer) End() {
	w.depth--
	f := &w.stack[w.depth]
	switch {
	case f.bare && w.json:
		w.buf = append(w.buf, ']')
	case f.bare:
	case !w.json:
		w.endTag(f.name)
	case f.array:
		w.buf = append(w.buf, ']', '}')
	default:
		w.buf = append(w.buf, '}')
	}
}

// ItemStr appends a string to a list.
func (w *Writer) ItemStr(v string) {
	if w.json {
		w.comma()
		w.text(v)
		return
	}
	item := w.stack[w.depth-1].item
	w.tag(item)
	w.text(v)
	w.endTag(item)
}

// ItemAppend appends a string to a list; see [Writer.Append].
func (w *Writer) ItemAppend(f func([]byte) []byte) {
	item := w.stack[w.depth-1].item
	if w.json {
		w.comma()
		w.buf = append(f(append(w.buf, '"')), '"')
		return
	}
	w.tag(item)
	w.buf = f(w.buf)
	w.endTag(item)
}

// Str appends a string member.
func (w *Writer) Str(name, v string) {
	w.begin(name)
	w.text(v)
	w.finish(name)
}

// Int appends a whole number.
func (w *Writer) Int(name string, v int64) {
	w.begin(name)
	w.buf = strconv.AppendInt(w.buf, v, 10)
	w.finish(name)
}

// Bool appends a boolean.
func (w *Writer) Bool(name string, v bool) {
	w.begin(name)
	w.buf = strconv.AppendBool(w.buf, v)
	w.finish(name)
}

// Decimal appends units divided by ten to the power of places, exactly.
func (w *Writer) Decimal(name string, units int64, places int) {
	w.begin(name)
	w.buf = AppendDecimal(w.buf, units, places)
	w.finish(name)
}

// Minute appends a time in the cloud's response format, in UTC with minute precision (2017-12-10T04:04Z); the zero time
// is "".
func (w *Writer) Minute(name string, t time.Time) { w.time(name, t, "2006-01-02T15:04Z") }

// Second does the same with second precision (2017-12-10T04:04:05Z), as the API does for disks and snapshots.
func (w *Writer) Second(name string, t time.Time) { w.time(name, t, "2006-01-02T15:04:05Z") }

func (w *Writer) time(name string, t time.Time, layout string) {
	w.begin(name)
	if w.json {
		w.buf = append(w.buf, '"')
	}
	if !t.IsZero() {
		w.buf = t.UTC().AppendFormat(w.buf, layout)
	}
	if w.json {
		w.buf = append(w.buf, '"')
	}
	w.finish(name)
}

// Append appends a string member that f renders. f must append characters that need no escaping: digits, ASCII letters,
// dots, colons, hyphens.
func (w *Writer) Append(name string, f func([]byte) []byte) {
	w.begin(name)
	if w.json {
		w.buf = append(w.buf, '"')
	}
	w.buf = f(w.buf)
	if w.json {
		w.buf = append(w.buf, '"')
	}
	w.finish(name)
}

func (w *Writer) push(f frame) {
	w.stack[w.depth] = f
	w.depth++
}

func (w *Writer) begin(name string) {
	if !w.json {
		w.tag(name)
		return
	}
	w.comma()
	w.buf = append(w.buf, '"')
	w.buf = append(w.buf, name...)
	w.buf = append(w.buf, '"', ':')
}

func (w *Writer) finish(name string) {
	if !w.json {
		w.endTag(name)
	}
}

// comma separates members and elements: only the first of a kind follows an
// opening bracket, and no value ends with one.
func (w *Writer) comma() {
	if last := w.buf[len(w.buf)-1]; last != '{' && last != '[' {
		w.buf = append(w.buf, ',')
	}
}

func (w *Writer) tag(name string) {
	w.buf = append(w.buf, '<')
	w.buf = append(w.buf, name...)
	w.buf = append(w.buf, '>')
}

func (w *Writer) endTag(name string) {
	w.buf = append(w.buf, '<', '/')
	w.buf = append(w.buf, name...)
	w.buf = append(w.buf, '>')
}

func (w *Writer) text(v string) {
	if w.json {
		w.buf = appendJSONString(w.buf, v)
	} else {
		w.buf = appendXMLText(w.buf, v)
	}
}
