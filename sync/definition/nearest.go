package definition

import (
	"strings"
	"unicode"
)

// nearest returns the known word that a mistyped one most likely stands for. Up
// to a third of its letters may be missing, wrong, too many or swapped; the
// first of several equally near ones wins.
func nearest(word string, known []string) (string, bool) {
	w := letters(word)
	if len(w) == 0 {
		return "", false
	}
	best, found := len(w)/3+1, ""
	if len(w) < 3 {
		best = 1 // only another way to write it
	}
	for _, k := range known {
		if d := distance(w, letters(k)); d < best {
			best, found = d, k
		}
	}
	return found, found != ""
}

// Nearest returns the known word that a mistyped one most likely stands for.
func Nearest(word string, known []string) (string, bool) { return nearest(word, known) }

// letters is a word without case, spaces and punctuation, so that highValue,
// "High Value" and high-value are one.
func letters(s string) []rune {
	var out []rune
	for _, r := range strings.ToLower(s) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			out = append(out, r)
		}
	}
	return out
}

// distance counts the insertions, deletions, replacements and swaps of
// neighbours that turn a into b (optimal string alignment).
func distance(a, b []rune) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			replace := last[j-1]
			if a[i-1] != b[j-1] {
				replace++
			}
			row[j] = min(replace, last[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

// didYouMean is the hint for a word that is not known: the nearest one, and
// else the whole list where it is short enough to read.
func didYouMean(word string, known []string) string {
	if near, ok := nearest(word, known); ok {
		return ` Did you mean "` + near + `"?`
	}
	if len(known) == 0 || len(known) > 24 {
		return ""
	}
	return " Known here: " + strings.Join(known, ", ") + "."
}
