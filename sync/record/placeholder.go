package record

import "strings"

// Missing tells how surely a text stands for a value that is missing.
type Missing uint8

// The degrees of Missing.
const (
	NotMissing Missing = iota
	MaybeMissing
	SurelyMissing
)

// surely are the words that databases, spreadsheets and programs write where
// there is no value, and that nobody is called. NULL in mixed case is a name.
var surely = wordSet(`\N NULL null (null) (NULL) <null> <NULL> [null] [NULL] {null} #NULL "null" 'NULL'
	(blank) (Blank) (BLANK) [blank] <blank> (empty) (Empty) <empty> (none) <none> (leer) (vide) (vacío)
	(пусто) (пустые) #NA pd.NA
	n/a N/A n/A N/a n.a. N.A. n.a N.A <na> <NA> #n/a nan NaN NAN -nan undefined nil <nil>
	NaT
	#N/A #N/A! #NV #REF! #VALUE! #NAME? #DIV/0! #NUM! #NULL! #SPILL! #CALC! #GETTING_DATA #FIELD! #BLOCKED! #CONNECT! #BUSY! #UNKNOWN! #ERROR!
	#WERT! #BEZUG! #ZAHL! #VALEUR! #NOMBRE! #NOM? #VALOR! #REFER! #¡VALOR! #¡REF! #¡NUM! #¡DIV/0! #¿NOMBRE?
	########`)

// maybe are words that may be meant as they stand, folded.
var maybe = wordSet(`none nil null nan na n/a n.a. unknown unbekannt inconnu desconocido sconosciuto onbekend - -- --- – — _ ? ?? ??? . xx xxx tbd tba k.a.
	unspecified missing empty blank void leer nichts keine nullptr "" '' [] {} / // * ** *** s/o s/d n/d n.d. o.a. n.v.t. nvt brak néant 不明 なし 無 无 暂无 없음
	n\a .. ... … t.b.d. t.b.a. # \ " s.d. b.d. i.a. e/t ninguno ninguna nenhum nenhuma nessuno nessuna geen ingen nincs yok nijedno není žádné neznámý neznámé nieznany desconhecido okänd ukjent ukendt tuntematon bilinmiyor ismeretlen н/д нд н.д. 無し 该项为空 不适用 不適用 未知 未提供 空 該当なし 未定 해당없음 미정`,
	"k. a.", "keine angabe", "not available", "not applicable", "no data", "no value", "not known", "not given", "not provided", "not specified", "not set", "not found", "not stated", "to be determined",
	"o. a.", "ohne angabe", "keine daten", "nicht bekannt", "nicht vorhanden", "nicht angegeben", "nicht verfügbar", "entfällt", "sans objet", "non renseigné", "non disponible", "non communiqué", "non applicable", "pas de données",
	"sin datos", "sin dato", "no disponible", "no aplica", "no consta", "non disponibile", "non applicabile", "nessun dato", "niet bekend", "niet beschikbaar", "brak danych", "nie dotyczy", "sem dados", "não disponível", "não informado", "нет данных", "не указано", "неизвестно", "не заполнено", "#n/a n/a",
	"ikke oppgitt", "ikke angitt", "ej angivet", "ikke angivet", "uppgift saknas", "ej angiven", "ei tiedossa", "ei saatavilla", "belirtilmemiş", "bilgi yok", "không có", "nincs adat", "není k dispozici", "není známo", "neuvedeno", "não disponivel", "não se aplica", "no aplicable", "sin información", "non specificato", "non connu", "non précisé", "à définir", "por definir", "niet van toepassing", "niet ingevuld", "해당 없음", "정보 없음", "該当 なし", "not assigned", "no name", "to be confirmed", "to be advised")

func wordSet(words string, more ...string) *WordSet {
	return NewWordSet(append(strings.Fields(words), more...)...)
}

// Placeholder tells whether a text is one of the words that stand for a missing
// value, such as NULL, \N, #N/A and (blank).
func Placeholder(s string) Missing {
	if len(s) > 32 {
		return NotMissing
	}
	s = trimmed(s)
	hashes := len(s) > 2 && s[0] == '#'
	if s == "" || !hashes && !surely.Near(s) && !maybe.Near(s) {
		return NotMissing
	}
	switch {
	case surely.Has(s), s == strings.ToUpper(s) && surely.Has(strings.ToLower(s)), hashes && strings.Trim(s, "#") == "":
		return SurelyMissing
	case maybe.Has(strings.ToLower(s)):
		return MaybeMissing
	}
	return NotMissing
}
