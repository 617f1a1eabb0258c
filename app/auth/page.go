package auth

import (
	"html/template"
	"net/http"

	"golang.org/x/text/language"
)

// protect adds the headers that keep an answer to itself: it loads nothing,
// is kept nowhere, and tells no other site of the code in its address.
func protect(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
}

// pageKind is which page a person sees at the end.
type pageKind int

const (
	pageDone pageKind = iota
	pageDenied
	pageFailed
	pageForeign // not an answer to this sign-in
	pageOver    // a second answer
)

// words are a page in one language.
type words struct {
	Title, Text string
}

// speech is what the pages say in a language.
type speech struct {
	tag   language.Tag
	pages map[pageKind]words
}

// languages are those of the pages, the first for everybody else.
var languages = []speech{
	{language.English, map[pageKind]words{
		pageDone:    {"You are signed in", "You can close this page and return to Syncline."},
		pageDenied:  {"Syncline was not connected", "You cancelled. Nothing was changed. You can close this page and return to Syncline."},
		pageFailed:  {"The sign-in did not work", "Close this page and return to Syncline, which says what to do."},
		pageForeign: {"This is not an answer to Syncline's question", "The address belongs to another sign-in, or was changed. Close this page and return to Syncline; begin again there if you cancelled."},
		pageOver:    {"This sign-in is over", "It was answered already. You can close this page and return to Syncline."},
	}},
	{language.German, map[pageKind]words{
		pageDone:    {"Sie sind angemeldet", "Sie können diese Seite schließen und zu Syncline zurückkehren."},
		pageDenied:  {"Syncline wurde nicht verbunden", "Sie haben abgebrochen. Es wurde nichts geändert. Sie können diese Seite schließen und zu Syncline zurückkehren."},
		pageFailed:  {"Die Anmeldung hat nicht geklappt", "Schließen Sie diese Seite und kehren Sie zu Syncline zurück. Dort steht, was zu tun ist."},
		pageForeign: {"Das ist keine Antwort auf die Frage von Syncline", "Die Adresse gehört zu einer anderen Anmeldung oder wurde verändert. Schließen Sie diese Seite und kehren Sie zu Syncline zurück; beginnen Sie dort neu, falls Sie abgebrochen haben."},
		pageOver:    {"Diese Anmeldung ist beendet", "Sie wurde schon beantwortet. Sie können diese Seite schließen und zu Syncline zurückkehren."},
	}},
}

var matcher = language.NewMatcher([]language.Tag{languages[0].tag, languages[1].tag})

// speak chooses the language of an Accept-Language header.
func speak(accept string) speech {
	tags, _, err := language.ParseAcceptLanguage(accept)
	if err != nil {
		return languages[0]
	}
	_, i, _ := matcher.Match(tags...)
	return languages[i]
}

var closing = template.Must(template.New("closing").Parse(`<!DOCTYPE html>
<html lang="{{.Language}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{.Title}} · Syncline</title>
<style>
:root { color-scheme: light dark }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 18vh auto; padding: 0 1.5rem }
h1 { font-size: 1.5rem; line-height: 1.25 }
.detail { opacity: .75; font-size: .875rem; overflow-wrap: anywhere }
</style></head>
<body><main><h1>{{.Title}}</h1><p>{{.Text}}</p>{{with .Detail}}<p class="detail" lang="en">{{.}}.</p>{{end}}</main></body></html>
`))

// show writes one of the pages. A browser that left is no error of ours.
func show(w http.ResponseWriter, status int, kind pageKind, accept, detail string) {
	s := speak(accept)
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", s.tag.String())
	h.Set("Vary", "Accept-Language")
	w.WriteHeader(status)
	page := s.pages[kind]
	_ = closing.Execute(w, map[string]string{"Language": s.tag.String(), "Title": page.Title, "Text": page.Text, "Detail": detail})
}
