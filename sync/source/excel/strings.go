package excel

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"syncline/sync/source/tabular"
)

// sharedStrings are the texts that cells refer to by number, kept in one block
// so that a million of them cost little more than their bytes.
type sharedStrings struct {
	part *zip.File // nil when the workbook has none
	text []byte
	ends []uint32     // where each text ends in text
	long map[int]bool // those that are longer than a cell may be, and not held
}

// loadStrings reads the shared texts once.
func (w *workbook) loadStrings() error {
	s := &w.strings
	if s.part == nil || s.ends != nil {
		return nil
	}
	r, err := w.unpack(s.part)
	if err != nil {
		return err
	}
	defer r.Close()
	d := newTokens(r, false, &w.limits)
	s.ends, s.long = make([]uint32, 0, 1024), map[int]bool{}
	for {
		token, err := d.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return damaged(s.part.Name, err)
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "si" {
			text, err := d.richText("si")
			if err != nil {
				return damaged(s.part.Name, err)
			}
			if err := s.add(text, &w.limits); err != nil {
				return err
			}
		}
	}
}

func (s *sharedStrings) add(text string, limits *Limits) error {
	if len(text) > limits.Cell {
		s.long[len(s.ends)] = true
		text = ""
	}
	if len(s.text)+len(text) > limits.Texts || len(s.ends) == limits.TextCount {
		return fmt.Errorf("holds more than %s of texts; save the sheet as a CSV file and use that, which has no such limit", tabular.Bytes(limits.Texts))
	}
	s.text = append(s.text, text...)
	s.ends = append(s.ends, uint32(len(s.text)))
	return nil
}

func (s *sharedStrings) at(i int) (string, bool) {
	if i < 0 || i >= len(s.ends) {
		return "", false
	}
	from := uint32(0)
	if i > 0 {
		from = s.ends[i-1]
	}
	return string(s.text[from:s.ends[i]]), true
}

// richText reads up to the end of the element named until, and returns the
// text of all its runs, cut where it is too long for a cell. Phonetic hints
// (rPh) are no part of the text.
func (d *tokens) richText(until string) (string, error) {
	d.text = d.text[:0]
	in, phonetic := false, false
	for {
		token, err := d.next()
		if err != nil {
			return "", unexpectedEnd(err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			in = in || t.Name.Local == "t"
			phonetic = phonetic || t.Name.Local == "rPh"
		case xml.CharData:
			if in && !phonetic {
				d.add(t)
			}
		case xml.EndElement:
			switch t.Name.Local {
			case "t":
				in = false
			case "rPh":
				phonetic = false
			case until:
				if len(d.text) > d.limits.Cell {
					return string(d.text), nil // told by its length
				}
				return unescape(string(d.text)), nil
			}
		}
	}
}

func unexpectedEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// unescape reads Excel's _xHHHH_ for characters that XML can't hold (ECMA-376
// part 1, 22.9.2.19, ST_Xstring).
func unescape(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	var b strings.Builder
	for {
		i := strings.Index(s, "_x")
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		code, ok := escaped(s[i:])
		if !ok {
			b.WriteString(s[:i+2])
			s = s[i+2:]
			continue
		}
		b.WriteString(s[:i])
		b.WriteRune(code)
		s = s[i+7:]
	}
}

// escaped reads the escape that s may start with.
func escaped(s string) (rune, bool) {
	if len(s) < 7 || !strings.HasPrefix(s, "_x") || s[6] != '_' {
		return 0, false
	}
	code, err := strconv.ParseUint(s[2:6], 16, 16)
	return rune(code), err == nil
}

// escape is the inverse of unescape, and XML escaping on top of it.
func escape(s string) string {
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '_':
			if _, ok := escaped(s[i:]); ok {
				b.WriteString("_x005F_")
			} else {
				b.WriteByte('_')
			}
		case r < 0x20 && r != '\t' && r != '\n', r == 0xFFFE, r == 0xFFFF:
			fmt.Fprintf(&b, "_x%04X_", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
