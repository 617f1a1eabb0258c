package tabular

import (
	"regexp"
	"slices"
	"strings"

	"syncline/sync/record"
)

// nullWords are those by which programs write that there is no value, folded.
// They are nobody's name, and are never written for one.
var nullWords = set(`\n (null) <null> [null] {null} #null <na> undefined (undefined) <undefined>
	(blank) [blank] <blank> (empty) [empty] <empty> (leer) (vide) (vacío) (en_blanco) (vuoto) (пусто) (空白) <nil> (nil) (none) <none>`)

// caseWords are likewise, where they are written so: Null and Nan are names.
var caseWords = set(`NULL null NaN NaT`)

// set makes a set of words; an underscore within one is a space.
func set(words string) *record.WordSet {
	all := strings.Fields(words)
	for i, w := range all {
		if len(w) > 1 {
			all[i] = strings.ReplaceAll(w, "_", " ")
		}
	}
	return record.NewWordSet(all...)
}

func foldWord(word string) string { return strings.ToLower(word) }

// byPrograms reports whether a text is a word by which programs write that
// there is no value.
func byPrograms(word string) bool {
	return caseWords.Has(word) || nullWords.Near(word) && nullWords.Has(foldWord(word))
}

// byPeople reports whether it is one by which people do, or a program's that is
// somebody's name too.
func byPeople(word string) bool { return record.Placeholder(word) != record.NotMissing }

// MeansNothing reports whether a text is a word by which programs or people
// write that there is no value.
func MeansNothing(text string) bool {
	word := strings.TrimSpace(text)
	return word != "" && (byPrograms(word) || byPeople(word))
}

// yamlList writes words behind those that a definition lists already.
func yamlList(listed []string, words ...string) string {
	var all []string
	for _, w := range slices.Concat(listed, words) {
		if w = yamlWord(w); !slices.Contains(all, w) {
			all = append(all, w)
		}
	}
	return "[" + strings.Join(all, ", ") + "]"
}

// yamlWord writes a word for a list in a definition.
func yamlWord(word string) string {
	if word == "NULL" || word == "null" || strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ./") == "" {
		return word
	}
	return `"` + strings.ReplaceAll(strings.ReplaceAll(word, `\`, `\\`), `"`, `\"`) + `"`
}

// errorWords are the errors of Excel in its languages, and of LibreOffice.
var errorWords = func() map[string]bool {
	all := strings.Fields(`#N/A #REF! #VALUE! #NAME? #ERROR! #DIV/0! #NUM! #NULL! #SPILL! #CALC! #FIELD! #BLOCKED! #CONNECT! #UNKNOWN! #BUSY! #GETTING_DATA #EXTERNAL! #PYTHON! #TIMEOUT!
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
		#Δ/Υ #ΑΝΑΦ! #ΤΙΜΗ! #ΟΝΟΜΑ? #ΔΙΑΙΡ/0! #ΑΡΙΘ! #ΚΕΝΟ! #NEDOSTUPNÝ #NÁZOV? #NEPLATNÝ!
		#PUUTTUU! #VIITTAUS! #ARVO! #NIMI? #JAKO/0! #LUKU! #TYHJÄ!`)
	m := make(map[string]bool, len(all))
	for _, w := range all {
		m[errorKey(w)] = true
	}
	return m
}()

// bareErrors are errors whose mark at the end has been lost, and that nobody
// writes as a hash tag.
var bareErrors = set(`#REF #VALUE #NAME #DIV/0 #NUM #SPILL #CALC #N/A! #BEZUG #WERT #ZAHL #VALEUR #NOMBRE #VALOR #VALORE #ССЫЛКА #ЗНАЧ #ИМЯ #ЧИСЛО #ДЕЛ/0`)

// programErrors are what programs write in the place of a value that they
// failed to make, folded.
var programErrors = set(`loading... loading… invalid_date [object] [array]`)

// msvcNumber is how programs of Microsoft's C library write what is no number.
var msvcNumber = regexp.MustCompile(`^[+-]?1[.,]#(QNAN|SNAN|NAN|IND|INF|R|J)0*$`)

// errorKey is an error in capitals, if it has a mark that no hash tag has, with
// one letter for those of the Latin and Cyrillic scripts that look alike: people
// type the one where the program has the other.
func errorKey(word string) string {
	if strings.ContainsAny(word, "!?/") {
		word = strings.ToUpper(word)
	}
	return alike.Replace(word)
}

var alike = strings.NewReplacer("А", "A", "В", "B", "Е", "E", "К", "K", "М", "M", "Н", "H", "О", "O", "Р", "P", "С", "C", "Т", "T", "Х", "X")

// IsError reports whether a text is the error of a spreadsheet or program, or
// the hashes that a spreadsheet shows in a column that is too narrow.
func IsError(word string) bool {
	switch {
	case word == "":
		return false
	case word[0] == '#':
		return errorWords[errorKey(word)] || bareErrors.Has(word) || len(word) > 2 && strings.Trim(word, "#") == ""
	case strings.HasPrefix(word, "Err:5"), strings.HasPrefix(word, "Fehler:5"): // LibreOffice
		_, number, _ := strings.Cut(word, ":")
		return len(number) == 3 && strings.Trim(number, "0123456789") == ""
	case word[0] == '[':
		return strings.HasPrefix(word, "[object ") && strings.HasSuffix(word, "]") || programErrors.Near(word) && programErrors.Has(foldWord(word))
	}
	return strings.IndexByte(word, '#') > 0 && msvcNumber.MatchString(word) || programErrors.Near(word) && programErrors.Has(foldWord(word))
}
