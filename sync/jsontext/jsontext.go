// Package jsontext writes and reads the few forms of JSON that every row of a
// run passes through, many times faster than by reflection: texts, and lists
// of texts and nulls, and what answers consist of. What it writes is byte for byte what encoding/json
// writes, since hashes rest on it.
package jsontext

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// plain tells of each byte below 0x80 whether it stands in a JSON text as it
// is; plainHTML whether it does where HTML is escaped too.
var plain, plainHTML [utf8.RuneSelf]bool

func init() {
	for c := range plain {
		plain[c] = c >= ' ' && c != '"' && c != '\\'
		plainHTML[c] = plain[c] && c != '<' && c != '>' && c != '&'
	}
}

// AppendText appends s as a JSON text as an Encoder without HTML escaping
// does; bytes that are no UTF-8 become U+FFFD itself.
func AppendText(dst []byte, s string) []byte { return appendText(dst, s, &plain, "\uFFFD") }

// AppendHTMLText appends s as a JSON text as json.Marshal does.
func AppendHTMLText(dst []byte, s string) []byte { return appendText(dst, s, &plainHTML, `\ufffd`) }

func appendText(dst []byte, s string, safe *[utf8.RuneSelf]bool, invalid string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if safe[c] {
				i++
				continue
			}
			dst = append(dst, s[start:i]...)
			switch c {
			case '"', '\\':
				dst = append(dst, '\\', c)
			case '\b':
				dst = append(dst, '\\', 'b')
			case '\f':
				dst = append(dst, '\\', 'f')
			case '\n':
				dst = append(dst, '\\', 'n')
			case '\r':
				dst = append(dst, '\\', 'r')
			case '\t':
				dst = append(dst, '\\', 't')
			default:
				dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&0xF])
			}
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			dst = append(append(dst, s[start:i]...), invalid...)
		case r == '\u2028' || r == '\u2029':
			dst = append(append(dst, s[start:i]...), '\\', 'u', '2', '0', '2', hexDigits[r&0xF])
		default:
			i += size
			continue
		}
		i += size
		start = i
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

// ErrForm is returned for a text that is not of the form that was asked for.
var ErrForm = errors.New("stored values can't be read")

// A Reader reads one JSON text piece by piece. It understands what this
// package and encoding/json write of texts, nulls and whole numbers, without
// spaces between them. After a mistake everything fails, and Err tells.
type Reader struct {
	s   string
	i   int
	err error
}

// NewReader reads s.
func NewReader(s string) *Reader { return &Reader{s: s} }

// Err is the first mistake, nil if there was none.
func (r *Reader) Err() error { return r.err }

func (r *Reader) fail() {
	if r.err == nil {
		r.err = fmt.Errorf("%w at byte %d", ErrForm, r.i)
	}
	r.i = len(r.s)
}

// Next reports whether c comes next, and steps over it if so.
func (r *Reader) Next(c byte) bool {
	if r.i < len(r.s) && r.s[r.i] == c {
		r.i++
		return true
	}
	return false
}

// Expect steps over c, which must come next.
func (r *Reader) Expect(c byte) {
	if !r.Next(c) {
		r.fail()
	}
}

// End must be reached when all was read.
func (r *Reader) End() error {
	if r.err == nil && r.i != len(r.s) {
		r.fail()
	}
	return r.err
}

// Null steps over null, if that comes next.
func (r *Reader) Null() bool {
	if len(r.s)-r.i >= 4 && r.s[r.i:r.i+4] == "null" {
		r.i += 4
		return true
	}
	return false
}

// Digit reports whether a digit comes next.
func (r *Reader) Digit() bool { return r.i < len(r.s) && r.s[r.i] >= '0' && r.s[r.i] <= '9' }

// Int reads a whole number.
func (r *Reader) Int() int64 {
	start := r.i
	for r.i < len(r.s) && (r.s[r.i] == '-' || r.s[r.i] >= '0' && r.s[r.i] <= '9') {
		r.i++
	}
	text := r.s[start:r.i]
	n, err := strconv.ParseInt(text, 10, 64)
	if digits := strings.TrimPrefix(text, "-"); err != nil || len(digits) > 1 && digits[0] == '0' {
		r.fail()
	}
	return n
}

// Bool reads true or false.
func (r *Reader) Bool() bool {
	if r.word("true") {
		return true
	}
	if !r.word("false") {
		r.fail()
	}
	return false
}

func (r *Reader) word(w string) bool {
	if len(r.s)-r.i < len(w) || r.s[r.i:r.i+len(w)] != w {
		return false
	}
	r.i += len(w)
	return true
}

// Object reads an object: each is called with every name, and reads its value.
// An object within it may be read with it too.
func (r *Reader) Object(each func(name string)) {
	r.Expect('{')
	for more := !r.Next('}'); more && r.err == nil; {
		name := r.Text()
		r.Expect(':')
		if r.err == nil {
			each(name)
		}
		if more = r.Next(','); !more {
			r.Expect('}')
		}
	}
}

// List reads a list: each reads one of its values.
func (r *Reader) List(each func()) {
	r.Expect('[')
	for more := !r.Next(']'); more && r.err == nil; {
		each()
		if more = r.Next(','); !more {
			r.Expect(']')
		}
	}
}

// deepest is how deep objects and lists may stand in each other where they are
// stepped over.
const deepest = 100

// Skip steps over a value, of whatever kind.
func (r *Reader) Skip() { r.skip(0) }

func (r *Reader) skip(depth int) {
	if r.i >= len(r.s) || depth > deepest {
		r.fail()
		return
	}
	switch c := r.s[r.i]; {
	case c == '"':
		r.Text()
	case c == '{':
		r.Object(func(string) { r.skip(depth + 1) })
	case c == '[':
		r.List(func() { r.skip(depth + 1) })
	case r.Null():
	case c == 't' || c == 'f':
		r.Bool()
	default:
		start := r.i
		for r.i < len(r.s) && (r.Digit() || r.s[r.i] == '-' || r.s[r.i] == '+' || r.s[r.i] == '.' || r.s[r.i] == 'e' || r.s[r.i] == 'E') {
			r.i++
		}
		if !json.Valid([]byte(r.s[start:r.i])) {
			r.fail()
		}
	}
}

// Text reads a text. It shares the memory of what is read where nothing in it
// is escaped.
func (r *Reader) Text() string {
	if r.i >= len(r.s) || r.s[r.i] != '"' {
		r.fail()
		return ""
	}
	for i := r.i + 1; i < len(r.s); i++ {
		switch r.s[i] {
		case '"':
			text := r.s[r.i+1 : i]
			r.i = i + 1
			return text
		case '\\':
			return r.escaped(i)
		}
	}
	r.fail()
	return ""
}

// escaped reads a text whose first escape stands at i.
func (r *Reader) escaped(i int) string {
	for ; i < len(r.s) && r.s[i] != '"'; i++ {
		if r.s[i] == '\\' {
			i++
		}
	}
	if i >= len(r.s) {
		r.fail()
		return ""
	}
	var text string
	if err := json.Unmarshal([]byte(r.s[r.i:i+1]), &text); err != nil {
		r.fail()
		return ""
	}
	r.i = i + 1
	return text
}
