package localfile

import (
	"encoding/binary"
	"encoding/csv"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"

	"syncline/sync/plainfile"
	"syncline/sync/source"
)

// Lock returns why path can't be replaced now because an office program has it
// open, or nil. Excel leaves "~$name" and LibreOffice ".~lock.name#" beside an
// open file; both hold the user's name.
func Lock(path string) error {
	dir, name := filepath.Split(path)
	if owner := filepath.Join(dir, "~$"+name); exists(owner) {
		return lockError(path, "Excel", excelUser(readSmall(owner)), owner)
	}
	if lock := filepath.Join(dir, ".~lock."+name+"#"); exists(lock) {
		return lockError(path, "LibreOffice", libreOfficeUser(readSmall(lock)), lock)
	}
	return nil
}

func lockError(path, program, user, lock string) error {
	by := ""
	if user != "" {
		by = " by " + user
	}
	return &source.ReadOnlyError{Location: path, Msg: fmt.Sprintf(
		"is open in %s%s. Close it there and try again. If nobody has it open, a crash left the file “%s” beside it: delete that file",
		program, by, filepath.Base(lock))}
}

func readSmall(path string) []byte {
	f, _, err := plainfile.Open(path)
	if err != nil {
		return nil // Excel on Windows keeps its owner file open exclusively; the name is a courtesy
	}
	defer f.Close()
	data, _ := io.ReadAll(io.LimitReader(f, 4096))
	return data
}

// excelUser reads an owner file: a length byte and the name in the Windows
// code page, padded to 55 bytes, then a 16-bit length and the name in UTF-16.
func excelUser(data []byte) string {
	const wide = 55
	if len(data) > wide+2 {
		n := int(binary.LittleEndian.Uint16(data[wide:]))
		if rest := data[wide+2:]; n > 0 && 2*n <= len(rest) {
			units := make([]uint16, n)
			for i := range units {
				units[i] = binary.LittleEndian.Uint16(rest[2*i:])
			}
			return clean(string(utf16.Decode(units)))
		}
	}
	if len(data) > 1 {
		if n := int(data[0]); n > 0 && n < len(data) {
			name, _ := charmap.Windows1252.NewDecoder().Bytes(data[1 : 1+n])
			return clean(string(name))
		}
	}
	return ""
}

// libreOfficeUser reads a lock file: full name, system user, host, date and
// profile, separated by commas, ended by a semicolon.
func libreOfficeUser(data []byte) string {
	r := csv.NewReader(strings.NewReader(strings.TrimSuffix(strings.TrimSpace(string(data)), ";")))
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	fields, err := r.Read()
	if err != nil {
		return ""
	}
	user := ""
	for i := 0; i < len(fields) && i < 2 && user == ""; i++ {
		user = clean(fields[i])
	}
	if user != "" && len(fields) > 2 && clean(fields[2]) != "" {
		user += " on " + clean(fields[2])
	}
	return user
}

func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}
