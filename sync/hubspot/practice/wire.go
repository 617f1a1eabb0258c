package practice

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// The bodies of records are written by hand, in HubSpot's key order and
// without reflection: a page of records is most of what a portal sends.

const hexDigits = "0123456789abcdef"

// appendText appends s as a JSON string; bytes that are no UTF-8 become U+FFFD.
func appendText(b []byte, s string) []byte {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}

// encode writes a body without escaping <, > and &.
func encode(v any) []byte {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(fmt.Sprintf("practice: body of %T: %v", v, err)) // only a programming error can cause it
	}
	return bytes.TrimRight(out.Bytes(), "\n")
}

// wireValue is a property value on its way in: strings, numbers and booleans
// are taken, null means nothing.
type wireValue struct {
	text string
	null bool
}

func (v *wireValue) UnmarshalJSON(b []byte) error {
	switch b[0] {
	case 'n':
		v.null = true
	case '"':
		if bytes.IndexByte(b, '\\') < 0 && utf8.Valid(b) {
			v.text = string(b[1 : len(b)-1])
			return nil
		}
		return json.Unmarshal(b, &v.text)
	case '{', '[':
		return errors.New("Cannot deserialize value of type `java.lang.String`") //nolint:staticcheck // the portal repeats it in an answer
	default:
		v.text = string(b)
	}
	return nil
}

// wireID is an id or a count that may come as a string or as a number.
type wireID string

func (v *wireID) UnmarshalJSON(b []byte) error {
	var w wireValue
	if err := w.UnmarshalJSON(b); err != nil {
		return err
	}
	*v = wireID(w.text)
	return nil
}

// decode reads a request body. A body that is no JSON, or has another shape,
// gives HubSpot's "Invalid input JSON" with the place.
func decode(body []byte, v any) *apiError {
	err := json.Unmarshal(body, v)
	if err == nil {
		return nil
	}
	offset := int64(len(body))
	var syntax *json.SyntaxError
	var shape *json.UnmarshalTypeError
	detail := err.Error()
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &shape):
		offset = shape.Offset
		detail = fmt.Sprintf("Cannot deserialize value of type `%s` from %s value", shape.Type, shape.Value)
	}
	return badJSON(body, offset, detail)
}

func badJSON(body []byte, offset int64, detail string) *apiError {
	before := body[:min(max(offset, 0), int64(len(body)))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := len(before) - bytes.LastIndexByte(before, '\n')
	return &apiError{Status: 400, errorBody: errorBody{
		Message: fmt.Sprintf("Invalid input JSON on line %d, column %d: %s", line, column, detail)}}
}

// missing is the answer to a body that lacks required attributes.
func missing(body []byte, what string, attributes ...string) *apiError {
	return badJSON(body, int64(len(body)), fmt.Sprintf(
		"Cannot build %s, some of required attributes are not set [%s]", what, strings.Join(attributes, ", ")))
}
