package practice

import (
	"strings"
	"unicode"
)

// tokens splits text the way the search index does: at everything that is
// neither a letter nor a digit. An e-mail address thus has several tokens
// (facts 4.3). The caller folds the case where it does not matter.
func tokens(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// pattern is what CONTAINS_TOKEN looks for: tokens in a row, in which * stands
// for any characters.
type pattern []string

func tokenPattern(s string) pattern {
	return strings.FieldsFunc(s, func(r rune) bool {
		return r != '*' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

func (want pattern) in(text string) bool {
	have := tokens(text)
	for i := 0; i+len(want) <= len(have); i++ {
		if want.at(have[i:]) {
			return true
		}
	}
	return false
}

func (want pattern) at(have []string) bool {
	for i, w := range want {
		if !glob(w, have[i]) {
			return false
		}
	}
	return true
}

// glob matches a whole token against a pattern with * in it.
func glob(want, have string) bool {
	first, rest, star := strings.Cut(want, "*")
	if !star {
		return want == have
	}
	if !strings.HasPrefix(have, first) {
		return false
	}
	have = have[len(first):]
	for {
		part, more, star := strings.Cut(rest, "*")
		if !star {
			return strings.HasSuffix(have, rest)
		}
		i := strings.Index(have, part)
		if i < 0 {
			return false
		}
		have, rest = have[i+len(part):], more
	}
}
