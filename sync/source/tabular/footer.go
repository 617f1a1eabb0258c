package tabular

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// totalWords start the row under a table that adds it up.
var totalWords = []string{"total", "totals", "average", "avg", "count", "durchschnitt", "mittelwert", "moyenne", "promedio", "anzahl", "grand total", "sum", "subtotal", "sub-total", "summe", "gesamt", "gesamtsumme", "gesamtergebnis", "endsumme", "zwischensumme", "insgesamt",
	"totaux", "total général", "somme", "total general", "suma", "suma total", "totale", "totale complessivo", "somma", "totaal", "eindtotaal", "som", "summa", "totalt", "i alt", "sum totalt",
	"razem", "suma końcowa", "celkem", "итого", "всего", "общий итог", "toplam", "genel toplam", "yhteensä", "összesen", "合計", "総計", "小計", "合计", "总计", "小计", "합계", "총합계"}

// alsoNames are those that people or companies are called too: only the last
// row is a total by them.
var alsoNames = []string{"sum", "som", "suma", "summa", "somma", "i alt"}

// ownNumber is a total's word with a number of its own: "Total (2)", "Count: 2".
var ownNumber = regexp.MustCompile(`^(.*?)\s*(?:\(\s*\d+\s*\)|[:=]\s*[\d.,]+)$`)

// footers are what programs write below a table.
var footers = regexp.MustCompile(`(?i)^[\W_]*(?:` +
	`\d+ (?:records?|rows?|entries|entry|items?|results?|contacts?|lines?|datens[äa]tze?|zeilen?|eintr[äa]ge?|lignes?|enregistrements?|registros?|filas?|записей|строк)(?: (?:in set|affected|selected|returned|exported|found|total|gesamt|ausgewählt)\b.*)?` +
	`|(?:(?:report|file|list|data|export) )?(?:generated|exported|printed|downloaded|produced)(?: (?:by|on|at|from|with|using)\b|:).*` +
	`|(?:erstellt|exportiert|gedruckt|généré|exporté|generado|exportado)(?: (?:von|am|mit|durch|par|le|por|el|con)\b|:).*` +
	`|end of (?:the )?(?:report|file|list|data|export|table|document)|ende (?:des|der) (?:berichts|datei|liste)|fin du rapport|fin del informe` +
	`|page \d+(?: of \d+)?|seite \d+(?: von \d+)?` +
	`)[\W_]*$`)

// IsTotal reports whether a row seems to add up a table or to be a remark below
// it, and no record: its first text is one for that, and beside it there are
// only numbers. Where it is not the last row, words that may be names count only
// with numbers beside them or of their own, and some not at all.
func IsTotal(cells []string, last bool) (word string, ok bool) {
	numbers := 0
	for _, c := range cells {
		text := strings.TrimSpace(c)
		switch {
		case text == "":
		case word == "":
			if len(text) > 200 || !last && strings.Contains(text, "@") {
				return "", false
			}
			word = text
		case strings.IndexFunc(text, unicode.IsLetter) < 0 && strings.IndexFunc(text, unicode.IsDigit) >= 0:
			numbers++
		default:
			return "", false
		}
	}
	if word == "" {
		return "", false
	}
	name := strings.ToLower(strings.TrimRight(word, " :"))
	own := ownNumber.FindStringSubmatch(name)
	if own != nil {
		name = own[1]
	}
	switch {
	case slices.Contains(totalWords, name):
		return word, last || (numbers > 0 || own != nil) && !slices.Contains(alsoNames, name)
	case len(cells) > 1 && footers.MatchString(word):
		return word, true
	}
	return word, false
}
