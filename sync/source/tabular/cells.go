package tabular

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"syncline/sync/source"
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
//  3. White space alone is nothing, of any kind and length.
//  4. A word that the definition lists under blanks is nothing.
//  5. A text that is the error of a spreadsheet, such as #N/A, is refused as an
//     error cell is.
//  6. Where the definition lists no blanks, a word by which programs write
//     "nothing", such as NULL, is refused, and one by which people do, such as
//     n/a, is told.
type Cells struct {
	blanks map[string]bool
	ask    bool // the definition says nothing of blanks
	words  []string
	Tally  Tally
}

// NewCells reads with the definition's blanks; none is its empty list.
func NewCells(blanks []string, none bool) *Cells {
	c := &Cells{ask: len(blanks) == 0 && !none}
	if len(blanks) > 0 {
		c.blanks = make(map[string]bool, len(blanks))
		for _, w := range blanks {
			c.blanks[strings.TrimSpace(w)] = true
		}
	}
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
	}
	if len(text) > longestWord && !blankStart(text) {
		return text, nil
	}
	word := strings.TrimSpace(text)
	switch {
	case word == "", c.blanks[word]:
		return "", nil
	case IsError(word):
		return "", fmt.Errorf("shows %s, an error of the spreadsheet that it comes from; correct it there", word)
	case !c.ask:
	case slices.Contains(NullWords, word):
		c.meet(word)
		return "", fmt.Errorf("holds “%s”, by which programs write “nothing”; if it means empty, write blanks: [%s] under source, and if it is meant as a word, blanks: []", word, yamlWord(word))
	case slices.Contains(BlankWords, word):
		c.meet(word)
		tell(kindBlankWord, word)
	}
	return text, nil
}

// meet remembers a word that may mean "nothing".
func (c *Cells) meet(word string) {
	if !slices.Contains(c.words, word) {
		c.words = append(c.words, word)
	}
}

// Words are those met so far that may mean "nothing".
func (c *Cells) Words() []string { return c.words }

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

// NullWords are those by which programs write that there is no value. They are
// nobody's name, and are never written for one.
var NullWords = []string{"NULL", "null", `\N`, "(null)", "(NULL)", "<null>", "<NULL>", "[null]", "[NULL]", "#NULL", "<NA>", "NaN", "NaT", "undefined",
	"(blank)", "(Blank)", "(BLANK)", "(empty)", "<blank>", "<empty>", "(leer)", "(vide)", "(vacío)", "(en blanco)", "(vuoto)"}

// BlankWords are those by which people write that they don't know. Some of them
// may be meant.
var BlankWords = []string{"n/a", "N/A", "n.a.", "N.A.", "NA", "na", "none", "None", "NONE", "nil", "Nil", "NIL", "Null", "nan", "-", "--", "---", "–", "—", "?", "??", "???",
	"unknown", "Unknown", "UNKNOWN", "TBD", "tbd", "k.A.", "k. A.", "keine Angabe", "unbekannt", "not available", "Not available", "not applicable", "Not applicable", "blank", "empty"}

// MeansNothing reports whether a text is a word by which programs or people
// write that there is no value.
func MeansNothing(text string) bool {
	word := strings.TrimSpace(text)
	return slices.Contains(NullWords, word) || slices.Contains(BlankWords, word)
}

// errorWords are the errors of Excel in its languages, and of LibreOffice.
var errorWords = func() map[string]bool {
	all := strings.Fields(`#N/A #REF! #VALUE! #NAME? #DIV/0! #NUM! #NULL! #SPILL! #CALC! #FIELD! #BLOCKED! #CONNECT! #UNKNOWN! #BUSY! #GETTING_DATA #EXTERNAL! #PYTHON! #TIMEOUT!
		#NV #BEZUG! #WERT! #ZAHL! #ÜBERLAUF! #KALK! #FELD!
		#VALEUR! #NOM? #NOMBRE! #NUL! #EPARS! #PROPAGATION!
		#¡REF! #¡VALOR! #¿NOMBRE? #¡DIV/0! #¡NUM! #¡NUM! #¡NULO! #N/D #¡DESBORDAMIENTO!
		#VALORE! #NOME? #RIF! #NULLO! #VALOR! #NULO! #NÚM! #N/D!
		#N/B #VERW! #WAARDE! #NAAM? #DEEL/0! #GETAL! #LEEG!
		#SAKNAS! #REFERENS! #VÄRDEFEL! #NAMN? #DIVISION/0! #OGILTIGT! #SKÄRNING!
		#I/T #VERDI! #NAVN? #VÆRDI! #REFERENCE!
		#ADR! #ARG! #NAZWA? #DZIEL/0! #LICZBA! #ZERO!
		#HODNOTA! #ODKAZ! #NÁZEV? #DĚLENÍ_NULOU! #ČÍSLO! #NENÍ_K_DISPOZICI
		#Н/Д #ССЫЛКА! #ЗНАЧ! #ИМЯ? #ДЕЛ/0! #ЧИСЛО! #ПУСТО!
		#YOK #BAŞV! #DEĞER! #AD? #SAYI/0! #SAYI! #BOŞ!
		#HIÁNYZIK #HIV! #ÉRTÉK! #NÉV? #ZÉRÓOSZTÓ! #SZÁM!
		#PUUTTUU! #VIITTAUS! #ARVO! #NIMI? #JAKO/0! #LUKU! #TYHJÄ!`)
	m := make(map[string]bool, len(all))
	for _, w := range all {
		m[w] = true
	}
	return m
}()

// IsError reports whether a text is the error of a spreadsheet, or the hashes
// that it shows in a column that is too narrow.
func IsError(word string) bool {
	switch {
	case word == "":
		return false
	case word[0] == '#':
		return errorWords[word] || len(word) > 2 && strings.Trim(word, "#") == ""
	case strings.HasPrefix(word, "Err:5"): // LibreOffice
		return len(word) == 7 && strings.Trim(word[4:], "0123456789") == ""
	}
	return false
}

// visible returns a text without what can't be seen in it, and names what was
// left out. It fails on what is neither to be seen nor to be left out.
func visible(s string) (clean, gone string, err error) {
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

// yamlWord writes a word for a list in a definition.
func yamlWord(word string) string {
	if word == "NULL" || word == "null" || strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ./") == "" {
		return word
	}
	return `"` + strings.ReplaceAll(strings.ReplaceAll(word, `\`, `\\`), `"`, `\"`) + `"`
}

// kind is what may have to be told of cells.
type kind uint8

const (
	kindInvisible kind = iota
	kindBlankWord
	kindProtected
	kindShort
	kindMerged
	kindShown
	kindHidden
	kindHiddenColumn
	kindFiltered
)

// Tally counts what was done to cells, by kind and column.
type Tally struct {
	order  []tallied
	counts map[tallied]*count
}

type tallied struct {
	kind   kind
	column string
}

type count struct {
	n     int
	line  int    // of the first one
	first string // what it was
}

func (t *Tally) add(k kind, column string, line int, what string) {
	key := tallied{k, column}
	c := t.counts[key]
	if c == nil {
		if t.counts == nil {
			t.counts = map[tallied]*count{}
		}
		c = &count{line: line, first: what}
		t.counts[key] = c
		t.order = append(t.order, key)
	}
	c.n++
}

// Protected counts a cell whose text stood in a form that keeps zeros.
func (t *Tally) Protected(column string, line int, written string) {
	t.add(kindProtected, column, line, written)
}

// Short counts a row with fewer cells than the header.
func (t *Tally) Short(line int) { t.add(kindShort, "", line, "") }

// Merged counts cells that got their value from the merged area they are in.
func (t *Tally) Merged(column string, row int, area string) { t.add(kindMerged, column, row, area) }

// Shown counts numbers that were read as their format shows them.
func (t *Tally) Shown(column string, row int, what string) { t.add(kindShown, column, row, what) }

// Hidden counts a hidden row that was read, Filtered one that a filter hides.
func (t *Tally) Hidden(row int) { t.add(kindHidden, "", row, "") }

// Filtered counts a row that a filter hides.
func (t *Tally) Filtered(row int) { t.add(kindFiltered, "", row, "") }

// HiddenColumn notes a hidden column that is read.
func (t *Tally) HiddenColumn(column, letters string) { t.add(kindHiddenColumn, column, 0, letters) }

// Notes says what was counted, once per kind and column.
func (t *Tally) Notes() []source.Note {
	var notes []source.Note
	for _, k := range t.order {
		notes = append(notes, source.Note{Column: k.column, Text: t.counts[k].sentence(k)})
	}
	return notes
}

func (c *count) sentence(k tallied) string {
	cells := counted(c.n, "cell", "cells")
	rows := counted(c.n, "row", "rows")
	switch k.kind {
	case kindInvisible:
		return fmt.Sprintf("In the column “%s” the invisible characters of %s are left out (the first is %s on line %d).", k.column, cells, c.first, c.line)
	case kindBlankWord:
		return fmt.Sprintf("In the column “%s” %s with a word that may mean “nothing” (the first is “%s” on line %d): it is taken as a word. If it means empty, write blanks: [%s] under source; if not, blanks: [].",
			k.column, there(c.n, cells), c.first, c.line, yamlWord(c.first))
	case kindProtected:
		return fmt.Sprintf("In the column “%s” %s written in a form that keeps zeros (the first is %s on line %d): the form is taken off.", k.column, are(c.n, cells), c.first, c.line)
	case kindShort:
		return fmt.Sprintf("%s shorter than the header (the first is line %d): missing cells count as empty.", are(c.n, rows), c.line)
	case kindMerged:
		return fmt.Sprintf("In the column “%s” %s merged with others (the first area is %s): each gets the value of its area.", k.column, are(c.n, cells), c.first)
	case kindShown:
		return fmt.Sprintf("In the column “%s” %s read as Excel shows them, not as the number behind (the first is %s in row %d).", k.column, are(c.n, cells), c.first, c.line)
	case kindHidden:
		return fmt.Sprintf("%s hidden (the first is row %d) and read like the others.", are(c.n, rows), c.line)
	case kindFiltered:
		return fmt.Sprintf("%s hidden by a filter (the first is row %d) and read like the others.", are(c.n, rows), c.line)
	case kindHiddenColumn:
		return fmt.Sprintf("The column “%s” (%s) is hidden and read like the others.", k.column, c.first)
	}
	return ""
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func are(n int, what string) string {
	if n == 1 {
		return what + " is"
	}
	return what + " are"
}

func there(n int, what string) string {
	if n == 1 {
		return "there is " + what
	}
	return "there are " + what
}
