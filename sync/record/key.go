package record

import "strings"

var keyEscaper = strings.NewReplacer(`\`, `\\`, `|`, `\|`)

// KeyOf makes a row's key from the values of its key columns: each is
// Trimmed; a single one is the key itself; several are joined by '|', with '\' and '|'
// inside them escaped by '\'. ok is false, and key "", when there is no part or
// any part is empty.
func KeyOf(parts ...string) (key string, ok bool) {
	if len(parts) == 0 {
		return "", false
	}
	trimmed := make([]string, len(parts))
	for i, p := range parts {
		if p = Trimmed(p); p == "" {
			return "", false
		}
		trimmed[i] = p
	}
	if len(trimmed) == 1 {
		return trimmed[0], true
	}
	for i, p := range trimmed {
		trimmed[i] = keyEscaper.Replace(p)
	}
	return strings.Join(trimmed, "|"), true
}
