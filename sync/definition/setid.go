package definition

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
)

// errPlace is a document in which SetID finds no safe place for the line.
var errPlace = errors.New("the id can't be put into this document without changing its other lines. Add the line “id: …” below “syncline: 1” yourself")

// SetID returns the document with this id in it: in the place of the one that
// it has, or on a line of its own below the format version. Every other byte
// stays: comments, order, line ends, a byte order mark. It fails on a document
// that can't be read, and on one in which there is no safe place.
func SetID(doc []byte, id string) ([]byte, error) {
	d, err := Parse(doc, "")
	if err != nil {
		return nil, err
	}
	if !ids.MatchString(id) {
		return nil, fmt.Errorf("%q is not an id", id)
	}
	was := d.ID
	d.ID = id
	want, err := d.YAML()
	if err != nil {
		return nil, err
	}
	lines := bytes.SplitAfter(doc, []byte("\n"))
	if bytes.IndexByte(doc, '\n') < 0 {
		lines = bytes.SplitAfter(doc, []byte("\r")) // as an old Mac wrote
	}
	for _, try := range idPlaces(lines, d, was, id) {
		// A document is free in its form: whether a place was right shows when it is read again.
		if again, err := Parse(try, ""); err == nil {
			if got, err := again.YAML(); err == nil && bytes.Equal(got, want) {
				return try, nil
			}
		}
	}
	return nil, errPlace
}

// idPlaces are the documents that SetID tries, the likeliest first.
func idPlaces(lines [][]byte, d *Definition, was, id string) [][]byte {
	part := "syncline"
	if was != "" {
		part = "id"
	}
	at := d.Line(part) - 1
	if at < 0 || at >= len(lines) {
		return nil
	}
	with := func(line int, text []byte) []byte {
		return bytes.Join([][]byte{bytes.Join(lines[:line], nil), text, bytes.Join(lines[line+1:], nil)}, nil)
	}
	var tries [][]byte
	if was != "" {
		value := regexp.MustCompile(`(\bid["']?\s*:\s*["']?)` + regexp.QuoteMeta(was) + `\b`)
		return append(tries, with(at, value.ReplaceAll(lines[at], []byte("${1}"+id))))
	}
	line := lines[at]
	text := bytes.TrimRight(line, "\r\n")
	end := line[len(text):]
	if len(end) == 0 { // the last line, without its end
		end = []byte("\n")
		if len(lines) > 1 {
			before := lines[at-1]
			end = before[len(bytes.TrimRight(before, "\r\n")):]
		}
		text = append(bytes.Clone(text), end...)
		end = nil
	} else {
		text = line
	}
	indent := regexp.MustCompile(`^(\x{FEFF})?[ ]*`).Find(line)
	indent = bytes.TrimPrefix(indent, []byte("\ufeff"))
	own := fmt.Appendf(nil, "%sid: %s%s", indent, id, end)
	tries = append(tries, with(at, append(bytes.Clone(text), own...)))
	flow := regexp.MustCompile(`(\bsyncline["']?\s*:\s*["']?\d+["']?)`)
	return append(tries, with(at, flow.ReplaceAll(line, []byte("${1}, id: "+id))))
}

// HasID reports whether the document says that it is the sync with this id,
// also where the rest of it can't be read, as while somebody edits it.
func HasID(doc []byte, id string) bool {
	if d, err := Parse(doc, ""); err == nil {
		return d.ID == id
	}
	said := regexp.MustCompile(`(?m)^(\x{FEFF})?[ {]*["']?id["']?\s*:\s*["']?` + regexp.QuoteMeta(id) + `["']?\s*([,}#].*)?\r?$`)
	return said.Match(doc)
}
