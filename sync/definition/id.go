package definition

import (
	"crypto/rand"
	"crypto/sha256"
	"regexp"
	"time"
)

// idLetters are lower-case letters and digits without those that look alike
// (0 o, 1 l i). There are 31 of them.
const idLetters = "23456789abcdefghjkmnpqrstuvwxyz"

// NewID makes the id of a new sync: ten random letters and digits, which is
// enough that no two syncs of a team ever get the same.
func NewID() string {
	id := make([]byte, 0, 10)
	for len(id) < cap(id) {
		var b [16]byte
		_, _ = rand.Read(b[:]) // it never fails: crypto/rand ends the program instead
		for _, x := range b {
			if x &= 31; int(x) < len(idLetters) && len(id) < cap(id) {
				id = append(id, idLetters[x])
			}
		}
	}
	return string(id)
}

// PathID makes the id of a document that can't be written, of its absolute
// path: it is the same wherever and whenever it is asked for.
func PathID(path string) string {
	sum := sha256.Sum256([]byte(path))
	id := make([]byte, 10)
	for i := range id {
		id[i] = idLetters[int(sum[i])%len(idLetters)]
	}
	return string(id)
}

// ids is every form of id that is taken: people may write one of their own.
var ids = regexp.MustCompile(`^[a-z0-9](-?[a-z0-9]){3,39}$`)

// id reads the sync's id.
func (r *reader) id(doc section) string {
	id := doc.text("id")
	if id != "" && !ids.MatchString(id) {
		doc.problem("id", "%q is not an id, which is ten lower-case letters and digits. Take the line out. The first run writes one.", id)
		return ""
	}
	return id
}

// zone reads the name of a time zone, "" without the key.
func (s section) zone(name string) string {
	v := s.text(name)
	if v == "" {
		return ""
	}
	if _, err := time.LoadLocation(v); err != nil || v == "Local" {
		s.problem(name, "%q is not the name of a time zone. Write it as Europe/Berlin, America/New_York or UTC.", v)
		return ""
	}
	return v
}
