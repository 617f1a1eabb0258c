package record

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/text/unicode/norm"
)

// canonicalHTML keeps what a reader gets from rich text: the words, the line
// breaks between them, where links lead and which pictures stand there. HubSpot
// rewrites markup when it saves it (attributes, wrappers, entities, spacing), so
// none of that tells two values apart, nor does bold or colour. A text without
// any tag is plain: its line ends are breaks.
//
// The result is itself HTML: words with their special characters as entities,
// <br>, <a href="…"> where the address is not the link's text, <img src="…">.
func canonicalHTML(s string) string {
	s = strings.ToValidUTF8(s, string(utf8.RuneError))
	if plainASCII(s) && !strings.ContainsAny(s, "<>&'\"\n") {
		return collapsed(s)
	}
	var w markupWriter
	for _, p := range readMarkup(s) {
		w.write(p)
	}
	return w.String()
}

type markupKind uint8

const (
	markupText markupKind = iota
	markupBreak
	markupOpen  // a link; text is the address
	markupClose // the link's end
	markupImage // text is the address
)

type markupPiece struct {
	kind markupKind
	text string
}

// breaking are the elements that start and end a line.
var breaking = map[atom.Atom]bool{
	atom.Address: true, atom.Article: true, atom.Aside: true, atom.Blockquote: true, atom.Br: true, atom.Center: true,
	atom.Dd: true, atom.Div: true, atom.Dl: true, atom.Dt: true, atom.Figure: true, atom.Footer: true, atom.Form: true,
	atom.H1: true, atom.H2: true, atom.H3: true, atom.H4: true, atom.H5: true, atom.H6: true, atom.Header: true,
	atom.Hr: true, atom.Li: true, atom.Main: true, atom.Ol: true, atom.P: true, atom.Pre: true, atom.Section: true,
	atom.Table: true, atom.Tr: true, atom.Ul: true,
}

// dropped are the elements whose content nobody reads.
var dropped = map[atom.Atom]bool{atom.Script: true, atom.Style: true, atom.Title: true, atom.Noscript: true, atom.Iframe: true}

// readMarkup takes a text apart. Neighbouring texts are one piece.
func readMarkup(s string) []markupPiece {
	var pieces []markupPiece
	add := func(kind markupKind, text string) {
		if last := len(pieces) - 1; kind == markupText && last >= 0 && pieces[last].kind == markupText {
			pieces[last].text += text
			return
		}
		pieces = append(pieces, markupPiece{kind, text})
	}
	z := html.NewTokenizer(strings.NewReader(s))
	tags, skipping := false, atom.Atom(0)
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			// A '<' that never closes is not markup but something that a
			// person typed: it must not swallow what follows.
			if rest := string(z.Raw()); rest != "" {
				add(markupText, rest)
			}
			break
		}
		t := z.Token()
		if kind != html.TextToken {
			tags = true
		}
		switch {
		case skipping != 0:
			if kind == html.EndTagToken && t.DataAtom == skipping {
				skipping = 0
			}
		case kind == html.TextToken:
			add(markupText, t.Data)
		case kind == html.StartTagToken && dropped[t.DataAtom]:
			skipping = t.DataAtom
		case kind == html.StartTagToken || kind == html.SelfClosingTagToken || kind == html.EndTagToken:
			addTag(t, add)
		}
	}
	if !tags {
		return plainLines(pieces)
	}
	return withoutPlainLinks(pieces)
}

func addTag(t html.Token, add func(markupKind, string)) {
	opens := t.Type != html.EndTagToken
	switch {
	case breaking[t.DataAtom]:
		add(markupBreak, "")
	case t.DataAtom == atom.A && opens:
		add(markupClose, "")
		add(markupOpen, attribute(t, "href"))
	case t.DataAtom == atom.A:
		add(markupClose, "")
	case t.DataAtom == atom.Img && opens:
		add(markupImage, attribute(t, "src"))
	case t.DataAtom == atom.Td || t.DataAtom == atom.Th:
		add(markupText, " ")
	}
}

func attribute(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name && a.Namespace == "" {
			return norm.NFC.String(collapsed(a.Val))
		}
	}
	return ""
}

// plainLines makes breaks of the line ends of a text without tags.
func plainLines(pieces []markupPiece) []markupPiece {
	var out []markupPiece
	for _, p := range pieces {
		for i, line := range strings.FieldsFunc(p.text, func(r rune) bool { return r == '\n' || r == '\r' }) {
			if i > 0 {
				out = append(out, markupPiece{kind: markupBreak})
			}
			out = append(out, markupPiece{markupText, line})
		}
	}
	return out
}

// withoutPlainLinks drops links that show their own address, which HubSpot's
// editor makes of any address in a text.
func withoutPlainLinks(pieces []markupPiece) []markupPiece {
	out := pieces[:0:0]
	for i, p := range pieces {
		if p.kind == markupOpen && sameAddress(p.text, linkText(pieces[i+1:])) {
			continue
		}
		out = append(out, p)
	}
	return out
}

func linkText(pieces []markupPiece) string {
	var b strings.Builder
	for _, p := range pieces {
		switch p.kind {
		case markupOpen, markupClose:
			return norm.NFC.String(collapsed(b.String()))
		case markupText:
			b.WriteString(p.text)
		default:
			b.WriteByte(' ')
		}
	}
	return norm.NFC.String(collapsed(b.String()))
}

func sameAddress(href, text string) bool {
	if href == text || href == "mailto:"+text {
		return true
	}
	a, ok := readURL(href)
	b, both := readURL(text)
	return ok && both && a == b
}

// markupWriter writes pieces with the least space and the fewest breaks.
type markupWriter struct {
	b      strings.Builder
	space  bool   // a space is due before the next word
	brk    bool   // a break is due before it
	link   string // a link is due before it
	opened bool   // a link is open
}

func (w *markupWriter) String() string {
	w.write(markupPiece{kind: markupClose})
	return w.b.String()
}

func (w *markupWriter) write(p markupPiece) {
	switch p.kind {
	case markupBreak:
		w.brk = true
	case markupOpen:
		w.link = p.text
	case markupClose:
		if w.opened {
			w.b.WriteString("</a>")
		}
		w.opened, w.link = false, ""
	case markupImage:
		w.due()
		w.b.WriteString(`<img src="` + html.EscapeString(p.text) + `">`)
	case markupText:
		w.words(norm.NFC.String(p.text))
	}
}

// words writes a text, each run of space in it as one space, none at a line's
// start or end.
func (w *markupWriter) words(s string) {
	for s != "" {
		word := strings.TrimLeftFunc(s, unicode.IsSpace)
		if len(word) < len(s) {
			w.space = true
		}
		end := strings.IndexFunc(word, unicode.IsSpace)
		if end < 0 {
			end = len(word)
		}
		if end > 0 {
			w.due()
			w.b.WriteString(html.EscapeString(word[:end]))
		}
		s = word[end:]
	}
}

// due writes what is due before a word or a picture.
func (w *markupWriter) due() {
	if w.b.Len() > 0 {
		if w.brk {
			w.b.WriteString("<br>")
		} else if w.space {
			w.b.WriteByte(' ')
		}
	}
	if w.link != "" {
		w.b.WriteString(`<a href="` + html.EscapeString(w.link) + `">`)
		w.link, w.opened = "", true
	}
	w.space, w.brk = false, false
}
