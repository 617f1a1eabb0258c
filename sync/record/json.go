package record

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"syncline/sync/jsontext"
)

// JSON returns the values as one JSON object in its canonical form: names
// sorted bytewise, no spaces, null values as null, absent ones left out. Equal
// Values give equal texts. Bytes that are no UTF-8 become U+FFFD.
func (vs Values) JSON() string { return string(vs.AppendJSON(nil)) }

// AppendJSON appends what JSON returns.
func (vs Values) AppendJSON(dst []byte) []byte {
	var room [32]string
	names := room[:0]
	for name, v := range vs {
		if v.State() != Absent {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	dst = append(dst, '{')
	for i, name := range names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(jsontext.AppendText(dst, valid(name)), ':')
		dst = vs[name].AppendJSON(dst)
	}
	return append(dst, '}')
}

// AppendJSON appends the value as a JSON text, or null where it has none.
func (v Value) AppendJSON(dst []byte) []byte {
	if v.state != Present {
		return append(dst, "null"...)
	}
	return jsontext.AppendText(dst, valid(v.text))
}

func valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, string(utf8.RuneError))
}

// ParseValues reads what JSON wrote. The empty text gives nil.
func ParseValues(s string) (Values, error) {
	if s == "" {
		return nil, nil
	}
	vs := make(Values)
	r := jsontext.NewReader(s)
	r.Expect('{')
	for more := !r.Next('}'); more && r.Err() == nil; {
		name := r.Text()
		r.Expect(':')
		if r.Null() {
			vs[name] = None()
		} else {
			vs[name] = Text(r.Text())
		}
		if more = r.Next(','); !more {
			r.Expect('}')
		}
	}
	if r.End() == nil {
		return vs, nil
	}
	return parseAny(s)
}

// parseAny reads values that something else wrote, with spaces perhaps.
func parseAny(s string) (Values, error) {
	var m map[string]*string
	if err := json.Unmarshal([]byte(s), &m); err != nil {
		return nil, fmt.Errorf("reading stored values: %w", err)
	}
	vs := make(Values, len(m))
	for name, text := range m {
		if text == nil {
			vs[name] = None()
			continue
		}
		vs[name] = Text(*text)
	}
	return vs, nil
}

// Hash returns 16 bytes: the first of the SHA-256 of the values' canonical JSON.
func Hash(vs Values) []byte {
	sum := sha256.Sum256([]byte(vs.JSON()))
	return sum[:16]
}
