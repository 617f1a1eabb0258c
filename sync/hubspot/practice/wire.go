package practice

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
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
		kind := "object"
		if b[0] == '[' {
			kind = "array"
		}
		return errors.New("Cannot deserialize value of type `java.lang.String` from " + javaValue(kind))
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

// decode reads a request body. No body at all, one that is no JSON, and one of
// another shape are told in HubSpot's words, the latter with the place.
func decode(body []byte, v any) *apiError {
	if len(bytes.TrimSpace(body)) == 0 {
		return invalid("Invalid JSON input: a request body was expected, but none found")
	}
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
		detail = fmt.Sprintf("Cannot deserialize value of type `%s` from %s", javaType(shape.Type), javaValue(shape.Value))
	}
	return badJSON(body, offset, detail)
}

// javaType is the name of a type in HubSpot's own program, which its messages
// tell (hubspot-api-php#227).
func javaType(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[wireType]():
		return "com.hubspot.inbounddb.associations.base.AssociationSpec"
	case t == reflect.TypeFor[[]wireType]():
		return "java.util.HashSet<com.hubspot.inbounddb.associations.base.AssociationSpec>"
	}
	switch t.Kind() {
	case reflect.Pointer:
		return javaType(t.Elem())
	case reflect.Map:
		return "java.util.LinkedHashMap<java.lang.String,java.lang.String>"
	case reflect.Slice:
		if t.Elem().Kind() == reflect.String {
			return "java.util.ArrayList<java.lang.String>"
		}
		return "java.util.ArrayList<java.lang.Object>"
	case reflect.Bool:
		return "java.lang.Boolean"
	case reflect.Int, reflect.Int32:
		return "java.lang.Integer"
	case reflect.Int64:
		return "java.lang.Long"
	case reflect.String:
		return "java.lang.String"
	}
	return "java.lang.Object"
}

// javaValue names what came instead, as HubSpot's JSON reader does.
func javaValue(kind string) string {
	kind, _, _ = strings.Cut(kind, " ") // "number 1.5"
	switch kind {
	case "object":
		return "Object value (token `JsonToken.START_OBJECT`)"
	case "array":
		return "Array value (token `JsonToken.START_ARRAY`)"
	case "bool":
		return "Boolean value (token `JsonToken.VALUE_TRUE`)"
	case "number":
		return "Integer value (token `JsonToken.VALUE_NUMBER_INT`)"
	}
	return "String value (token `JsonToken.VALUE_STRING`)"
}

func badJSON(body []byte, offset int64, detail string) *apiError {
	before := body[:min(max(offset, 0), int64(len(body)))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := len(before) - bytes.LastIndexByte(before, '\n')
	return &apiError{Status: 400, errorBody: errorBody{
		Message: fmt.Sprintf("Invalid input JSON on line %d, column %d: %s", line, column, detail)}}
}

// present refuses a body in which some of the attributes do not occur.
func present(body []byte, what string, attributes ...string) *apiError {
	var in map[string]json.RawMessage
	if e := decode(body, &in); e != nil {
		return e
	}
	lacking := slices.DeleteFunc(slices.Clone(attributes), func(name string) bool { _, ok := in[name]; return ok })
	if len(lacking) > 0 {
		return missing(body, what, lacking...)
	}
	return nil
}

// missing is the answer to a body that lacks required attributes.
func missing(body []byte, what string, attributes ...string) *apiError {
	return badJSON(body, int64(len(body)), fmt.Sprintf(
		"Cannot build %s, some of required attributes are not set [%s]", what, strings.Join(attributes, ", ")))
}
