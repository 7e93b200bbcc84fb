package output

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"

	"golang.org/x/term"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// Format is the format of a result.
type Format string

// The formats.
const (
	Table Format = "table"
	JSON  Format = "json"
	CSV   Format = "csv"
)

// Options are the settings of a [Printer].
type Options struct {
	// Format is Table if it is empty.
	Format Format
	// UTC prints times in UTC instead of the cloud's UTC+8.
	UTC bool
}

// Beijing is the zone in which the cloud's days begin.
var Beijing = time.FixedZone("UTC+8", 8*60*60)

// A Printer writes the result of one command. It is not safe for concurrent use.
type Printer struct {
	out, people io.Writer
	format      Format
	zone        *time.Location
	// width is the width of the terminal that people read, 0 if lines may have any length.
	width  func() int
	colour bool
	live   bool
}

// New returns a Printer of a command's streams. It reads NO_COLOR and TERM.
func New(stdout, stderr io.Writer, options Options) *Printer {
	p := &Printer{out: stdout, people: stdout, format: options.Format, zone: Beijing, width: func() int { return 0 }}
	if options.UTC {
		p.zone = time.UTC
	}
	if p.format == "" {
		p.format = Table
	}
	if p.format != Table {
		p.people = stderr
	}
	if file, ok := p.people.(*os.File); ok && IsTerminal(file) {
		p.width = func() int {
			width, _, err := term.GetSize(int(file.Fd()))
			if err != nil || width <= 0 {
				return 80
			}
			return width
		}
		p.live = !dumb()
		p.colour = p.live && os.Getenv("NO_COLOR") == ""
	}
	return p
}

// IsTerminal reports whether a stream is a terminal.
func IsTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// dumb reports whether the terminal does not know the sequences for colours and for redrawing a line.
func dumb() bool {
	name := os.Getenv("TERM")
	return name == "dumb" || name == "" && (runtime.GOOS != "windows" || os.Getenv("WT_SESSION") == "")
}

// Format returns the format of the result.
func (p *Printer) Format() Format { return p.format }

// People reports whether the result is a table, which people read.
func (p *Printer) People() bool { return p.format == Table }

// ForPeople returns a Printer that writes tables to where people read, whatever the format of the result is.
func (p *Printer) ForPeople() *Printer {
	people := *p
	people.out, people.format = p.people, Table
	return &people
}

// Live reports whether people read a terminal on which a line can be redrawn.
func (p *Printer) Live() bool { return p.live }

// Width returns the number of columns of the terminal now, 0 if people do not read one.
func (p *Printer) Width() int { return p.width() }

// Printf writes text for people: to standard output if the result is a table, else to standard error.
func (p *Printer) Printf(format string, a ...any) { fmt.Fprintf(p.people, format, a...) }

// Field writes a line of a name and a value for people, such as "budget     5,000.00 CNY", and nothing if the value is
// empty.
func (p *Printer) Field(name, value string) {
	if value != "" {
		p.Printf("%-10s %s\n", name, Clean(value))
	}
}

// Time returns a time to the minute, "-" if it is unset.
func (p *Printer) Time(t *timestamppb.Timestamp) string {
	if t == nil {
		return "-"
	}
	return p.Moment(t.AsTime())
}

// Moment returns a time to the minute.
func (p *Printer) Moment(t time.Time) string { return t.In(p.zone).Format("2006-01-02 15:04Z07") }

// Second returns a time to the second.
func (p *Printer) Second(t time.Time) string { return t.In(p.zone).Format("2006-01-02 15:04:05Z07") }

// A Colour is the meaning of a cell, which has a colour on a terminal.
type Colour int

// The colours.
const (
	Plain Colour = iota
	Good         // green
	Warn         // yellow
	Bad          // red
	Dim
)

var sequences = [...]string{Good: "\x1b[32m", Warn: "\x1b[33m", Bad: "\x1b[31m", Dim: "\x1b[2m"}

// Paint returns the text in a colour, unchanged without colours.
func (p *Printer) Paint(c Colour, text string) string {
	if !p.colour || c == Plain || text == "" {
		return text
	}
	return sequences[c] + text + "\x1b[0m"
}

// Clean replaces control characters, with which the text of others could rewrite the screen.
func Clean(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return '\ufffd'
		}
		return r
	}, text)
}
