package shown

import (
	"strings"
	"time"

	// Dates and separators by CLDR, without cgo and without a data file: MIT, what
	// go-playground/validator speaks to people with. golang.org/x/text has no dates.
	"github.com/go-playground/locales"
	"github.com/go-playground/locales/de"
	"github.com/go-playground/locales/en"
	"github.com/go-playground/locales/en_GB"
	"github.com/go-playground/locales/es"
	"github.com/go-playground/locales/fr"
	"github.com/go-playground/locales/pt_BR"
	"golang.org/x/text/language"
)

// The languages whose dates and numbers are known, the first of which stands in
// for all others.
var (
	known  = language.NewMatcher([]language.Tag{language.English, language.BritishEnglish, language.German, language.French, language.Spanish, language.BrazilianPortuguese})
	makers = []func() locales.Translator{en.New, en_GB.New, de.New, fr.New, es.New, pt_BR.New}
)

// locale writes numbers and dates as the readers of a language expect them.
type locale struct {
	locales.Translator
	group, point string
}

func localeOf(tag language.Tag) locale {
	_, i, _ := known.Match(tag)
	l := locale{Translator: makers[i]()}
	// The separators are taken from a sample: numbers are written by their digits, so that
	// none is changed by passing through a float.
	sample := l.FmtNumber(1234567.8, 1)
	before, _, _ := strings.Cut(sample, "234")
	_, after, _ := strings.Cut(sample, "567")
	l.group, l.point = strings.TrimPrefix(before, "1"), strings.TrimSuffix(after, "8")
	return l
}

// number writes a decimal number, as HubSpot gives it, with separators; false where
// the text is none.
func (l locale) number(text string, places int) (string, bool) {
	digits, negative := strings.CutPrefix(text, "-")
	whole, part, _ := strings.Cut(digits, ".")
	if whole == "" || !allDigits(whole) || !allDigits(part) {
		return "", false
	}
	for len(part) < places {
		part += "0"
	}
	var b strings.Builder
	if negative {
		b.WriteByte('-')
	}
	for i, d := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(l.group)
		}
		b.WriteRune(d)
	}
	if part != "" {
		b.WriteString(l.point + part)
	}
	return b.String(), true
}

func allDigits(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0
}

func (l locale) date(t time.Time) string { return l.FmtDateMedium(t) }

func (l locale) dateTime(t time.Time) string { return l.FmtDateMedium(t) + ", " + l.FmtTimeShort(t) }
