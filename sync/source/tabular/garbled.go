package tabular

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// misread are the encodings in which programs read UTF-8 most often by mistake:
// Müller becomes MÃ¼ller, M√ºller, M├╝ller.
var misread = []struct {
	set  *charmap.Charmap
	most int // characters that may be so by chance
}{{charmap.Windows1252, 0}, {charmap.Macintosh, 0}, {charmap.CodePage850, 0}, {charmap.CodePage437, 0}, {charmap.Windows1251, 1}}

// garbled tells what a text was before a program read it in a wrong encoding
// and saved what it saw; ok is false where nothing speaks for that.
func garbled(text string) (was string, ok bool) {
	var room [256]byte
	for _, m := range misread {
		b := room[:0]
		for _, r := range text {
			c, known := m.set.EncodeRune(r)
			if !known && (r < 0x80 || r > 0x9F) {
				b = nil
				break
			}
			if !known {
				c = byte(r)
			}
			b = append(b, c)
		}
		if b == nil || !utf8.Valid(b) {
			continue
		}
		beyond := 0
		for _, r := range string(b) {
			if r >= utf8.RuneSelf {
				beyond++
			}
			if unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' {
				beyond = -len(b)
			}
		}
		if beyond > m.most {
			return string(b), true
		}
	}
	return "", false
}
