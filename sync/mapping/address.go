package mapping

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// The two parts of an address as HubSpot takes them. Those of plain ASCII are
// known without them, which is most and ten times faster.
var (
	emailLocal = regexp.MustCompile("^[a-z0-9!#$%&'*+/=?^_`{|}~\\x{80}-\\x{10ffff}-]+(\\.[a-z0-9!#$%&'*+/=?^_`{|}~\\x{80}-\\x{10ffff}-]+)*$")
	emailHost  = regexp.MustCompile(`^([\p{L}\p{N}]([\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+[\p{L}][\p{L}\p{N}-]*$`)
)

// What an ASCII character may be a part of.
const (
	inLocal = 1 << iota
	letter
	digit
)

var partOf = func() (of [utf8.RuneSelf]uint8) {
	for c := range of {
		switch {
		case c >= 'a' && c <= 'z':
			of[c] = inLocal | letter
		case c >= 'A' && c <= 'Z':
			of[c] = letter
		case c >= '0' && c <= '9':
			of[c] = inLocal | digit
		case strings.ContainsRune("!#$%&'*+/=?^_`{|}~-", rune(c)):
			of[c] = inLocal
		}
	}
	return of
}()

// isLocalPart reports whether a text, in small letters, can stand before the @
// of an address: atoms with one dot between them.
func isLocalPart(s string) bool {
	atom := false // something stands since the last dot
	for i := range len(s) {
		switch c := s[i]; {
		case c >= utf8.RuneSelf:
			return emailLocal.MatchString(s)
		case partOf[c]&inLocal != 0:
			atom = true
		case c == '.' && atom:
			atom = false
		default:
			return false
		}
	}
	return atom
}

// isHost reports whether a text can stand after the @: at least two labels of
// letters, digits and hyphens within, the last of which begins with a letter.
func isHost(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return emailHost.MatchString(s)
		}
	}
	last := strings.LastIndexByte(s, '.')
	if last < 0 {
		return false
	}
	ending := s[last+1:]
	if ending == "" || partOf[ending[0]]&letter == 0 || !ofHost(ending) {
		return false
	}
	for label := range strings.SplitSeq(s[:last], ".") {
		if label == "" || label[0] == '-' || label[len(label)-1] == '-' || !ofHost(label) {
			return false
		}
	}
	return true
}

// ofHost reports whether a text is of letters, digits and hyphens alone.
func ofHost(s string) bool {
	for i := range len(s) {
		if partOf[s[i]]&(letter|digit) == 0 && s[i] != '-' {
			return false
		}
	}
	return true
}
