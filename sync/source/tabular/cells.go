package tabular

import (
	"errors"
	"fmt"
	"html"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"syncline/sync/record"
)

// Cells turns the texts of a file's cells into values, and counts what it did
// to them. It is not safe for concurrent use.
//
// # The rule
//
//  1. Invisible characters say nothing and are left out: the byte order mark,
//     the zero-width space, the word joiner, the soft hyphen and their kin.
//     Joiners, marks of direction and variation selectors are kept beside a
//     character beyond ASCII, where they belong to emoji and to scripts that
//     need them, and left out elsewhere.
//  2. Control characters at the start and end of a text are left out; some
//     programs put them there so that a spreadsheet keeps the zeros in front of a
//     number. Inside of a text they are damage, and the cell is refused. Tabs and
//     line ends are text.
//     What looks as if a program had read it in a wrong encoding before, or written
//     its letters in signs, is told.
//  3. White space alone is nothing, of any kind and length.
//  4. A word that the definition lists under blanks is nothing, in any case; one
//     in another case is told.
//  5. A text that is the error of a spreadsheet, such as #N/A, is refused as an
//     error cell is.
//  6. Any other word by which programs write "nothing", such as NULL, is
//     refused, and one by which people do, such as n/a, is told; unless the
//     definition's list of blanks is empty, which makes words of them all.
type Cells struct {
	listed []string          // the definition's blanks
	blanks map[string]string // how they are listed, by their folded form
	near   *record.WordSet   // those forms
	none   bool              // every word means what it says
	Tally  Tally
}

// NewCells reads with the definition's blanks; none is its empty list.
func NewCells(blanks []string, none bool) *Cells {
	c := &Cells{listed: blanks, blanks: make(map[string]string, len(blanks)), none: none && len(blanks) == 0}
	for _, w := range blanks {
		w = strings.TrimSpace(w)
		c.blanks[foldWord(w)] = w
	}
	c.near = record.NewWordSet(slices.Collect(maps.Keys(c.blanks))...)
	c.Tally.blanks = blanks
	return c
}

// Read returns what a cell's text means. An error is the end of a sentence that
// starts with the place: "holds …".
func (c *Cells) Read(column string, line int, text string) (string, error) {
	return c.read(text, func(k kind, what string) { c.Tally.add(k, column, line, what) })
}

// Back is Read of a text that is about to be written.
func (c *Cells) Back(text string) (string, error) {
	return c.read(text, func(kind, string) {})
}

func (c *Cells) read(text string, tell func(k kind, what string)) (string, error) {
	if !plain(text) {
		clean, gone, err := visible(text)
		if err != nil {
			return "", err
		}
		if gone != "" {
			tell(kindInvisible, gone)
		}
		text = clean
		if was, ok := garbled(text); ok {
			tell(kindGarbled, "“"+shorten(text)+"”, which may have been “"+shorten(was)+"”,")
		}
		if i := strings.IndexFunc(strings.TrimSpace(text), lineEnd); i >= 0 {
			r, _ := utf8.DecodeRuneInString(strings.TrimSpace(text)[i:])
			tell(kindLineEnd, fmt.Sprintf("U+%04X", r))
		}
	}
	if was, ok := escaped(text); ok {
		tell(kindEscaped, "“"+shorten(text)+"”, which may have been “"+shorten(was)+"”,")
	}
	if isLiteral(text) {
		tell(kindLiteral, "“"+shorten(text)+"”")
	}
	if strings.IndexByte(text, '&') >= 0 {
		if e := entity.FindString(text); e != "" && html.UnescapeString(e) != e {
			tell(kindEntity, e)
		}
	}
	if len(text) > longestWord && !blankStart(text) {
		return text, nil
	}
	word := strings.TrimSpace(text)
	if word == "" {
		return "", nil
	}
	if c.near.Near(word) {
		if listed, ok := c.blanks[foldWord(word)]; ok {
			if listed != word {
				tell(kindBlankCase, word)
			}
			return "", nil
		}
	}
	switch {
	case IsError(word):
		return "", fmt.Errorf("shows %s, an error of the spreadsheet or program that it comes from; correct it there", word)
	case c.none:
	case byPrograms(word):
		c.Tally.meet(word)
		return "", fmt.Errorf("holds “%s”, by which programs write “nothing”; if it means empty, write blanks: %s under source, and if it is meant as a word, blanks: []", word, yamlList(c.listed, word))
	case byPeople(word):
		c.Tally.meet(word)
		tell(kindBlankWord, word)
	case likeError(word):
		tell(kindLikeError, word)
	}
	return text, nil
}

// shorten is a text that is short enough for a sentence.
func shorten(text string) string {
	const most = 30
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}

// entity is a letter as web pages write it.
var entity = regexp.MustCompile(`&(#[0-9]{2,6}|#[xX][0-9a-fA-F]{2,5}|[a-zA-Z][a-zA-Z0-9]{1,9});`)

// Words are those met so far that may mean "nothing".
func (c *Cells) Words() []string { return c.Tally.words }

// plain reports whether a text is of visible ASCII characters and spaces.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

func blankStart(s string) bool { return s != "" && (s[0] <= ' ' || s[0] > '~') }

// longestWord is the length in bytes of the longest word that means something
// here, with room for spaces around it. What starts with a space is looked at
// whatever its length.
const longestWord = 64

// shifts begin a run of letters in ISO-2022-JP, -CN and -KR (RFC 1468, 1922, 1557).
var shifts = []string{"\x1b$B", "\x1b$@", "\x1b$(", "\x1b$)", "\x1b(J", "\x1b(I"}

// visible returns a text without what can't be seen in it, and names what was
// left out. It fails on what is neither to be seen nor to be left out.
func visible(s string) (clean, gone string, err error) {
	for _, sign := range shifts {
		if strings.Contains(s, sign) {
			return "", "", errors.New("is written in ISO-2022, an encoding of mails in Japanese, Chinese and Korean, which is not read; save the file as UTF-8 where it comes from, or open it in a spreadsheet with this encoding and save it as UTF-8")
		}
	}
	trimmed := strings.TrimFunc(s, func(r rune) bool { return control(r) || nothing(r) })
	for _, r := range trimmed {
		if control(r) {
			return "", "", fmt.Errorf("holds the control character U+%04X, which no text does; take it out", r)
		}
	}
	// From here on only what is nothing goes: what was trimmed, and what stands inside.
	runes := []rune(strings.TrimFunc(s, control))
	kept := make([]rune, 0, len(runes))
	for i, r := range runes {
		if nothing(r) || joining(r) && !beyond(runes, i) {
			continue
		}
		kept = append(kept, r)
	}
	clean = strings.TrimFunc(string(kept), control)
	if clean == s {
		return s, "", nil
	}
	return clean, missing([]rune(s), []rune(clean)), nil
}

// missing names the first character that is left out.
func missing(was, now []rune) string {
	for i, r := range was {
		if i >= len(now) || now[i] != r {
			return fmt.Sprintf("U+%04X", r)
		}
	}
	return ""
}

// control is a character that steers a device; tab and line ends are text.
func control(r rune) bool {
	return unicode.IsControl(r) && r != '\t' && r != '\n' && r != '\r' && r != 0x85
}

// nothing is a character that can't be seen and says nothing anywhere.
func nothing(r rune) bool {
	switch r {
	case 0xFEFF, 0x200B, 0x2060, 0x00AD, 0x180E, 0x2061, 0x2062, 0x2063, 0x2064, 0x206A, 0x206B, 0x206C, 0x206D, 0x206E, 0x206F, 0xFFFE:
		return true
	}
	return r >= 0xFFF9 && r <= 0xFFFB
}

// joining is a character that can't be seen and matters beside others beyond
// ASCII: joiners, marks of direction, variation selectors, tags.
func joining(r rune) bool {
	return r == 0x200C || r == 0x200D || r == 0x200E || r == 0x200F || r == 0x061C || r == 0x034F ||
		r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 || r >= 0xFE00 && r <= 0xFE0F || r >= 0xE0020 && r <= 0xE007F
}

// beyond reports whether the next visible character on one side of i is beyond
// ASCII: spaces and signs between them do not count.
func beyond(runes []rune, i int) bool {
	for _, step := range []int{-1, 1} {
		for j := i + step; j >= 0 && j < len(runes); j += step {
			r := runes[j]
			if joining(r) || r < unicode.MaxASCII && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
				continue
			}
			if r > unicode.MaxASCII {
				return true
			}
			// Keycap emoji: a digit, a variation selector, U+20E3.
			break
		}
	}
	return false
}

// Visible returns a name without what can't be seen in it.
func Visible(name string) string {
	if plain(name) {
		return name
	}
	clean, _, err := visible(name)
	if err != nil {
		clean = strings.Map(func(r rune) rune {
			if control(r) || nothing(r) {
				return -1
			}
			return r
		}, name)
	}
	return clean
}
