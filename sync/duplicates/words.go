package duplicates

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// hash is FNV-1a of 64 bits, so that the same entries give the same pairs in every process.
func hash(parts ...string) uint64 {
	const offset, prime = 14695981039346656037, 1099511628211
	h := uint64(offset)
	for _, p := range parts {
		for i := range len(p) {
			h = (h ^ uint64(p[i])) * prime
		}
		h = (h ^ 0xff) * prime
	}
	return h
}

// legal are words of organisations' names that say only what they are.
var legal = wordSet("inc incorporated ltd limited llc llp plc corp corporation co company gmbh mbh ag kg ohg ug se sa sas sarl srl spa bv nv ab as oy aps the of and und et y e der die das la le el los las a an")

// usual are the long forms of what addresses abbreviate.
var usual = map[string]string{"street": "st", "avenue": "ave", "av": "ave", "boulevard": "blvd", "road": "rd", "drive": "dr", "lane": "ln", "place": "pl", "court": "ct", "square": "sq",
	"north": "n", "south": "s", "east": "e", "west": "w", "strasse": "str", "straße": "str", "platz": "pl", "saint": "st"}

func wordSet(list string) map[string]bool {
	all := make(map[string]bool)
	for _, w := range strings.Fields(list) {
		all[w] = true
	}
	return all
}

// fold writes a text in lower-case letters without accents.
func fold(s string) string {
	plain := true
	for i := range len(s) {
		if s[i] >= 0x80 {
			plain = false
			break
		}
	}
	if plain {
		return strings.ToLower(s)
	}
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(s)) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r == 'ß':
			b.WriteString("ss")
		case r == 'ø':
			b.WriteByte('o')
		case r == 'æ':
			b.WriteString("ae")
		case r == 'ł':
			b.WriteByte('l')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// words splits a folded text at everything that is neither letter nor digit; an apostrophe joins.
func words(s string) []string {
	s = strings.NewReplacer("'", "", "’", "").Replace(fold(s))
	return strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// mostWords is how many words of a text count: what is longer is no name.
const mostWords = 12

// nameWords are the words of a name that tell it from others.
func nameWords(s string) []string {
	all := words(s)
	own := all[:0:0]
	for _, w := range all {
		if !legal[w] && len(own) < mostWords {
			own = append(own, w)
		}
	}
	if len(own) == 0 {
		return all[:min(len(all), mostWords)]
	}
	return own
}

func addressWords(s string) []string {
	all := words(s)
	for i, w := range all {
		if short, ok := usual[w]; ok {
			all[i] = short
		}
	}
	return all[:min(len(all), mostWords)]
}

// phoneDigits are the last digits of a phone number, which its notations have in common; "" where
// there are too few.
func phoneDigits(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r >= '0' && r <= '9' {
			b.WriteRune(r)
		}
		if r == 'x' || r == 'X' { // an extension
			break
		}
	}
	d := b.String()
	if len(d) < 6 || strings.Count(d, d[:1]) == len(d) {
		return ""
	}
	return d[max(0, len(d)-8):]
}

// emailParts are an address's two parts, folded; false where it is none.
func emailParts(s string) (local, domain string, ok bool) {
	local, domain, ok = strings.Cut(strings.ToLower(strings.TrimSpace(s)), "@")
	local, _, _ = strings.Cut(local, "+")
	return local, strings.TrimSuffix(domain, "."), ok && local != "" && domain != ""
}

// host is the domain that a website or an address names.
func host(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	if i := strings.Index(s, "://"); i >= 0 {
		s = s[i+3:]
	}
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		s = s[i+1:]
	}
	if i := strings.IndexAny(s, "/?#:"); i >= 0 {
		s = s[:i]
	}
	return strings.TrimPrefix(strings.TrimSuffix(s, "."), "www.")
}

// skeleton is what is left of a word whose vowels and doubled letters are dropped, so that most
// misspellings have one.
func skeleton(w string) string {
	if len(w) < 4 || w[0] >= '0' && w[0] <= '9' {
		return w
	}
	var b strings.Builder
	last := byte(0)
	for i := range len(w) {
		c := w[i]
		switch c {
		case 'a', 'e', 'i', 'o', 'u', 'y', 'h', 'w':
			if i > 0 {
				continue
			}
		case 'z':
			c = 's'
		case 'k', 'q':
			c = 'c'
		}
		if c != last {
			b.WriteByte(c)
		}
		last = c
	}
	return b.String()
}

// jaro is the Jaro–Winkler similarity of two words, 0 to 1.
func jaro(a, b string) float64 {
	if a == b {
		return 1
	}
	if len(a) == 0 || len(b) == 0 || len(a) > 64 || len(b) > 64 {
		return 0
	}
	window := max(0, max(len(a), len(b))/2-1)
	var seenA, seenB uint64
	same := 0
	for i := range len(a) {
		for j := max(0, i-window); j < min(len(b), i+window+1); j++ {
			if seenB&(1<<j) == 0 && a[i] == b[j] {
				seenA |= 1 << i
				seenB |= 1 << j
				same++
				break
			}
		}
	}
	if same == 0 {
		return 0
	}
	moved, j := 0, 0
	for i := range len(a) {
		if seenA&(1<<i) == 0 {
			continue
		}
		for seenB&(1<<j) == 0 {
			j++
		}
		if a[i] != b[j] {
			moved++
		}
		j++
	}
	m := float64(same)
	s := (m/float64(len(a)) + m/float64(len(b)) + (m-float64(moved)/2)/m) / 3
	prefix := 0
	for prefix < min(4, len(a), len(b)) && a[prefix] == b[prefix] {
		prefix++
	}
	return s + float64(prefix)*0.1*(1-s)
}

// oneEdit reports whether one letter more, less, other or two that changed places make one word of
// the other.
func oneEdit(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	return i == len(a) || a[i+1:] == b[i+1:] || i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}
