package suggest

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// vendorPrefix and customSuffix are what Salesforce puts around the name of a
// custom field: npe01__HomeEmail__c.
var (
	vendorPrefix = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]{1,14}__(.+)$`)
	customSuffix = regexp.MustCompile(`__(c|r|pc)$`)
)

// spell is a name in the forms in which names are compared.
type spell struct {
	exact   string   // trimmed, nothing else
	words   []string // lower case, without diacritics, split at case, digits and punctuation
	compact string   // the words without anything between them
}

// spellOf reads a column's name, a property's name or a label.
func spellOf(name string) spell {
	name = strings.TrimSpace(name)
	bare := customSuffix.ReplaceAllString(name, "")
	if m := vendorPrefix.FindStringSubmatch(bare); m != nil {
		bare = m[1]
	}
	words := split(bare)
	return spell{exact: name, words: words, compact: strings.Join(words, "")}
}

// fold lowers a text and takes its diacritics away: "Prénom" is "prenom",
// "Straße" is "strasse".
func fold(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r == 'ß':
			b.WriteString("ss")
		case r == 'æ', r == 'Æ':
			b.WriteString("ae")
		case r == 'ø', r == 'Ø':
			b.WriteByte('o')
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// split cuts a name into folded words. A change from lower to upper case cuts
// ("HomeEmail"), and so does the end of a run of capitals ("CRMOwner").
func split(name string) []string {
	var words []string
	var word []rune
	flush := func() {
		if len(word) > 0 {
			words = append(words, fold(string(word)))
			word = word[:0]
		}
	}
	runes := []rune(name)
	for i, r := range runes {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r) {
			flush()
			continue
		}
		if i > 0 && cutsBefore(runes, i) {
			flush()
		}
		word = append(word, r)
	}
	flush()
	return words
}

// cutsBefore reports whether a new word begins at i within a run of letters.
func cutsBefore(runes []rune, i int) bool {
	before, at := runes[i-1], runes[i]
	switch {
	case unicode.IsLower(before) && unicode.IsUpper(at):
		return true
	case unicode.IsUpper(before) && unicode.IsUpper(at):
		return i+1 < len(runes) && unicode.IsLower(runes[i+1])
	case unicode.IsDigit(before) != unicode.IsDigit(at):
		return unicode.IsLetter(before) != unicode.IsLetter(at)
	}
	return false
}

// fillers say nothing about what a field holds: they name the kind of record,
// the table, or the kind of address.
var fillers = set(`contact person customer client account company organization organisation lead user member
	mailing billing shipping primary main default preferred current delivery invoice head
	kunde kunden kontakt ansprechpartner firmen haupt rechnung rechnungs liefer lieferung privat
	client clients principal principale facturation livraison
	cliente contacto principal facturacion envio
	hs hubspot crm sf field value text str the of der die das des de la le el`)

// unfilled is the words without fillers, and which fillers were dropped. A name
// of nothing but fillers stays as it is.
func (s spell) unfilled() (rest, dropped []string) {
	for _, w := range s.words {
		if fillers[w] {
			dropped = append(dropped, w)
		} else {
			rest = append(rest, w)
		}
	}
	if len(rest) == 0 {
		return s.words, nil
	}
	return rest, dropped
}

// likeness is the share of words that two names have in common, from 0 to 1.
func likeness(a, b []string) float64 {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	in := make(map[string]bool, len(a))
	for _, w := range a {
		in[w] = true
	}
	all, common := len(in), 0
	seen := make(map[string]bool, len(b))
	for _, w := range b {
		if seen[w] {
			continue
		}
		seen[w] = true
		if in[w] {
			common++
		} else {
			all++
		}
	}
	return float64(common) / float64(all)
}

func set(words string) map[string]bool {
	m := make(map[string]bool)
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}
