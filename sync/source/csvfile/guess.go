package csvfile

import (
	"bufio"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"

	"syncline/sync/source"
)

// Which characters a file is written in can't be known where it does not say
// so: the same bytes are Dvořák in one encoding and Dvoøák in another. What can
// be known is what the bytes would say in each, and how likely that is: by
// how often each language has its letters, and by what no text does, such as
// capitals in the midst of a word, two scripts in one, or signs between
// letters. Where all readings that are about as likely as the best one say the
// same, there is nothing to ask.
//
// A detector made for web pages (chardet, ICU) answers one question less:
// whether other answers are as good. It counts groups of three letters, of
// which a column of names has too few.

const (
	// words is how many different words with characters beyond ASCII are looked at.
	maxWords = 600
	// certain is how much likelier the best reading must be than any other
	// that says something else, as a logarithm: e¹² is 160,000 to 1.
	certain = 12.0
	// offered is how many readings are offered.
	offered = 12
)

// guess is what an encoding makes of the words.
type guess struct {
	encoding Encoding
	texts    []string // the words
	score    float64  // a logarithm, at most 0
}

// ranked returns the guesses, the likeliest first, without those that say the
// same as one before.
func ranked(words [][]byte, utf8 bool) []guess {
	var all []guess
	for _, e := range Encodings {
		if e.enc == nil && !utf8 || e.enc == utf16le || e.enc == utf16be {
			continue
		}
		all = append(all, read(e, words))
	}
	slices.SortStableFunc(all, func(a, b guess) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return 0
	})
	var out []guess
	for _, g := range all {
		if !slices.ContainsFunc(out, func(o guess) bool { return slices.Equal(o.texts, g.texts) }) {
			out = append(out, g)
		}
	}
	return out
}

// sure reports whether the best of some guesses leaves no question.
func sure(guesses []guess) bool {
	best := guesses[0]
	if len(guesses) > 1 && guesses[1].score > best.score-certain {
		return false
	}
	return best.score > -hopeless*float64(characters(best.texts))
}

// hopeless is what a character may cost on average where a reading makes sense.
const hopeless = 10.0

func characters(texts []string) int {
	n := 0
	for _, t := range texts {
		for _, r := range t {
			if r >= utf8.RuneSelf {
				n++
			}
		}
	}
	return n
}

// choices are the guesses to ask about, each with the same words.
func choices(guesses []guess) []source.Choice {
	var out []source.Choice
	for _, g := range guesses[:min(offered, len(guesses))] {
		out = append(out, source.Choice{Value: g.encoding.Name, Label: g.encoding.Label, Sample: sample(guesses, g)})
	}
	return out
}

// sample is some words as a guess has them: those first about which the
// guesses differ.
func sample(all []guess, g guess) string {
	const most = 3
	var differ, same []string
	for i, t := range g.texts {
		if !slices.ContainsFunc(all[:min(3, len(all))], func(o guess) bool { return o.texts[i] != t }) {
			same = append(same, t)
			continue
		}
		if differ = append(differ, t); len(differ) == most {
			break
		}
	}
	shown := append(differ, same...)
	for i := range shown {
		if r := []rune(shown[i]); len(r) > 30 {
			shown[i] = string(r[:30]) + "…"
		}
	}
	return strings.Join(shown[:min(most, len(shown))], ", ")
}

// prior is how rare an encoding is, before anything is read.
func prior(name string) float64 {
	switch {
	case name == "macintosh", strings.HasPrefix(name, "cp"), name == "windows-1258":
		return -4
	case name == "x-mac-cyrillic":
		return -6
	case strings.HasPrefix(name, "iso-"), strings.HasPrefix(name, "koi8"):
		return -2
	}
	return 0
}

// read is what an encoding makes of the words.
func read(e Encoding, words [][]byte) guess {
	g := guess{encoding: e}
	for _, w := range words {
		g.texts = append(g.texts, e.text(w))
	}
	form := prior(e.Name)
	for _, t := range g.texts {
		form += shape(t)
	}
	g.score = math.Inf(-1)
	for _, language := range e.languages {
		sum := form
		for _, t := range g.texts {
			sum += spelling(t, language)
		}
		g.score = max(g.score, sum)
	}
	return g
}

func (e Encoding) text(word []byte) string {
	if e.enc == nil {
		return string([]rune(string(word))) // with a U+FFFD for each byte that is none
	}
	text, err := e.enc.NewDecoder().Bytes(word)
	if err != nil {
		return "\uFFFD"
	}
	return string(text)
}

// makesSense reports whether words that may be UTF-8 are likely to be. Two
// bytes of another encoding can be a character of it by chance.
func makesSense(words [][]byte) bool {
	for _, w := range words {
		text := strings.Map(func(r rune) rune {
			if r > 0x7FF { // three bytes and more are none by chance
				return '-'
			}
			return r
		}, strings.TrimPrefix(string(w), "ï»¿"))
		if utf8.Valid(w) && shape(text) <= unusual {
			return false
		}
	}
	return true
}

// What no text does costs so much.
const (
	foreign  = -7.0  // a letter that the language has not
	broken   = -20.0 // bytes that mean nothing, controls
	strange  = -12.0 // two scripts in a word, a capital inside, a sign between letters
	unusual  = -5.0  // a sign that is rare in a table
	ordinary = -3.0  // a sign that is not
)

// spelling is how likely the letters of a text are in a language.
func spelling(text, language string) float64 {
	table := letters[language]
	sum := 0.0
	for _, r := range text {
		if r < utf8.RuneSelf || !unicode.IsLetter(r) || r == 'µ' {
			continue
		}
		switch language {
		case "ja", "zh", "ko":
			sum += eastern(r, language)
		case "he", "ar", "th":
			sum += alphabet(r, language)
		case "":
			sum += foreign
		default:
			weight, ok := table[unicode.ToLower(r)]
			if !ok {
				weight, ok = table[r]
			}
			if !ok {
				sum += foreign
				continue
			}
			sum += math.Log(weight / 100)
		}
	}
	return sum
}

func alphabet(r rune, language string) float64 {
	table := map[string]*unicode.RangeTable{"he": unicode.Hebrew, "ar": unicode.Arabic, "th": unicode.Thai}[language]
	if unicode.Is(table, r) {
		return math.Log(1.0 / 27)
	}
	return foreign
}

// eastern is the likelihood of a character by how many there are of its kind.
// The kinds are told by the character sets of the countries, which list the
// common ones first.
func eastern(r rune, language string) float64 {
	switch {
	case unicode.In(r, unicode.Hiragana, unicode.Katakana) && language == "ja":
		if r >= 0xFF61 { // half width
			return math.Log(1.0 / 400)
		}
		return math.Log(1.0 / 90)
	case unicode.Is(unicode.Hangul, r) && language == "ko" && common(r, language):
		return math.Log(1.0 / 500)
	case !unicode.In(r, unicode.Han, unicode.Hangul):
		return foreign
	case unicode.Is(unicode.Han, r) && language != "ko" && common(r, language):
		return math.Log(1.0 / 1_500)
	}
	return math.Log(1.0 / 120_000)
}

// shape is what the form of a text costs: scripts, capitals, signs.
func shape(text string) float64 {
	sum := 0.0
	runes := []rune(text)
	at := func(i int) rune {
		if i < 0 || i >= len(runes) {
			return ' '
		}
		return runes[i]
	}
	for i, r := range runes {
		before, after := at(i-1), at(i+1)
		switch {
		case r < utf8.RuneSelf:
			continue
		case unicode.Is(unicode.Thai, r) && unicode.IsMark(r) && !unicode.In(before, unicode.Thai), r == 'ๆ' && unicode.IsLetter(after), r == 'ฯ' && !unicode.In(before, unicode.Thai):
			sum += strange
		case r == utf8.RuneError, unicode.IsControl(r), unicode.Is(unicode.Co, r), r == 0x00AD:
			sum += broken
		case unicode.Is(unicode.Lm, r) && !unicode.In(r, unicode.Katakana, unicode.Hiragana, unicode.Thai) && r != 'ー', unicode.Is(unicode.Mn, r) && !unicode.In(r, unicode.Hebrew, unicode.Arabic, unicode.Thai) && !unicode.IsLetter(before),
			unicode.In(r, unicode.Hebrew, unicode.Arabic) && unicode.IsMark(r) && script(before) != script(r):
			sum += strange
		case r == 'µ' && !unicode.IsLetter(before): // of a unit
			sum += ordinary
		case unicode.IsLetter(r):
			sum += neighbours(before, r, after)
		case unicode.IsMark(r) && unicode.Is(unicode.Thai, r):
			sum += ordinary
		case unicode.IsMark(r):
			sum += unusual
		default:
			sum += sign(before, r, after)
		}
	}
	return sum + crowded(runes)
}

// neighbours is what a letter costs between others.
func neighbours(before, r, after rune) float64 {
	sum := 0.0
	for _, other := range []rune{before, after} {
		if unicode.IsLetter(other) && script(other) != script(r) {
			sum += strange
		}
	}
	switch {
	case unicode.IsUpper(r) && unicode.IsLower(before):
		sum += strange
	case unicode.IsLower(r) && unicode.IsUpper(before) && unicode.IsUpper(after):
		sum += strange
	case unicode.IsLower(r) && unicode.IsUpper(after):
		sum += strange
	}
	return sum + placed(before, r, after)
}

// placed is what a letter costs in a place of the word where its script has
// none of it.
func placed(before, r, after rune) float64 {
	inside := unicode.IsLetter(after)
	first := !unicode.IsLetter(before) && !unicode.IsMark(before)
	switch {
	case strings.ContainsRune("ךםןףץ", r) && (inside || first), // final forms
		strings.ContainsRune("ةى", r) && (inside || first),
		strings.ContainsRune("ะาำๅ", r) && first,                             // vowels that follow
		strings.ContainsRune("เแโใไ", r) && !unicode.In(after, unicode.Thai), // vowels that lead
		r == 'ๅ',
		r == 'ς' && inside:
		return strange
	}
	return 0
}

// script names the alphabet that a letter is of; those that stand together are
// one.
func script(r rune) string {
	switch {
	case unicode.Is(unicode.Latin, r):
		return "Latin"
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana), r == 'ー':
		return "East"
	case unicode.Is(unicode.Hangul, r):
		return "Hangul"
	case unicode.Is(unicode.Cyrillic, r):
		return "Cyrillic"
	case unicode.Is(unicode.Greek, r):
		return "Greek"
	case unicode.Is(unicode.Hebrew, r):
		return "Hebrew"
	case unicode.Is(unicode.Arabic, r):
		return "Arabic"
	case unicode.Is(unicode.Thai, r):
		return "Thai"
	}
	return "other"
}

// sign is what a character costs that is no letter.
func sign(before, r, after rune) float64 {
	inside := unicode.IsLetter(before) && unicode.IsLetter(after)
	switch {
	case strings.ContainsRune("’‘´`", r): // apostrophes
		return ordinary
	case inside && !unicode.In(r, unicode.Zs):
		return strange
	case strings.ContainsRune("“”„«»–—…®™©\u00a0ªº、。・「」（）：，", r), r >= 0xFF01 && r <= 0xFF5E: // also beside letters
		return ordinary
	case strings.ContainsRune("€£¥°§·²³½¼¾µ¿¡№￥", r) && !unicode.IsLetter(before) && (!unicode.IsLetter(after) || strings.ContainsRune("¿¡§№", r)):
		return ordinary
	case unicode.IsLetter(before) || unicode.IsLetter(after):
		return strange
	}
	return unusual
}

// crowded is what it costs that a Latin word has more letters beyond ASCII than
// any language writes side by side, and a Thai one more consonants.
func crowded(runes []rune) float64 {
	sum, row, consonants := 0.0, 0, 0
	for _, r := range runes {
		if r >= 'ก' && r <= 'ฮ' {
			if consonants++; consonants > 4 {
				sum += unusual
			}
		} else {
			consonants = 0
		}
		if r < utf8.RuneSelf || script(r) != "Latin" || !unicode.IsLetter(r) {
			row = 0
			continue
		}
		if row++; row > 2 {
			sum += unusual
		}
	}
	return sum
}

// parseLetters reads "ä30 ö16": letters with their shares.
func parseLetters(list string) map[rune]float64 {
	m := map[rune]float64{}
	for _, entry := range strings.Fields(list) {
		r, size := utf8.DecodeRuneInString(entry)
		share, err := strconv.ParseFloat(entry[size:], 64)
		if err != nil {
			panic("csvfile: letters: " + entry) // the lists stand above
		}
		m[r] = share
	}
	return m
}

// common reports whether a character is of the first, common part of its
// country's character set: GB 2312, Big5 and JIS X 0208 level 1, the syllables
// of KS X 1001.
func common(r rune, language string) bool {
	for _, set := range commonSets[language] {
		b, err := set.enc.NewEncoder().Bytes([]byte(string(r)))
		if err == nil && len(b) == 2 && b[0] >= set.first && b[0] <= set.last && b[1] >= set.second {
			return true
		}
	}
	return false
}

var commonSets = map[string][]struct {
	enc         encoding.Encoding
	first, last byte // of the leading byte
	second      byte // the least one behind
}{
	"zh": {{simplifiedchinese.GBK, 0xB0, 0xD7, 0xA1}, {traditionalchinese.Big5, 0xA4, 0xC6, 0x40}},
	"ja": {{japanese.ShiftJIS, 0x88, 0x98, 0x40}},
	"ko": {{korean.EUCKR, 0xB0, 0xC8, 0xA1}},
}

// foreignWords collects the different words of a file that hold bytes beyond
// ASCII. Bytes below '0' part words in every encoding: none uses them as the
// second byte of a character.
func foreignWords(r io.Reader) ([][]byte, error) {
	br := bufio.NewReaderSize(r, 256<<10)
	seen := map[string]bool{}
	var words [][]byte
	var word []byte
	beyond := false
	const longest = 512
	end := func() {
		if beyond && len(word) <= longest && !seen[string(word)] {
			seen[string(word)] = true
			words = append(words, slices.Clone(word))
		}
		word, beyond = word[:0], false
	}
	for len(words) < maxWords {
		b, err := br.ReadByte()
		if errors.Is(err, io.EOF) {
			end()
			return words, nil
		}
		if err != nil {
			return nil, err
		}
		if b < '0' || b == ';' || b == ':' {
			end()
			continue
		}
		beyond = beyond || b >= utf8.RuneSelf
		if len(word) <= longest {
			word = append(word, b)
		}
	}
	return words, nil
}
