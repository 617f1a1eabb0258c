package record

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// JSON returns the values as one JSON object in its canonical form: names
// sorted bytewise, no spaces, null values as null, absent ones left out. Equal
// Values give equal texts. Bytes that are no UTF-8 become U+FFFD.
func (vs Values) JSON() string {
	var b bytes.Buffer
	b.WriteByte('{')
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	write := func(s string) {
		_ = enc.Encode(strings.ToValidUTF8(s, string(utf8.RuneError))) // a string into a buffer cannot fail
		b.Truncate(b.Len() - 1)                                        // the encoder ends with a newline
	}
	for _, name := range slices.Sorted(maps.Keys(vs)) {
		v := vs[name]
		if v.State() == Absent {
			continue
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		write(name)
		b.WriteByte(':')
		if v.State() == Null {
			b.WriteString("null")
			continue
		}
		write(v.String())
	}
	b.WriteByte('}')
	return b.String()
}

// ParseValues reads what JSON wrote. The empty text gives nil.
func ParseValues(s string) (Values, error) {
	if s == "" {
		return nil, nil
	}
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
