package output

import (
	"io"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// gap separates the columns of a table.
const gap = 2

// leastCut is the width down to which a column that may be cut shrinks.
const leastCut = 8

// tableCell is a cell of a table.
type tableCell struct {
	text   string
	colour Colour
}

type tableRow []tableCell

// spec holds the rules of a column that the layout needs.
type spec struct {
	region, cut bool
	drop        int
	title       string
}

func specs[T any](columns []Column[T]) []spec {
	all := make([]spec, len(columns))
	for i, c := range columns {
		all[i] = spec{c.Region, c.Cut, c.Drop, c.Title}
	}
	return all
}

// slot is the width of a column, -1 if it is dropped.
type slot struct {
	width int
	// one is set if the column was dropped because all its values are equal.
	one bool
}

// arrange returns the widths of the columns. If they do not fit into a limit, it drops the region if it is one, then
// shortens columns that may be cut, and then drops columns. What still does not fit is cut at the end of the line. Rows
// that are not complete leave the region in place.
func arrange(columns []spec, rows []tableRow, limit int, complete bool) []slot {
	layout := make([]slot, len(columns))
	for i, c := range columns {
		layout[i].width = Width(c.title)
		for _, row := range rows {
			layout[i].width = max(layout[i].width, Width(row[i].text))
		}
	}
	if limit <= 0 {
		return layout
	}
	for i, c := range columns {
		if c.region && complete && total(layout) > limit && same(rows, i) {
			layout[i] = slot{-1, true}
		}
	}
	for drop := greatest(columns); total(layout) > limit; drop-- {
		if shrink(columns, layout, total(layout)-limit) || drop < 1 {
			break
		}
		for i := len(columns) - 1; i >= 0; i-- {
			if columns[i].drop == drop && total(layout) > limit {
				layout[i].width = -1
			}
		}
	}
	widen(columns, rows, layout, limit)
	return layout
}

// shrink shortens the columns that may be cut by so many characters together, and reports whether that is enough. It
// changes nothing if it is not.
func shrink(columns []spec, layout []slot, excess int) bool {
	room := 0
	for i, c := range columns {
		if c.cut && layout[i].width > leastCut {
			room += layout[i].width - leastCut
		}
	}
	if room < excess {
		return false
	}
	for ; excess > 0; excess-- { // the widest column first
		widest := -1
		for i, c := range columns {
			if c.cut && layout[i].width > leastCut && (widest < 0 || layout[i].width > layout[widest].width) {
				widest = i
			}
		}
		layout[widest].width--
	}
	return true
}

// widen gives back to columns that may be cut what dropped columns have freed.
func widen(columns []spec, rows []tableRow, layout []slot, limit int) {
	for i, c := range columns {
		if !c.cut || layout[i].width < 0 {
			continue
		}
		want := Width(c.title)
		for _, row := range rows {
			want = max(want, Width(row[i].text))
		}
		layout[i].width = min(want, layout[i].width+max(0, limit-total(layout)))
	}
}

func total(layout []slot) int {
	sum := -gap
	for _, s := range layout {
		if s.width >= 0 {
			sum += s.width + gap
		}
	}
	return max(sum, 0)
}

func greatest(columns []spec) (drop int) {
	for _, c := range columns {
		drop = max(drop, c.drop)
	}
	return drop
}

func same(rows []tableRow, column int) bool {
	for _, row := range rows {
		if row[column].text != rows[0][column].text {
			return false
		}
	}
	return true
}

// droppedTitles returns the columns that a table lacks, except those whose values are all equal.
func droppedTitles(layout []slot, title func(int) string) (titles []string) {
	for i, s := range layout {
		if s.width < 0 && !s.one {
			titles = append(titles, title(i))
		}
	}
	return titles
}

// writeRow writes a row. Errors are those of the buffered writer, which its Flush returns.
func writeRow(w io.Writer, p *Printer, layout []slot, row tableRow) {
	line := &strings.Builder{}
	limit, used, pad := p.width(), 0, 0
	for i, s := range layout {
		if s.width < 0 {
			continue
		}
		text := row[i].text
		if limit > 0 {
			most := limit - used - pad
			if most < 1 {
				break
			}
			text = shorten(text, min(most, max(s.width, 1)))
		}
		line.WriteString(strings.Repeat(" ", pad) + p.Paint(row[i].colour, text))
		used += pad + Width(text)
		pad = max(0, s.width-Width(text)) + gap
	}
	_, _ = io.WriteString(w, line.String()+"\n")
}

// Width returns the number of columns that a text takes on a terminal: two per wide character, such as a Chinese one.
func Width(text string) (columns int) {
	for _, r := range text {
		switch kind := width.LookupRune(r).Kind(); {
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		case kind == width.EastAsianWide || kind == width.EastAsianFullwidth:
			columns += 2
		default:
			columns++
		}
	}
	return columns
}

// shorten cuts a text to a number of columns, with a mark at the end. 0 columns are no limit.
func shorten(text string, columns int) string {
	if columns <= 0 || Width(text) <= columns {
		return text
	}
	used := 0
	for i, r := range text {
		if used += Width(string(r)); used > columns-1 {
			return text[:i] + "…"
		}
	}
	return text
}

// Shorten cuts a line to the width of the terminal.
func (p *Printer) Shorten(line string) string { return shorten(line, p.width()) }
