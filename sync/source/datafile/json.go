package datafile

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"syncline/sync/source/tabular"
)

// jsonFormat reads objects of JSON: one a line (JSON lines, which is what data
// warehouses export), one after the other, or as a list. The members of an
// object within an object are columns of their own, “address.city”; a list of
// texts and numbers is one text of several options, as HubSpot writes them.
type jsonFormat struct{}

func (jsonFormat) why() string {
	return "Syncline does not write JSON files; save the rows as a CSV file or an Excel workbook to have values written back."
}

// overhead is how much longer a row may be in JSON than its values: names,
// escapes.
const overhead = 4

// deepest is how far objects may stand within objects.
const deepest = 8

var bom = []byte("\xEF\xBB\xBF")

// form is how the objects follow each other.
type form uint8

const (
	lines  form = iota // each on a line of its own, so that a damaged one harms no other
	stream             // over several lines
	list               // between [ and ]
)

func (f form) String() string {
	return [...]string{"one object a line", "objects", "a list of objects"}[f]
}

// formOf looks at the start of a file.
func formOf(head []byte) (form, error) {
	if bytes.HasPrefix(head, []byte("\xFE\xFF")) || bytes.HasPrefix(head, []byte("\xFF\xFE")) {
		return 0, errors.New("is written in UTF-16, and JSON is UTF-8; save it so")
	}
	head = bytes.TrimLeft(bytes.TrimPrefix(head, bom), " \t\r\n")
	switch {
	case bytes.HasPrefix(head, []byte("[")):
		return list, nil
	case !bytes.HasPrefix(head, []byte("{")):
		return 0, errors.New("is no JSON of rows: it begins neither with { nor with [")
	}
	if line, _, whole := bytes.Cut(head, []byte("\n")); whole && !json.Valid(bytes.TrimSpace(line)) {
		return stream, nil
	}
	return lines, nil
}

func (jsonFormat) look(ctx context.Context, f *opened) (*layout, error) {
	l := &layout{paths: map[string]int{}, details: map[string]string{}, count: -1}
	var names []string
	scalar := map[string]bool{} // a value stood there, not only null
	var wide error
	inside, objects := "", 0 // a list of objects that the first object holds
	form, err := eachObject(ctx, f, func(_ int, raw []byte, flaw string) bool {
		objects++
		if flaw != "" {
			return true
		}
		// What is wrong with the row is said when it is read.
		_ = walk(raw, func(path string, c cell) {
			if _, known := l.paths[path]; !known && wide == nil {
				wide = errors.Join(f.limits.CheckWidth(len(names)+1), longName(f.limits, path, len(names)))
				l.paths[path] = len(names)
				names = append(names, path)
			}
			scalar[path] = scalar[path] || c != cell{}
			if objects == 1 && c.flaw == listOfObjects {
				inside = path
			}
		})
		return wide == nil
	})
	switch {
	case wide != nil:
		return nil, wide
	case err != nil:
		return nil, err
	case len(names) == 0:
		return nil, errors.New("holds no object with a value")
	case inside != "" && objects == 1:
		return nil, fmt.Errorf("is one object and not a list of rows; its list “%s” may be meant: save that list alone, from [ to ]", inside)
	}
	names = leaves(names, scalar)
	l.header = tabular.NewHeader(names, func(i int) string { return fmt.Sprintf("Column %d", i+1) })
	clear(l.paths)
	for i, name := range names {
		l.paths[name] = i
	}
	l.details["form"] = form.String()
	return l, nil
}

func longName(limits tabular.Limits, name string, at int) error {
	if len(name) > limits.Name {
		return limits.LongName(fmt.Sprintf("column %d", at+1))
	}
	return nil
}

// leaves are the names that hold values: one that is null in some rows and an
// object in others is no column.
func leaves(names []string, scalar map[string]bool) []string {
	parents := map[string]bool{}
	for _, name := range names {
		for i, r := range name {
			if r == '.' {
				parents[name[:i]] = true
			}
		}
	}
	var out []string
	for _, name := range names {
		if scalar[name] || !parents[name] {
			out = append(out, name)
		}
	}
	return out
}

func (jsonFormat) rows(ctx context.Context, f *opened, l *layout, yield func(*raw) bool) error {
	row := raw{cells: make([]cell, len(l.header.Names))}
	seen := make([]bool, len(row.cells))
	_, err := eachObject(ctx, f, func(line int, text []byte, flaw string) bool {
		clear(row.cells)
		clear(seen)
		row.line, row.flaw = line, flaw
		if flaw == "" {
			err := walk(text, func(path string, c cell) {
				i, ok := l.paths[path]
				switch {
				case !ok: // null where others have an object
				case seen[i]:
					row.cells[i] = cell{flaw: "stands twice in its object"}
				default:
					seen[i], row.cells[i] = true, c
				}
			})
			if err != nil {
				row.flaw = err.Error()
			}
		}
		return yield(&row)
	})
	return err
}

// eachObject hands on the texts of the objects of a file, with the line on which
// they stand, or their number in a list. A flaw is what is wrong with one that is
// no object.
func eachObject(ctx context.Context, f *opened, yield func(line int, raw []byte, flaw string) bool) (form, error) {
	content, err := f.content(ctx)
	if err != nil {
		return 0, err
	}
	r := bufio.NewReaderSize(content, 64<<10)
	head, err := r.Peek(64 << 10)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return 0, err
	}
	form, err := formOf(head)
	if err != nil {
		return 0, err
	}
	if bytes.HasPrefix(head, bom) {
		if _, err := r.Discard(len(bom)); err != nil {
			return 0, err
		}
	}
	if form == lines {
		return form, eachLine(r, f.limits, yield)
	}
	return form, eachOf(r, form, f.limits, yield)
}

func eachLine(r *bufio.Reader, limits tabular.Limits, yield func(line int, raw []byte, flaw string) bool) error {
	var text []byte
	for line := 1; ; line++ {
		var err error
		long := false
		text = text[:0]
		for {
			var part []byte
			part, err = r.ReadSlice('\n')
			if long = long || len(text)+len(part) > overhead*limits.Row; !long {
				text = append(text, part...)
			}
			if !errors.Is(err, bufio.ErrBufferFull) {
				break
			}
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		object := bytes.TrimSpace(text)
		switch {
		case long:
			if !yield(line, nil, fmt.Sprintf("is longer than %s; shorten its values", tabular.Bytes(overhead*limits.Row))) {
				return nil
			}
		case len(object) > 0 && !yield(line, object, flawOf(object)):
			return nil
		}
		if err != nil {
			return nil
		}
	}
}

// flawOf says what is wrong with a text that should be an object.
func flawOf(text []byte) string {
	switch {
	case !utf8.Valid(text):
		return "holds characters that are broken in UTF-8, which JSON is written in; save the file in UTF-8"
	case !json.Valid(text):
		return "is no JSON: " + syntax(text)
	case text[0] != '{':
		return "is no object of names and values"
	}
	return ""
}

// syntax is what is wrong with a text of JSON.
func syntax(text []byte) string {
	var v json.RawMessage
	err := json.Unmarshal(text, &v)
	var at *json.SyntaxError
	if errors.As(err, &at) {
		return fmt.Sprintf("%s (character %d)", at.Error(), at.Offset)
	}
	return fmt.Sprint(err)
}

// eachOf reads objects that may stand on several lines. What comes behind a
// damaged one can't be found.
func eachOf(r io.Reader, form form, limits tabular.Limits, yield func(line int, raw []byte, flaw string) bool) error {
	bound := &bounded{r: r, most: int64(overhead * limits.Row)}
	d := json.NewDecoder(bound)
	if form == list {
		if _, err := d.Token(); err != nil {
			return damaged(err)
		}
	}
	for n := 1; ; n++ {
		bound.n = 0
		if form == list && !d.More() {
			break
		}
		var text json.RawMessage
		err := d.Decode(&text)
		switch {
		case errors.Is(err, io.EOF) && form == stream:
			return nil
		case err != nil:
			return damaged(fmt.Errorf("entry %d: %w", n, err))
		case !yield(n, text, flawOf(text)):
			return nil
		}
	}
	if _, err := d.Token(); err != nil { // the end of the list
		return damaged(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("goes on behind the end of its list; it should be one list")
	}
	return nil
}

func damaged(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("ends in the middle: it was cut off; export or copy it again")
	}
	var long *longError
	if errors.As(err, &long) {
		return long
	}
	return fmt.Errorf("is damaged JSON (%w); export it again", err)
}

// bounded ends reading where one entry takes more than most bytes.
type bounded struct {
	r       io.Reader
	n, most int64
}

type longError struct{ most int64 }

func (e *longError) Error() string {
	return "holds an entry longer than " + tabular.Bytes(e.most) + "; shorten its values"
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.n > b.most {
		return 0, &longError{b.most}
	}
	n, err := b.r.Read(p)
	b.n += int64(n)
	return n, err
}

const listOfObjects = "is a list of objects, which no property takes; rows of their own belong into a file of their own"

// walk hands on the values of an object with their paths. The text is valid.
func walk(object []byte, emit func(path string, c cell)) error {
	d := json.NewDecoder(bytes.NewReader(object))
	d.UseNumber()
	if _, err := d.Token(); err != nil {
		return err
	}
	return members(d, "", 1, emit)
}

// members reads an object from behind its {.
func members(d *json.Decoder, prefix string, depth int, emit func(path string, c cell)) error {
	if depth > deepest {
		return fmt.Errorf("has objects within objects, more than %d deep", deepest)
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		path := prefix + name.(string)
		value, err := d.Token()
		if err != nil {
			return err
		}
		switch value {
		case json.Delim('{'):
			err = members(d, path+".", depth+1, emit)
		case json.Delim('['):
			var c cell
			c, err = several(d)
			emit(path, c)
		default:
			emit(path, scalar(value))
		}
		if err != nil {
			return err
		}
	}
	_, err := d.Token() // }
	return err
}

// several reads a list from behind its [: texts and numbers become options.
func several(d *json.Decoder) (cell, error) {
	var parts []string
	out := cell{text: true}
	for depth := 0; ; {
		token, err := d.Token()
		if err != nil {
			return out, err
		}
		switch {
		case token == json.Delim(']') && depth == 0:
			if out.value = strings.Join(parts, ";"); out.flaw != "" || len(parts) == 0 {
				return cell{flaw: out.flaw}, nil
			}
			return out, nil
		case token == json.Delim('{') || token == json.Delim('['):
			depth, out.flaw = depth+1, listOfObjects
		case token == json.Delim('}') || token == json.Delim(']'):
			depth--
		case depth > 0:
		default:
			part := scalar(token)
			if strings.Contains(part.value, ";") {
				part.flaw = semicolon
			}
			if part.flaw != "" && out.flaw == "" {
				out.flaw = part.flaw
			}
			if part.value != "" {
				parts = append(parts, part.value)
			}
		}
	}
}

// scalar is a value that is neither object nor list.
func scalar(v json.Token) cell {
	switch v := v.(type) {
	case bool:
		return cell{value: strconv.FormatBool(v)}
	case json.Number:
		return number(string(v))
	case string:
		if strings.ContainsRune(v, utf8.RuneError) {
			return cell{flaw: "holds a character that was broken on its way (�); correct it where it comes from"}
		}
		return cell{value: v, text: true}
	}
	return cell{} // null
}

// number is a number with all of its digits. An exponent is written out.
func number(text string) cell {
	if !strings.ContainsAny(text, "eE") {
		return cell{value: text}
	}
	mantissa, exponent, _ := strings.Cut(strings.ToLower(text), "e")
	e, err := strconv.Atoi(exponent)
	r, ok := new(big.Rat).SetString(text)
	if err != nil || e > 400 || e < -400 || !ok {
		return cell{flaw: "holds the number " + text + ", which no property takes"}
	}
	_, fraction, _ := strings.Cut(mantissa, ".")
	return cell{value: trimZeros(r.FloatString(max(0, len(fraction)-e)))}
}

func trimZeros(s string) string {
	if !strings.Contains(s, ".") {
		return s
	}
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}
