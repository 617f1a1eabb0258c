package transform

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"

	"syncline/sync/record"
)

var textTransforms = []*transform{
	{
		Spec: Spec{
			Name: "trim", Description: "Removes space and invisible marks before and after the text.",
			Example: Step{Name: "trim"}, Input: "  Ada ", Output: "Ada",
		},
		apply:    plain(record.TrimEdges),
		inverse:  asItIs,
		describe: says("removes space around the text"),
	},
	{
		Spec: Spec{
			Name: "collapse-spaces", Description: "Makes one space of several, and removes space around the text.",
			Example: Step{Name: "collapse-spaces"}, Input: "Ada   Lovelace ", Output: "Ada Lovelace",
		},
		apply:    plain(func(s string) string { return strings.Join(strings.Fields(s), " ") }),
		inverse:  asItIs,
		describe: says("makes one space of several"),
	},
	{
		Spec: Spec{
			Name: "lower", Description: "Writes the text in small letters.",
			Example: Step{Name: "lower"}, Input: "Ada@Example.COM", Output: "ada@example.com",
		},
		apply:    plain(strings.ToLower),
		inverse:  asItIs,
		describe: says("writes in small letters"),
	},
	{
		Spec: Spec{
			Name: "upper", Description: "Writes the text in capitals.",
			Example: Step{Name: "upper"}, Input: "de", Output: "DE",
		},
		apply:    plain(strings.ToUpper),
		inverse:  asItIs,
		describe: says("writes in capitals"),
	},
	{
		Spec: Spec{
			Name:        "title",
			Description: "Writes each word that is all small or all capital letters with one capital. Words such as McDonald stay.",
			Example:     Step{Name: "title"}, Input: "ADA o'neil-SMITH McDonald", Output: "Ada O'Neil-Smith McDonald",
		},
		apply:    plain(title),
		inverse:  asItIs,
		describe: says("writes words with one capital"),
	},
}

// plain makes a transform's function of one that needs only the text.
func plain(f func(string) string) func(string, args, *Env) (string, error) {
	return func(s string, _ args, _ *Env) (string, error) { return f(s), nil }
}

func says(text string) func(args) string { return func(args) string { return text } }

// title writes the words between spaces, hyphens and slashes with one capital.
func title(s string) string {
	var b strings.Builder
	for s != "" {
		end := strings.IndexFunc(s, isWordMark)
		if end < 0 {
			end = len(s)
		}
		b.WriteString(titleWord(s[:end]))
		s = s[end:]
		if s != "" {
			_, n := utf8.DecodeRuneInString(s)
			b.WriteString(s[:n])
			s = s[n:]
		}
	}
	return b.String()
}

func isWordMark(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("-–/(&+", r) }

// titleWord leaves words of mixed case alone: they were written with care.
func titleWord(w string) string {
	if strings.ContainsFunc(w, unicode.IsUpper) && strings.ContainsFunc(w, unicode.IsLower) {
		return w
	}
	// A name's particle before an apostrophe is one letter: O'Neil, D'Angelo.
	// Anything longer is a word with an ending: Ada's.
	if i := strings.IndexAny(w, "'’"); i > 0 && utf8.RuneCountInString(w[:i]) == 1 {
		_, n := utf8.DecodeRuneInString(w[i:])
		return capital(w[:i]) + w[i:i+n] + capital(w[i+n:])
	}
	return capital(w)
}

// capital writes one word with its first letter as a capital. Casers keep
// state, so each call has its own.
func capital(w string) string {
	for i := range len(w) {
		if w[i] >= utf8.RuneSelf {
			return cases.Title(language.Und).String(w)
		}
	}
	w = strings.ToLower(w)
	if i := strings.IndexFunc(w, unicode.IsLetter); i == 0 {
		return strings.ToUpper(w[:1]) + w[1:]
	}
	return w
}
