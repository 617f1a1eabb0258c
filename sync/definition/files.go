package definition

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// maxFiles is how many files a query may join: SQLite joins 64 tables.
const maxFiles = 64

// tableName is what a file can be called in a query without quotes.
var tableName = regexp.MustCompile(`^[\p{L}_][\p{L}\p{N}_]*$`)

// files reads the files that a query joins, by the names that they have in it: each
// is a path, or a group of keys with a path.
func (s section) files() []SourceFile {
	all, ok := s.child("files", nil)
	if !ok {
		return nil
	}
	var files []SourceFile
	known := make(map[string]string)
	for _, e := range all.entries {
		f := SourceFile{Name: e.name}
		if isScalar(e.value) {
			f.Path = all.text(e.name)
		} else if sub, ok := all.child(e.name, filePart); ok {
			sub.file(&f)
		}
		folded := strings.ToLower(f.Name)
		switch twin, twice := known[folded]; {
		case !tableName.MatchString(f.Name) || strings.HasPrefix(folded, "sqlite_"):
			all.problem(e.name, "is no name for a table. Write a word of letters, digits and _, such as orders.")
		case twice:
			all.problem(e.name, "is the same name as %q: SQL does not tell capitals from small letters. Give one of them another.", twin)
		}
		known[folded] = f.Name
		if u, err := url.Parse(f.Path); err == nil && u.User != nil {
			all.problem(e.name, "is a web address with a sign-in in it, not a file. Take it out: a definition holds no secret.")
		}
		files = append(files, f)
	}
	if len(files) > maxFiles {
		s.problem("files", "names %d files. A query joins %d at most.", len(files), maxFiles)
	}
	return files
}

// file reads one of them where more than its path is said.
func (s section) file(f *SourceFile) {
	f.Path = s.required("path", "the file to read, relative to this document.")
	f.Sheet = s.text("sheet")
	f.Encoding = s.word("encoding")
	if e, ok := s.find("header-row"); ok {
		f.HeaderRow = s.headerRow(e)
	}
}

// headerRow is the number of the row with the names of the columns.
func (s section) headerRow(e entry) int {
	text := s.text("header-row")
	n, err := strconv.Atoi(text)
	if text != "" && (err != nil || n < 1 || n > maxHeaderRow) {
		s.r.problem(e.value.GetToken(), s.sub("header-row"), "%q is not the number of a row. Write the row that holds the column names, counted from 1, such as 4.", text)
		return 0
	}
	return n
}
