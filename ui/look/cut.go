package look

import (
	"strings"
	"unicode"
)

// ellipsis ends a text that was cut.
const ellipsis = "…"

// cutKey identifies a cut text. Widths are whole pixels, so that dragging a
// column edge does not fill the cache with near-equal entries.
type cutKey struct {
	text  string
	kind  Type
	width int
}

// cuts remembers the texts that had to be measured. It has two halves: when the
// young one is full it becomes the old one, so memory stays bounded and what is
// on screen survives. Only the UI goroutine uses it.
var cuts = cutCache{half: 4096}

type cutCache struct {
	half       int
	young, old map[cutKey]string
}

func (c *cutCache) get(k cutKey) (string, bool) {
	if s, ok := c.young[k]; ok {
		return s, true
	}
	if s, ok := c.old[k]; ok {
		c.put(k, s)
		return s, true
	}
	return "", false
}

func (c *cutCache) put(k cutKey, s string) {
	if c.young == nil || len(c.young) >= c.half {
		c.old, c.young = c.young, make(map[cutKey]string, c.half)
	}
	c.young[k] = s
}

// Cut is s shortened with … so that it is at most width wide in the given type.
// Line breaks and control characters become spaces: a cell is one line.
func Cut(s string, kind Type, width float32) string {
	if s == "" || width <= 0 {
		return ""
	}
	k := cutKey{s, kind, int(width)}
	if c, ok := cuts.get(k); ok {
		return c
	}
	c := cut(oneLine(s), kind, float32(int(width)))
	cuts.put(k, c)
	return c
}

func oneLine(s string) string {
	if strings.IndexFunc(s, unicode.IsControl) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}

func cut(s string, kind Type, width float32) string {
	// The narrowest letter is wider than a fifth of the size: a text that is
	// much too long is shortened before it is measured at all.
	runes := []rune(s)
	if most := int(width/(kind.Size*0.2)) + 2; len(runes) > most {
		runes = runes[:most]
		s = string(runes) + ellipsis
	}
	if kind.Width(s) <= width {
		return s
	}
	lo, hi := 0, len(runes) // the longest prefix that fits with the …
	for lo < hi {
		mid := (lo + hi + 1) / 2
		if kind.Width(string(runes[:mid])+ellipsis) <= width {
			lo = mid
		} else {
			hi = mid - 1
		}
	}
	if lo == 0 {
		return ""
	}
	return strings.TrimRight(string(runes[:lo]), " ") + ellipsis
}

// Wrap breaks s into lines at most width wide, at spaces where it can, and
// within a word where it must. Line breaks in s are kept. With most > 0 there
// are at most that many lines and the last one is cut with ….
func Wrap(s string, kind Type, width float32, most int) []string {
	if s == "" || width <= 0 {
		return nil
	}
	var out []string
	for _, part := range strings.Split(s, "\n") {
		out = append(out, wrapLine(part, kind, width)...)
	}
	if most > 0 && len(out) > most {
		rest := strings.Join(out[most-1:], " ")
		out = append(out[:most-1:most-1], Cut(rest, kind, width))
	}
	return out
}

func wrapLine(s string, kind Type, width float32) []string {
	var out []string
	line := ""
	for _, word := range strings.Fields(s) {
		with := word
		if line != "" {
			with = line + " " + word
		}
		if kind.Width(with) <= width {
			line = with
			continue
		}
		if line != "" {
			out = append(out, line)
		}
		for kind.Width(word) > width {
			head, tail := splitWord(word, kind, width)
			out = append(out, head)
			word = tail
		}
		line = word
	}
	return append(out, line)
}

// splitWord breaks a word that is wider than a whole line; the head has at
// least one character, so that it ends.
func splitWord(word string, kind Type, width float32) (head, tail string) {
	runes := []rune(word)
	n := 1
	for n < len(runes)-1 && kind.Width(string(runes[:n+1])) <= width {
		n++
	}
	return string(runes[:n]), string(runes[n:])
}
