package output

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// A Column is a column of a list.
type Column[T any] struct {
	// Title heads the column of a table. A column without a title is in CSV only.
	Title string
	// Name heads the column of CSV, in lower_snake_case. A column without a name is in tables only.
	Name string
	// Value returns the value: a string, a number, a bool, a time, Money, a Period, an enum or a list of strings.
	Value func(T) any
	// Colour returns the meaning of the value. Default: Plain.
	Colour func(T) Colour

	// Region marks the column of the region, which a narrow table drops if all rows have one region.
	Region bool
	// Cut permits a narrow table to shorten the values to eight characters, as of names and notes.
	Cut bool
	// Drop permits a narrow table to drop the column: those with the greatest number first, and those with 0 never.
	Drop int
}

// measured is the number of rows whose widths a table measures before it writes. Later rows get these widths.
const measured = 1000

// List writes a list. In a table each item is a row; CSV has all columns with a name; JSON is one document per line and
// item. The first error of the items ends the list and is returned, after the items before it.
func List[T proto.Message](p *Printer, columns []Column[T], items iter.Seq2[T, error]) error {
	switch p.format {
	case JSON:
		return listJSON(p, items)
	case CSV:
		return listCSV(p, columns, items)
	}
	return listTable(p, columns, items)
}

// Of returns a sequence of items that are at hand, for [List].
func Of[T any](items []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, item := range items {
			if !yield(item, nil) {
				return
			}
		}
	}
}

// Limit returns the first n items of a sequence, all of them if n is 0.
func Limit[T any](n int, items iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		shown := 0
		for item, err := range items {
			if !yield(item, err) {
				return
			}
			if shown++; shown == n {
				return
			}
		}
	}
}

// Message writes one message: as an indented JSON document, or by a function that writes it for people and as CSV.
func Message(p *Printer, message proto.Message, other func() error) error {
	if p.format != JSON {
		return other()
	}
	text, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(message)
	if err != nil {
		return written(err)
	}
	var document bytes.Buffer
	if err := json.Indent(&document, text, "", "  "); err != nil {
		return written(err)
	}
	_, err = fmt.Fprintln(p.out, document.String())
	return written(err)
}

// A WriteError is a failure of standard output.
type WriteError struct{ err error }

// Error names standard output and the cause.
func (e *WriteError) Error() string { return "standard output: " + e.err.Error() }

// Unwrap returns the cause.
func (e *WriteError) Unwrap() error { return e.err }

func written(err error) error {
	if err == nil {
		return nil
	}
	return &WriteError{err}
}

func listJSON[T proto.Message](p *Printer, items iter.Seq2[T, error]) (err error) {
	w := bufio.NewWriter(p.out)
	defer func() { err = flushed(w, err) }()
	for item, err := range ahead(items) {
		if err != nil {
			return err
		}
		text, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(item)
		if err == nil {
			_, err = w.Write(append(compact(text), '\n'))
		}
		if err != nil {
			return written(err)
		}
	}
	return nil
}

// compact removes, in place, the spaces that protojson adds at random between tokens.
func compact(text []byte) []byte {
	short, quoted := text[:0], false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quoted && c == '\\':
			short = append(short, c)
			i++
			c = text[i]
		case c == '"':
			quoted = !quoted
		case c == ' ' && !quoted:
			continue
		}
		short = append(short, c)
	}
	return short
}

// ahead reads items while earlier ones are written, so that a list takes the longer of the two times and not their sum.
func ahead[T any](items iter.Seq2[T, error]) iter.Seq2[T, error] {
	type result struct {
		item T
		err  error
	}
	return func(yield func(T, error) bool) {
		results := make(chan result, measured)
		stop, ended := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(ended)
			defer close(results)
			for item, err := range items {
				select {
				case results <- result{item, err}:
				case <-stop:
					return
				}
			}
		}()
		defer func() { close(stop); <-ended }()
		for r := range results {
			if !yield(r.item, r.err) {
				return
			}
		}
	}
}

// flushed flushes the rows that were written before an error too.
func flushed(w *bufio.Writer, err error) error {
	if failed := w.Flush(); failed != nil {
		return written(failed)
	}
	return err
}

func listCSV[T any](p *Printer, columns []Column[T], items iter.Seq2[T, error]) error {
	w := csv.NewWriter(p.out)
	var named []Column[T]
	var row []string
	for _, c := range columns {
		if c.Name != "" {
			named, row = append(named, c), append(row, c.Name)
		}
	}
	err := w.Write(row)
	for item, failed := range items {
		if failed != nil {
			w.Flush()
			return failed
		}
		for i, c := range named {
			row[i] = p.cell(c.Value(item), false)
		}
		if err = w.Write(row); err != nil {
			break
		}
	}
	if w.Flush(); err == nil {
		err = w.Error()
	}
	return written(err)
}

func listTable[T any](p *Printer, columns []Column[T], items iter.Seq2[T, error]) (err error) {
	var titled []Column[T]
	for _, c := range columns {
		if c.Title != "" {
			titled = append(titled, c)
		}
	}
	w := bufio.NewWriter(p.people)
	defer func() { err = flushed(w, err) }()
	var rows []tableRow
	var layout []slot
	complete := false
	begin := func() {
		layout = arrange(specs(titled), rows, p.width(), complete)
		writeHead(w, p, layout, titleOf(titled))
		for _, r := range rows {
			writeRow(w, p, layout, r)
		}
		rows = nil
	}
	for item, err := range items {
		if err != nil {
			if layout == nil && len(rows) > 0 {
				begin()
			}
			return err
		}
		row := make(tableRow, len(titled))
		for i, c := range titled {
			row[i].text = Clean(p.cell(c.Value(item), true))
			if c.Colour != nil {
				row[i].colour = c.Colour(item)
			}
		}
		if layout != nil {
			writeRow(w, p, layout, row)
			continue
		}
		if rows = append(rows, row); len(rows) == measured {
			begin()
		}
	}
	if layout == nil {
		complete = true
		begin()
	}
	if dropped := droppedTitles(layout, titleOf(titled)); len(dropped) > 0 {
		fmt.Fprintln(w, p.Paint(Dim, shorten("not shown for lack of width: "+strings.Join(dropped, ", "), p.width())))
	}
	return nil
}

func titleOf[T any](columns []Column[T]) func(int) string {
	return func(i int) string { return columns[i].Title }
}

func writeHead(w io.Writer, p *Printer, layout []slot, title func(int) string) {
	row := make(tableRow, len(layout))
	for i := range layout {
		row[i].text = title(i)
	}
	writeRow(w, p, layout, row)
}
