// Package terminal makes visible in texts what would move a terminal's cursor,
// change its colours or turn its text around. Such characters stand in
// anybody's data: in cells, names, messages and file names.
package terminal

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Visible returns s with every control character, line ends and tabs aside,
// and everything that sets the direction of writing as a visible sign: ESC as
// ␛, others as \u202e. In a JSON document, where the former are escaped
// already, the latter is an escape too, so that the document means the same.
func Visible(s string) string {
	if !strings.ContainsFunc(s, hidden) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	for i, r := range s {
		switch {
		case r == utf8.RuneError:
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				fmt.Fprintf(&b, `\x%02x`, s[i])
				continue
			}
			b.WriteRune(r)
		case r == '\n', r == '\t', !hidden(r):
			b.WriteRune(r)
		case r < ' ':
			b.WriteRune('␀' + r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// Line is Visible for a text that shall stay on its line.
func Line(s string) string {
	return strings.NewReplacer("\n", "␊", "\t", "␉").Replace(Visible(s))
}

// hidden reports whether a character has to be looked at: a control character,
// one that sets the direction of writing, a line separator, or a byte that is
// no text, which some terminals take for a control character.
func hidden(r rune) bool {
	switch {
	case r == '\n':
		return false
	case r == utf8.RuneError, r == '\u2028', r == '\u2029':
		return true
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)
}

// Writer writes texts as Visible returns them. It may be used by several
// goroutines.
type Writer struct {
	mu   sync.Mutex
	w    io.Writer
	part []byte // the start of a character whose end was not written yet
}

// NewWriter returns a Writer to w.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w} }

// Write writes p. A character that it breaks off waits for the next call.
func (t *Writer) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := append(t.part, p...)
	end := len(text)
	for back := 1; back < utf8.UTFMax && back <= len(text); back++ {
		if c := text[len(text)-back]; utf8.RuneStart(c) {
			if !utf8.FullRune(text[len(text)-back:]) {
				end = len(text) - back
			}
			break
		}
	}
	t.part = append([]byte(nil), text[end:]...)
	if _, err := io.WriteString(t.w, Visible(string(text[:end]))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Flush writes what waits for its end.
func (t *Writer) Flush() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	part := string(t.part)
	t.part = nil
	_, err := io.WriteString(t.w, Visible(part))
	return err
}
