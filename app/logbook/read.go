package logbook

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Entry is one line of the log.
type Entry struct {
	Time    time.Time
	Level   string // INFO, WARN or ERROR
	Message string
	Fields  []Field // in the order in which they were written
}

// Field is a named value of a line; the names of groups stand before it, with
// dots.
type Field struct{ Name, Value string }

// Newest returns up to n lines, the newest last.
func (b *Book) Newest(n int) ([]Entry, error) {
	var out []Entry // the newest first
	for age := 0; age <= mostOlder && len(out) < n; age++ {
		lines, err := b.files.lines(age)
		if err != nil {
			return nil, err
		}
		for _, line := range slices.Backward(lines) {
			if len(out) == n {
				break
			}
			if e, ok := entryOf(line); ok {
				out = append(out, e)
			}
		}
	}
	slices.Reverse(out)
	return out, nil
}

// text is a string in JSON.
var text = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

// Export writes the whole log, the oldest line first, and returns the number
// of lines. It is cleaned once more by what is known now.
func (b *Book) Export(w io.Writer) (int, error) {
	out := bufio.NewWriter(w)
	n := 0
	for age := mostOlder; age >= 0; age-- {
		lines, err := b.files.lines(age)
		if err != nil {
			return n, err
		}
		for _, line := range lines {
			if !json.Valid(line) {
				continue
			}
			clean := text.ReplaceAllFunc(line, func(quoted []byte) []byte {
				var s string
				if json.Unmarshal(quoted, &s) != nil {
					return []byte(`""`)
				}
				return quote(b.clean(s))
			})
			out.Write(clean)
			out.WriteString("\n")
			n++
		}
	}
	return n, out.Flush()
}

func quote(s string) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if enc.Encode(s) != nil {
		return []byte(`""`)
	}
	return bytes.TrimSpace(b.Bytes())
}

// entryOf reads a line, with its fields in their order.
func entryOf(line []byte) (Entry, bool) {
	if !json.Valid(line) {
		return Entry{}, false
	}
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.UseNumber()
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return Entry{}, false
	}
	var e Entry
	var fields []Field
	if err := readFields(dec, "", &fields); err != nil {
		return Entry{}, false
	}
	for _, f := range fields {
		switch f.Name {
		case "time":
			at, err := time.Parse(time.RFC3339Nano, f.Value)
			if err != nil {
				return Entry{}, false
			}
			e.Time = at
		case "level":
			e.Level = f.Value
		case "msg":
			e.Message = f.Value
		default:
			e.Fields = append(e.Fields, f)
		}
	}
	return e, e.Level != ""
}

// readFields reads an object whose opening brace was read.
func readFields(dec *json.Decoder, prefix string, out *[]Field) error {
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return err
		}
		name := prefix + fmt.Sprint(key)
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return err
		}
		if bytes.HasPrefix(raw, []byte("{")) {
			inner := json.NewDecoder(bytes.NewReader(raw))
			inner.UseNumber()
			if _, err := inner.Token(); err != nil {
				return err
			}
			if err := readFields(inner, name+".", out); err != nil {
				return err
			}
			continue
		}
		*out = append(*out, Field{name, shown(raw)})
	}
	return nil
}

// shown is a value as people read it: a text without quotation marks, a list
// with commas.
func shown(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) == nil {
		parts := make([]string, len(list))
		for i, v := range list {
			parts[i] = shown(v)
		}
		return strings.Join(parts, ", ")
	}
	return string(raw)
}
