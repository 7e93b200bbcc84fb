package notify

import (
	"strings"
	"unicode/utf8"
)

// maxLineOctets bounds a line of a calendar (RFC 5545, section 3.1).
const maxLineOctets = 75

// contentLines are the lines of a calendar.
type contentLines struct{ text strings.Builder }

// add adds a property, folded into lines of at most maxLineOctets. The value must
// be escaped if it is a text.
func (c *contentLines) add(name, value string) {
	line := name + ":" + value
	for size := maxLineOctets; len(line) > size; size = maxLineOctets - 1 { // the space of a continued line counts
		end := size
		for !utf8.RuneStart(line[end]) {
			end--
		}
		c.text.WriteString(line[:end] + "\r\n ")
		line = line[end:]
	}
	c.text.WriteString(line + "\r\n")
}

// addText adds a property with a text as its value.
func (c *contentLines) addText(name, text string) { c.add(name, escapeText.Replace(text)) }

// escapeText escapes a text (RFC 5545, section 3.3.11).
var escapeText = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`, "\r", "")
