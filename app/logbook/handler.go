package logbook

import (
	"context"
	"encoding"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"syncline/sync/redact"
)

// handler cleans every text of a record, wherever it stands, and hands the
// record on to be written.
type handler struct {
	book  *Book
	lines slog.Handler
	outer []outer
}

// outer is what With put around the records: a group, or attributes. They are
// cleaned with each record, because a secret may become known later.
type outer struct {
	group string
	attrs []slog.Attr
}

func (h *handler) Enabled(ctx context.Context, l slog.Level) bool { return h.lines.Enabled(ctx, l) }

func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler { return h.with(outer{attrs: attrs}) }

func (h *handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return h.with(outer{group: name})
}

func (h *handler) with(o outer) slog.Handler {
	return &handler{book: h.book, lines: h.lines, outer: append(slices.Clip(h.outer), o)}
}

// Handle writes one line.
func (h *handler) Handle(ctx context.Context, r slog.Record) error {
	var attrs []slog.Attr
	r.Attrs(func(a slog.Attr) bool { attrs = append(attrs, a); return true })
	for _, o := range slices.Backward(h.outer) {
		if o.group != "" {
			attrs = []slog.Attr{{Key: o.group, Value: slog.GroupValue(attrs...)}}
		} else {
			attrs = slices.Concat(o.attrs, attrs)
		}
	}
	out := slog.NewRecord(r.Time, r.Level, h.book.clean(r.Message), 0)
	out.AddAttrs(h.book.attrs(attrs)...)
	return h.lines.Handle(ctx, out)
}

func (b *Book) attrs(in []slog.Attr) []slog.Attr {
	out := make([]slog.Attr, len(in))
	for i, a := range in {
		out[i] = slog.Attr{Key: b.clean(a.Key), Value: b.value(a.Key, a.Value)}
	}
	return out
}

// value cleans the value of a field; what a field's name calls secret is
// hidden whatever it looks like.
func (b *Book) value(key string, v slog.Value) slog.Value {
	v = v.Resolve()
	if redact.Names(key) {
		return slog.StringValue(redact.Hidden)
	}
	switch v.Kind() {
	case slog.KindString:
		return slog.StringValue(b.clean(v.String()))
	case slog.KindGroup:
		return slog.GroupValue(b.attrs(v.Group())...)
	case slog.KindInt64, slog.KindUint64, slog.KindFloat64:
		if text := v.String(); b.known.Hide(text) != text {
			return slog.StringValue(redact.Hidden)
		}
		return v
	case slog.KindBool, slog.KindTime:
		return v
	case slog.KindDuration:
		return slog.StringValue(v.Duration().Round(time.Microsecond).String())
	}
	if err, ok := v.Any().(error); ok {
		return b.failure(err)
	}
	return slog.AnyValue(b.plain(reflect.ValueOf(v.Any()), 0))
}

// failure is what an error may tell. One that knows what a log may have, such
// as HubSpot's, says it itself; of others, what they quote is left out.
func (b *Book) failure(err error) slog.Value {
	var own slog.LogValuer
	if errors.As(err, &own) {
		v := slog.AnyValue(own).Resolve()
		if _, again := v.Any().(error); !again {
			return b.value("", v)
		}
	}
	return slog.StringValue(b.clean(redact.Quotes(b.known.Hide(spelled(err.Error)))))
}

// spelled calls a method that may panic, which must not end the program.
func spelled(f func() string) (text string) {
	defer func() {
		if p := recover(); p != nil {
			text = fmt.Sprintf("(it can't be told: %T)", p)
		}
	}()
	return f()
}

// deepest bounds how far a value is followed, which may contain itself.
const deepest = 8

// plain turns any value into maps, lists, texts and numbers that are clean.
func (b *Book) plain(v reflect.Value, depth int) any {
	if !v.IsValid() {
		return nil
	}
	if depth > deepest {
		return "…"
	}
	if text, ok := b.told(v); ok {
		return text
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return b.plain(v.Elem(), depth+1)
	case reflect.String:
		return b.clean(v.String())
	case reflect.Bool:
		return v.Bool()
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return b.value("", slog.Int64Value(v.Int())).Any()
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return b.value("", slog.Uint64Value(v.Uint())).Any()
	case reflect.Float32, reflect.Float64:
		return b.clean(strconv.FormatFloat(v.Float(), 'g', -1, 64))
	case reflect.Slice, reflect.Array:
		return b.list(v, depth)
	case reflect.Map:
		out := make(map[string]any, v.Len())
		for it := v.MapRange(); it.Next(); {
			name := fmt.Sprint(b.plain(it.Key(), depth+1))
			out[name] = b.field(name, it.Value(), depth)
		}
		return out
	case reflect.Struct:
		out := make(map[string]any, v.NumField())
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				name := f.Name
				if tag, _, _ := strings.Cut(f.Tag.Get("json"), ","); tag != "" && tag != "-" {
					name = tag
				}
				out[name] = b.field(f.Name, v.Field(i), depth)
			}
		}
		return out
	}
	return "(" + v.Type().String() + ")"
}

func (b *Book) field(name string, v reflect.Value, depth int) any {
	if redact.Names(name) {
		return redact.Hidden
	}
	return b.plain(v, depth+1)
}

// list cleans a list. Bytes are a text, which a secret may be kept as.
func (b *Book) list(v reflect.Value, depth int) any {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		text := make([]byte, v.Len())
		for i := range text {
			text[i] = byte(v.Index(i).Uint())
		}
		return b.clean(string(text))
	}
	out := make([]any, v.Len())
	for i := range out {
		out[i] = b.plain(v.Index(i), depth+1)
	}
	return out
}

// told is what a value says of itself, where it can.
func (b *Book) told(v reflect.Value) (any, bool) {
	if !v.CanInterface() || v.Kind() == reflect.Pointer && v.IsNil() {
		return nil, false
	}
	switch x := v.Interface().(type) {
	case error:
		return loose(b.failure(x)), true
	case slog.LogValuer:
		return loose(b.value("", slog.AnyValue(x))), true
	case slog.Value:
		return loose(b.value("", x)), true
	case slog.Attr:
		return map[string]any{b.clean(x.Key): loose(b.value(x.Key, x.Value))}, true
	case fmt.Stringer:
		return b.clean(spelled(x.String)), true
	case encoding.TextMarshaler:
		return b.clean(spelled(func() string {
			text, err := x.MarshalText()
			if err != nil {
				return fmt.Sprintf("(%T)", x)
			}
			return string(text)
		})), true
	}
	return nil, false
}

// loose is a value that is already clean, as JSON has it.
func loose(v slog.Value) any {
	if v.Kind() != slog.KindGroup {
		return v.Any()
	}
	out := make(map[string]any)
	for _, a := range v.Group() {
		out[a.Key] = loose(a.Value)
	}
	return out
}
