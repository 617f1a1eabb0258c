package record

import "strings"

// booleans are the words for true and false that spreadsheets, databases and
// people write, in English, German, French, Spanish, Italian and Dutch.
var booleans = map[string]string{
	"true": "true", "t": "true", "yes": "true", "y": "true", "on": "true", "1": "true", "1.0": "true",
	"wahr": "true", "ja": "true", "j": "true", "vrai": "true", "oui": "true", "verdadero": "true",
	"sí": "true", "si": "true", "sì": "true", "vero": "true", "waar": "true",
	"false": "false", "f": "false", "no": "false", "n": "false", "off": "false", "0": "false", "0.0": "false",
	"falsch": "false", "nein": "false", "faux": "false", "non": "false", "falso": "false",
	"nee": "false", "onwaar": "false",
}

// readBoolean returns "true" or "false".
func readBoolean(s string) (string, bool) {
	if len(s) > len("verdadero") {
		return "", false
	}
	b, ok := booleans[strings.ToLower(s)]
	return b, ok
}
