package definition

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// maxHeaderRow is far below any table's title rows, so that a slip of the
// finger is noticed.
const maxHeaderRow = 10_000

// Encodings are the names of the encodings that a source of kind csv may name.
// They are kept here because a definition is checked without its file;
// csvfile.Encodings says what each is.
var Encodings = []string{
	"utf-8", "utf-16le", "utf-16be",
	"windows-1250", "windows-1251", "windows-1252", "windows-1253", "windows-1254", "windows-1255", "windows-1256", "windows-1257", "windows-1258", "windows-874",
	"iso-8859-1", "iso-8859-2", "iso-8859-3", "iso-8859-4", "iso-8859-5", "iso-8859-6", "iso-8859-7", "iso-8859-8", "iso-8859-9", "iso-8859-10", "iso-8859-13", "iso-8859-14", "iso-8859-15", "iso-8859-16",
	"macintosh", "x-mac-cyrillic", "koi8-r", "koi8-u",
	"cp437", "cp850", "cp852", "cp855", "cp858", "cp860", "cp862", "cp863", "cp865", "cp866",
	"shift-jis", "euc-jp", "gbk", "gb18030", "big5", "euc-kr",
}

// form reads the keys that say how a file is to be read.
func (s section) form(src *Source) {
	src.Encoding = s.word("encoding")
	if e, ok := s.find("header-row"); ok {
		src.HeaderRow = s.headerRow(e)
	}
	src.Blanks, src.NoBlanks = s.blanks()
}

// blank reads a text, as which a null counts that is written by a word.
func (s section) blank(n ast.Node, key string) (string, bool) {
	if null, ok := n.(*ast.NullNode); ok {
		return null.GetToken().Value, true
	}
	return s.r.scalar(n, key)
}

// blanks reads the words that mean "empty". YAML takes NULL, null and ~ for
// nothing at all; here they are the words that stand there.
func (s section) blanks() (words []string, none bool) {
	e, ok := s.find("blanks")
	if !ok {
		return nil, false
	}
	if list, isList := e.value.(*ast.SequenceNode); isList && len(list.Values) == 0 {
		return nil, true
	}
	for i, n := range s.items("blanks", true) {
		key := fmt.Sprintf("%s[%d]", s.sub("blanks"), i)
		word, ok := s.blank(n, key)
		word = strings.TrimSpace(word)
		switch {
		case !ok:
		case word == "":
			s.r.problem(n.GetToken(), key, "is empty. What is empty means so anyhow; write a word, or take it out.")
		case slices.Contains(words, word):
			s.r.problem(n.GetToken(), key, "names %q a second time. Take it out.", word)
		default:
			words = append(words, word)
		}
	}
	return words, false
}
