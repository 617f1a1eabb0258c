package record

import (
	"strings"
	"unicode/utf8"
)

// WordSet is a set of words that tells of most texts at a glance that they are
// none of them: every cell of a source is asked about several such sets. It is
// read only once it is made.
type WordSet struct {
	words  map[string]bool
	shapes [utf8.RuneSelf]uint64 // by the first byte in small letters: the lengths of words, as bits
}

// NewWordSet makes a set of words.
func NewWordSet(words ...string) *WordSet {
	s := &WordSet{words: make(map[string]bool, len(words))}
	for _, w := range words {
		s.words[w] = true
		if small := strings.ToLower(w); small != "" && small[0] < utf8.RuneSelf {
			s.shapes[small[0]] |= 1 << min(len(small), 63)
		}
	}
	return s
}

// Has reports whether a text is one of the words.
func (s *WordSet) Has(text string) bool { return s.words[text] }

// Near reports whether a text might be one of the words in some mix of capital
// and small letters. false is sure.
func (s *WordSet) Near(text string) bool {
	if text == "" {
		return s.words[""]
	}
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return true // whose other case may be ASCII, and of another length
		}
	}
	first := text[0]
	if first >= 'A' && first <= 'Z' {
		first += 'a' - 'A'
	}
	return s.shapes[first]&(1<<min(len(text), 63)) != 0
}
