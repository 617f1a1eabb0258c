package tabular

import (
	"encoding/base64"
	"encoding/binary"
	"mime"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// escapeSigns are the signs by which programs write letters in ASCII. Most
// texts have none of them.
const escapeSigns = `%\=+`

// The forms in which programs write letters beyond ASCII, and quotes.
var (
	percents   = regexp.MustCompile(`(?:%[0-9A-Fa-f]{2})+`)                // web addresses
	printables = regexp.MustCompile(`=[C-F][0-9A-F](?:=[89AB][0-9A-F])+`)  // mails
	hexes      = regexp.MustCompile(`(?:\\x[0-9a-fA-F]{2})+`)              // C, Python
	octals     = regexp.MustCompile(`(?:\\[0-3][0-7]{2})+`)                // C, git
	units      = regexp.MustCompile(`(?:\\u[0-9a-fA-F]{4})+`)              // JSON, Java
	slashed    = regexp.MustCompile(`\\['"]|\\r\\n`)                       // SQL
	encoded    = regexp.MustCompile(`=\?[\w-]+\?[BbQq]\?[\x21-\x7E]*?\?=`) // heads of mails
	utf7       = regexp.MustCompile(`\+A[\w+/]{2,}-?`)                     // UTF-7, Latin letters; before another sign the end mark may be missing (RFC 2152)
	literal    = regexp.MustCompile(`^(?s:[bu]'.+'|[bu]".+"|\[(?:".*"|'.*')\]|\{["'].*\}|\((?:".*"|'.*'),?\))$`)
)

// escaped tells what a text was before a program wrote its letters in signs, as
// in M%C3%BCller, M\u00fcller and M=C3=BCller; ok is false where nothing speaks
// for that. A web address and a path of Windows are what they are.
func escaped(text string) (was string, ok bool) {
	if !strings.ContainsAny(text, escapeSigns) {
		return "", false
	}
	was = text
	if strings.Contains(was, "=?") {
		if t, err := new(mime.WordDecoder).DecodeHeader(encoded.FindString(was)); err == nil && t != "" {
			was = encoded.ReplaceAllLiteralString(was, t)
		}
	}
	if strings.IndexByte(was, '%') >= 0 && !strings.ContainsAny(was, "/?") {
		was = unescape(was, percents, func(m string) []byte { return parts(m, "%", 16) })
	}
	if strings.IndexByte(was, '=') >= 0 && !strings.ContainsAny(was, "/?") {
		was = unescape(was, printables, func(m string) []byte { return parts(m, "=", 16) })
	}
	if strings.IndexByte(was, '\\') >= 0 && !strings.Contains(was, `:\`) && !strings.HasPrefix(was, `\\`) {
		was = unescape(was, hexes, func(m string) []byte { return parts(m, `\x`, 16) })
		was = unescape(was, octals, func(m string) []byte { return parts(m, `\`, 8) })
		was = units.ReplaceAllStringFunc(was, unit)
		was = slashed.ReplaceAllStringFunc(was, func(m string) string {
			if m == `\r\n` {
				return " "
			}
			return m[1:]
		})
	}
	if strings.Contains(was, "+A") { // no Latin letter begins otherwise
		was = utf7.ReplaceAllStringFunc(was, base)
	}
	return was, was != text
}

// parts are the bytes of an escaped run.
func parts(run, sign string, radix int) []byte {
	var b []byte
	for _, digits := range strings.Split(run, sign)[1:] {
		n, err := strconv.ParseUint(digits, radix, 8)
		if err != nil {
			return nil
		}
		b = append(b, byte(n))
	}
	return b
}

// unescape puts letters in the place of runs of bytes that are such: in UTF-8,
// or a single byte of Latin-1 between letters. Any other run stays.
func unescape(text string, runs *regexp.Regexp, bytes func(run string) []byte) string {
	var out strings.Builder
	end := 0
	for _, at := range runs.FindAllStringIndex(text, -1) {
		b := bytes(text[at[0]:at[1]])
		was := string(b)
		if len(b) == 1 && b[0] >= 0xC0 {
			before, _ := utf8.DecodeLastRuneInString(text[:at[0]])
			after, _ := utf8.DecodeRuneInString(text[at[1]:])
			if was = string(rune(b[0])); !unicode.IsLetter(before) || !unicode.IsLetter(after) {
				was = ""
			}
		}
		if !hasLetter(was) {
			continue
		}
		out.WriteString(text[end:at[0]] + was)
		end = at[1]
	}
	return out.String() + text[end:]
}

// hasLetter reports whether a text is valid and has a letter beyond ASCII.
func hasLetter(text string) bool {
	return utf8.ValidString(text) && strings.ContainsFunc(text, func(r rune) bool { return r >= utf8.RuneSelf && unicode.IsLetter(r) })
}

// unit is what \u00fc and its like mean.
func unit(run string) string {
	var all []uint16
	for _, digits := range strings.Split(run, `\u`)[1:] {
		n, err := strconv.ParseUint(digits, 16, 16)
		if err != nil {
			return run
		}
		all = append(all, uint16(n))
	}
	if was := string(utf16.Decode(all)); hasLetter(was) || strings.ContainsFunc(was, func(r rune) bool { return r > 0xFFFF }) {
		return was
	}
	return run
}

// base is what a run of UTF-7 means, if it is one of Latin letters.
func base(run string) string {
	b, err := base64.RawStdEncoding.Strict().DecodeString(strings.TrimSuffix(run[1:], "-"))
	if err != nil || len(b)%2 != 0 {
		return run
	}
	was := ""
	for len(b) > 0 {
		r := rune(binary.BigEndian.Uint16(b))
		if r < 0xC0 || r > 0x24F || !unicode.IsLetter(r) {
			return run
		}
		was, b = was+string(r), b[2:]
	}
	return was
}

// isLiteral reports whether a text is written as programs write texts, lists and
// objects: b'Ann', ["Ann"], {"a":1}.
func isLiteral(text string) bool {
	return isUnfilled(text) || len(text) > 2 && strings.IndexByte(`bu[{(`, text[0]) >= 0 && strings.IndexByte(`'"]})`, text[len(text)-1]) >= 0 && literal.MatchString(text)
}

// unfilled are the signs around the name of a field that a program should have
// put a value for, and what programs write of things that are no text.
var unfilled = regexp.MustCompile(`^(?:\{\{[^{}]+\}\}|\$\{[^{}]+\}|\*\|[^|]+\|\*|%%[^%]+%%|%[A-Z_]{3,}%|<%.+%>|<[\w .]+ object at 0x[0-9A-Fa-f]+>|<(?:built-in|function|class) .+>|\[Circular\]|System\.[A-Z][\w.` + "`" + `\[\]]*)$`)

// isUnfilled reports whether a text is such a thing.
func isUnfilled(text string) bool {
	return len(text) > 4 && strings.IndexByte("{$*%<[S", text[0]) >= 0 && (text[0] != 'S' || strings.HasPrefix(text, "System.")) && unfilled.MatchString(text)
}

// likeError reports whether a word has the form of a spreadsheet's error, in
// whatever language: capitals between # and ! or ?.
func likeError(word string) bool {
	if len(word) < 4 || word[0] != '#' || word[len(word)-1] != '!' && word[len(word)-1] != '?' {
		return false
	}
	letters := 0
	for _, r := range word[1 : len(word)-1] {
		switch {
		case unicode.IsUpper(r) || unicode.IsLetter(r) && !unicode.IsLower(r):
			letters++
		case !strings.ContainsRune("/0_ ¡¿", r):
			return false
		}
	}
	return letters > 1
}

// lineEnd is a character that ends a line and that few programs show: U+2028 and
// U+2029, which web pages hold, and U+0085 of mainframes.
func lineEnd(r rune) bool { return r == 0x2028 || r == 0x2029 || r == 0x85 }
